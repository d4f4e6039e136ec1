"""Who signs for whom while they are away: given by the absent person, for a while, ended by a new entry."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, Select, exists, select
from sqlalchemy.dialects.postgresql import insert

from fanzha.adapters.store.audit import Act, record
from fanzha.adapters.store.people import find_person
from fanzha.adapters.store.roles import require
from fanzha.adapters.store.schema.orders import delegation, delegation_end
from fanzha.cases.case import text_of_person
from fanzha.kernel.clock import utc
from fanzha.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from fanzha.kernel.ids import UserId, uuid7
from fanzha.kernel.units import Actor, UnitPath, covers
from fanzha.orders.order import Capacity
from fanzha.orders.signing import Delegation

LONGEST = timedelta(days=31)
"""An absence that lasts longer is another appointment."""
REASON_CHARACTERS = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDelegation:
    """Whom one lets sign in one's capacity, from when until when, and why."""

    to_user: UserId
    capacity: Capacity
    since: datetime
    until: datetime
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenDelegation:
    """A delegation on record and the unit in which it holds; `ended_at` None while nobody took it back."""

    id: UUID
    held: Delegation
    unit_path: UnitPath
    reason: str
    given_by: str
    ended_at: datetime | None


def delegate(connection: Connection, new: NewDelegation, giver: Actor, own: frozenset[Capacity], now: datetime) -> UUID:
    """Lend one's own capacity to a colleague; what was lent to oneself cannot be lent on."""
    require(giver, "orders.delegate")
    if giver.user_id is None or new.capacity not in own:
        raise Forbidden("orders.capacity_missing", capacity=new.capacity.value)
    if new.to_user == giver.user_id:
        raise Invalid("orders.delegation_to_oneself")
    if not utc(now) < utc(new.until) or not new.since < new.until or new.until - new.since > LONGEST:
        raise Invalid("orders.delegation_time", days=LONGEST.days)
    find_person(connection, new.to_user)
    delegation_id = uuid7(now)
    row = {
        "id": delegation_id,
        "from_user": giver.user_id,
        "to_user": new.to_user,
        "capacity": new.capacity.value,
        "unit_path": giver.scope,
        "since": utc(new.since),
        "until": utc(new.until),
        "reason": text_of_person(new.reason, REASON_CHARACTERS),
        "given_by": giver.name,
        "given_at": utc(now),
    }
    connection.execute(delegation.insert().values(row))
    _record(connection, "signature.delegated", delegation_id, giver, now, capacity=new.capacity.value)
    return delegation_id


def end_delegation(connection: Connection, delegation_id: UUID, by: Actor, now: datetime) -> None:
    """From now on it no longer holds; what was signed under it stays signed."""
    row = connection.execute(select(delegation).where(delegation.c.id == delegation_id)).one_or_none()
    if row is None:
        raise NotFound("orders.no_such_delegation")
    if row.from_user != by.user_id and not by.may("people.manage"):
        raise Forbidden("access.not_permitted", permission="orders.delegate")
    end = {"delegation_id": delegation_id, "unit_path": row.unit_path, "ended_by": by.name, "ended_at": utc(now)}
    ending = insert(delegation_end).values(end).on_conflict_do_nothing().returning(delegation_end.c.delegation_id)
    if connection.scalar(ending) is None:
        raise Conflict("orders.delegation_ended")
    _record(connection, "signature.delegation_ended", delegation_id, by, now)


def lent_to(connection: Connection, user_id: UserId, unit: UnitPath, now: datetime) -> list[Delegation]:
    """What others let this person sign now, in a unit that covers the order's."""
    living = _living().where(
        delegation.c.to_user == user_id, delegation.c.since <= utc(now), delegation.c.until > utc(now)
    )
    return [_held(row) for row in connection.execute(living) if covers(UnitPath(row.unit_path), unit)]


def living_delegations(connection: Connection, now: datetime) -> list[Delegation]:
    """Every delegation in sight that holds now."""
    living = _living().where(delegation.c.since <= utc(now), delegation.c.until > utc(now))
    return [_held(row) for row in connection.execute(living.order_by(delegation.c.given_at, delegation.c.id))]


def delegations(connection: Connection, limit: int) -> list[GivenDelegation]:
    """Delegations in sight, newest first, ended ones too."""
    wanted = select(delegation, delegation_end.c.ended_at).outerjoin(
        delegation_end, delegation_end.c.delegation_id == delegation.c.id
    )
    rows = connection.execute(wanted.order_by(delegation.c.given_at.desc()).limit(limit))
    return [
        GivenDelegation(
            id=row.id,
            held=_held(row),
            unit_path=UnitPath(row.unit_path),
            reason=row.reason,
            given_by=row.given_by,
            ended_at=row.ended_at,
        )
        for row in rows
    ]


def _living() -> Select[Any]:
    return select(delegation).where(~exists().where(delegation_end.c.delegation_id == delegation.c.id))


def _held(row: Row[Any]) -> Delegation:
    return Delegation(
        from_user=UserId(row.from_user),
        to_user=UserId(row.to_user),
        capacity=Capacity(row.capacity),
        since=utc(row.since),
        until=utc(row.until),
    )


def _record(
    connection: Connection, action: str, delegation_id: UUID, by: Actor, now: datetime, **detail: object
) -> None:
    act = Act(action=action, object_kind="delegation", object_id=str(delegation_id), unit_path=by.scope, detail=detail)
    record(connection, act, by, now)
