"""Figures of the hour after a report: how soon an order, a first and a last hold; what was held; how banks answered.

A figure names how many records made it, and of few records no percentile is told (house section 9).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from fanzha.kernel.ids import CaseId, InstitutionId
from fanzha.kernel.units import UnitPath
from fanzha.protocol.codes import Ending, meaning

FEWEST_FOR_MEDIAN, FEWEST_FOR_P90 = 3, 10
"""Of fewer records a median, or a ninth decile, would say more than is known."""


class Measure(StrEnum):
    """From the report until what."""

    ORDER = "order"
    FIRST_HOLD = "first_hold"
    LAST_HOLD = "last_hold"


class Band(StrEnum):
    """How long after the first payment it was reported: the shorter, the more can be held (`domain.md` 5.3)."""

    MINUTES_5 = "5"
    MINUTES_15 = "15"
    MINUTES_30 = "30"
    MINUTES_60 = "60"
    HOURS_6 = "360"
    LATER = "later"


_ENDS_S = (
    (Band.MINUTES_5, 300),
    (Band.MINUTES_15, 900),
    (Band.MINUTES_30, 1_800),
    (Band.MINUTES_60, 3_600),
    (Band.HOURS_6, 21_600),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentTimes:
    """One incident: when it was paid and reported, when its first order left, when money was held first and last.

    `case_id` is the case that stands for it, that of the joined where several were; `lost_fen` as its victim tells.
    """

    number: str
    unit_path: UnitPath
    case_id: CaseId
    reported_at: datetime
    paid_at: datetime | None
    first_order_at: datetime | None
    first_hold_at: datetime | None
    last_hold_at: datetime | None
    lost_fen: int

    def seconds(self, measure: Measure) -> int | None:
        """From the report until then; None where it has not come to that."""
        if measure is Measure.ORDER:
            at = self.first_order_at
        else:
            at = self.first_hold_at if measure is Measure.FIRST_HOLD else self.last_hold_at
        return None if at is None else max(0, round((at - self.reported_at).total_seconds()))

    @property
    def band(self) -> Band | None:
        """How late it was reported; None where no payment is told."""
        if self.paid_at is None:
            return None
        late_s = (self.reported_at - self.paid_at).total_seconds()
        return next((band for band, end_s in _ENDS_S if late_s <= end_s), Band.LATER)


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Seconds of so many records: their median and ninth decile, None where they are too few."""

    count: int
    median_s: int | None
    p90_s: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitTimes:
    """The incidents of a unit, and how soon they came to each measure; `unit_path` None is all of them."""

    unit_path: UnitPath | None
    incidents: int
    spans: Mapping[Measure, Span]


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldByDelay:
    """Reports of one delay: the incidents, what their victims lost, and how much of victims' money was ever held.

    The two kinds of fen are different things; only their ratio is told beside them.
    """

    band: Band
    incidents: int
    lost_fen: int
    held_fen: int

    @property
    def share_ppm(self) -> int | None:
        """Held ÷ lost, in millionths; None where nothing is said to be lost."""
        return 1_000_000 * self.held_fen // self.lost_fen if self.lost_fen else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """Orders of one kind at one institution that came to one code (empty: no answer yet), with each one's seconds."""

    institution_id: InstitutionId
    kind: str
    code: str
    count: int
    seconds: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class BankAnswers:
    """How an institution answers orders of one kind: how many were sent, how soon it answers, what it refuses, by
    code, and how many have no answer yet."""

    institution_id: InstitutionId
    kind: str
    sent: int
    answers: Span
    failures: Mapping[str, int]
    unanswered: int


def span(seconds: Iterable[int]) -> Span:
    """The figure of these seconds, the lower of two middle ones: a number that a record has."""
    told = sorted(seconds)
    return Span(
        count=len(told),
        median_s=told[(len(told) - 1) // 2] if len(told) >= FEWEST_FOR_MEDIAN else None,
        p90_s=told[-(-9 * len(told) // 10) - 1] if len(told) >= FEWEST_FOR_P90 else None,
    )


def by_unit(incidents: Sequence[IncidentTimes]) -> tuple[UnitTimes, ...]:
    """All incidents first, then each unit's, by its path."""
    units: dict[UnitPath, list[IncidentTimes]] = defaultdict(list)
    for each in incidents:
        units[each.unit_path].append(each)
    told = {path: {each: _known(units[path], each) for each in Measure} for path in sorted(units)}
    together = {each: [one for seconds in told.values() for one in seconds[each]] for each in Measure}
    apart = [_unit(path, len(units[path]), seconds) for path, seconds in told.items()]
    return (_unit(None, len(incidents), together), *apart)


def _unit(path: UnitPath | None, incidents: int, seconds: Mapping[Measure, Sequence[int]]) -> UnitTimes:
    return UnitTimes(unit_path=path, incidents=incidents, spans={each: span(seconds[each]) for each in Measure})


def _known(incidents: Iterable[IncidentTimes], measure: Measure) -> list[int]:
    return [told for each in incidents if (told := each.seconds(measure)) is not None]


def by_delay(incidents: Sequence[IncidentTimes], held: Mapping[CaseId, int]) -> tuple[HeldByDelay, ...]:
    """Held ÷ loss by how late a report was, each case with the delay of its first report: its money is held once.

    `held` is victims' money held by stops and freezes, by case.
    """
    cases: dict[CaseId, list[IncidentTimes]] = defaultdict(list)
    for each in incidents:
        cases[each.case_id].append(each)
    rows: dict[Band, list[CaseId]] = defaultdict(list)
    for case_id, some in cases.items():
        band = min(some, key=lambda each: each.reported_at).band
        if band is not None:
            rows[band].append(case_id)
    return tuple(
        HeldByDelay(
            band=band,
            incidents=sum(len(cases[each]) for each in rows[band]),
            lost_fen=sum(one.lost_fen for each in rows[band] for one in cases[each]),
            held_fen=sum(held.get(each, 0) for each in rows[band]),
        )
        for band in Band
        if rows[band]
    )


def of_band(incidents: Sequence[IncidentTimes], band: Band) -> list[IncidentTimes]:
    """The incidents that make up a row of `by_delay`."""
    first: dict[CaseId, IncidentTimes] = {}
    for each in sorted(incidents, key=lambda one: one.reported_at):
        first.setdefault(each.case_id, each)
    return [each for each in incidents if first[each.case_id].band is band]


def by_bank(answers: Iterable[Answered]) -> tuple[BankAnswers, ...]:
    """Each institution and kind of order, in the order of their ids."""
    found: dict[tuple[InstitutionId, str], list[Answered]] = defaultdict(list)
    for each in answers:
        found[each.institution_id, each.kind].append(each)
    return tuple(_bank(some) for _, some in sorted(found.items(), key=lambda each: (str(each[0][0]), each[0][1])))


def _bank(some: Sequence[Answered]) -> BankAnswers:
    return BankAnswers(
        institution_id=some[0].institution_id,
        kind=some[0].kind,
        sent=sum(each.count for each in some),
        answers=span(one for each in some for one in each.seconds),
        failures={each.code: each.count for each in sorted(some, key=_most) if fails(each.code)},
        unanswered=sum(each.count for each in some if not each.code),
    )


def _most(told: Answered) -> tuple[int, str]:
    return -told.count, told.code


def fails(code: str) -> bool:
    """Whether a code of the national catalogue says that nothing was done."""
    return bool(code) and meaning(code).ending not in {Ending.EFFECT, Ending.WAITS}
