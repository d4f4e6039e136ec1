"""The clocks of orders are rows of work: set when an order moves, rung by `ringing`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from fanzha.adapters.store.wishes import take_back, waiting_keys
from fanzha.adapters.store.work import NewWork, enqueue_all
from fanzha.kernel.clock import rfc3339
from fanzha.orders.clocks import RunningClock, Weight, clocks_of
from fanzha.orders.order import By, Order
from fanzha.wiring.house import House
from fanzha.wiring.law import law_at

CLOCK_WORK = "clock"
HOUSE = By(user_id=None, name="worker")


def set_clocks(connection: Connection, house: House, moved: Sequence[tuple[Order, Order]]) -> None:
    """Let exactly those clocks run that the orders have now: new ones begin, the others are taken back.

    Each order beside how it stood before: one whose clocks are the same, none of which is due, has them already.
    """
    now = house.now()
    orders = [after for before, after in moved if not _have_same(before, after, now)]
    if not orders:
        return
    running = {key: (order, each) for order in orders for key, each in _running(order, now).items()}
    set_already = set(waiting_keys(connection, CLOCK_WORK, [f"{each.id}:" for each in orders]))
    over = sorted(set_already - set(running))
    if over:
        take_back(connection, CLOCK_WORK, over, "order_moved", house.wall.now())
    fresh = [_wish(order, each) for key, (order, each) in running.items() if key not in set_already]
    enqueue_all(connection, fresh, now)


def first_clocks(house: House, order: Order) -> list[NewWork]:
    """The clocks that a new order has now, as rows of work."""
    return [_wish(order, each) for each in _running(order, house.now()).values()]


def _running(order: Order, now: datetime) -> dict[str, RunningClock]:
    clocks = clocks_of(order, law_at(now))
    return {key_of(order, each): each for each in clocks if each.rings_at > now or _ends(each)}


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
