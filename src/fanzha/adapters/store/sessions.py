"""Sessions: a random token in the browser, its hash here; they run on wall time and end by themselves."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, Row, select

from fanzha.adapters.store.people import Person, find_person
from fanzha.adapters.store.roles import Assignment, permissions_at, roles_of, seat_at
from fanzha.adapters.store.schema.people import session
from fanzha.adapters.store.units import Unit, find_unit, units_below
from fanzha.kernel.clock import utc
from fanzha.kernel.errors import Forbidden
from fanzha.kernel.ids import UserId
from fanzha.kernel.units import Actor, UnitPath

SEEN_EVERY = timedelta(minutes=1)
"""How often a live session writes that it lives: reading pages should not write rows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """How long sessions, and passwords before a change, last."""

    idle: timedelta = timedelta(minutes=30)
    longest: timedelta = timedelta(hours=12)
    password: timedelta = timedelta(days=180)


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """A live session: who acts for which unit, the secret of their forms, whether the password must change first."""

    actor: Actor
    person: Person
    unit: Unit
    csrf: str
    must_change: bool
    may_choose: bool


def open_session(connection: Connection, user_id: UserId, terms: Terms, wall: datetime) -> str:
    """The token of a new session with the widest scope of the person's roles; `Forbidden` says why there is none."""
    person = find_person(connection, user_id)
    why = refusal(person, wall)
    if why:
        raise Forbidden(why)
    held = roles_of(connection, user_id, wall)
    if not held:
        raise Forbidden("access.no_role")
    token = secrets.token_urlsafe(32)
    values = {
        "token_hash": token_hash(token),
        "user_id": user_id,
        "scope": held[0].unit_path,
        "csrf": secrets.token_urlsafe(24),
        "created_at": utc(wall),
        "last_seen_at": utc(wall),
        "expires_at": utc(wall) + terms.longest,
    }
    connection.execute(session.insert().values(values))
    return token


def visit(connection: Connection, token: str, terms: Terms, wall: datetime) -> Visit | None:
    """Whose live session the token is, with the permissions of this moment; None when there is none, or no longer."""
    row = connection.execute(select(session).where(session.c.token_hash == token_hash(token))).one_or_none()
    if row is None or not _is_live(row, terms, wall):
        return None
    person, unit = find_person(connection, row.user_id), find_unit(connection, row.scope)
    held = roles_of(connection, row.user_id, wall)
    permissions = permissions_at(held, row.scope)
    older = person.password_set_at is not None and row.created_at < person.password_set_at
    if unit is None or not permissions or older or refusal(person, wall):
        return None
    if utc(wall) - row.last_seen_at >= SEEN_EVERY:
        connection.execute(
            session.update().where(session.c.token_hash == row.token_hash).values(last_seen_at=utc(wall))
        )
    actor = Actor(
        user_id=person.id,
        name=person.login,
        scope=row.scope,
        permissions=permissions,
        until=row.expires_at,
        institution_id=seat_at(held, row.scope),
    )
    return Visit(
        actor=actor,
        person=person,
        unit=unit,
        csrf=row.csrf,
        must_change=_must_change(person, terms, wall),
        may_choose=len(_working_units(connection, held)) > 1,
    )


def working_units(connection: Connection, user_id: UserId, wall: datetime) -> list[Unit]:
    """What the person may work as, in the order of the tree: every unit where they have a role, and all below."""
    return _working_units(connection, roles_of(connection, user_id, wall))


def _working_units(connection: Connection, held: list[Assignment]) -> list[Unit]:
    found = {unit.path: unit for at in {each.unit_path for each in held} for unit in units_below(connection, at)}
    return [found[path] for path in sorted(found)]


def work_as(connection: Connection, token: str, scope: UnitPath, wall: datetime) -> None:
    """Go on as a member of another unit where the person has a role, or of one below it."""
    its_own = session.c.token_hash == token_hash(token)
    user_id = connection.scalar(select(session.c.user_id).where(its_own))
    if user_id is None or scope not in {each.path for each in working_units(connection, user_id, wall)}:
        raise Forbidden("access.outside_scope", path=scope)
    connection.execute(session.update().where(its_own).values(scope=scope))


def close_session(connection: Connection, token: str, wall: datetime) -> None:
    """End one session; one that has ended stays as it is."""
    open_one = session.update().where(session.c.token_hash == token_hash(token), session.c.ended_at.is_(None))
    connection.execute(open_one.values(ended_at=utc(wall)))


def token_hash(token: str) -> bytes:
    """What is kept of a token: a copy of the database opens no session."""
    return sha256(token.encode()).digest()


def _is_live(row: Row[Any], terms: Terms, wall: datetime) -> bool:
    at = utc(wall)
    return row.ended_at is None and at < row.expires_at and at < row.last_seen_at + terms.idle


def refusal(person: Person, wall: datetime) -> str | None:
    """The code of why nobody may act by this account now, None when they may."""
    if person.disabled_at is not None:
        return "access.disabled"
    if person.expires_at is not None and person.expires_at <= utc(wall):
        return "access.account_expired"
    return None


def _must_change(person: Person, terms: Terms, wall: datetime) -> bool:
    old = person.password_set_at is not None and utc(wall) - person.password_set_at >= terms.password
    return person.must_change or old
