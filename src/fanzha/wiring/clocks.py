"""The clocks of orders are rows of work: set when an order moves, rung by the worker, never unseen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection

from fanzha.adapters.store.calls import Ringing
from fanzha.adapters.store.orders import keep_entries, order_for_change
from fanzha.adapters.store.unit_of_work import worker
from fanzha.adapters.store.wishes import take_back, waiting_keys
from fanzha.adapters.store.work import NewWork, Work, enqueue_all
from fanzha.kernel.clock import rfc3339
from fanzha.kernel.ids import OrderId
from fanzha.orders.clocks import ClockKind, RunningClock, Weight, clocks_of
from fanzha.orders.drafting import lapsed
from fanzha.orders.entries import Entry, EntryKind
from fanzha.orders.order import By, Order
from fanzha.wiring.batches import Batch, Done, Outcome
from fanzha.wiring.calls import call_people
from fanzha.wiring.house import House
from fanzha.wiring.law import law_at

CLOCK_WORK = "clock"
HOUSE = By(user_id=None, name="worker")


def set_clocks(connection: Connection, house: House, order: Order) -> None:
    """Let exactly those clocks run that the order has now: new ones begin, the others are taken back."""
    now = house.now()
    running = {_key(order, each): each for each in clocks_of(order, law_at(now)) if each.rings_at > now or _ends(each)}
    set_already = set(waiting_keys(connection, CLOCK_WORK, f"{order.id}:"))
    over = sorted(set_already - set(running))
    if over:
        take_back(connection, CLOCK_WORK, over, "order_moved", house.wall.now())
    fresh = [_wish(order, each) for key, each in running.items() if key not in set_already]
    enqueue_all(connection, fresh, now)


def ring(connection: Connection, house: House, rows: Sequence[Work]) -> Mapping[UUID, Outcome]:
    """Ring due clocks of orders: a reminder and an alarm leave an entry, an end ends the order."""
    return {each.id: _ring(connection, house, each) for each in rows}


def _ring(connection: Connection, house: House, row: Work) -> Outcome:
    actor = worker(row.unit_path)
    order = order_for_change(connection, OrderId(UUID(str(row.payload["order"]))), actor)
    now, law = house.now(), law_at(house.now())
    ringing = [each for each in clocks_of(order, law) if _key(order, each) == row.key and each.rings_at <= now]
    if not ringing:
        return Done(progress={"taken_back": "order_moved"})
    entry = lapsed(order, HOUSE, now) if ringing[0].kind is ClockKind.LAPSE else _rang(ringing[0], now)
    moved = keep_entries(connection, order, [entry], actor, now)
    set_clocks(connection, house, moved)
    called_for = Ringing(order_id=order.id, clock=ringing[0].kind.value, weight=ringing[0].weight.value, rang_at=now)
    call_people(connection, house, moved, called_for)
    return Done(progress={"rang": ringing[0].kind.value})


RING = Batch(do=ring)


def _rang(clock: RunningClock, now: datetime) -> Entry:
    return Entry(kind=EntryKind.RANG, at=now, by=HOUSE, code=f"{clock.weight}.{clock.kind}")


def _ends(clock: RunningClock) -> bool:
    """An end in the past still rings: what lapsed while the house was shut lapses when it opens."""
    return clock.weight is Weight.END


def _key(order: Order, clock: RunningClock) -> str:
    return f"{order.id}:{clock.kind}:{clock.mark}:{rfc3339(clock.rings_at)}"


def _wish(order: Order, clock: RunningClock) -> NewWork:
    payload = {"order": str(order.id), "number": order.number, "clock": clock.kind.value, "weight": clock.weight.value}
    return NewWork(
        kind=CLOCK_WORK,
        key=_key(order, clock),
        unit_path=order.unit_path,
        due_at=clock.rings_at,
        payload={**payload, "fen": order.holding_fen, "mark": clock.mark, "kind": order.kind.value},
    )
