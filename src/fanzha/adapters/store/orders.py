"""Orders in the database: opened once, moved by entries, never edited; how each stands is kept beside for lists."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Connection, Row, Select, Uuid, bindparam, func, select, text

from fanzha.adapters.store.among import any_of
from fanzha.adapters.store.order_folds import FOLDS
from fanzha.adapters.store.order_rows import entry_of, opened_order
from fanzha.adapters.store.schema.orders import (
    order_application,
    order_entry,
    order_file,
    order_standing,
)
from fanzha.kernel.clock import SHANGHAI, utc
from fanzha.kernel.errors import Forbidden, Illegal, NotFound
from fanzha.kernel.ids import CaseId, InstitutionId, OrderId, SubjectId
from fanzha.kernel.units import Actor, UnitPath, covers
from fanzha.orders.effects import IN_FORCE, Effect, OrderKind
from fanzha.orders.entries import Entry, EntryKind, as_signed, folded
from fanzha.orders.order import Order
from fanzha.orders.standing import Waits


def counted(connection: Connection, kind: str, now: datetime, many: int = 1) -> tuple[int, int]:
    """The year in Shanghai, and the first of so many next numbers of what is counted in it; none is used again."""
    year, first = all_counted(connection, {kind: many}, now)
    return year, first[kind]


def all_counted(connection: Connection, many: Mapping[str, int], now: datetime) -> tuple[int, dict[str, int]]:
    """The same for several kinds at once, taken in the order given."""
    year = utc(now).astimezone(SHANGHAI).year
    if not many:
        return year, {}
    asked = {"year": year, "kinds": list(many), "many": list(many.values())}
    last = {row.kind: row.last for row in connection.execute(_COUNT, asked)}
    return year, {kind: last[kind] - count + 1 for kind, count in many.items()}


_COUNT = text("""
INSERT INTO order_number (year, kind, last)
SELECT :year, kind, many
FROM unnest(CAST(:kinds AS text[]), CAST(:many AS int[])) WITH ORDINALITY AS new (kind, many, place) ORDER BY place
ON CONFLICT (year, kind) DO UPDATE SET last = order_number.last + excluded.last RETURNING kind, last
""")


def order_of(connection: Connection, order_id: OrderId) -> Order:
    """The order as it stands; `NotFound` when there is none in sight."""
    return _one(connection, order_file.c.id == order_id)


def order_at(connection: Connection, order_id: OrderId, at: datetime) -> Order:
    """The order as its entries until that instant leave it."""
    past = [each for each in entries_of(connection, order_id) if each.at <= at]
    return folded(opened_order(_file(connection, order_file.c.id == order_id)), past)


def order_as_signed(connection: Connection, order_id: OrderId, instruction_id: UUID) -> Order:
    """The order as its last needed signature left it; `Illegal` while the instruction lacks one."""
    opened = opened_order(_file(connection, order_file.c.id == order_id))
    signed = as_signed(opened, entries_of(connection, order_id), instruction_id)
    if signed is None:
        raise Illegal("papers.not_signed")
    return signed


def order_by_number(connection: Connection, number: str) -> Order:
    """The order of that number, or of that id as text."""
    try:
        return _one(connection, order_file.c.id == UUID(number))
    except ValueError:
        return _one(connection, order_file.c.number == number)


def order_for_change(connection: Connection, order_id: OrderId, actor: Actor) -> Order:
    """The order, locked until the transaction ends, for somebody whose unit may change it."""
    row = connection.execute(_LOCKED, {"order": order_id}).one_or_none()
    if row is None:
        raise NotFound("orders.not_found")
    if not covers(actor.scope, row.unit_path):
        raise Forbidden("orders.only_shared", unit=row.unit_path)
    return _folded(connection, row)


def order_if_free(connection: Connection, order_id: OrderId) -> Order | None:
    """The order, locked, unless somebody else has it: who holds a case must not wait for who answers in it."""
    row = connection.execute(_LOCKED_IF_FREE, {"order": order_id}).one_or_none()
    return None if row is None else _folded(connection, row)


def orders_if_free(connection: Connection, ids: Collection[OrderId], actor: Actor) -> dict[OrderId, Order]:
    """Those of the orders that nobody else has and the actor's unit may change, locked in the order of ids."""
    rows = [row for row in connection.execute(_LOCKED_ALL, {"ids": list(ids)}) if covers(actor.scope, row.unit_path)]
    standing = FOLDS.standing(rows, connection.execute(ENTRIES_OF, {"ids": [row.id for row in rows]}))
    return {OrderId(each): order for each, order in standing.items()}


