"""Figures as pages show them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from fanzha.apps.web.views.shown import Choice
from fanzha.statistics.hour import BankAnswers, HeldByDelay, Span, UnitTimes


@dataclass(frozen=True, slots=True, kw_only=True)
class FiguresAsked:
    """Over what a page tells figures, as its URL says."""

    since: datetime | None
    until: datetime | None
    unit: str
    institution: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EndedSum:
    """How many orders, how many fen; `fen_hours` only where they were let go."""

    count: int
    fen: int
    fen_hours: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FiguresView:
    """Figures of the hour with the names of who they are of, and what may be chosen.

    `results` are the words' keys of codes that refused.
    """

    since: datetime
    until: datetime
    units: Sequence[UnitTimes]
    unit_names: Mapping[str, Choice]
    delays: Sequence[HeldByDelay]
    banks: Sequence[BankAnswers]
    bank_names: Mapping[str, Choice]
    results: Mapping[str, str]
    lapsed: EndedSum
    released: EndedSum
    may_choose_units: Sequence[Choice]
    may_choose_banks: Sequence[Choice]

    @property
    def few_by_unit(self) -> bool:
        """Whether the table of units has a number that too few records make."""
        return any(_is_few(told) for each in self.units for told in each.spans.values())

    @property
    def few_by_bank(self) -> bool:
        """Whether that of institutions has one."""
        return any(_is_few(each.answers) for each in self.banks)


def _is_few(told: Span) -> bool:
    return told.median_s is None or told.p90_s is None


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureIncident:
    """An incident behind a number: when it was paid, reported, and how many seconds later it came to each measure.

    `ever_held_fen` stands at one incident of a case, None at those that were joined to it.
    """

    order_number: str
    unit: Choice
    first_paid_at: datetime | None
    reported_at: datetime
    to_order_s: int | None
    to_first_hold_s: int | None
    to_last_hold_s: int | None
    lost_fen: int
    ever_held_fen: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureOrder:
    """An order behind a number: where it went, when, how long its answer took and what it said; or what ended."""

    order_number: str
    institution: Choice
    unit: Choice
    at: datetime
    took_or_held_s: int | None
    result: str
    code: str
    fen: int | None
