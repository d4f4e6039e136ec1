"""Clocks that ring call named people; an alarm that nobody has seen calls whoever is above them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection

from fanzha.adapters.store.calls import Ringing, raise_calls, was_seen
from fanzha.adapters.store.colleagues import staff_of
from fanzha.adapters.store.orders import order_of
from fanzha.adapters.store.unit_of_work import for_a_moment_as_house, worker
from fanzha.adapters.store.work import NewWork, Work, enqueue
from fanzha.kernel.clock import rfc3339
from fanzha.kernel.ids import OrderId
from fanzha.kernel.units import UnitPath
from fanzha.orders.calling import UNSEEN, Called, Staff, called, called_above, level_of
from fanzha.orders.clocks import ClockKind, Weight
from fanzha.orders.entries import ALARM
from fanzha.orders.order import Order
from fanzha.wiring.batches import Batch, Done, Outcome
from fanzha.wiring.house import House

CALL_WORK = "call"


def call_people(connection: Connection, house: House, order: Order, ringing: Ringing) -> None:
    """Call whoever answers for the order; what is more than a reminder goes further up when nobody sees it."""
    calls = called(order, Weight(ringing.weight), _staff(connection, house, order.unit_path), house.now())
    _call(connection, house, order, ringing, calls)


def escalate(connection: Connection, house: House, rows: Sequence[Work]) -> Mapping[UUID, Outcome]:
    """Call whoever is above those who have not seen an alarm."""
    return {each.id: _escalate(connection, house, each) for each in rows}


ESCALATE = Batch(do=escalate)


def _escalate(connection: Connection, house: House, row: Work) -> Outcome:
    told = {name: str(row.payload[name]) for name in ("order", "clock", "weight", "rang_at", "below")}
    ringing = Ringing(
        order_id=OrderId(UUID(told["order"])),
        clock=told["clock"],
        weight=told["weight"],
        rang_at=datetime.fromisoformat(told["rang_at"]),
    )
    if was_seen(connection, ringing):
        return Done(progress={"seen": True})
    order = order_of(connection, ringing.order_id)
    if ringing.clock in {ClockKind.SILENT, ClockKind.LATE} and f"{ALARM}{ringing.clock}" not in order.unseen:
        return Done(progress={"over": True})
    calls = called_above(UnitPath(told["below"]), _staff(connection, house, order.unit_path), house.now())
    _call(connection, house, order, ringing, calls)
    return Done(progress={"called": len(calls)})


def _call(connection: Connection, house: House, order: Order, ringing: Ringing, calls: Sequence[Called]) -> None:
    now = house.now()
    raise_calls(connection, order, ringing, calls, worker(order.unit_path), now)
    if calls and ringing.weight != Weight.REMINDER:
        enqueue(connection, _later(order, ringing, level_of(calls), now), now)


def _staff(connection: Connection, house: House, unit: UnitPath) -> Staff:
    """The chiefs may sit above the unit whose worker this is: the house itself looks them up."""
    with for_a_moment_as_house(connection, house.now()) as seeing:
        return staff_of(seeing, unit, house.now(), house.wall.now())


def _later(order: Order, ringing: Ringing, below: UnitPath, now: datetime) -> NewWork:
    payload = {
        "order": str(order.id),
        "number": order.number,
        "clock": ringing.clock,
        "weight": ringing.weight,
        "rang_at": ringing.rang_at.isoformat(),
        "below": below,
    }
    return NewWork(
        kind=CALL_WORK,
        key=f"{order.id}:{ringing.clock}:{rfc3339(ringing.rang_at)}:{below}",
        unit_path=order.unit_path,
        due_at=now + UNSEEN,
        payload=payload,
    )
