"""What somebody may want to see a number or name in full for: codes, for free words would be personal data too."""

from __future__ import annotations

from fanzha.kernel.errors import Invalid

CASE_WORK = "case_work"
"""What a look-up from a case's own pages is for."""
PURPOSES = (
    CASE_WORK,
    "victim_contact",
    "stop_payment",
    "evidence",
    "query_institution",
    "error_check",
    "supervision",
)
"""The audit keeps the code: every look has a purpose (PIPL 5 and 6, anti-fraud law 16 and 18; domain.md 2.6)."""


def purpose_code(text: str) -> str:
    """The text as a purpose; `Invalid` when it is none of the codes."""
    if text not in PURPOSES:
        raise Invalid("cases.bad_purpose", known=", ".join(PURPOSES))
    return text
