"""What a resident of an institution sees: its queue, and nothing of the cases behind it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from fanzha.apps.web.views.shown import Choice, Masked


@dataclass(frozen=True, slots=True, kw_only=True)
class SeatLine:
    """An instruction that waits for the institution: what it asks about whom (masked), for how much, until when.

    `result` is the code under which a failure is known, `until` the end of what the order does now.
    """

    number: str
    instruction: str
    kind: str
    act: str
    target: Masked
    holder: Masked | None
    stake_fen: int
    until: datetime | None
    since: datetime
    delivery: str
    code: str
    result: str
    is_out: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SeatView:
    """The queue of one institution, most urgent first; `more` orders are not looked through."""

    institution: Choice
    lines: Sequence[SeatLine]
    more: int = 0

    @property
    def fen(self) -> int:
        """What the institution is still to hold: of what it has not answered and what nothing holds yet."""
        return sum(each.stake_fen for each in self.lines if each.is_out and each.until is None)
