"""The orders of cases, all of them at once: what a chase sees before it makes another."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, exists, select

from fanzha.adapters.store.among import any_of
from fanzha.adapters.store.order_folds import FOLDS
from fanzha.adapters.store.orders import ENTRIES_OF
from fanzha.adapters.store.schema.orders import order_file, order_standing
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
    rows = connection.execute(_OF_CASES, {"ids": list(cases)}).all()
    told = connection.execute(ENTRIES_OF, {"ids": [row.id for row in rows]})
    return [*FOLDS.standing(rows, told).values()]


_OF_CASES = (
    select(order_file)
    .join(order_standing, order_standing.c.order_id == order_file.c.id)
    .where(any_of(order_standing.c.case_id))
    .order_by(order_file.c.opened_at, order_file.c.id)
)
