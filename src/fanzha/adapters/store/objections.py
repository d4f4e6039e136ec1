"""Objections in the database: received once, moved by entries, never edited."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, case, func, or_, select

from fanzha.adapters.store.audit import Act, record
from fanzha.adapters.store.orders import counted
from fanzha.adapters.store.schema.objections import objection, objection_entry
from fanzha.kernel.clock import utc
from fanzha.kernel.errors import Forbidden, NotFound
from fanzha.kernel.ids import OrderId, SubjectId, uuid7
from fanzha.kernel.units import Actor, UnitPath, covers
from fanzha.orders.objections import (
    OBJECTION,
    Channel,
    Objection,
    ObjectionEntry,
    ObjectionMove,
    ObjectionState,
    Standing,
    moved,
)
from fanzha.orders.order import By


def next_objection_number(connection: Connection, now: datetime) -> str:
    """The number of the year's next objection; numbers are never used again."""
    year, number = counted(connection, "objection", now)
    return f"O{year}-{number:06d}"


def keep_received(connection: Connection, new: Objection, actor: Actor, now: datetime) -> None:
    """Write an objection as it was received."""
    row = {
        "id": new.id,
        "number": new.number,
        "order_id": new.order_id,
        "unit_path": new.unit_path,
        "channel": new.channel.value,
        "words": new.words,
        "evidence": list(new.evidence),
        "received_at": utc(new.received_at),
        "received_by_id": new.received_by.user_id,
        "received_by": new.received_by.name,
        "alarm_at": utc(new.alarm_at),
        "due_at": utc(new.due_at),
        "standing": new.standing.value,
        "person": new.person,
        "phone": new.phone,
    }
    connection.execute(objection.insert().values(row))
    _record(connection, new, "objection.received", actor, now)


def keep_objection_entry(
    connection: Connection, old: Objection, entry: ObjectionEntry, actor: Actor, now: datetime
) -> Objection:
    """The objection after one more entry, written and audited; the caller holds the lock of its order."""
    changed = moved(old, [entry])
    row = {
        "id": uuid7(now),
        "objection_id": old.id,
        "unit_path": old.unit_path,
        "move": entry.move.value,
        "at": utc(entry.at),
        "actor_id": entry.by.user_id,
        "actor_name": entry.by.name,
        "reason": entry.reason,
    }
    connection.execute(objection_entry.insert().values(row))
    _record(connection, changed, f"objection.{changed.state.value}", actor, now)
    return changed


def objection_numbered(connection: Connection, number: str) -> Objection:
    """The objection of that number; `NotFound` when there is none in sight."""
    found = _objections(connection, objection.c.number == number, 1)
    if not found:
        raise NotFound("objections.not_found")
    return found[0]


def objections(connection: Connection, limit: int, *, of: OrderId | None = None) -> list[Objection]:
    """Objections in sight, of one order where one is named, newest first."""
    which = objection.c.id.is_not(None) if of is None else objection.c.order_id == of
    return _objections(connection, which, limit)


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectionQuery:
    """Which objections, from which one on, how many; `states` empty are all."""

    states: tuple[ObjectionState, ...] = ()
    order_id: OrderId | None = None
    unit: UnitPath | None = None
    offset: int = 0
    limit: int = 50


def list_objections(connection: Connection, query: ObjectionQuery) -> tuple[int, list[Objection]]:
    """How many there are, and a page: open ones first, what is due next on top, then those answered, newest first."""
    latest = _latest_move()
    wanted = _fitting(query, latest)
    is_open = func.coalesce(latest, "").not_in([each.value for each in _ENDS])
    due = objection.c.due_at
    ordered = wanted.order_by(is_open.desc(), case((is_open, due)), due.desc(), objection.c.number)
    ids = list(connection.scalars(ordered.offset(query.offset).limit(query.limit)))
    found = {each.id: each for each in _objections(connection, objection.c.id.in_(ids), max(1, len(ids)))}
    return _count(connection, wanted), [found[each] for each in ids]


