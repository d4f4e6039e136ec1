"""The orders of cases, all of them at once: what a chase sees before it makes another."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, exists, select

from fanzha.adapters.store.among import among
from fanzha.adapters.store.order_folds import FOLDS
from fanzha.adapters.store.schema.orders import order_entry, order_file, order_standing
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
    stands, files = order_standing.c, order_file.c
    here = select(order_file).join(order_standing, stands.order_id == files.id).where(among(stands.case_id, cases))
    rows = connection.execute(here.order_by(files.opened_at, files.id)).all()
    entries = select(order_entry).where(among(order_entry.c.order_id, [row.id for row in rows]))
    told = connection.execute(entries.order_by(order_entry.c.number))
    return [*FOLDS.standing(rows, told).values()]
