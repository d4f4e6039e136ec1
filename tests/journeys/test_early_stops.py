"""A stop before money comes is reviewed and let go in time; a stop that holds too much calls a person at once."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from fanzha.adapters.store.calls import calls_of
from fanzha.adapters.store.clock_rows import running_clocks
from fanzha.adapters.store.orders import entries_of
from fanzha.cases.incident import Source
from fanzha.kernel.errors import Illegal
from fanzha.orders.authority import SHARE_PPM
from fanzha.orders.clocks import ClockKind
from fanzha.orders.deliveries import Delivery
from fanzha.orders.effects import Act, Effect, OrderKind
from fanzha.orders.entries import EntryKind
from fanzha.orders.order import Order
from fanzha.wiring.clocks import CLOCK_WORK
from fanzha.wiring.incidents import NewAwaited, NewPaid, NewReport, add_payment, await_money, take_report
from fanzha.wiring.orders import confirm_early
from tests.journeys.test_chase import LOST, Night, night
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


def clocks(night: Night, order: Order) -> set[str]:
    with night.desk.house.act(night.desk.drafter) as connection:
        _, rows = running_clocks(connection, (CLOCK_WORK,), limit=200)
    return {each.clock for each in rows if each.order_id == order.id}


def test_an_early_stop_is_reviewed_by_a_person_and_watched(early: tuple[Night, Order]) -> None:
    night, stop = early
    assert stop.effect is Effect.HELD
    assert stop.is_early
    assert {ClockKind.REVIEW, ClockKind.NOTHING_CAME, ClockKind.LAPSE} <= clocks(night, stop)
    assert [each.target.subject for each in night.orders(OrderKind.MONITOR)] == [stop.target.subject]
    night.pass_minutes(31)
    with night.desk.house.act(night.desk.drafter) as connection:
        called = [each.ringing.clock for each in calls_of(connection, stop.id)]
    assert ClockKind.REVIEW in called
    assert one(night, stop).unseen == ("alarm.review",)


def test_where_nothing_came_and_nobody_confirmed_it_is_lifted_by_those_who_allowed_it(
    early: tuple[Night, Order],
) -> None:
    night, stop = early
    night.pass_minutes(125)
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
    night.pass_minutes(31)
    why = "测试:已核实系同一团伙"
    night.at(night.desk.drafter, lambda desk: confirm_early(desk, stop.id, why))
    assert clocks(night, stop) & {ClockKind.REVIEW, ClockKind.NOTHING_CAME} == set()
    night.pass_minutes(150)
    kept = one(night, stop)
    assert (kept.effect, kept.unseen) == (Effect.HELD, ())
    with night.desk.house.act(night.desk.drafter) as connection:
        (entry,) = [each for each in entries_of(connection, stop.id) if each.kind is EntryKind.CONFIRMED]
    assert (entry.reason, entry.by.user_id) == (why, night.desk.drafter.user_id)
    with pytest.raises(Illegal, match="not_early"):
        night.at(night.desk.drafter, lambda desk: confirm_early(desk, stop.id, why))


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
    night.pass_minutes(160)
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
