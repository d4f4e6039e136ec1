"""What really happened at an institution, told apart from what it answers; tests and benches read it, no stage does."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from fanzha.protocol.fields import ApplicationId, Fen, InstitutionCode, Number


class Deed(StrEnum):
    """What an institution did, or only said it did."""

    HELD = "held"
    PROLONGED = "prolonged"
    LIFTED = "lifted"
    FROZEN = "frozen"
    WAITING = "waiting"
    ACTIVATED = "activated"
    RENEWED = "renewed"
    RELEASED = "released"
    MONITORED = "monitored"
    UNMONITORED = "unmonitored"
    BLOCKED = "blocked"
    UNBLOCKED = "unblocked"
    ENDED = "ended"
    PRETENDED = "pretended"
    MISSTATED = "misstated"


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """One deed under one application, with the business time at which it was done; `fen` is what it truly took.

    `ended` is an expiry, `pretended` an answer of success without the deed, `misstated` a balance that is false.
    """

    institution_code: InstitutionCode
    application_id: ApplicationId
    deed: Deed
    at: datetime
    number: Number
    fen: Fen = 0


EFFECTS = frozenset(Deed) - {Deed.ENDED, Deed.PRETENDED, Deed.MISSTATED}
"""Deeds that had effect on somebody."""


def twice(truth: Iterable[Happening]) -> list[str]:
    """Application ids under which the same deed was done more than once; empty is the promise of the house."""
    done = Counter((each.application_id, each.deed) for each in truth if each.deed in EFFECTS)
    return sorted({application for (application, _), times in done.items() if times > 1})


def effects_of(truth: Iterable[Happening], application_id: str) -> list[Happening]:
    """What one application truly did, in order."""
    return [each for each in truth if each.application_id == application_id and each.deed in EFFECTS]
