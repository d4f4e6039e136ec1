"""Sharing a case: another unit may read it, for a purpose, until a day or until the grant is withdrawn (law 12)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, select

from fanzha.adapters.store.cases import case_for_change, enter, new_entry
from fanzha.adapters.store.schema.people import sharing_end, sharing_grant
from fanzha.adapters.store.units import find_unit
from fanzha.cases.case import NOTE_CHARACTERS, Case, EntryKind, text_of_person
from fanzha.cases.purposes import purpose_code
from fanzha.kernel.clock import utc
from fanzha.kernel.errors import Conflict, Illegal, Invalid, NotFound
from fanzha.kernel.ids import CaseId, uuid7
from fanzha.kernel.units import Actor, UnitPath, covers

LONGEST = timedelta(days=366)
"""A grant outlives nobody's memory of why it was given; one that is still needed is given again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewShare:
    """Which unit may read a case, what for (a purpose code), until when, and why."""

    to_unit: UnitPath
    purpose: str
    until: datetime
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """A grant that is in force."""

    id: UUID
    to_unit: UnitPath
    purpose: str
    until: datetime
    given_by: str
    given_at: datetime


def share_case(connection: Connection, case_id: CaseId, new: NewShare, actor: Actor, now: datetime) -> UUID:
    """Let another unit, and those above it, read the case; its people need their own permissions for each thing."""
    reason = text_of_person(new.reason, NOTE_CHARACTERS)
    case = case_for_change(connection, case_id, actor)
    _require_sensible(connection, case, new, now)
    grant_id = uuid7(now)
    values = {
        "id": grant_id,
        "object_kind": "case",
        "object_id": case.id,
        "unit_path": case.unit_path,
        "to_unit": new.to_unit,
        "purpose": purpose_code(new.purpose),
        "until": utc(new.until),
        "given_by": actor.name,
        "given_at": utc(now),
    }
    connection.execute(sharing_grant.insert().values(values))
    enter(connection, case, new_entry(EntryKind.SHARED, new.to_unit, reason, actor, now), actor)
    return grant_id


def end_share(
    connection: Connection, case_id: CaseId, to_unit: UnitPath, reason: str, actor: Actor, now: datetime
) -> None:
    """From now on the unit reads the case no more; that it could stays on record."""
    reason = text_of_person(reason, NOTE_CHARACTERS)
    case = case_for_change(connection, case_id, actor)
    live = [each for each in shares_of(connection, case_id, now) if each.to_unit == to_unit]
    if not live:
        raise NotFound("cases.not_shared", unit=to_unit)
    for each in live:
        end = {"grant_id": each.id, "unit_path": case.unit_path, "ended_by": actor.name, "ended_at": utc(now)}
        connection.execute(sharing_end.insert().values(end))
    enter(connection, case, new_entry(EntryKind.UNSHARED, to_unit, reason, actor, now), actor)


def shares_of(connection: Connection, case_id: CaseId, now: datetime) -> list[Share]:
    """The grants of a case that are in force, oldest first."""
    ended = select(sharing_end.c.grant_id).where(sharing_end.c.grant_id == sharing_grant.c.id)
    wanted = select(sharing_grant).where(
        sharing_grant.c.object_kind == "case",
        sharing_grant.c.object_id == case_id,
        sharing_grant.c.until > utc(now),
        ~ended.exists(),
    )
    return [_share(row) for row in connection.execute(wanted.order_by(sharing_grant.c.given_at, sharing_grant.c.id))]


def _require_sensible(connection: Connection, case: Case, new: NewShare, now: datetime) -> None:
    if find_unit(connection, new.to_unit) is None:
        raise NotFound("access.no_such_unit", path=new.to_unit)
    if covers(new.to_unit, case.unit_path):
        raise Illegal("cases.share_needless", unit=new.to_unit)
    if not utc(now) < utc(new.until) <= utc(now) + LONGEST:
        raise Invalid("cases.share_until", days=LONGEST.days)
    if any(each.to_unit == new.to_unit for each in shares_of(connection, case.id, now)):
        raise Conflict("cases.shared_already", unit=new.to_unit)


def _share(row: Row[Any]) -> Share:
    return Share(
        id=row.id,
        to_unit=row.to_unit,
        purpose=row.purpose,
        until=utc(row.until),
        given_by=row.given_by,
        given_at=utc(row.given_at),
    )
