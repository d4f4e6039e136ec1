"""Who somebody is: one seam, behind which local passwords stand today and single sign-on can stand tomorrow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import NoReturn, Protocol

from sqlalchemy import Connection, Engine, func, select
from sqlalchemy.dialects.postgresql import insert

from fanzha.adapters.store.audit import Act, record
from fanzha.adapters.store.passwords import is_password
from fanzha.adapters.store.people import plain_login
from fanzha.adapters.store.schema.people import login_attempt, user_account
from fanzha.adapters.store.schema.place import unit
from fanzha.adapters.store.unit_of_work import system_unit_of_work
from fanzha.kernel.clock import Clock, rfc3339
from fanzha.kernel.errors import Forbidden
from fanzha.kernel.ids import UserId
from fanzha.kernel.units import Actor, UnitPath

KEEP_ATTEMPTS = timedelta(days=1)


class Authenticator(Protocol):
    """Somebody who can tell who a person is."""

    def authenticate(self, credentials: Mapping[str, str]) -> UserId:
        """The account that the credentials prove; `Forbidden` with the reason that may be told."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class LockOut:
    """How many wrong tries in a row lock a log-in name, and for how long."""

    failures: int = 5
    lasts: timedelta = timedelta(minutes=15)


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalPasswords:
    """Log-in name and password of this instance (`login`, `password`).

    A try is counted before it is judged, so that a thousand at once are not a thousand guesses; names that do not
    exist are counted, locked and answered exactly as those that do.
    """

    engine: Engine
    wall: Clock
    lock_out: LockOut = LockOut()

    def authenticate(self, credentials: Mapping[str, str]) -> UserId:
        """The account of this name and password; every refusal is counted and goes to the audit."""
        login, password = plain_login(credentials["login"]), credentials["password"]
        now = self.wall.now()
        with system_unit_of_work(self.engine, now) as connection:
            locked_until = _count_try(connection, login, now, self.lock_out)
            account = connection.execute(select(user_account).where(user_account.c.login == login)).one_or_none()
            top = connection.scalar(select(unit.c.path).order_by(func.length(unit.c.path)).limit(1))
        if locked_until is not None:
            raise Forbidden("access.locked", until=rfc3339(locked_until))
        right = is_password(account.password_hash if account else None, password)
        if account is None:
            self._refuse("unknown", UnitPath(top or ""))
        if not right:
            self._refuse(str(account.id), account.unit_path)
        with system_unit_of_work(self.engine, self.wall.now()) as connection:
            unlock(connection, login)
        return UserId(account.id)

    def _refuse(self, who: str, unit_path: UnitPath) -> NoReturn:
        """Put the refusal on record, for unknown names too, so that both take the same time."""
        now = self.wall.now()
        act = Act(action="access.refused", object_kind="person", object_id=who, unit_path=unit_path)
        with system_unit_of_work(self.engine, now) as connection:
            record(connection, act, nobody(unit_path), now)
        raise Forbidden("access.wrong_password")


def nobody(unit_path: UnitPath) -> Actor:
    """Somebody who has not proved who they are."""
    return Actor(user_id=None, name="nobody", scope=unit_path, permissions=frozenset())


def unlock(connection: Connection, login: str) -> None:
    """Forget the failed tries of a log-in name."""
    connection.execute(login_attempt.delete().where(login_attempt.c.login_hash == _hash(plain_login(login))))


def _count_try(connection: Connection, login: str, now: datetime, lock_out: LockOut) -> datetime | None:
    """Count one more try for the name; when it is locked already, the end of its lock and no count."""
    _forget_old_tries(connection, now - KEEP_ATTEMPTS)
    fresh = {"login_hash": _hash(login), "failures": 0, "last_at": now}
    connection.execute(insert(login_attempt).values(fresh).on_conflict_do_nothing())
    its_own = login_attempt.c.login_hash == _hash(login)
    before = connection.execute(select(login_attempt).where(its_own).with_for_update()).one()
    locked: datetime | None = before.locked_until
    if locked is not None and locked > now:
        return locked
    failures = (before.failures if locked is None else 0) + 1
    locked_until = now + lock_out.lasts if failures >= lock_out.failures else None
    changes = {"failures": failures, "last_at": now, "locked_until": locked_until}
    connection.execute(login_attempt.update().where(its_own).values(changes))
    return None


def _forget_old_tries(connection: Connection, before: datetime) -> None:
    old = select(login_attempt.c.login_hash).where(login_attempt.c.last_at < before)
    free = old.with_for_update(skip_locked=True).scalar_subquery()
    connection.execute(login_attempt.delete().where(login_attempt.c.login_hash.in_(free)))


def _hash(login: str) -> bytes:
    """Names are kept as hashes: people type passwords into the wrong field."""
    return sha256(b"fanzha.login\0" + login.encode()).digest()
