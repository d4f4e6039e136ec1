"""What lapses is called for before it does, also where the law names no reminder."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from fanzha.orders.clocks import ClockKind, RunningClock, Weight, clocks_of
from fanzha.orders.deliveries import Step
from fanzha.orders.effects import Effect, Move, OrderKind
from fanzha.orders.entries import LATE, SILENT, TRIES_USED_UP, UNHEARD, Entry, EntryKind, folded
from fanzha.orders.order import Instruction, Order
from fanzha.orders.sending import asked, given_up, lost, received, sent
from fanzha.orders.standing import Waits, waits_for
from tests.orders.making import HOUSE, LAW, NOW, applied, opened


def test_a_watch_is_called_for_a_day_before_it_ends() -> None:
    watching = replace(
        applied(opened(OrderKind.MONITOR)), effect=Effect.ON, starts_at=NOW, ends_at=NOW + timedelta(days=30)
    )
    assert [(each.kind, each.weight, each.rings_at - NOW) for each in clocks_of(watching, LAW)] == [
        (ClockKind.ALARM, Weight.REMINDER, timedelta(days=29)),
        (ClockKind.LAPSE, Weight.END, timedelta(days=30)),
    ]


def test_the_release_of_unrelated_money_is_called_for_a_day_before_its_alarm() -> None:
    held = replace(
        applied(opened()), effect=Effect.HELD, starts_at=NOW, ends_at=NOW + timedelta(hours=48), unrelated_at=NOW
    )
    release = [each for each in clocks_of(held, LAW) if each.kind is ClockKind.RELEASE]
    assert [each.weight for each in release] == [Weight.REMINDER, Weight.ALARM]
    assert release[1].rings_at - release[0].rings_at == timedelta(days=1)


def lost_on_the_way(kind: OrderKind = OrderKind.STOP) -> Order:
    order = applied(opened(kind))
    order = folded(order, [sent(order.instructions[0], HOUSE, NOW)])
    return folded(order, [lost(order.instructions[0], HOUSE, NOW, "institutions.request_failed")])


def silence(order: Order, kind: ClockKind = ClockKind.SILENT) -> list[RunningClock]:
    return [each for each in clocks_of(order, LAW) if each.kind is kind]


def test_a_bank_that_says_nothing_is_rung_up_within_two_minutes_however_often_it_is_asked() -> None:
    order = lost_on_the_way()
    assert [(each.weight, each.rings_at - NOW) for each in silence(order)] == [(Weight.ALARM, timedelta(minutes=1))]
    again = folded(order, [asked(order.instructions[0], HOUSE, NOW + timedelta(seconds=30), UNHEARD)])
    assert silence(again) == silence(order)


def test_silence_after_a_question_that_restricts_nobody_may_last_a_little_longer() -> None:
    assert [each.rings_at - NOW for each in silence(lost_on_the_way(OrderKind.QUERY))] == [timedelta(minutes=5)]


@pytest.mark.parametrize("kind", [OrderKind.STOP, OrderKind.QUERY, OrderKind.MONITOR])
def test_a_bank_that_has_the_request_and_only_says_so_is_rung_up_in_time(kind: OrderKind) -> None:
    order = applied(opened(kind))
    order = folded(order, [sent(order.instructions[0], HOUSE, NOW)])
    order = folded(order, [received(order.instructions[0], HOUSE, NOW, "received")])
    assert silence(order, ClockKind.LATE) == [], "whoever answers before the first question costs no clock"
    for minutes in (1, 2, 4, 9):
        order = folded(order, [asked(order.instructions[0], HOUSE, NOW + timedelta(minutes=minutes), "working")])
    assert [each.rings_at - NOW for each in silence(order, ClockKind.LATE)] == [timedelta(minutes=15)]
    late = folded(order, [Entry(kind=EntryKind.RANG, at=NOW, by=HOUSE, code=LATE)])
    again = folded(late, [asked(late.instructions[0], HOUSE, NOW + timedelta(minutes=19), "working")])
    assert waits_for(again) is Waits.PERSON, "saying again that it has it is no answer"
    instruction = again.instructions[0]
    dead = folded(again, [given_up(instruction, HOUSE, NOW, "tries_used_up")])
    assert dead.unseen == ("tries_used_up",), "told once"


def test_a_bank_that_falls_silent_after_it_said_that_it_works_is_told_as_a_silent_one() -> None:
    order = applied(opened())
    order = folded(order, [sent(order.instructions[0], HOUSE, NOW)])
    order = folded(order, [asked(order.instructions[0], HOUSE, NOW + timedelta(seconds=30), "working")])
    order = folded(order, [asked(order.instructions[0], HOUSE, NOW + timedelta(seconds=40), UNHEARD)])
    assert [each.rings_at - NOW for each in silence(order)] == [timedelta(seconds=100)]


@pytest.mark.parametrize("known", ["received", "not_known", "working"])
def test_a_bank_that_speaks_again_needs_no_person(known: str) -> None:
    order = folded(lost_on_the_way(), [Entry(kind=EntryKind.RANG, at=NOW, by=HOUSE, code=SILENT)])
    assert waits_for(order) is Waits.PERSON
    heard = folded(order, [asked(order.instructions[0], HOUSE, NOW, known)])
    assert silence(heard) == []
    assert waits_for(heard) is not Waits.PERSON
    receipt = folded(order, [received(order.instructions[0], HOUSE, NOW, "received")])
    assert waits_for(receipt) is not Waits.PERSON


def test_what_is_given_up_is_told_once() -> None:
    order = folded(lost_on_the_way(), [Entry(kind=EntryKind.RANG, at=NOW, by=HOUSE, code=SILENT)])
    dead = folded(order, [given_up(order.instructions[0], HOUSE, NOW, "tries_used_up")])
    assert (dead.unseen, silence(dead)) == (("tries_used_up",), [])


def test_what_was_given_up_waits_for_nobody_once_it_is_answered() -> None:
    order = lost_on_the_way()
    dead = folded(order, [given_up(order.instructions[0], HOUSE, NOW, TRIES_USED_UP)])
    assert waits_for(dead) is Waits.PERSON
    done = replace(answered(order.instructions[0], Move.TAKE_EFFECT), at=NOW)
    assert folded(dead, [done]).unseen == ()
    refused = replace(answered(order.instructions[0], Move.REFUSE), code="0301")
    assert folded(dead, [refused]).unseen == ("0301",), "what the answer says is looked at"


def test_what_was_given_up_waits_on_where_only_a_part_came() -> None:
    order = lost_on_the_way()
    dead = folded(order, [given_up(order.instructions[0], HOUSE, NOW, TRIES_USED_UP)])
    part = Entry(kind=EntryKind.PART, at=NOW, by=HOUSE, instruction=order.instructions[0].id)
    assert folded(dead, [part]).unseen == (TRIES_USED_UP,), "nobody asks for the rest any more"


def answered(instruction: Instruction, move: Move) -> Entry:
    return Entry(
        kind=EntryKind.ANSWERED,
        at=NOW,
        by=HOUSE,
        instruction=instruction.id,
        step=Step.ANSWER,
        move=move,
        code="0000",
        starts_at=NOW,
        ends_at=NOW + timedelta(hours=48),
    )