_OPENED = select(order_file).join(order_standing, order_standing.c.order_id == order_file.c.id)
_MEANT = _OPENED.where(order_standing.c.order_id == bindparam("order"))
_LOCKED = _MEANT.with_for_update(of=order_standing)
_LOCKED_IF_FREE = _MEANT.with_for_update(of=order_standing, skip_locked=True)
_LOCKED_ALL = (
    _OPENED.where(order_standing.c.order_id == func.any(bindparam("ids", type_=ARRAY(Uuid))))
    .order_by(order_standing.c.order_id)
    .with_for_update(of=order_standing, skip_locked=True)
)
"""What an order was opened as never changes; what locks it is how it stands. Its entries are read under the lock."""
ENTRIES_OF = text("SELECT * FROM order_entry WHERE order_id = ANY(CAST(:ids AS uuid[])) ORDER BY number")
"""Everything that happened to some orders, in the order in which it was written."""
_FILES_OF = select(order_file).where(any_of(order_file.c.id))
_APPLICATIONS = select(order_application).where(any_of(order_application.c.application_id))
_ENTRIES = select(order_entry).where(order_entry.c.order_id == bindparam("order")).order_by(order_entry.c.number)


def entries_of(connection: Connection, order_id: OrderId) -> list[Entry]:
    """Everything that happened to an order, in the order in which it was written."""
    return [entry_of(row) for row in connection.execute(_ENTRIES, {"order": order_id})]


def steps_of(
    connection: Connection, order_ids: Collection[OrderId], kinds: Collection[EntryKind], limit: int
) -> list[tuple[OrderId, Entry]]:
    """The newest entries of these kinds of several orders, each with its order, newest first."""
    wanted = select(order_entry).where(order_entry.c.order_id.in_(order_ids), order_entry.c.kind.in_(kinds))
    rows = connection.execute(wanted.order_by(order_entry.c.at.desc(), order_entry.c.number.desc()).limit(limit))
    return [(OrderId(row.order_id), entry_of(row)) for row in rows]


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """To which order an application id belongs, at which institution, in which unit."""

    order_id: OrderId
    institution_id: InstitutionId
    unit_path: UnitPath


def application(connection: Connection, application_id: UUID) -> Application:
    """Where an answer to this application id belongs; `NotFound` for one that we never made."""
    return applications(connection, [application_id])[application_id]


def applications(connection: Connection, ids: Collection[UUID]) -> dict[UUID, Application]:
    """Where answers to these application ids belong; `NotFound` where we never made one of them."""
    found = {
        row.application_id: Application(
            order_id=OrderId(row.order_id),
            institution_id=InstitutionId(row.institution_id),
            unit_path=UnitPath(row.unit_path),
        )
        for row in connection.execute(_APPLICATIONS, {"ids": list(ids)})
    }
    if any(each not in found for each in ids):
        raise NotFound("orders.no_such_application")
    return found


def orders_on(connection: Connection, target: SubjectId, kind: OrderKind) -> list[Order]:
    """Orders of a kind in sight on one account, number, site or app, oldest first."""
    wanted = select(order_standing.c.order_id).where(
        order_standing.c.target == target, order_standing.c.kind == kind.value
    )
    return orders_of(
        connection, [OrderId(row.order_id) for row in connection.execute(wanted.order_by(order_standing.c.opened_at))]
    )


def orders_of(connection: Connection, ids: Sequence[OrderId]) -> list[Order]:
    """The orders of these ids as they stand, in the order of the ids; those out of sight are left out."""
    told = connection.execute(ENTRIES_OF, {"ids": list(ids)}).all()
    found = FOLDS.standing(connection.execute(_FILES_OF, {"ids": list(ids)}), told)
    return [found[each] for each in ids if each in found]


def orders_opened(connection: Connection, files: Sequence[Row[Any]]) -> list[Order]:
    """The same of orders whose files were read already, in the order of these."""
    return list(FOLDS.standing(files, connection.execute(ENTRIES_OF, {"ids": [row.id for row in files]})).values())


