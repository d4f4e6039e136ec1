"""A client's key stands for one instruction of one order, whichever address it is told to."""

from __future__ import annotations

import pytest

from fanzha.apps.web.console_data import HouseData
from fanzha.apps.web.views.orders import OrderAct
from fanzha.cases.case import Case
from fanzha.kernel.clock import SetClock
from fanzha.kernel.errors import Conflict
from fanzha.orders.order import Order
from fanzha.wiring.house import House
from tests.wiring.orders import Staffed, staffed


def held(desk: Staffed) -> Order:
    order = desk.signed(desk.opened())
    desk.deliver()
    return order


def test_a_key_of_another_order_is_a_conflict_and_no_fault_of_ours(house: House, clock: SetClock, case: Case) -> None:
    desk = staffed(house, clock, case)
    first, second, data = held(desk), held(desk), HouseData(house)
    lift = OrderAct(act="lift", reason="test", key="k")
    told = data.act_on(desk.drafter, first.number, lift)
    assert data.act_on(desk.drafter, first.number, lift).instructions == told.instructions
    with pytest.raises(Conflict, match=r"orders\.key_used"):
        data.act_on(desk.drafter, second.number, lift)
    assert len(desk.seen(second).instructions) == 1
