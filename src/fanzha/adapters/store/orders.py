"""Orders in the database: opened once, moved by entries, never edited; how each stands is kept beside for lists."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Row, Select, func, select, text
from sqlalchemy.dialects.postgresql import insert

from fanzha.adapters.store.audit import Act as AuditAct
from fanzha.adapters.store.audit import record_all
from fanzha.adapters.store.order_rows import entry_of, entry_row, file_row, opened_order
from fanzha.adapters.store.schema.orders import (
    order_application,
    order_entry,
    order_file,
    order_number,
    order_standing,
)
from fanzha.kernel.clock import SHANGHAI, utc
from fanzha.kernel.errors import Forbidden, Illegal, NotFound
from fanzha.kernel.ids import CaseId, InstitutionId, OrderId, SubjectId, uuid7
from fanzha.kernel.units import Actor, UnitPath, covers
from fanzha.orders.effects import IN_FORCE, Effect, OrderKind
from fanzha.orders.entries import Entry, EntryKind, after, folded
from fanzha.orders.order import Order, Paper
from fanzha.orders.standing import Waits, waits_for

PREFIXES = {
    OrderKind.QUERY: "Q",
    OrderKind.MONITOR: "M",
    OrderKind.STOP: "S",
    OrderKind.FREEZE: "F",
    OrderKind.BLOCK: "B",
}
"""The letter with which the number of an order of each kind begins: S2026-000012."""


def next_number(connection: Connection, kind: OrderKind, now: datetime) -> str:
    """The number of the next order of a kind in this year; numbers are never used again."""
    year, number = counted(connection, kind.value, now)
    return f"{PREFIXES[kind]}{year}-{number:06d}"


def counted(connection: Connection, kind: str, now: datetime) -> tuple[int, int]:
    """The year in Shanghai, and the next number of what is counted in it."""
    year = utc(now).astimezone(SHANGHAI).year
    first = insert(order_number).values(year=year, kind=kind, last=1)
    again = first.on_conflict_do_update(index_elements=["year", "kind"], set_={"last": order_number.c.last + 1})
    number: int = connection.execute(again.returning(order_number.c.last)).scalar_one()
    return year, number


def keep_opened(connection: Connection, order: Order) -> None:
    """Write an order that has no entries yet; its first entries follow in the same transaction."""
    connection.execute(order_file.insert().values(file_row(order)))
    connection.execute(order_standing.insert().values(_standing_row(order, order.opened_at)))


def keep_entries(connection: Connection, order: Order, entries: Sequence[Entry], actor: Actor, now: datetime) -> Order:
    """The order after these entries, written and audited; `Illegal` where one of them may not be.

    The caller holds the order's lock (`order_for_change`), or opened it in this transaction.
    """
    moved = folded(order, entries)
    rows = [entry_row(order, each, uuid7(now)) for each in entries]
    connection.execute(order_entry.insert(), rows)
    drafted = [each.instruction for each in entries if each.draft is not None and each.instruction is not None]
    for each in drafted:
        keep_application(connection, order, each)
    standing = _standing_row(moved, now)
    standing |= {each: func.coalesce(order_standing.c[each], standing[each]) for each in _FIRST}
    connection.execute(order_standing.update().where(order_standing.c.order_id == order.id).values(standing))
    record_all(connection, [_act(order, moved, entry) for entry in entries], actor, now)
    return moved


def keep_application(connection: Connection, order: Order, application_id: UUID) -> None:
    """Under which order an institution's answers to this application id belong."""
    row = {
        "application_id": application_id,
        "order_id": order.id,
        "institution_id": order.institution_id,
        "unit_path": order.unit_path,
    }
    connection.execute(order_application.insert().values(row))


def _act(order: Order, moved: Order, entry: Entry) -> AuditAct:
    """What the audit keeps of an entry: codes and ids, never words."""
    detail: dict[str, object] = {"order": order.number, "effect": moved.effect.value}
    if entry.instruction is not None:
        detail["instruction"] = str(entry.instruction)
    if entry.code:
        detail["code"] = entry.code
    if entry.capacity is not None:
        detail["capacity"] = entry.capacity.value
    return AuditAct(
        action=f"order.{entry.kind.value}",
        object_kind="order",
        object_id=str(order.id),
        unit_path=order.unit_path,
        detail=detail,
    )


def order_of(connection: Connection, order_id: OrderId) -> Order:
    """The order as it stands; `NotFound` when there is none in sight."""
    return _one(connection, order_file.c.id == order_id)


def order_at(connection: Connection, order_id: OrderId, at: datetime) -> Order:
    """The order as its entries until that instant leave it."""
    past = [each for each in entries_of(connection, order_id) if each.at <= at]
    return folded(opened_order(_file(connection, order_file.c.id == order_id)), past)


