"""Answer times are measured from the orders themselves, by trade, within sight of whoever looks."""

from __future__ import annotations

from datetime import timedelta

import pytest

from fanzha.cases.case import Case
from fanzha.kernel.clock import SetClock
from fanzha.orders.effects import OrderKind
from fanzha.orders.order import QueryOf, Terms
from fanzha.protocol.trades import Trade
from fanzha.wiring.house import House
from fanzha.wiring.institution_watch import exchanges, measured
from tests.conftest import OTHER_COUNTY, person
from tests.registers.institutions import BANK
from tests.wiring.orders import Staffed, staffed


@pytest.fixture
def desk(house: House, clock: SetClock, case: Case) -> Staffed:
    return staffed(house, clock, case)


def test_what_was_sent_and_answered_is_measured_by_trade(desk: Staffed) -> None:
    assert measured(exchanges(desk.house, desk.drafter, BANK.name)) == {}
    desk.signed(desk.opened())
    desk.bank.later = True
    asked = Terms(query_of=QueryOf.HOLDER)
    desk.signed(desk.opened(OrderKind.QUERY, terms=asked, payment=None))
    desk.deliver()
    times = measured(exchanges(desk.house, desk.drafter, BANK.name))
    assert set(times) == {Trade.STOP, Trade.QUERY_HOLDER}
    assert [(each.sent, each.answered) for each in times.values()] == [(1, 0), (1, 0)]
    desk.bank.later = False
    for _ in range(3):
        desk.clock.move(timedelta(seconds=70))
        desk.deliver()
    times = measured(exchanges(desk.house, desk.drafter, BANK.name))
    assert [(each.sent, each.answered) for each in times.values()] == [(1, 1), (1, 1)]
    assert times[Trade.STOP].median_seconds == times[Trade.STOP].p95_seconds == 70.0
    assert times[Trade.STOP].failed_share == 0.0


def test_orders_out_of_sight_are_not_counted(desk: Staffed) -> None:
    desk.signed(desk.opened())
    desk.deliver()
    assert measured(exchanges(desk.house, person(OTHER_COUNTY, 4), BANK.name)) == {}
