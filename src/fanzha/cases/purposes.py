"""What somebody may want to see a number or a name in full for: codes, because free words would be personal data too."""

from __future__ import annotations

from fanzha.kernel.errors import Invalid

PURPOSES = (
    "case_work",
    "victim_contact",
    "stop_payment",
    "evidence",
    "query_institution",
    "error_check",
    "supervision",
)
"""The audit keeps the code (PIPL 5 and 6, anti-fraud law 16 and 18, as domain.md 2.6 tells them: a purpose on every look)."""


def purpose_code(text: str) -> str:
    """The text as a purpose; `Invalid` when it is none of the codes."""
    if text not in PURPOSES:
        raise Invalid("cases.bad_purpose", known=", ".join(PURPOSES))
    return text
