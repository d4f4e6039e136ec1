"""The chase's own clocks: a stop before money comes, one that holds too much, papers that follow a report."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from fanzha.adapters.store.calls import calls_of
from fanzha.adapters.store.clock_rows import Running, running_clocks
from fanzha.adapters.store.orders import entries_of
from fanzha.cases.incident import Source
from fanzha.kernel.errors import Illegal
from fanzha.kernel.money import fen
from fanzha.orders.authority import SHARE_PPM
from fanzha.orders.clocks import ClockKind
from fanzha.orders.deliveries import Delivery
from fanzha.orders.effects import Act, Effect, OrderKind
from fanzha.orders.entries import EntryKind
from fanzha.orders.order import Order, TargetKind, Terms
from fanzha.wiring.after_hour import file_and_freeze
from fanzha.wiring.chase_scene import scene
from fanzha.wiring.clocks import CLOCK_WORK
from fanzha.wiring.incidents import (
    NewAwaited,
    NewPaid,
    NewReport,
    add_payment,
    await_money,
    check_identity,
    take_report,
)
from fanzha.wiring.new_orders import NewOrder
from fanzha.wiring.orders import NewInstruction, confirm_early, instruct, open_order
from tests.journeys.test_chase import LOST, MULE, Night, night
from tests.simulation.making import FIRST, SECOND, opening

__all__ = ["night"]
ELSEWHERE = "9999990000000001099"
ALL = {OrderKind.STOP, OrderKind.QUERY, OrderKind.MONITOR}


@pytest.fixture
def early(night: Night) -> tuple[Night, Order]:
    """The second gang account is stopped before anything came there: nothing ever does."""
    began = night.run.clock.now() - timedelta(days=99)
    night.run.world.open({SECOND: [replace(opening(ELSEWHERE, 0, name="测试·丁"), opened_at=began)]})
    night.pass_minutes(2)
    told = night.report()
    new = NewAwaited(institution="bank-2", account=ELSEWHERE, holder="测试·丁")
    night.at(night.desk.drafter, lambda desk: await_money(desk, told.number, new, "测试:团伙惯用账户"))
    night.authority(ALL)
    night.pass_minutes(5)
    (stop,) = [each for each in night.orders(OrderKind.STOP) if each.victim_traceable_fen == 0]
    return night, stop


def one(night: Night, order: Order) -> Order:
    return next(each for each in night.orders(OrderKind.STOP) if each.id == order.id)


def later(night: Night, minutes: int) -> None:
    """What a house does that looks again only then: whatever fell due meanwhile, at once."""
    night.run.clock.move(timedelta(minutes=minutes))
    night.run.settle()


def clocks(night: Night, order: Order) -> set[str]:
    with night.desk.house.act(night.desk.drafter) as connection:
        _, rows = running_clocks(connection, Running(kinds=(CLOCK_WORK,)), limit=200)
    return {each.clock for each in rows if each.order_id == order.id}


def test_an_early_stop_is_reviewed_by_a_person_and_watched(early: tuple[Night, Order]) -> None:
    night, stop = early
    assert stop.effect is Effect.HELD
    assert stop.is_early
    assert {ClockKind.REVIEW, ClockKind.NOTHING_CAME, ClockKind.LAPSE} <= clocks(night, stop)
    assert [each.target.subject for each in night.orders(OrderKind.MONITOR)] == [stop.target.subject]
    later(night, 31)
    with night.desk.house.act(night.desk.drafter) as connection:
        called = [each.ringing.clock for each in calls_of(connection, stop.id)]
    assert ClockKind.REVIEW in called
    assert one(night, stop).unseen == ("alarm.review",)


def test_where_nothing_came_and_nobody_confirmed_it_is_lifted_by_those_who_allowed_it(
    early: tuple[Night, Order],
) -> None:
    night, stop = early
    later(night, 116)
    assert one(night, stop).effect is Effect.HELD
    night.pass_minutes(4)
    over = one(night, stop)
    assert over.effect is Effect.LIFTED
    lift = over.instructions[-1]
    assert (lift.act, lift.delivery) == (Act.LIFT, Delivery.ANSWERED)
    assert [each.by for each in lift.signatures] == [each.by for each in stop.instructions[0].signatures]
    assert lift.sent_at is not None
    assert stop.starts_at is not None
    assert timedelta(hours=2) <= lift.sent_at - stop.starts_at < timedelta(hours=2, minutes=1)
    night.pass_minutes(30)
    again = [each for each in night.orders(OrderKind.STOP) if each.target.subject == stop.target.subject]
    assert [each.id for each in again] == [stop.id], "what was let go is not stopped again by itself"


def test_who_confirms_it_and_why_is_written_and_it_stays(early: tuple[Night, Order]) -> None:
    night, stop = early
    later(night, 31)
    why = "测试:已核实系同一团伙"
    night.at(night.desk.drafter, lambda desk: confirm_early(desk, stop.id, why))
    assert clocks(night, stop) & {ClockKind.REVIEW, ClockKind.NOTHING_CAME} == set()
    later(night, 150)
    kept = one(night, stop)
    assert (kept.effect, kept.unseen) == (Effect.HELD, ())
    with night.desk.house.act(night.desk.drafter) as connection:
        (entry,) = [each for each in entries_of(connection, stop.id) if each.kind is EntryKind.CONFIRMED]
    assert (entry.reason, entry.by.user_id) == (why, night.desk.drafter.user_id)
    with pytest.raises(Illegal, match="not_early"):
        night.at(night.desk.drafter, lambda desk: confirm_early(desk, stop.id, why))


def test_what_people_extended_is_not_let_go(early: tuple[Night, Order]) -> None:
    night, stop = early
    extend = NewInstruction(act=Act.EXTEND, terms=Terms(), reason="测试:再次止付")
    night.at(night.desk.drafter, lambda desk: instruct(desk, stop.id, extend))
    assert clocks(night, stop) & {ClockKind.REVIEW, ClockKind.NOTHING_CAME} == set()
    later(night, 150)
    kept = one(night, stop)
    assert (kept.effect, [each.act for each in kept.instructions]) == (Effect.HELD, [Act.APPLY, Act.EXTEND])


def test_what_people_are_about_to_freeze_is_not_let_go(early: tuple[Night, Order]) -> None:
    night, stop = early
    number = night.incident().number
    night.at(night.desk.drafter, lambda desk: file_and_freeze(desk, number, "测试:立案"))
    freeze = NewOrder(
        case_id=stop.case_id,
        kind=OrderKind.FREEZE,
        institution="bank-2",
        target_kind=TargetKind.ACCOUNT,
        number=ELSEWHERE,
        holder="测试·丁",
        holder_class="person",
        terms=Terms(limit_fen=fen(100_00), months=6),
        reason="测试:冻结",
    )
    night.at(night.desk.drafter, lambda desk: open_order(desk, freeze))
    later(night, 150)
    kept = one(night, stop)
    assert (kept.effect, [each.act for each in kept.instructions]) == (Effect.HELD, [Act.APPLY])


def test_once_money_is_traced_there_nothing_is_let_go(early: tuple[Night, Order]) -> None:
    night, stop = early
    more = NewPaid(
        institution="bank-2",
        payee=ELSEWHERE,
        payee_name="测试·丁",
        amount_fen=60_000_00,
        at=night.run.clock.now(),
    )
    night.at(night.desk.drafter, lambda desk: add_payment(desk, night.incident().number, more))
    night.run.settle()
    later(night, 160)
    kept = one(night, stop)
    assert (kept.effect, kept.is_early, kept.victim_traceable_fen) == (Effect.HELD, False, 60_000_00)
    assert ClockKind.NOTHING_CAME not in clocks(night, stop)


def test_where_too_little_of_a_balance_is_traced_a_person_is_called_at_once(night: Night) -> None:
    own = 20_000_000_00  # the holder's own money, of which nobody knew when the stop left
    rich = "9999990000000001098"
    began = night.run.clock.now() - timedelta(days=99)
    night.run.world.open({FIRST: [replace(opening(rich, own, name="测试·商户"), opened_at=began)]})
    night.pass_minutes(1)
    at = night.run.clock.now()
    payment = NewPaid(institution="bank-1", payee=rich, payee_name="测试·商户", amount_fen=LOST, at=at)
    new = NewReport(source=Source.EMERGENCY, reported_at=at, payments=(payment,), victim="测试·受害")
    night.at(night.desk.drafter, lambda desk: take_report(desk, new))
    night.authority(ALL, least_share_ppm=SHARE_PPM // 5)
    night.pass_minutes(6)
    (stop,) = night.orders(OrderKind.STOP)
    assert stop.effect is Effect.HELD
    assert stop.out_of_proportion_at is not None
    assert stop.unseen == ("alarm.share",)
    with night.desk.house.act(night.desk.drafter) as connection:
        calls = [each.ringing.clock for each in calls_of(connection, stop.id)]
    assert set(calls) == {"share"}
    night.pass_minutes(10)
    assert one(night, stop).unseen == ("alarm.share",), "a person is called once for it"


@pytest.fixture
def unchecked(night: Night) -> tuple[Night, Order]:
    """A stop of a report whose reporter's document nobody has seen."""
    night.pass_minutes(2)
    at = night.run.clock.now()
    payment = NewPaid(institution="bank-1", payee=MULE, payee_name="测试·甲", amount_fen=LOST, at=night.paid_at)
    new = NewReport(source=Source.HOTLINE, reported_at=at, payments=(payment,), victim="测试·受害")
    night.at(night.desk.drafter, lambda desk: take_report(desk, new))
    night.authority({OrderKind.STOP}, layers=1)
    night.pass_minutes(5)
    (stop,) = night.orders(OrderKind.STOP)
    return night, stop


