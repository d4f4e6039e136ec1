"""A stop ends by the terms under which it left: what people change of an authority later binds what leaves later."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from fanzha.adapters.store.orders import entries_of
from fanzha.orders.authority import SHARE_PPM, UNDER, Authority
from fanzha.orders.effects import Act, Effect, OrderKind
from fanzha.orders.order import Order
from fanzha.wiring.authorities import narrow_authority, withdraw_authority
from tests.journeys.test_chase import LOST, MULE, SHARES, Night, night
from tests.journeys.test_chase_clocks import ALL, early, later, one
from tests.simulation.making import FIRST, SECOND, opening, paid

__all__ = ["early", "night"]
KEEPER = "9999990000000001099"
LEFT = LOST - sum(SHARES.values())
OWN = LEFT // 4


def test_who_took_their_word_back_still_lets_go_what_left_by_it(early: tuple[Night, Order]) -> None:
    night, stop = early
    told = night.at(night.desk.drafter, lambda desk: entries_of(desk.connection, stop.id))
    (number,) = {each.code.removeprefix(UNDER) for each in told if each.code.startswith(UNDER)}
    night.at(night.desk.second, lambda desk: withdraw_authority(desk, number, "测试:收回"))
    later(night, 116)
    night.pass_minutes(6)
    over = one(night, stop)
    assert (over.effect, over.instructions[-1].act) == (Effect.LIFTED, Act.LIFT)
    signed = [[each.by for each in made.signatures] for made in over.instructions]
    assert signed[0] == signed[-1] != []


def stopped(night: Night) -> tuple[Authority, Order]:
    """What the gang left of the money lies beside a fifth that is the holder's own, and is stopped."""
    began = night.run.clock.now() - timedelta(days=99)
    night.run.world.open({SECOND: [replace(opening(KEEPER, OWN, name="测试·戊"), opened_at=began)]})
    night.run.world.plan({FIRST: [paid(MULE, LEFT, night.paid_at + timedelta(minutes=4), (SECOND, KEEPER))]})
    night.pass_minutes(6)
    night.report()
    given = night.authority(ALL, least_share_ppm=0)
    night.pass_minutes(10)
    (stop,) = [each for each in night.orders(OrderKind.STOP) if each.victim_traceable_fen == LEFT]
    return given, stop


def test_limits_that_are_narrowed_later_let_go_nothing_that_left_before(night: Night) -> None:
    given, stop = stopped(night)
    narrower = replace(given.limits, least_share_ppm=SHARE_PPM * 9 // 10)
    night.at(night.desk.second, lambda desk: narrow_authority(desk, given.number, narrower, "测试:收窄"))
    night.pass_minutes(10)
    kept = one(night, stop)
    assert (kept.effect, kept.held_fen, kept.out_of_proportion_at) == (Effect.HELD, LEFT + OWN, None)
