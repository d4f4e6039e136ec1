"""One request or job is one transaction, and the database is told who acts before anything is read (laws 9, 12)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime

from psycopg import Error
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from fanzha.adapters.store.asking import Asker, line_of
from fanzha.adapters.store.wakeups import call_out
from fanzha.kernel.clock import utc
from fanzha.kernel.units import Actor, UnitPath

_SETTINGS = ("scope", "user", "actor", "system", "institution")
SYSTEM = "system"
"""The name under which the house itself acts: log-ins, taking work, sealing the audit."""

_TRIES = 10
"""Lines that a server left, taken from the pool one after the other, before it is said that none is to be had."""
_NOBODY = dict.fromkeys((*_SETTINGS, "now"), "")


@contextmanager
def unit_of_work(engine: Engine, actor: Actor, now: datetime) -> Iterator[Connection]:
    """A transaction in which `actor` sees own rows, those below and live grants at business time `now`.

    It commits once, at the end; an exception takes everything back. Nothing else in the house commits.
    """
    with _transaction(engine, _as(actor, now)) as connection:
        yield connection


@contextmanager
def system_unit_of_work(engine: Engine, now: datetime) -> Iterator[Connection]:
    """A transaction of the house itself: it sees accounts, sessions, work and audit, and no case."""
    with _transaction(engine, _as_system(now)) as connection:
        yield connection


@contextmanager
def _transaction(engine: Engine, acting: Mapping[str, str]) -> Iterator[Connection]:
    """Committed at its end; then whoever waits for what it wished is woken."""
    with Asker(engine) as connection:
        _begin(connection, acting)
        with connection.begin():
            yield connection
        call_out(connection)


def _begin(connection: Connection, acting: Mapping[str, str]) -> None:
    """Nothing was done yet: where the server left the line meanwhile, another one is taken."""
    for tries in range(_TRIES, 0, -1):
        line = line_of(connection)
        try:
            return line.tell(acting)
        except Error as failure:
            if tries == 1 or not line.closed:
                raise _as_ours(failure) from failure
            connection.invalidate(failure)


@contextmanager
def for_a_moment_as_house(connection: Connection, now: datetime) -> Iterator[Connection]:
    """The transaction goes on as the house itself, and afterwards as whoever acted before.

    Never another connection for it: those who hold one and wait for a second wait for each other (`database_pool`).
    """
    with _for_a_moment(connection):
        act_as_system(connection, now)
        yield connection


@contextmanager
def for_a_moment_as_worker(connection: Connection, scope: UnitPath, now: datetime) -> Iterator[Connection]:
    """The transaction goes on as the worker of a unit: what is computed from its rows is kept for all who see them."""
    with _for_a_moment(connection):
        act_as(connection, worker(scope), now)
        yield connection


@contextmanager
def savepoint(connection: Connection) -> Iterator[None]:
    """What is done here is taken back by itself where it fails, and whoever acted before goes on."""
    try:
        with line_of(connection).savepoint():
            yield
    except Error as failure:
        raise _as_ours(failure) from failure


@contextmanager
def _for_a_moment(connection: Connection) -> Iterator[None]:
    line, acting = line_of(connection), _acting(connection)
    try:
        yield
    except Exception:  # whoever catches it goes on as whoever acted before
        if line.goes_on:  # else nothing more can be told: it ends, or a savepoint takes back what was told
            _act(connection, acting)
        raise
    _act(connection, acting)


def act_as(connection: Connection, actor: Actor, now: datetime) -> None:
    """Tell the database who acts until this transaction ends."""
    _act(connection, _as(actor, now))


def act_for_the_unit(connection: Connection, resident: Actor, now: datetime) -> None:
    """Until the transaction ends, what a resident was let do moves more than they see: a case, clocks, other orders."""
    act_as(connection, replace(resident, institution_id=None), now)


def act_as_system(connection: Connection, now: datetime) -> None:
    """Tell the database that the house itself acts until this transaction ends."""
    _act(connection, _as_system(now))


def worker(scope: UnitPath) -> Actor:
    """The actor of a row of work: it sees what the row's unit sees, and nothing by its own right (law 12)."""
    return Actor(user_id=None, name="worker", scope=scope, permissions=frozenset())


def _as(actor: Actor, now: datetime) -> Mapping[str, str]:
    user = "" if actor.user_id is None else str(actor.user_id)
    institution = "" if actor.institution_id is None else str(actor.institution_id)
    return _acts(now, scope=actor.scope, user=user, actor=actor.name, institution=institution)


def _as_system(now: datetime) -> Mapping[str, str]:
    return _acts(now, actor=SYSTEM, system="on")


def _acts(now: datetime, **settings: str) -> Mapping[str, str]:
    """All settings anew: what is not named here is empty, whoever acted before."""
    return _NOBODY | settings | {"now": utc(now).isoformat()}


def _act(connection: Connection, acting: Mapping[str, str]) -> None:
    """Tell it, unless it is what the database heard last: of one transaction the first time counts."""
    line = line_of(connection)
    if _who(acting) != _who(_acting(connection)):
        try:
            line.tell(acting)
        except Error as failure:
            raise _as_ours(failure) from failure


def _as_ours(failure: Error) -> BaseException:
    return DBAPIError.instance(None, None, failure, Error)


def _acting(connection: Connection) -> Mapping[str, str]:
    """What the database was told last in this transaction."""
    return line_of(connection).told or _NOBODY


def _who(acting: Mapping[str, str]) -> list[str]:
    return [acting[each] for each in _SETTINGS]