def count_open_objections(connection: Connection, unit: UnitPath) -> int:
    """How many people wait for an answer of a unit and those below it."""
    query = ObjectionQuery(states=tuple(each for each in ObjectionState if not OBJECTION.is_over(each)), unit=unit)
    return _count(connection, _fitting(query, _latest_move()))


def _fitting(query: ObjectionQuery, latest: ColumnElement[Any]) -> Select[Any]:
    wanted = select(objection.c.id)
    if query.states:
        wanted = wanted.where(or_(*(_stands(latest, each) for each in query.states)))
    if query.order_id is not None:
        wanted = wanted.where(objection.c.order_id == query.order_id)
    if query.unit is not None:
        below = func.starts_with(objection.c.unit_path, f"{query.unit}.")
        wanted = wanted.where(or_(objection.c.unit_path == query.unit, below))
    return wanted


def _count(connection: Connection, wanted: Select[Any]) -> int:
    return connection.scalar(select(func.count()).select_from(wanted.subquery())) or 0


def entries_of_objection(connection: Connection, told: Objection) -> list[ObjectionEntry]:
    """Everything that happened to it, oldest first."""
    entries = select(objection_entry).where(objection_entry.c.objection_id == told.id)
    return [_entry(each) for each in connection.execute(entries.order_by(objection_entry.c.number))]


_ENDS = frozenset(move for (_, move), state in OBJECTION.moves.items() if OBJECTION.is_over(state))


def _latest_move() -> ColumnElement[Any]:
    last = select(objection_entry.c.move).where(objection_entry.c.objection_id == objection.c.id)
    return last.order_by(objection_entry.c.number.desc()).limit(1).scalar_subquery()


def _stands(latest: ColumnElement[Any], state: ObjectionState) -> ColumnElement[bool]:
    """Whether the last move left an objection there; without any it stands where it begins."""
    moves = {move.value for (_, move), to in OBJECTION.moves.items() if to is state}
    return latest.is_(None) if state is OBJECTION.start else latest.in_(moves)


def require_own(told: Objection, actor: Actor) -> None:
    """`Forbidden` to whoever's unit may not change it."""
    if not covers(actor.scope, told.unit_path):
        raise Forbidden("orders.only_shared", unit=told.unit_path)


def _objections(connection: Connection, which: ColumnElement[bool], limit: int) -> list[Objection]:
    wanted = select(objection).where(which).order_by(objection.c.received_at.desc(), objection.c.number.desc())
    rows = list(connection.execute(wanted.limit(limit)))
    history: dict[object, list[ObjectionEntry]] = {row.id: [] for row in rows}
    entries = select(objection_entry).where(objection_entry.c.objection_id.in_(list(history)))
    for each in connection.execute(entries.order_by(objection_entry.c.number)):
        history[each.objection_id].append(_entry(each))
    return [moved(_received(row), history[row.id]) for row in rows]


def _received(row: Row[Any]) -> Objection:
    return Objection(
        id=row.id,
        number=row.number,
        order_id=OrderId(row.order_id),
        unit_path=UnitPath(row.unit_path),
        channel=Channel(row.channel),
        words=row.words or "",
        says=row.says or "",
        evidence=tuple(row.evidence),
        received_at=utc(row.received_at),
        received_by=By(user_id=row.received_by_id, name=row.received_by),
        alarm_at=utc(row.alarm_at),
        due_at=utc(row.due_at),
        standing=Standing(row.standing),
        person=None if row.person is None else SubjectId(row.person),
        phone=None if row.phone is None else SubjectId(row.phone),
    )


def _entry(row: Row[Any]) -> ObjectionEntry:
    by = By(user_id=row.actor_id, name=row.actor_name)
    return ObjectionEntry(move=ObjectionMove(row.move), at=utc(row.at), by=by, reason=row.reason)


def _record(connection: Connection, told: Objection, action: str, actor: Actor, now: datetime) -> None:
    """What the audit keeps: codes and ids, never what the person said."""
    detail = {"objection": told.number, "order": str(told.order_id)}
    act = Act(action=action, object_kind="objection", object_id=str(told.id), unit_path=told.unit_path, detail=detail)
    record(connection, act, actor, now)
