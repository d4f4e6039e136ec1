"""Rows of deliveries with the orders that they are about: locked together, each order as it stands and was signed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, text

from fanzha.adapters.store.order_folds import FOLDS
from fanzha.adapters.store.order_rows import entry_of, opened_order
from fanzha.adapters.store.orders import ENTRIES_OF
from fanzha.adapters.store.work import Work
from fanzha.kernel.ids import OrderId
from fanzha.kernel.units import Actor, covers
from fanzha.orders.entries import as_signed
from fanzha.orders.order import Order

_HOLD = text("""
WITH held AS MATERIALIZED (
  SELECT work.id, mine.order_id FROM work JOIN unnest(
    CAST(:ids AS uuid[]), CAST(:leases AS uuid[]), CAST(:orders AS uuid[])
  ) AS mine(id, lease, order_id)
  ON work.id = mine.id AND work.lease_id = mine.lease ORDER BY work.id FOR UPDATE OF work
),
free AS MATERIALIZED (
  SELECT order_id FROM order_standing WHERE order_id = ANY(CAST(:orders AS uuid[]))
  ORDER BY order_id FOR UPDATE SKIP LOCKED
)
SELECT held.id AS work_id, order_file.* FROM held LEFT JOIN free USING (order_id)
LEFT JOIN order_file ON order_file.id = free.order_id
""")
"""Rows whose lease still is the caller's, locked by id, beside their orders, locked by id, that nobody else has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """Rows whose lease still holds, and those of their orders that nobody else has; all are locked."""

    rows: Sequence[Work]
    orders: Mapping[OrderId, Order]
    _told: Mapping[UUID, tuple[Row[Any], Sequence[Row[Any]]]] = field(repr=False)

    def as_signed(self, order_id: OrderId, instruction_id: UUID) -> Order | None:
        """The order as the last needed signature of an instruction left it; None while it lacks one."""
        file, entries = self._told[order_id]
        return as_signed(opened_order(file), map(entry_of, entries), instruction_id)


def hold_with_orders(connection: Connection, wanted: Mapping[UUID, tuple[Work, OrderId]], actor: Actor) -> Held:
    """The rows, by their ids and each with its order, as far as they are the caller's and their orders the actor's."""
    asked = {
        "ids": list(wanted),
        "leases": [row.lease_id for row, _ in wanted.values()],
        "orders": [order_id for _, order_id in wanted.values()],
    }
    found = connection.execute(_HOLD, asked).all()
    mine = {row.work_id for row in found}
    files = {row.id: row for row in found if row.id is not None and covers(actor.scope, row.unit_path)}
    told: dict[UUID, list[Row[Any]]] = defaultdict(list)
    if files:
        for each in connection.execute(ENTRIES_OF, {"ids": list(files)}):  # read under the locks
            told[each.order_id].append(each)
    return Held(
        rows=[row for row, _ in wanted.values() if row.id in mine],
        orders={OrderId(each): FOLDS.after(files[each], told[each]) for each in sorted(files)},
        _told={each: (file, told[each]) for each, file in files.items()},
    )
