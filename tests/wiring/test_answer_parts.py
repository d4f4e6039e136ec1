"""A statement in several messages is judged beside told balances once all of them came, whichever comes last."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import permutations
from uuid import uuid4

import pytest

from fanzha.cases.case import Case
from fanzha.kernel.clock import SetClock
from fanzha.orders.order import Order
from fanzha.orders.standing import Waits, waits_for
from fanzha.protocol.answer import Answer
from fanzha.protocol.facts import Side
from fanzha.wiring.house import House
from tests.wiring.answers import answer, asked, hear, line
from tests.wiring.orders import Staffed, staffed

IN_WHICH_ORDER = list(permutations(range(3)))


@pytest.fixture
def desk(house: House, clock: SetClock, case: Case) -> Staffed:
    return staffed(house, clock, case)


@pytest.fixture
def stop(desk: Staffed) -> Order:
    """A stop whose bank says that 25,000 yuan lie there."""
    order = desk.signed(desk.opened())
    desk.deliver()
    return order


def parts(desk: Staffed) -> list[Answer]:
    """A statement in three messages: 4,000 yuan lay there by its second, and money left since by its third."""
    began = desk.house.now()
    desk.clock.move(timedelta(minutes=20))
    query = asked(desk)
    lines = [
        line(began - timedelta(hours=2), 2_500_000, Side.CREDIT, balance_after_fen=2_500_000),
        line(began - timedelta(hours=1), 2_100_000, Side.DEBIT, balance_after_fen=400_000),
        line(began + timedelta(minutes=10), 300_000, Side.DEBIT, balance_after_fen=100_000),
    ]
    return [answer(desk, query, [each], part=at, parts=3, final=at == 3) for at, each in enumerate(lines, 1)]


@pytest.mark.parametrize("places", IN_WHICH_ORDER[::2])
def test_it_is_judged_once_all_of_it_came(desk: Staffed, stop: Order, places: tuple[int, ...]) -> None:
    told = parts(desk)
    for place in places[:-1]:
        hear(desk, told[place])
        assert desk.seen(stop).contradicted == (), "no message tells all of its time"
    hear(desk, told[places[-1]])
    seen = desk.seen(stop)
    assert set(seen.contradicted) == {"balance_untrue", "moved_while_held"}
    assert (seen.holding_fen, waits_for(seen)) == (400_000, Waits.PERSON)
    hear(desk, replace(told[1], answer_id=str(uuid4())))
    assert desk.seen(stop).contradicted == seen.contradicted, "a part told again changes nothing"


def test_messages_that_are_heard_together_are_judged_together(desk: Staffed, stop: Order) -> None:
    hear(desk, *parts(desk))
    assert set(desk.seen(stop).contradicted) == {"balance_untrue", "moved_while_held"}


def test_what_lacks_a_part_is_not_judged(desk: Staffed, stop: Order) -> None:
    told = parts(desk)
    hear(desk, told[0], told[2])
    assert desk.seen(stop).contradicted == ()
