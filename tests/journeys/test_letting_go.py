"""A stop that takes too much is let go by its terms once people had their time to look, and never what they keep."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from fanzha.adapters.store.calls import calls_of
from fanzha.orders.authority import SHARE_PPM
from fanzha.orders.effects import Act, Effect, OrderKind
from fanzha.orders.order import Order, Paper, Terms
from fanzha.wiring.after_hour import file_and_freeze
from fanzha.wiring.incidents import close_incident
from fanzha.wiring.orders import NewInstruction, confirm_early, instruct, look_at
from fanzha.workflows.chase_leads import Known, known
from tests.journeys.test_chase import LOST, MULE, SHARES, SPLIT, Night, night
from tests.simulation.making import FIRST, SECOND, opening, paid

__all__ = ["night"]
RICH = "9999990000000001097"
OTHERS = 20_000_000_00
ALL = {OrderKind.STOP, OrderKind.QUERY, OrderKind.MONITOR}
REVIEW = timedelta(minutes=30)


def others_pay_as_it_leaves(night: Night) -> None:
    """Two stops have left, and somebody else's money comes to the second account before its bank acts."""
    began = night.run.clock.now() - timedelta(days=99)
    night.run.world.open({FIRST: [replace(opening(RICH, OTHERS, name="测试·商户"), opened_at=began)]})
    night.pass_minutes(7)
    night.report()
    night.authority(ALL, least_share_ppm=SHARE_PPM // 5)
    while len(night.orders(OrderKind.STOP)) < 2:
        night.pass_minutes(1 / 60)
    at = night.run.clock.now() + timedelta(seconds=1)
    night.run.world.plan({FIRST: [paid(RICH, OTHERS, at, (SECOND, SPLIT))]})


def took_too_much(night: Night) -> Order:
    (stop,) = [each for each in night.orders(OrderKind.STOP) if (each.held_fen or 0) > OTHERS]
    return stop


@pytest.fixture
def passing(night: Night) -> tuple[Night, Order]:
    """A stop that holds the money of somebody else beside the victim's: it came while the stop was on its way, and is
    not the holder's own. Its bank has told so, and people are called."""
    others_pay_as_it_leaves(night)
    night.pass_minutes(5)
    stop = took_too_much(night)
    assert (stop.held_fen, stop.effect) == (OTHERS + SHARES[SPLIT], Effect.HELD)
    return night, stop


def one(night: Night, order: Order) -> Order:
    return next(each for each in night.orders(order.kind) if each.id == order.id)


def lifts(order: Order) -> list[Act]:
    return [each.act for each in order.instructions if each.act is Act.LIFT]


def test_people_have_the_review_s_minutes_and_then_it_is_let_go_at_that_moment(passing: tuple[Night, Order]) -> None:
    night, stop = passing
    called_at = stop.out_of_proportion_at
    assert called_at is not None
    assert (stop.unseen, lifts(stop)) == (("alarm.share",), [])
    with night.desk.house.act(night.desk.drafter) as connection:
        assert {each.ringing.clock for each in calls_of(connection, stop.id)} == {"share"}
    night.run.until(called_at + REVIEW - timedelta(seconds=1))
    assert lifts(one(night, stop)) == []
    night.run.until(called_at + REVIEW + timedelta(minutes=5))
    over = one(night, stop)
    assert (over.effect, lifts(over)) == (Effect.LIFTED, [Act.LIFT])
    assert over.instructions[-1].drafted_at == called_at + REVIEW, "not when the chase happens to look next"
    assert over.instructions[-1].by_terms
    night.pass_minutes(30)
    assert len([each for each in night.orders(OrderKind.STOP) if each.target.subject == stop.target.subject]) == 1


def test_who_says_that_it_stays_keeps_it(passing: tuple[Night, Order]) -> None:
    night, stop = passing
    night.at(night.desk.drafter, lambda desk: confirm_early(desk, stop.id, "测试:同案资金"))
    night.pass_minutes(60)
    assert one(night, stop).effect is Effect.HELD


def test_who_has_looked_and_said_nothing_of_it_keeps_nothing(passing: tuple[Night, Order]) -> None:
    night, stop = passing
    night.at(night.desk.drafter, lambda desk: look_at(desk, stop.id, "测试:已看"))
    night.pass_minutes(60)
    assert one(night, stop).effect is Effect.LIFTED


def test_an_extension_keeps_it(passing: tuple[Night, Order]) -> None:
    night, stop = passing
    extend = NewInstruction(act=Act.EXTEND, terms=Terms(), reason="测试:再次止付")
    night.at(night.desk.drafter, lambda desk: instruct(desk, stop.id, extend))
    night.pass_minutes(60)
    kept = one(night, stop)
    assert (kept.effect, [each.act for each in kept.instructions]) == (Effect.HELD, [Act.APPLY, Act.EXTEND])


def test_a_freeze_that_takes_its_place_keeps_it(passing: tuple[Night, Order]) -> None:
    night, stop = passing
    number = night.incident().number
    freezes = night.at(night.desk.drafter, lambda desk: file_and_freeze(desk, number, "测试:立案"))
    (freeze,) = [each for each in freezes if each.target.subject == stop.target.subject]
    night.pass_minutes(60)
    kept = one(night, stop)
    assert (kept.effect, lifts(kept)) == (Effect.HELD, [])
    assert one(night, freeze).instructions[-1].paper is Paper.DRAFT


def test_where_nothing_traced_is_left_it_is_let_go_after_the_review_and_stopped_anew_once_something_is(
    night: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = set[str]()

    def told(*args: Any) -> Known:
        found = known(*args)
        return replace(found, leads=tuple(each for each in found.leads if not gone & {*each.identifiers}))

    monkeypatch.setattr("fanzha.wiring.chase_look.known", told)
    night.pass_minutes(7)
    night.report()
    night.authority(ALL)
    night.pass_minutes(8)
    (stop,) = [each for each in night.orders(OrderKind.STOP) if each.held_fen == SHARES[SPLIT]]
    gone.update({SPLIT, MULE})
    night.pass_minutes(10)
    called = one(night, stop)
    assert (called.unseen, called.effect, called.is_early) == (("alarm.share",), Effect.HELD, False)
    assert called.out_of_proportion_at is not None
    night.run.until(called.out_of_proportion_at + REVIEW + timedelta(minutes=5))
    over = one(night, stop)
    assert (over.effect, over.instructions[-1].drafted_at) == (Effect.LIFTED, called.out_of_proportion_at + REVIEW)
    assert "已无可追溯" in over.instructions[-1].reason
    (named,) = [each for each in night.orders(OrderKind.STOP) if each.held_fen == LOST - sum(SHARES.values())]
    assert (named.effect, named.out_of_proportion_at) == (Effect.HELD, None), "a report names it"
    gone.clear()
    night.pass_minutes(10)
    again = [each for each in night.orders(OrderKind.STOP) if each.target.subject == stop.target.subject]
    assert [each.effect for each in again] == [Effect.LIFTED, Effect.HELD]


def test_a_stop_whose_chase_is_closed_keeps_its_clock(passing: tuple[Night, Order]) -> None:
    night, stop = passing
    assert stop.out_of_proportion_at is not None
    number = night.incident().number
    night.at(night.desk.drafter, lambda desk: close_incident(desk, number, "测试:资金已查清"))
    night.run.until(stop.out_of_proportion_at + REVIEW + timedelta(minutes=5))
    over = one(night, stop)
    assert (over.effect, over.instructions[-1].drafted_at) == (Effect.LIFTED, stop.out_of_proportion_at + REVIEW)


def test_what_a_bank_tells_of_a_closed_chase_s_stop_is_judged_still(night: Night) -> None:
    """It is closed while the stop is on its way; what its bank then tells calls people, and the review's time runs."""
    others_pay_as_it_leaves(night)
    number = night.incident().number
    night.at(night.desk.drafter, lambda desk: close_incident(desk, number, "测试:资金已查清"))
    night.pass_minutes(5)
    stop = took_too_much(night)
    assert (stop.unseen, lifts(stop)) == (("alarm.share",), [])
    assert stop.out_of_proportion_at == stop.instructions[0].answered_at, "not when the chase happens to look next"
    night.pass_minutes(31)
    assert one(night, stop).effect is Effect.LIFTED
    assert {each.effect for each in night.orders(OrderKind.STOP)} == {Effect.HELD, Effect.LIFTED}
