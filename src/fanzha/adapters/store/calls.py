"""Calls of named people by clocks of orders: raised once, seen once, never edited."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, Select, func, select
from sqlalchemy.dialects.postgresql import insert

from fanzha.adapters.store.audit import Act, record
from fanzha.adapters.store.schema.calls import order_call, order_call_seen
from fanzha.kernel.clock import utc
from fanzha.kernel.errors import Forbidden, NotFound
from fanzha.kernel.ids import OrderId, UserId, uuid7
from fanzha.kernel.units import Actor, UnitPath
from fanzha.orders.calling import Called, Part
from fanzha.orders.order import Order


@dataclass(frozen=True, slots=True, kw_only=True)
class Ringing:
    """The ringing of a clock that calls people: of which order, what it calls for, how hard, when."""

    order_id: OrderId
    clock: str
    weight: str
    rang_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A person called by a ringing, and who has seen it when; `seen_at` None while nobody has."""

    id: UUID
    ringing: Ringing
    called: Called
    called_at: datetime
    seen_at: datetime | None
    seen_by: str


def raise_calls(
    connection: Connection, order: Order, ringing: Ringing, calls: Sequence[Called], actor: Actor, now: datetime
) -> None:
    """Call these people; each call leaves an audit entry with its effect."""
    for each in calls:
        call_id = uuid7(now)
        row = {
            "id": call_id,
            "order_id": ringing.order_id,
            "unit_path": order.unit_path,
            "clock": ringing.clock,
            "weight": ringing.weight,
            "rang_at": utc(ringing.rang_at),
            "called_at": utc(now),
            "to_user": each.user_id,
            "to_name": each.name,
            "part": each.part.value,
            "level": each.level,
            "for_name": each.for_name,
        }
        connection.execute(order_call.insert().values(row))
        _record(connection, "order.called", call_id, order.unit_path, actor, now)


def open_calls(connection: Connection, actor: Actor, limit: int) -> list[Call]:
    """Calls of this person that they have not seen, and those of nobody in particular; the last one first."""
    mine = (order_call.c.to_user == actor.user_id) | order_call.c.to_user.is_(None)
    unseen = _calls().where(mine, order_call_seen.c.call_id.is_(None))
    return [_call(row) for row in connection.execute(unseen.order_by(order_call.c.number.desc()).limit(limit))]


def calls_since(connection: Connection, since: datetime, limit: int) -> list[Call]:
    """Calls in sight of clocks that rang from an instant on, seen or not, in the order in which they were made."""
    rang = _calls().where(order_call.c.rang_at >= utc(since))
    return [_call(row) for row in connection.execute(rang.order_by(order_call.c.number).limit(limit))]


def calls_of(connection: Connection, order_id: OrderId) -> list[Call]:
    """Every call that clocks of the order made, in the order in which they were made."""
    found = _calls().where(order_call.c.order_id == order_id)
    return [_call(row) for row in connection.execute(found.order_by(order_call.c.number))]


def was_seen(connection: Connection, ringing: Ringing) -> bool:
    """Whether anybody has seen a call of this ringing."""
    seen = (
        select(func.count())
        .select_from(order_call.join(order_call_seen))
        .where(
            order_call.c.order_id == ringing.order_id,
            order_call.c.clock == ringing.clock,
            order_call.c.rang_at == utc(ringing.rang_at),
        )
    )
    return bool(connection.scalar(seen))


def see_call(connection: Connection, call_id: UUID, actor: Actor, now: datetime) -> None:
    """The person who was called has seen it; again it changes nothing. `Forbidden` for a call of somebody else."""
    row = connection.execute(select(order_call).where(order_call.c.id == call_id)).one_or_none()
    if row is None:
        raise NotFound("orders.no_such_call")
    if row.to_user is not None and row.to_user != actor.user_id:
        raise Forbidden("orders.called_other", name=row.to_name)
    seen = {"call_id": call_id, "unit_path": row.unit_path, "at": utc(now), "by_id": actor.user_id}
    added = insert(order_call_seen).values(seen | {"by_name": actor.name}).on_conflict_do_nothing()
    if connection.scalar(added.returning(order_call_seen.c.call_id)) is not None:
        _record(connection, "order.call_seen", call_id, UnitPath(row.unit_path), actor, now)


def _calls() -> Select[Any]:
    seen = (order_call_seen.c.at.label("seen_at"), order_call_seen.c.by_name.label("seen_by"))
    return select(order_call, *seen).outerjoin(order_call_seen, order_call_seen.c.call_id == order_call.c.id)


def _call(row: Row[Any]) -> Call:
    return Call(
        id=row.id,
        ringing=Ringing(order_id=OrderId(row.order_id), clock=row.clock, weight=row.weight, rang_at=row.rang_at),
        called=Called(
            user_id=None if row.to_user is None else UserId(row.to_user),
            name=row.to_name,
            part=Part(row.part),
            level=UnitPath(row.level),
            for_name=row.for_name,
        ),
        called_at=row.called_at,
        seen_at=row.seen_at,
        seen_by=row.seen_by or "",
    )


def _record(connection: Connection, action: str, call_id: UUID, unit: UnitPath, actor: Actor, now: datetime) -> None:
    act = Act(action=action, object_kind="order_call", object_id=str(call_id), unit_path=unit)
    record(connection, act, actor, now)