def unfinished(connection: Connection, case_id: CaseId) -> list[str]:
    """Numbers of the case's orders that still have effect, or of which an instruction may still come to something."""
    own = order_standing.c
    alive = own.effect.in_([each.value for each in IN_FORCE]) | own.waits_for.in_(_UNDER_WAY)
    wanted = select(order_file.c.number).join(order_standing, own.order_id == order_file.c.id)
    return list(connection.scalars(wanted.where(own.case_id == case_id, alive).order_by(order_file.c.number)))


_UNDER_WAY = (Waits.SIGNATURE.value, Waits.SENDING.value, Waits.ANSWER.value)


def stops_on(connection: Connection, target: SubjectId) -> int:
    """How often stops of any unit have taken effect on an account; of those out of sight nothing else is told."""
    return stops_on_each(connection, [target])[target]


def stops_on_each(connection: Connection, targets: Collection[SubjectId]) -> dict[SubjectId, int]:
    """The same of several accounts."""
    return {SubjectId(row.target): row.stops for row in connection.execute(_STOPS, {"targets": list(targets)})}


_STOPS = text(
    "SELECT wanted.target, coalesce(order_stops(wanted.target), 0) AS stops"
    " FROM unnest(CAST(:targets AS bigint[])) AS wanted(target)"
)


def _one(connection: Connection, wanted: ColumnElement[bool]) -> Order:
    return _folded(connection, _file(connection, wanted))


def _folded(connection: Connection, opened: Row[Any]) -> Order:
    return FOLDS.after(opened, connection.execute(_ENTRIES, {"order": opened.id}).all())


def _file(connection: Connection, wanted: ColumnElement[bool]) -> Row[Any]:
    row: Row[Any] | None = connection.execute(select(order_file).where(wanted)).one_or_none()
    if row is None:
        raise NotFound("orders.not_found")
    return row


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderQuery:
    """Which orders to list: of a case, an institution, a unit and below, kinds, effects, what they wait for; by which
    column of `order_standing`, a page of them."""

    case_id: CaseId | None = None
    case_ids: tuple[CaseId, ...] = ()
    kinds: tuple[OrderKind, ...] = ()
    effects: tuple[Effect, ...] = ()
    waiting: tuple[str, ...] = ()
    institution_id: InstitutionId | None = None
    unit: UnitPath | None = None
    sort: str = "changed_at"
    descending: bool = True
    offset: int = 0
    limit: int = 50


def list_orders(connection: Connection, query: OrderQuery) -> tuple[int, list[Order]]:
    """How many orders in sight fit, and a page of them."""
    fitting = _fitting(query)
    total = count_orders(connection, query)
    column = order_standing.c[query.sort]
    ordered = column.desc() if query.descending else column.asc()
    page = fitting.order_by(ordered.nulls_last(), order_standing.c.order_id)
    ids = [OrderId(row.order_id) for row in connection.execute(page.offset(query.offset).limit(query.limit))]
    return total, orders_of(connection, ids)


def count_orders(connection: Connection, query: OrderQuery) -> int:
    """How many orders in sight fit."""
    return connection.scalar(select(func.count()).select_from(_fitting(query).subquery())) or 0


def _fitting(query: OrderQuery) -> Select[Any]:
    wanted = select(order_standing.c.order_id)
    if query.unit is not None:
        below = order_standing.c.unit_path.startswith(f"{query.unit}.", autoescape=True)
        wanted = wanted.where((order_standing.c.unit_path == query.unit) | below)
    if query.case_id is not None:
        wanted = wanted.where(order_standing.c.case_id == query.case_id)
    if query.case_ids:
        wanted = wanted.where(order_standing.c.case_id.in_(query.case_ids))
    if query.institution_id is not None:
        wanted = wanted.where(order_standing.c.institution_id == query.institution_id)
    for column, values in (
        (order_standing.c.kind, [each.value for each in query.kinds]),
        (order_standing.c.effect, [each.value for each in query.effects]),
        (order_standing.c.waits_for, list(query.waiting)),
    ):
        if values:
            wanted = wanted.where(column.in_(values))
    return wanted
