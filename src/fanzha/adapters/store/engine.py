"""How the house reaches its database: two roles, one pool, no superuser in daily work."""

from __future__ import annotations

from collections.abc import MutableMapping
from select import POLLIN, poll
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.pool import NullPool

from fanzha.adapters.store.line import MOST_PREPARED, Hand, Line
from fanzha.adapters.store.plans import renew_outdated
from fanzha.adapters.store.server import SUPERUSER, EmbeddedServer
from fanzha.kernel.errors import Invalid

OWNER = "fanzha_owner"
APP = "fanzha_app"

_PREPARE_LOCK = 0x66616E7A  # "fanz"

ROLES = f"""
DO $$ BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{OWNER}') THEN
    CREATE ROLE {OWNER} LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE;
  END IF;
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{APP}') THEN
    CREATE ROLE {APP} LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE;
  END IF;
END $$
"""
"""An external database is prepared by its administrator with the same words (operator guide)."""


_PLAIN = "-c timezone=UTC"
_BY_KEY = f"{_PLAIN} -c plan_cache_mode=force_generic_plan -c enable_seqscan=off"


def app_engine(url: str, pool: int = 8) -> Engine:
    """The pool of this process, as `fanzha_app`; a connection that died is replaced unseen.

    What was given back last is taken first: a statement is planned once by the connections in use, not by all.
    """
    engine = create_engine(
        url,
        pool_size=pool,
        max_overflow=0,
        pool_timeout=30,
        pool_use_lifo=True,
        connect_args={"options": _PLAIN, "application_name": "fanzha"},
    )
    event.listen(engine, "do_connect", _connect)
    event.listen(engine, "checkout", _require_alive)
    event.listen(engine, "handle_error", renew_outdated)
    return engine


def _connect(_dialect: object, _record: object, arguments: list[str], told: MutableMapping[str, Any]) -> Line:
    line = Line.connect(*arguments, cursor_factory=Hand, **told)
    line.prepared_max = MOST_PREPARED
    return line


def _connect_by_key(dialect: object, record: object, arguments: list[str], told: MutableMapping[str, Any]) -> Line:
    told.update({"options": _BY_KEY, "prepare_threshold": 0})
    return _connect(dialect, record, arguments, told)


def _require_alive(line: Line, _record: object, _proxy: object) -> None:
    """A server that left closed the line, which is seen without asking; one beyond a network is missed at BEGIN."""
    heard = poll()
    heard.register(line.fileno(), POLLIN)
    if heard.poll(0):
        raise DisconnectionError


def look_up_by_key(engine: Engine) -> None:
    """From now on each statement of this process is planned once a connection: for work that is the same few statements
    again and again, all of which find their rows by keys.

    Planning them anew for each execution costs more than executing them; and a plan that was made while a table was
    small must not read all of it once it is large.
    """

    event.remove(engine, "do_connect", _connect)
    event.listen(engine, "do_connect", _connect_by_key)
    engine.dispose()


def owner_engine(url: str) -> Engine:
    """A short-lived connection for migrations, as `fanzha_owner`."""
    return create_engine(url, poolclass=NullPool, connect_args={"options": _PLAIN})


def prepare_database(server: EmbeddedServer, database: str) -> None:
    """Make the two roles and the database on the embedded server where they are missing."""
    engine = create_engine(server.url(SUPERUSER, "postgres"), poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": _PREPARE_LOCK})
        connection.execute(text(ROLES))
        found = connection.scalar(text("SELECT 1 FROM pg_database WHERE datname = :name"), {"name": database})
        if found is None:
            connection.execute(text(f'CREATE DATABASE "{database}" OWNER {OWNER}'))


def require_plain_role(connection: Connection) -> None:
    """`Invalid` when the daily role could pass by row security: a superuser, a bypasser or the tables' owner."""
    role, strong = connection.execute(
        text("SELECT rolname, rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user")
    ).one()
    if strong or role != APP:
        raise Invalid("store.role_too_strong", role=role, expected=APP)
