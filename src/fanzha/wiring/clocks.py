"""The clocks of orders are rows of work: set when an order moves, rung by `ringing`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from fanzha.adapters.store.wishes import Anew, wish_anew
from fanzha.adapters.store.work import NewWork
from fanzha.kernel.clock import rfc3339
from fanzha.orders.clocks import RunningClock, Weight, clocks_of
from fanzha.orders.order import By, Order
from fanzha.wiring.house import House
from fanzha.wiring.law import law_at

CLOCK_WORK = "clock"
HOUSE = By(user_id=None, name="worker")


def set_clocks(
    connection: Connection, house: House, moved: Sequence[tuple[Order, Order]], over: Sequence[tuple[str, str]] = ()
) -> None:
    """Let exactly those clocks run that the orders have now: new ones begin, the others are taken back, and with them
    other work that is `over`, told by kind and key.

    Each order beside how it stood before: one whose clocks are the same, none of which is due, has them already.
    """
    now = house.now()
    orders = [after for before, after in moved if not _have_same(before, after, now)]
    anew = Anew(
        kind=CLOCK_WORK,
        prefixes=[f"{each.id}:" for each in orders],
        wishes=[_wish(order, each) for order in orders for each in _running(order, now)],
        over=over,
    )
    wish_anew(connection, anew, "order_moved", now, house.wall.now())


def first_clocks(house: House, order: Order) -> list[NewWork]:
    """The clocks that a new order has now, as rows of work."""
    return [_wish(order, each) for each in _running(order, house.now())]


def _running(order: Order, now: datetime) -> list[RunningClock]:
    return [each for each in clocks_of(order, law_at(now)) if each.rings_at > now or _ends(each)]


def _have_same(before: Order, after: Order, now: datetime) -> bool:
    clocks = clocks_of(before, law_at(now))
    return clocks == clocks_of(after, law_at(now)) and all(each.rings_at > now for each in clocks)


def _ends(clock: RunningClock) -> bool:
    """An end in the past still rings: what lapsed while the house was shut lapses when it opens."""
    return clock.weight is Weight.END


def key_of(order: Order, clock: RunningClock) -> str:
    """What tells one ringing of one clock of an order from all others."""
    return f"{order.id}:{clock.kind}:{clock.mark}:{rfc3339(clock.rings_at)}"


def _wish(order: Order, clock: RunningClock) -> NewWork:
    payload = {"order": str(order.id), "number": order.number, "clock": clock.kind.value, "weight": clock.weight.value}
    return NewWork(
        kind=CLOCK_WORK,
        key=key_of(order, clock),
        unit_path=order.unit_path,
        due_at=clock.rings_at,
        payload={**payload, "fen": order.holding_fen, "mark": clock.mark, "kind": order.kind.value},
    )
