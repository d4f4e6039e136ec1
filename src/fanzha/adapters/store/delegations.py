"""Who signs for whom while they are away: given by the absent person, for a while, ended by a new entry."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, Select, exists, select
from sqlalchemy.dialects.postgresql import insert

from fanzha.adapters.store.audit import Act, record
from fanzha.adapters.store.people import find_person
from fanzha.adapters.store.roles import require
from fanzha.adapters.store.schema.orders import delegation, delegation_end, order_entry, order_file, order_standing
from fanzha.cases.case import text_of_person
from fanzha.kernel.clock import utc
from fanzha.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from fanzha.kernel.ids import OrderId, UserId, uuid7
from fanzha.kernel.units import Actor, UnitPath
from fanzha.orders.entries import EntryKind
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


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedFor:
    """A signature that was given under a delegation, and on which order."""

    delegation_id: UUID
    order_id: OrderId
    number: str
    at: datetime


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


def living_delegations(connection: Connection, now: datetime) -> list[Delegation]:
    """Every delegation in sight that holds now."""
    return [each.held for each in living_given(connection, now)]


def living_given(connection: Connection, now: datetime) -> list[GivenDelegation]:
    """The same with the units in which they hold, the first given first."""
    living = _living().where(delegation.c.since <= utc(now), delegation.c.until > utc(now))
    return [_given(row, None) for row in connection.execute(living.order_by(delegation.c.given_at, delegation.c.id))]


def delegations(connection: Connection, limit: int) -> list[GivenDelegation]:
    """Delegations in sight, newest first, ended ones too."""
    wanted = select(delegation, delegation_end.c.ended_at).outerjoin(
        delegation_end, delegation_end.c.delegation_id == delegation.c.id
    )
    rows = connection.execute(wanted.order_by(delegation.c.given_at.desc()).limit(limit))
    return [_given(row, row.ended_at) for row in rows]


def signed_for(connection: Connection, given: Sequence[GivenDelegation], limit: int) -> list[SignedFor]:
    """Signatures in sight that were given in the name of others under these delegations, the last one first."""
    if not given:
        return []
    told = order_entry.c.told
    wanted = (
        select(order_entry, order_file.c.number.label("order_number"))
        .join(order_file, order_file.c.id == order_entry.c.order_id)
        .join(order_standing, order_standing.c.order_id == order_entry.c.order_id)
        .where(
            order_standing.c.changed_at >= min(each.held.since for each in given),
            order_entry.c.kind == EntryKind.SIGNED.value,
            order_entry.c.actor_id.in_([each.held.to_user for each in given]),
            told["for_user"].astext.in_([str(each.held.from_user) for each in given]),
        )
    )
    rows = connection.execute(wanted.order_by(order_entry.c.number.desc()).limit(limit))
    found = (_signed_for(row, given) for row in rows)
    return [each for each in found if each is not None]


def _signed_for(row: Row[Any], given: Sequence[GivenDelegation]) -> SignedFor | None:
    """Under which of them it was given; None for one given under another."""
    for each in given:
        held, over = each.held, each.ended_at or each.held.until
        names = (str(held.from_user), held.to_user, held.capacity.value)
        if (row.told["for_user"], row.actor_id, row.told["capacity"]) == names and held.since <= row.at <= over:
            return SignedFor(delegation_id=each.id, order_id=OrderId(row.order_id), number=row.order_number, at=row.at)
    return None


def _given(row: Row[Any], ended_at: datetime | None) -> GivenDelegation:
    return GivenDelegation(
        id=row.id,
        held=_held(row),
        unit_path=UnitPath(row.unit_path),
        reason=row.reason,
        given_by=row.given_by,
        ended_at=ended_at,
    )


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