def order_as_signed(connection: Connection, order_id: OrderId, instruction_id: UUID) -> Order:
    """The order as its last needed signature left it; `Illegal` while the instruction lacks one."""
    order = opened_order(_file(connection, order_file.c.id == order_id))
    for entry in entries_of(connection, order_id):
        order = after(order, entry)
        if entry.instruction == instruction_id and order.instruction(instruction_id).paper is Paper.SIGNED:
            return order
    raise Illegal("papers.not_signed")


def order_by_number(connection: Connection, number: str) -> Order:
    """The order of that number, or of that id as text."""
    try:
        return _one(connection, order_file.c.id == UUID(number))
    except ValueError:
        return _one(connection, order_file.c.number == number)


def order_for_change(connection: Connection, order_id: OrderId, actor: Actor) -> Order:
    """The order, locked until the transaction ends, for somebody whose unit may change it."""
    locked = select(order_standing.c.order_id).where(order_standing.c.order_id == order_id).with_for_update()
    if connection.execute(locked).one_or_none() is None:
        raise NotFound("orders.not_found")
    order = order_of(connection, order_id)
    if not covers(actor.scope, order.unit_path):
        raise Forbidden("orders.only_shared", unit=order.unit_path)
    return order


def order_if_free(connection: Connection, order_id: OrderId) -> Order | None:
    """The order, locked, unless somebody else has it: who holds a case must not wait for who answers in it."""
    locking = select(order_standing.c.order_id).where(order_standing.c.order_id == order_id)
    found = connection.execute(locking.with_for_update(skip_locked=True)).one_or_none()
    return None if found is None else order_of(connection, order_id)


def entries_of(connection: Connection, order_id: OrderId) -> list[Entry]:
    """Everything that happened to an order, in the order in which it was written."""
    wanted = select(order_entry).where(order_entry.c.order_id == order_id).order_by(order_entry.c.number)
    return [entry_of(row) for row in connection.execute(wanted)]


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
    wanted = select(order_application).where(order_application.c.application_id == application_id)
    row = connection.execute(wanted).one_or_none()
    if row is None:
        raise NotFound("orders.no_such_application")
    return Application(
        order_id=OrderId(row.order_id),
        institution_id=InstitutionId(row.institution_id),
        unit_path=UnitPath(row.unit_path),
    )


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
    told: dict[UUID, list[Entry]] = defaultdict(list)
    entries = select(order_entry).where(order_entry.c.order_id.in_(ids)).order_by(order_entry.c.number)
    for row in connection.execute(entries):
        told[row.order_id].append(entry_of(row))
    opened = connection.execute(select(order_file).where(order_file.c.id.in_(ids)))
    found = {row.id: folded(opened_order(row), told[row.id]) for row in opened}
    return [found[each] for each in ids if each in found]


def unfinished(connection: Connection, case_id: CaseId) -> list[str]:
    """Numbers of the case's orders that still have effect, or of which an instruction may still come to something."""
    own = order_standing.c
    alive = own.effect.in_([each.value for each in IN_FORCE]) | own.waits_for.in_(_UNDER_WAY)
    wanted = select(order_file.c.number).join(order_standing, own.order_id == order_file.c.id)
    return list(connection.scalars(wanted.where(own.case_id == case_id, alive).order_by(order_file.c.number)))


_UNDER_WAY = (Waits.SIGNATURE.value, Waits.SENDING.value, Waits.ANSWER.value)


def stops_on(connection: Connection, target: SubjectId) -> int:
    """How often stops of any unit have taken effect on an account; of those out of sight nothing else is told."""
    return connection.scalar(text("SELECT order_stops(:target)"), {"target": target}) or 0


def _one(connection: Connection, wanted: ColumnElement[bool]) -> Order:
    row = _file(connection, wanted)
    return folded(opened_order(row), entries_of(connection, OrderId(row.id)))


def _file(connection: Connection, wanted: ColumnElement[bool]) -> Row[Any]:
    row: Row[Any] | None = connection.execute(select(order_file).where(wanted)).one_or_none()
    if row is None:
        raise NotFound("orders.not_found")
    return row


def _standing_row(order: Order, now: datetime) -> dict[str, object]:
    first = order.instructions[0] if order.instructions else None
    return {
        "order_id": order.id,
        "case_id": order.case_id,
        "unit_path": order.unit_path,
        "institution_id": order.institution_id,
        "kind": order.kind.value,
        "target": order.target.subject,
        "effect": order.effect.value,
        "waits_for": waits_for(order).value,
        "requested_fen": order.requested_fen,
        "holding_fen": order.holding_fen,
        "times": order.times,
        "ends_at": order.ends_at,
        "opened_at": order.opened_at,
        "changed_at": utc(now),
        "sent_at": None if first is None else first.sent_at,
        "answered_at": None if first is None else first.answered_at,
        "code": None if first is None else first.code or None,
        "began_at": order.starts_at,
        "held_fen": order.held_fen,
        "traceable_fen": order.victim_traceable_fen,
        "unrelated_at": order.unrelated_at,
    }


_FIRST = ("sent_at", "answered_at", "code", "began_at")
"""What is told of the first time only: a message sent again, a term begun anew, change nothing of how soon it came."""


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
