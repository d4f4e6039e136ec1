"""The orders of cases, all of them at once: what a chase sees before it makes another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, exists, select, text

from fanzha.adapters.store.order_folds import FOLDS
from fanzha.adapters.store.orders import ENTRIES_OF
from fanzha.adapters.store.schema.orders import order_standing
from fanzha.adapters.store.unmoved import Unmoved, last_entry
from fanzha.kernel.ids import CaseId
from fanzha.orders.effects import RESTRICTING, OrderKind
from fanzha.orders.order import Order


def any_stop_restricts(connection: Connection, cases: Sequence[CaseId]) -> bool:
    """Whether a stop of these cases restricts somebody."""
    own = order_standing.c
    stands = own.effect.in_([each.value for each in RESTRICTING]) & (own.kind == OrderKind.STOP.value)
    return bool(connection.scalar(select(exists().where(own.case_id.in_(cases), stands))))


def orders_of_cases(connection: Connection, cases: Sequence[CaseId]) -> list[Order]:
    """Every order of these cases in sight as it stands, oldest first."""

    def read(moved: Sequence[Row[Any]]) -> Mapping[UUID, Order]:
        return FOLDS.standing(moved, connection.execute(ENTRIES_OF, {"ids": [row.id for row in moved]}))

    return _ORDERS.all(connection.execute(_OF_CASES, {"ids": list(cases)}).all(), read)


_ORDERS = Unmoved[Order]()
_OF_CASES = text(f"""
SELECT order_file.*, told.many, told.last
FROM order_standing JOIN order_file ON order_file.id = order_standing.order_id
{last_entry("order_entry", "order_id", "order_file")}
WHERE order_standing.case_id = ANY(CAST(:ids AS uuid[])) ORDER BY order_file.opened_at, order_file.id
""")
