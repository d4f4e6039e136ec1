"""Result codes of the national catalogue as data: what each means for an order. Unknown ones are kept, never guessed.

Source: `domain.md` 2.11, as seen in public bank code; where only a family (`01xx`) is known, the family has the class.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Outcome(StrEnum):
    """What a result code means for the order that was asked for."""

    DONE = "done"
    DONE_SHORT = "done_short"
    ALREADY_PROCESSED = "already_processed"
    ALREADY_STOPPED = "already_stopped"
    WAITING = "waiting"
    IDENTITY = "identity"
    AMOUNT = "amount"
    NO_ACCOUNT = "no_account"
    EXEMPT = "exempt"
    LOST = "lost"
    ORIGINAL_UNKNOWN = "original_unknown"
    FORMAT = "format"
    DOCUMENT_MISSING = "document_missing"
    ORGAN = "organ"
    DATES = "dates"
    UNSUPPORTED = "unsupported"
    CHANNEL = "channel"
    INSTITUTION_FAILURE = "institution_failure"
    COUNT_EXCEEDED = "count_exceeded"
    TOO_LATE = "too_late"
    UNKNOWN = "unknown"


class Ending(StrEnum):
    """What is left to do: nothing, wait for the effect, correct and apply anew, ask and try again, or look at it."""

    EFFECT = "effect"
    WAITS = "waits"
    REFUSED = "refused"
    TEMPORARY = "temporary"
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """What one code means; `known_as` is the code or family of the catalogue it was found under."""

    code: str
    outcome: Outcome
    ending: Ending
    known_as: str | None


_TABLE: Mapping[str, tuple[Outcome, Ending]] = {
    "0000": (Outcome.DONE, Ending.EFFECT),
    "01": (Outcome.IDENTITY, Ending.REFUSED),
    "02": (Outcome.AMOUNT, Ending.REFUSED),
    "0300": (Outcome.NO_ACCOUNT, Ending.REFUSED),
    "0301": (Outcome.IDENTITY, Ending.REFUSED),
    "0302": (Outcome.EXEMPT, Ending.REFUSED),
    "0303": (Outcome.LOST, Ending.REFUSED),
    "04": (Outcome.ORIGINAL_UNKNOWN, Ending.REFUSED),
    "05": (Outcome.FORMAT, Ending.REFUSED),
    "0600": (Outcome.DOCUMENT_MISSING, Ending.REFUSED),
    "07": (Outcome.ORGAN, Ending.REFUSED),
    "08": (Outcome.DATES, Ending.REFUSED),
    "0900": (Outcome.ALREADY_PROCESSED, Ending.EFFECT),
    "1000": (Outcome.UNSUPPORTED, Ending.REFUSED),
    "11": (Outcome.CHANNEL, Ending.TEMPORARY),
    "1200": (Outcome.DONE_SHORT, Ending.EFFECT),
    "1300": (Outcome.INSTITUTION_FAILURE, Ending.TEMPORARY),
    "1301": (Outcome.ALREADY_STOPPED, Ending.REFUSED),
    "1302": (Outcome.WAITING, Ending.WAITS),
    "1303": (Outcome.WAITING, Ending.WAITS),
    "1304": (Outcome.COUNT_EXCEEDED, Ending.REFUSED),
    "1800": (Outcome.TOO_LATE, Ending.REFUSED),
    "1900": (Outcome.TOO_LATE, Ending.REFUSED),
}
KNOWN = tuple(_TABLE)
"""Codes of four digits and families of two, as the catalogue has them."""


def meaning(code: str) -> Meaning:
    """What a code of four digits means, by itself or by its family; `UNKNOWN` and *unclear* for any other."""
    known = code if code in _TABLE else code[:2] if code[:2] in _TABLE else None
    outcome, ending = _TABLE[known] if known else (Outcome.UNKNOWN, Ending.UNCLEAR)
    return Meaning(code=code, outcome=outcome, ending=ending, known_as=known)
