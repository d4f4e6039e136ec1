"""The clocks of an order: what lapses when, what is called for before, all from the order and the law in force."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from fanzha.kernel.legal_days import days_after, hours_after
from fanzha.orders.deliveries import Delivery
from fanzha.orders.effects import Effect, OrderKind
from fanzha.orders.law import LawPack
from fanzha.orders.order import Instruction, Order


class ClockKind(StrEnum):
    """What a clock calls for when it rings."""

    FILE_CASE = "file_case"
    DECIDE = "decide"
    ALARM = "alarm"
    RENEW = "renew"
    RELEASE = "release"
    LAPSE = "lapse"
    SIGN = "sign"
    PAPERWORK = "paperwork"
    REVIEW = "review"
    NOTHING_CAME = "nothing_came"
    SILENT = "silent"
    LATE = "late"


class Weight(StrEnum):
    """How hard a clock rings: a reminder, an alarm that goes to the chief, or the end itself."""

    REMINDER = "reminder"
    ALARM = "alarm"
    END = "end"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningClock:
    """One clock: what it calls for, when it rings, how hard; `mark` tells several of one kind apart (days before)."""

    kind: ClockKind
    rings_at: datetime
    weight: Weight
    mark: str = ""


SIGN_REMINDER = timedelta(minutes=10)
"""A draft that nobody has signed after so long is called for: money moves meanwhile."""

DAY_BEFORE = timedelta(days=1)
"""What the law gives no reminder of its own is called for a day before."""


def clocks_of(order: Order, law: LawPack) -> tuple[RunningClock, ...]:
    """Every clock that runs for the order as it stands, soonest first."""
    found = [
        *_of_effect(order, law),
        *_of_release(order, law),
        *_of_drafts(order),
        *_of_silence(order, law),
        *_of_early(order, law),
        *_of_papers(order, law),
    ]
    return tuple(sorted(found, key=lambda each: (each.rings_at, each.kind)))


def _of_effect(order: Order, law: LawPack) -> list[RunningClock]:
    if not order.in_force or order.ends_at is None or order.starts_at is None:
        return []
    lapse = RunningClock(kind=ClockKind.LAPSE, rings_at=order.ends_at, weight=Weight.END)
    match order.kind:
        case OrderKind.STOP:
            return [*_of_stop(order.ends_at, law), lapse]
        case OrderKind.FREEZE:
            return [*_before(order.ends_at, law.freeze.reminder_days), lapse]
        case OrderKind.BLOCK:
            return [*_before(order.ends_at, law.block.reminder_days), lapse]
    soon = RunningClock(kind=ClockKind.ALARM, rings_at=order.ends_at - DAY_BEFORE, weight=Weight.REMINDER)
    return [soon, lapse]


def _of_stop(ends_at: datetime, law: LawPack) -> list[RunningClock]:
    """The calls of one term of a stop, counted back from its end, so that a second stop has its own."""
    begun = ends_at - timedelta(hours=law.stop.hours)
    calls = (
        (ClockKind.FILE_CASE, law.stop.file_case_hours, Weight.REMINDER),
        (ClockKind.DECIDE, law.stop.decide_hours, Weight.REMINDER),
        (ClockKind.ALARM, law.stop.alarm_hours, Weight.ALARM),
    )
    return [RunningClock(kind=kind, rings_at=hours_after(begun, hours), weight=weight) for kind, hours, weight in calls]


def _before(ends_at: datetime, days: tuple[int, ...]) -> list[RunningClock]:
    """Calls so many days before an end; the last one is an alarm."""
    return [
        RunningClock(
            kind=ClockKind.RENEW,
            rings_at=ends_at - timedelta(days=each),
            weight=Weight.ALARM if each == min(days) else Weight.REMINDER,
            mark=str(each),
        )
        for each in days
    ]


def _of_release(order: Order, law: LawPack) -> list[RunningClock]:
    """Money found unrelated is let go within days of the finding (程序规定 art. 247)."""
    if order.unrelated_at is None or not order.in_force:
        return []
    due = days_after(order.unrelated_at, law.freeze.unrelated_days)
    return [
        RunningClock(kind=ClockKind.RELEASE, rings_at=due - DAY_BEFORE, weight=Weight.REMINDER, mark="1"),
        RunningClock(kind=ClockKind.RELEASE, rings_at=due, weight=Weight.ALARM),
    ]


def _of_papers(order: Order, law: LawPack) -> list[RunningClock]:
    """What was done before the reporter's papers were seen is called for until they are (银发〔2016〕86号)."""
    if order.papers_due is None or not order.in_force:
        return []
    before = timedelta(hours=law.paperwork.hours - law.paperwork.reminder_hours)
    soon = RunningClock(
        kind=ClockKind.PAPERWORK, rings_at=order.papers_due - before, weight=Weight.REMINDER, mark="soon"
    )
    return [soon, RunningClock(kind=ClockKind.PAPERWORK, rings_at=order.papers_due, weight=Weight.ALARM)]


def _of_early(order: Order, law: LawPack) -> list[RunningClock]:
    """A stop made before money came is reviewed by a person, and let go where nothing came (house section 6)."""
    if not order.is_early or order.starts_at is None:
        return []
    review = order.starts_at + timedelta(minutes=law.authority.review_minutes)
    over = hours_after(order.starts_at, law.authority.release_hours)
    return [
        RunningClock(kind=ClockKind.REVIEW, rings_at=review, weight=Weight.ALARM),
        RunningClock(kind=ClockKind.NOTHING_CAME, rings_at=over, weight=Weight.END),
    ]


def _of_drafts(order: Order) -> list[RunningClock]:
    return [
        RunningClock(
            kind=ClockKind.SIGN, rings_at=each.drafted_at + SIGN_REMINDER, weight=Weight.ALARM, mark=str(each.id)
        )
        for each in order.instructions
        if each.missing and each.open and order.effect is not Effect.REJECTED
    ]


def _of_silence(order: Order, law: LawPack) -> Iterator[RunningClock]:
    """What left and of which nobody knows whether it arrived, or what was done: a person rings the institution up.

    Late is what an institution says it has and does not answer; the house asks on meanwhile.
    """
    urgent = order.kind in _URGENT
    silent_for = timedelta(minutes=law.answer.silent_minutes if urgent else law.answer.silent_query_minutes)
    for each in order.instructions:
        if each.open and each.silent_since is not None:
            yield _rung_up(ClockKind.SILENT, each, each.silent_since + silent_for)
        if each.delivery is Delivery.SENT and each.asked and each.sent_at is not None:
            yield _rung_up(ClockKind.LATE, each, each.sent_at + timedelta(minutes=law.answer.late_minutes))


def _rung_up(kind: ClockKind, instruction: Instruction, rings_at: datetime) -> RunningClock:
    return RunningClock(kind=kind, rings_at=rings_at, weight=Weight.ALARM, mark=str(instruction.id))


_URGENT = frozenset({OrderKind.STOP, OrderKind.FREEZE, OrderKind.BLOCK})
