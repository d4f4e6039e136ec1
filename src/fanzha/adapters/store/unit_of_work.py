"""One request or job is one transaction, and the database is told who acts before anything is read (laws 9, 12)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection, Engine, event, text
from sqlalchemy.exc import DBAPIError

from fanzha.adapters.store.wakeups import call_out
from fanzha.kernel.clock import utc
from fanzha.kernel.units import Actor, UnitPath

_SETTINGS = ("scope", "user", "actor", "system", "institution")
SYSTEM = "system"
"""The name under which the house itself acts: log-ins, taking work, sealing the audit."""

_ACT = (
    "SELECT length(concat(set_config('app.scope', %(scope)s, true), set_config('app.user', %(user)s, true),"
    " set_config('app.actor', %(actor)s, true), set_config('app.now', %(now)s, true),"
    " set_config('app.system', %(system)s, true), set_config('app.institution', %(institution)s, true)))"
)
"""One number comes back, told to the driver as it is: a fourth of all statements is this one."""

_ACTING = text(
    "SELECT current_setting('app.scope', true) AS scope, current_setting('app.user', true) AS user,"
    " current_setting('app.actor', true) AS actor, current_setting('app.now', true) AS now,"
    " current_setting('app.system', true) AS system, current_setting('app.institution', true) AS institution"
)

_TOLD = "fanzha.told"
"""Where a connection remembers what its transaction last told the database; None: the database must be asked."""
_NOBODY = dict.fromkeys((*_SETTINGS, "now"), "")


@contextmanager
def unit_of_work(engine: Engine, actor: Actor, now: datetime) -> Iterator[Connection]:
    """A transaction in which `actor` sees own rows, those below and live grants at business time `now`.

    It commits once, at the end; an exception takes everything back. Nothing else in the house commits.
    """
    with _transaction(engine) as connection:
        act_as(connection, actor, now)
        yield connection


@contextmanager
def system_unit_of_work(engine: Engine, now: datetime) -> Iterator[Connection]:
    """A transaction of the house itself: it sees accounts, sessions, work and audit, and no case."""
    with _transaction(engine) as connection:
        act_as_system(connection, now)
        yield connection


@contextmanager
def _transaction(engine: Engine) -> Iterator[Connection]:
    """Committed at its end; then whoever waits for what it wished is woken."""
    with engine.connect() as connection:
        with connection.begin():
            yield connection
        call_out(connection)


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
def _for_a_moment(connection: Connection) -> Iterator[None]:
    acting = _acting(connection)
    try:
        yield
    except DBAPIError:  # nothing more can be told: the transaction ends, or a savepoint takes back what was told
        raise
    except Exception:  # whoever catches it goes on as whoever acted before
        _act(connection, acting)
        raise
    _act(connection, acting)


def act_as(connection: Connection, actor: Actor, now: datetime) -> None:
    """Tell the database who acts until this transaction ends."""
    user = "" if actor.user_id is None else str(actor.user_id)
    institution = "" if actor.institution_id is None else str(actor.institution_id)
    _tell(connection, now, scope=actor.scope, user=user, actor=actor.name, institution=institution)


def act_for_the_unit(connection: Connection, resident: Actor, now: datetime) -> None:
    """Until the transaction ends, what a resident was let do moves more than they see: a case, clocks, other orders."""
    act_as(connection, replace(resident, institution_id=None), now)


def act_as_system(connection: Connection, now: datetime) -> None:
    """Tell the database that the house itself acts until this transaction ends."""
    _tell(connection, now, actor=SYSTEM, system="on")


def worker(scope: UnitPath) -> Actor:
    """The actor of a row of work: it sees what the row's unit sees, and nothing by its own right (law 12)."""
    return Actor(user_id=None, name="worker", scope=scope, permissions=frozenset())


def _tell(connection: Connection, now: datetime, **settings: str) -> None:
    """All settings anew: what is not named here is empty, whoever acted before."""
    _act(connection, _NOBODY | settings | {"now": utc(now).isoformat()})


def _act(connection: Connection, acting: Mapping[str, str]) -> None:
    """Tell it, unless it is what the database heard last: of one transaction the first time counts."""
    if _who(acting) != _who(_acting(connection)):
        connection.exec_driver_sql(_ACT, dict(acting))
        connection.info[_TOLD] = acting


def _acting(connection: Connection) -> Mapping[str, str]:
    """What the database was told last in this transaction."""
    if connection.info[_TOLD] is None:
        connection.info[_TOLD] = connection.execute(_ACTING).one()._asdict()
    told: Mapping[str, str] = connection.info[_TOLD]
    return told


def _who(acting: Mapping[str, str]) -> list[str]:
    return [acting[each] for each in _SETTINGS]


@event.listens_for(Engine, "begin")
def _nobody_yet(connection: Connection) -> None:
    """What a transaction tells the database ends with it."""
    connection.info[_TOLD] = _NOBODY


@event.listens_for(Engine, "rollback_savepoint")
def _unknown(connection: Connection, _name: str, _context: None) -> None:
    """What was told since a savepoint is taken back with it; a connection that was lost remembers nothing."""
    if not connection.invalidated:
        connection.info[_TOLD] = None
