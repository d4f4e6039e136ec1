"""People who log in: made with a first password or none, never deleted, disabled when they leave."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from fanzha.adapters.store.passwords import check_password_rules, hash_password, is_password
from fanzha.adapters.store.schema.people import user_account
from fanzha.kernel.clock import utc
from fanzha.kernel.errors import Conflict, Invalid, NotFound
from fanzha.kernel.ids import UserId, uuid7
from fanzha.kernel.units import UnitPath

_LOGIN = re.compile(r"[a-z0-9][a-z0-9._-]{1,31}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """An account of the centre, in wall times; without `password_set_at` it has no password."""

    id: UserId
    login: str
    name: str
    unit_path: UnitPath
    must_change: bool
    password_set_at: datetime | None
    disabled_at: datetime | None
    expires_at: datetime | None
    added_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPerson:
    """Whom to add; without a first password they come in by a one-time link only."""

    login: str
    name: str
    unit_path: UnitPath
    first_password: str | None = None
    expires_at: datetime | None = None


def login_name(text: str) -> str:
    """The log-in name as it is kept: small letters, digits, `.`, `_`, `-`; `Invalid` otherwise."""
    login = plain_login(text)
    if not _LOGIN.fullmatch(login):
        raise Invalid("access.bad_login")
    return login


def plain_login(text: str) -> str:
    """What somebody typed as a log-in name: in any width and case the same."""
    return unicodedata.normalize("NFKC", text).strip().casefold()


def add_person(connection: Connection, new: NewPerson, wall: datetime, added_by: str = "") -> UserId:
    """Add an account that must change its first password; row security keeps it inside the actor's scope."""
    login, name = login_name(new.login), new.name.strip()
    if not 1 <= len(name) <= 100:
        raise Invalid("access.bad_name")
    if new.first_password is not None:
        check_password_rules(new.first_password, login)
    if connection.scalar(select(user_account.c.id).where(user_account.c.login == login)) is not None:
        raise Conflict("access.login_taken", login=login)
    user_id = UserId(uuid7(wall))
    values = {
        "id": user_id,
        "login": login,
        "name": name,
        "unit_path": new.unit_path,
        "password_hash": None if new.first_password is None else hash_password(new.first_password),
        "password_set_at": None if new.first_password is None else utc(wall),
        "must_change": new.first_password is not None,
        "expires_at": new.expires_at,
        "created_at": utc(wall),
        "added_by": added_by,
    }
    connection.execute(user_account.insert().values(values))
    return user_id


def find_person(connection: Connection, user_id: UserId) -> Person:
    """The account; `NotFound` where it is not in sight."""
    row = connection.execute(select(user_account).where(user_account.c.id == user_id)).one_or_none()
    if row is None:
        raise NotFound("access.no_such_person")
    return _person(row)


def lock_person(connection: Connection, user_id: UserId) -> Person:
    """The account, which nobody else gives a role or a link until this transaction ends."""
    row = connection.execute(select(user_account).where(user_account.c.id == user_id).with_for_update()).one_or_none()
    if row is None:
        raise NotFound("access.no_such_person")
    return _person(row)


def person_called(connection: Connection, login: str) -> Person | None:
    """The account of a log-in name, None where there is none in sight."""
    wanted = select(user_account).where(user_account.c.login == plain_login(login))
    row = connection.execute(wanted).one_or_none()
    return None if row is None else _person(row)


def people_in_sight(connection: Connection, limit: int) -> list[Person]:
    """Accounts of the actor's units, by log-in name."""
    wanted = select(user_account).order_by(user_account.c.login).limit(limit)
    return [_person(row) for row in connection.execute(wanted)]


def names_of_people(connection: Connection) -> dict[str, str]:
    """Names by log-in name, of accounts in sight."""
    wanted = select(user_account.c.login, user_account.c.name)
    return {row.login: row.name for row in connection.execute(wanted)}


def set_password(connection: Connection, user_id: UserId, password: str, *, first: bool, wall: datetime) -> None:
    """Give the account a password, which ends sessions opened before; a `first` one, given by another, must change."""
    wanted = select(user_account.c.login, user_account.c.password_hash).where(user_account.c.id == user_id)
    row = connection.execute(wanted).one_or_none()
    if row is None:
        raise NotFound("access.no_such_person")
    check_password_rules(password, row.login)
    if is_password(row.password_hash, password):
        raise Invalid("access.password_same")
    _set(connection, user_id, password_hash=hash_password(password), password_set_at=utc(wall), must_change=first)


def disable_person(connection: Connection, user_id: UserId, wall: datetime) -> None:
    """Nobody comes in by this account any more; open sessions see it at their next request."""
    _set(connection, user_id, disabled_at=utc(wall))


def enable_person(connection: Connection, user_id: UserId, expires_at: datetime | None) -> None:
    """The account is in use again, until it expires."""
    _set(connection, user_id, disabled_at=None, expires_at=expires_at)


def _set(connection: Connection, user_id: UserId, **changes: object) -> None:
    changed = connection.execute(user_account.update().where(user_account.c.id == user_id).values(**changes))
    if changed.rowcount == 0:
        raise NotFound("access.no_such_person")


def _person(row: Row[Any]) -> Person:
    return Person(
        id=row.id,
        login=row.login,
        name=row.name,
        unit_path=row.unit_path,
        must_change=row.must_change,
        password_set_at=row.password_set_at,
        disabled_at=row.disabled_at,
        expires_at=row.expires_at,
        added_by=row.added_by,
    )
