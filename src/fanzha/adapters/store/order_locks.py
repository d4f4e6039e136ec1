"""Locks on several orders at once, in the one order in which everybody takes them: after cases, and by id."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Connection, text

from fanzha.adapters.store.cases import case_row
from fanzha.adapters.store.orders import orders_opened
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
    rows = connection.execute(_MEANT, {"ids": list(ids)}).all()
    if len(rows) != len(set(ids)):
        raise NotFound("orders.not_found")
    for row in rows:
        if not covers(actor.scope, row.order_unit):
            raise Forbidden("orders.only_shared", unit=row.order_unit)
    files = connection.execute(_LOCKED, {"ids": list(ids), "holding": list(HOLDING), "scope": actor.scope}).all()
    return Locked(
        cases={CaseId(row.id): case_row(row) for row in rows},
        orders={each.id: each for each in orders_opened(connection, files)},
    )


_MEANT = text("""
SELECT case_file.*, meant.unit_path AS order_unit
FROM order_standing AS meant JOIN case_file ON case_file.id = meant.case_id
WHERE meant.order_id = ANY(CAST(:ids AS uuid[])) ORDER BY case_file.id FOR KEY SHARE OF case_file
""")
"""Nobody erases these cases until the transaction ends; whoever is alone on one hinders nobody here."""
_LOCKED = text("""
SELECT order_file.* FROM order_standing AS stands JOIN order_file ON order_file.id = stands.order_id
WHERE stands.order_id = ANY(ARRAY(
  SELECT unnest(CAST(:ids AS uuid[]))
  UNION SELECT holds.order_id FROM order_standing AS meant JOIN order_standing AS holds ON holds.target = meant.target
  WHERE meant.order_id = ANY(CAST(:ids AS uuid[])) AND holds.kind = ANY(CAST(:holding AS text[]))
  AND (holds.unit_path = :scope OR starts_with(holds.unit_path, :scope || '.'))
)) ORDER BY stands.order_id FOR UPDATE OF stands
""")
"""What an order was opened as never changes; what locks it is how it stands."""