def test_papers_that_follow_are_called_for_and_seen_end_the_clock(unchecked: tuple[Night, Order]) -> None:
    night, stop = unchecked
    assert stop.papers_due == night.incident().paperwork_due
    assert ClockKind.PAPERWORK in clocks(night, stop)
    later(night, 20 * 60)
    with night.desk.house.act(night.desk.drafter) as connection:
        assert ClockKind.PAPERWORK in [each.ringing.clock for each in calls_of(connection, stop.id)]
    assert one(night, stop).unseen == ()
    night.at(night.desk.drafter, lambda desk: check_identity(desk, night.incident().number))
    night.run.settle()
    seen = one(night, stop)
    assert seen.papers_due is None
    assert ClockKind.PAPERWORK not in clocks(night, seen)
    later(night, 6 * 60)
    assert "alarm.paperwork" not in one(night, stop).unseen


def test_papers_that_do_not_follow_stop_what_would_go_on(unchecked: tuple[Night, Order]) -> None:
    night, stop = unchecked
    later(night, 24 * 60)
    assert "alarm.paperwork" in one(night, stop).unseen
    assert one(night, stop).effect is Effect.HELD, "it stays for its own term: what a bank holds is not let go unasked"
    extend = NewInstruction(act=Act.EXTEND, terms=Terms(), reason="测试:再次止付")
    with pytest.raises(Illegal, match="papers_missing"):
        night.at(night.desk.drafter, lambda desk: instruct(desk, stop.id, extend))
    more = NewPaid(
        institution="bank-2", payee=ELSEWHERE, payee_name="测试·丁", amount_fen=60_000_00, at=night.run.clock.now()
    )
    number = night.incident().number
    night.at(night.desk.drafter, lambda desk: add_payment(desk, number, more))
    seen = night.at(night.desk.drafter, lambda desk: scene(desk, number))
    assert {each.waits for each in seen.moves if each.kind is OrderKind.STOP} == {"paperwork"}
    night.at(night.desk.drafter, lambda desk: check_identity(desk, number))
    night.run.settle()
    assert "alarm.paperwork" not in one(night, stop).unseen
    night.at(night.desk.drafter, lambda desk: instruct(desk, stop.id, extend))
