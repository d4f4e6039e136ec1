"""Locks on several orders at once, in the one order in which everybody takes them: after cases, and by id."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Connection, select

from fanzha.adapters.store.among import among
from fanzha.adapters.store.cases import cases_not_erased_meanwhile
from fanzha.adapters.store.orders import orders_of
from fanzha.adapters.store.schema.orders import order_standing
from fanzha.cases.case import Case
from fanzha.kernel.errors import Forbidden, NotFound
from fanzha.kernel.ids import CaseId, OrderId
from fanzha.kernel.units import Actor, covers
from fanzha.orders.effects import OrderKind
from fanzha.orders.order import Order

HOLDING = (OrderKind.STOP.value, OrderKind.FREEZE.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Locked:
    """Orders as they stand, locked until the transaction ends, and the cases that they are of."""

    cases: dict[CaseId, Case]
    orders: dict[OrderId, Order]


def lock_with_holds(connection: Connection, ids: Collection[OrderId], actor: Actor) -> Locked:
    """The orders, and every stop and freeze on their accounts that the actor's unit may change, all locked by id.

    Nobody erases their cases meanwhile: who answers in a case does not wait for who is alone on it, and that one never
    for an order.
    """
    own = order_standing.c
    meant = connection.execute(
        select(own.order_id, own.case_id, own.target, own.unit_path).where(among(own.order_id, ids))
    )
    rows = meant.all()
    if len(rows) != len(set(ids)):
        raise NotFound("orders.not_found")
    for row in rows:
        if not covers(actor.scope, row.unit_path):
            raise Forbidden("orders.only_shared", unit=row.unit_path)
    cases = cases_not_erased_meanwhile(connection, {CaseId(row.case_id) for row in rows})
    holds = select(own.order_id, own.unit_path).where(
        among(own.target, {row.target for row in rows}), own.kind.in_(HOLDING)
    )
    found = (row for row in connection.execute(holds) if covers(actor.scope, row.unit_path))
    beside = [row.order_id for row in found if row.order_id not in ids]
    wanted = [OrderId(each) for each in (*ids, *beside)]
    connection.execute(select(own.order_id).where(among(own.order_id, wanted)).order_by(own.order_id).with_for_update())
    return Locked(
        cases={CaseId(each.id): each for each in cases},
        orders={each.id: each for each in orders_of(connection, wanted)},
    )
