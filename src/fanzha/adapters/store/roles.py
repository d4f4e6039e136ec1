"""Roles: which permissions they carry is data (`rulebook/roles.toml`), who has one where and until when is a row."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, Select, select

from fanzha.adapters.store.schema.people import role_assignment, role_end
from fanzha.adapters.store.unit_of_work import for_a_moment_as_house
from fanzha.kernel.clock import utc
from fanzha.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from fanzha.kernel.ids import InstitutionId, UserId, uuid7
from fanzha.kernel.units import Actor, UnitPath, covers

RESIDENT = "resident"
"""The one role that is of an institution."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """A role of the rulebook with its titles."""

    id: str
    zh: str
    en: str
    permissions: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """A person's role at a unit and everything below, from and until wall times; a resident's is of an institution."""

    id: UUID
    user_id: UserId
    role: str
    unit_path: UnitPath
    valid_from: datetime
    valid_until: datetime | None
    given_by: str
    institution_id: InstitutionId | None = None


@cache
def roles() -> Mapping[str, Role]:
    """Every role of the rulebook by its id."""
    told = tomllib.loads(files("fanzha.rulebook").joinpath("roles.toml").read_text("utf-8"))
    return {
        name: Role(id=name, zh=each["zh"], en=each["en"], permissions=frozenset(each["permissions"]))
        for name, each in told["roles"].items()
    }


def role(name: str) -> Role:
    """The role of this id."""
    found = roles().get(name)
    if found is None:
        raise NotFound("access.no_such_role", role=name)
    return found


def every_permission() -> frozenset[str]:
    """All permissions there are: what the operator at the machine has."""
    return frozenset().union(*(each.permissions for each in roles().values()))


def require(actor: Actor, permission: str) -> None:
    """`Forbidden` unless one of the actor's roles carries the permission."""
    if not actor.may(permission):
        raise Forbidden("access.not_permitted", permission=permission)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAssignment:
    """Who shall have which role where; `valid_until` None is until further notice; a resident is of an institution."""

    user_id: UserId
    role: str
    unit_path: UnitPath
    valid_until: datetime | None = None
    institution_id: InstitutionId | None = None


def assign_role(connection: Connection, new: NewAssignment, giver: Actor, wall: datetime) -> UUID:
    """Give a role inside the giver's scope; nobody gives one to themselves, so that it always takes two."""
    require(giver, "people.manage")
    wanted = role(new.role)
    if giver.user_id == new.user_id:
        raise Forbidden("access.own_roles")
    if not covers(giver.scope, new.unit_path):
        raise Forbidden("access.outside_scope", path=new.unit_path)
    _require_seat_alone(connection, new, wall)
    assignment_id = uuid7(wall)
    values = {
        "id": assignment_id,
        "user_id": new.user_id,
        "role": wanted.id,
        "unit_path": new.unit_path,
        "institution_id": new.institution_id,
        "valid_from": utc(wall),
        "valid_until": new.valid_until,
        "given_by": giver.name,
        "given_at": utc(wall),
    }
    connection.execute(role_assignment.insert().values(values))
    return assignment_id


def _require_seat_alone(connection: Connection, new: NewAssignment, wall: datetime) -> None:
    """Whoever sits for an institution does so for one, and for nobody else in the house.

    The caller holds the person's lock, or added them in this transaction.
    """
    if (new.role == RESIDENT) != (new.institution_id is not None):
        raise Invalid("access.seat_institution", role=new.role)
    with for_a_moment_as_house(connection, wall) as looking:  # row security hides roles elsewhere from who gives one
        held = roles_of(looking, new.user_id, wall)
    if held and (new.role == RESIDENT or any(each.institution_id for each in held)):
        raise Conflict("access.seat_alone", role=held[0].role)


def end_role(connection: Connection, assignment: Assignment, by: Actor, wall: datetime) -> None:
    """Take a role back from now on; that it was held stays on record."""
    require(by, "people.manage")
    entry = {"assignment_id": assignment.id, "unit_path": assignment.unit_path, "ended_by": by.name}
    connection.execute(role_end.insert().values(**entry, ended_at=utc(wall)))


def roles_of(connection: Connection, user_id: UserId, wall: datetime) -> list[Assignment]:
    """The roles in force of a person, topmost unit first."""
    found = [
        _assignment(row) for row in connection.execute(_in_force(wall).where(role_assignment.c.user_id == user_id))
    ]
    return sorted(found, key=lambda each: (each.unit_path.count("."), each.unit_path, each.role))


def permissions_at(assignments: list[Assignment], scope: UnitPath) -> frozenset[str]:
    """What these roles permit to somebody who works with this scope: roles given at it or above it."""
    held = [roles()[each.role].permissions for each in _counting(assignments, scope)]
    return frozenset().union(*held)


def seat_at(assignments: list[Assignment], scope: UnitPath) -> InstitutionId | None:
    """The institution for which somebody sits who works with this scope; None for the centre's own people."""
    return next((each.institution_id for each in _counting(assignments, scope) if each.institution_id), None)


def _counting(assignments: list[Assignment], scope: UnitPath) -> list[Assignment]:
    """Known roles given at a scope or above it; a seat is narrower than all others and takes their place."""
    known = [each for each in assignments if each.role in roles() and covers(each.unit_path, scope)]
    return [each for each in known if each.institution_id][:1] or known


def _in_force(wall: datetime) -> Select[tuple[object, ...]]:
    at = utc(wall)
    ended = select(role_end.c.assignment_id).where(role_end.c.assignment_id == role_assignment.c.id)
    return select(role_assignment).where(
        role_assignment.c.valid_from <= at,
        role_assignment.c.valid_until.is_(None) | (role_assignment.c.valid_until > at),
        ~ended.exists(),
    )


def _assignment(row: Row[Any]) -> Assignment:
    return Assignment(
        id=row.id,
        user_id=row.user_id,
        role=row.role,
        unit_path=row.unit_path,
        valid_from=row.valid_from,
        valid_until=row.valid_until,
        given_by=row.given_by,
        institution_id=row.institution_id,
    )


def holders_of(connection: Connection, permissions: Collection[str], wall: datetime) -> list[Assignment]:
    """The assignments in force, in sight, of roles that carry one of these permissions, by unit and role."""
    carrying = [each.id for each in roles().values() if each.permissions & set(permissions)]
    wanted = _in_force(wall).where(role_assignment.c.role.in_(carrying))
    return [
        _assignment(row)
        for row in connection.execute(wanted.order_by(role_assignment.c.unit_path, role_assignment.c.role))
    ]
