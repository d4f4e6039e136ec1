"""The time of a payment: what a clock tells goes before a day, and either before "just now"."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from fanzha.records.reports.findings import Amount, Certainty, Fineness, Moment
from fanzha.records.reports.moments import NOT_DONE
from fanzha.records.reports.page import Page
from fanzha.records.reports.portions import Span, inside
from fanzha.records.reports.tables import TimeWords

_A_DAY = timedelta(days=1)
_TOLD_BY_A_CLOCK = (Fineness.SECOND, Fineness.MINUTE, Fineness.HOUR)
_LOOSE = (Fineness.DAY, Fineness.PART_OF_DAY)
_STAMP = 32
"""How far into its line the time that a chat puts there may begin."""


def done_then(moments: Iterable[Moment]) -> list[Moment]:
    """Without the ends of respites and days to come: nothing was paid then."""
    return [each for each in moments if NOT_DONE not in each.reasons]


@dataclass(frozen=True, slots=True, kw_only=True)
class Clocks:
    """Of a text that says "just now": where it does, all its other moments, and those of them that a clock tells and
    that may be meant by it."""

    just_now: Sequence[Moment]
    others: Sequence[Moment]
    told: Sequence[Moment]

    def tell(self, page: Page, amount: Amount, stretch: Span, alone: bool) -> bool:
        """Whether a clock tells a payment's time, so that "just now" is not said of it: it is said of being deceived as
        well.

        In the payment's own clause, or a comma before it, "just now" gives way only to a clock there or labelled so.
        """
        start, end = page.clause(amount.start)
        here = inside(self.told, stretch)
        labelled = any(page.label(each.start) == "pay_time" for each in (self.told if alone else here))
        own = any(start - 1 <= each.end and each.start < end for each in self.just_now)
        return labelled or bool(inside(self.told, (start, end))) or (bool(here) and not own)


def clocks_beside(moments: Sequence[Moment]) -> Clocks | None:
    """None where nothing happened just now."""
    just_now = [each for each in moments if "just_now" in each.reasons]
    others = [each for each in moments if "just_now" not in each.reasons]
    meant = {each.at for each in just_now}
    told = [
        each
        for each in others
        if each.fineness in _TOLD_BY_A_CLOCK and any(abs(each.at - at) <= _A_DAY for at in meant)
    ]
    return Clocks(just_now=just_now, others=others, told=told) if just_now else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a payment is told: its amount, its sentence or form, the part of that which is its own, and the amounts
    that moved beside it."""

    amount: Amount
    stretch: Span
    portion: Span
    moved: Sequence[Amount]


def time_of(page: Page, place: Place, moments: Sequence[Moment], words: TimeWords) -> Moment | None:
    """The time of a payment; a day without a clock gives way to a clock of that day told of the same payment."""
    nearest = _nearest(place, moments)
    if nearest is None or nearest.fineness not in _LOOSE:
        return nearest
    clocks = [each for each in moments if each.fineness in _TOLD_BY_A_CLOCK]
    own = [each for each in inside(clocks, place.portion) if _on_that_day(each, nearest)]
    if own:
        return min(own, key=lambda each: abs(each.start - place.amount.start))
    here = place.stretch[0] <= nearest.start < place.stretch[1]
    clock = next(
        (
            each
            for each in reversed(clocks)
            if each.start < place.amount.start
            and ((not here and _on_that_day(each, nearest)) or _stamps(page, each, nearest, words))
        ),
        None,
    )
    return _elsewhere(clock) if clock else nearest


def _on_that_day(clock: Moment, day: Moment) -> bool:
    return day.at <= clock.at < day.until


def _stamps(page: Page, clock: Moment, day: Moment, words: TimeWords) -> bool:
    """Whether a chat puts the clock at a line's beginning, where "today" is said on the day of the line."""
    start = page.plain.rfind("\n", max(0, clock.start - _STAMP), clock.start) + 1
    ahead = words.stamp_ahead.fullmatch(page.plain, start, clock.start)
    return (
        "relative_to_the_report" in day.reasons
        and ahead is not None
        and words.stamp_behind.match(page.plain, clock.end) is not None
    )


def _nearest(place: Place, moments: Sequence[Moment]) -> Moment | None:
    """Its own of as many as there are payments, else the last before it, the next, another."""
    amount, moved, stretch = place.amount, place.moved, place.stretch
    here = inside(moments, stretch)
    if len(here) == len(moved) > 1 and amount in moved and here[-1].end <= moved[0].start:
        return here[moved.index(amount)]
    earlier = [each for each in here if each.end <= amount.start]
    past = [each for each in moments if each.end <= stretch[0]]
    clocked = [each for each in here if each.fineness not in _LOOSE]
    if earlier or clocked or (here and not past):
        return earlier[-1] if earlier else clocked[0] if clocked else here[0]
    behind = [each for each in moments if each.start >= stretch[1]]
    if not past and not behind:
        return None
    return _elsewhere(past[-1] if past else behind[0])


def _elsewhere(moment: Moment) -> Moment:
    return replace(moment, certainty=Certainty.UNSURE, reasons=(*moment.reasons, "told_elsewhere"))
