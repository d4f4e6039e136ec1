"""Due clocks of orders ring: people are called, what ended has ended, what must be let go leaves; never unseen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection

from fanzha.adapters.store.authorities import authorities_of_orders
from fanzha.adapters.store.calls import Ringing
from fanzha.adapters.store.cases import case_of
from fanzha.adapters.store.orders import order_for_change
from fanzha.adapters.store.unit_of_work import worker
from fanzha.adapters.store.work import Work
from fanzha.i18n import text
from fanzha.kernel.ids import OrderId
from fanzha.orders.clocks import ClockKind, RunningClock, clocks_of
from fanzha.orders.drafting import lapsed
from fanzha.orders.entries import Entry, EntryKind
from fanzha.orders.order import Order
from fanzha.wiring.batches import Batch, Done, Outcome
from fanzha.wiring.calls import call_people
from fanzha.wiring.clocks import HOUSE, key_of
from fanzha.wiring.desk import Desk
from fanzha.wiring.house import House
from fanzha.wiring.law import law_at
from fanzha.wiring.letting_go import let_go_by_terms
from fanzha.wiring.orders import is_filed


def ring(connection: Connection, house: House, rows: Sequence[Work]) -> Mapping[UUID, Outcome]:
    """Ring due clocks of orders: a reminder and an alarm leave an entry, an end ends the order or lets it go."""
    by_order = sorted(rows, key=lambda each: UUID(str(each.payload["order"])))  # two workers never cross
    return {each.id: _ring(connection, house, each) for each in by_order}


RING = Batch(do=ring)


def _ring(connection: Connection, house: House, row: Work) -> Outcome:
    actor = worker(row.unit_path)
    order = order_for_change(connection, OrderId(UUID(str(row.payload["order"]))), actor)
    now, law = house.now(), law_at(house.now())
    ringing = [each for each in clocks_of(order, law) if key_of(order, each) == row.key and each.rings_at <= now]
    if not ringing:
        return Done(progress={"taken_back": "order_moved"})
    desk, clock = Desk(house=house, connection=connection, actor=actor), ringing[0]
    if clock.kind is ClockKind.FILE_CASE and is_filed(desk, case_of(connection, order.case_id)):
        return Done(progress={"taken_back": "case_filed"})
    entry = lapsed(order, HOUSE, now) if clock.kind is ClockKind.LAPSE else _rang(clock, now)
    moved = desk.keep(order, [entry])
    if clock.kind is ClockKind.NOTHING_CAME:
        moved = _let_go(desk, moved)
    called_for = Ringing(order_id=order.id, clock=clock.kind.value, weight=clock.weight.value, rang_at=now)
    call_people(connection, house, moved, called_for)
    return Done(progress={"rang": clock.kind.value})


def _rang(clock: RunningClock, now: datetime) -> Entry:
    return Entry(kind=EntryKind.RANG, at=now, by=HOUSE, code=f"{clock.weight}.{clock.kind}")


def _let_go(desk: Desk, order: Order) -> Order:
    """Nothing came and nobody said that the stop stays: it is let go by the signatures that allowed it."""
    with desk.as_house() as as_house:
        authority = authorities_of_orders(as_house, [order.id]).get(order.id)
    hours = law_at(desk.now).authority.release_hours
    return let_go_by_terms(desk, order, text("zh", "incidents.reason.nothing_came", hours=hours), authority)
