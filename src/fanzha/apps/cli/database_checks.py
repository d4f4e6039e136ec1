"""How the database of an installation stands: reachable, migrated, and unable to show a row to the wrong unit."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, text
from sqlalchemy.exc import SQLAlchemyError

from fanzha.adapters.store.engine import APP, app_engine
from fanzha.adapters.store.instance import read_clock, the_instance
from fanzha.adapters.store.migrate import missing_migrations
from fanzha.adapters.store.server import start_server
from fanzha.adapters.store.unit_of_work import act_as
from fanzha.apps.cli.findings import Check, State
from fanzha.kernel.clock import WallClock
from fanzha.kernel.errors import FanzhaError
from fanzha.settings import DEFAULT_DATABASE, Settings
from fanzha.wiring.cards import lacking
from fanzha.wiring.house import operator

OLDEST_POSTGRES = 150000

OPEN_TABLES = [
    "alembic_version",
    "audit_seal",
    "business_clock",
    "case_number",
    "instance",
    "order_number",
    "organ_card",
    "restoration",
    "unit",
    "unit_division",
]
"""What everybody in the house may read: birth, clock, units, their organs, counters, seals. No person stands there."""

_UNGUARDED = text(
    "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
    " WHERE n.nspname = current_schema() AND c.relkind IN ('r', 'p') AND c.relname <> ALL(:open_tables)"
    " AND NOT (c.relrowsecurity AND c.relforcerowsecurity) ORDER BY c.relname"
)
_EDITABLE_AUDIT = text(
    "SELECT bool_or(has_table_privilege(current_user, c.oid, right_name)) FROM pg_class c,"
    " unnest(ARRAY['UPDATE', 'DELETE', 'TRUNCATE']) AS right_name"
    " WHERE c.relname IN ('audit_entry', 'audit_seal', 'audit_sealed') AND c.relkind = 'r'"
)
_STRONG = text("SELECT rolname FROM pg_roles WHERE rolname = current_user AND (rolsuper OR rolbypassrls)")


def examine_database(settings: Settings) -> Iterator[Check]:
    """The database's checks; one that cannot be reached ends them."""
    if settings.embedded and not (settings.home.expanduser() / "postgres" / "PG_VERSION").exists():
        yield Check(name="database_new", state=State.OK)
        return
    try:
        with _connected(settings) as connection:
            yield from _standing(connection)
    except FanzhaError as refused:
        yield Check(name="database_refused", state=State.BAD, failure=refused)
    except SQLAlchemyError as silent:
        yield Check(name="database_silent", state=State.BAD, fields={"kind": type(silent).__name__})


@contextmanager
def _connected(settings: Settings) -> Iterator[Connection]:
    """A connection as the plain role that applies no migration: a doctor changes nothing."""
    if not settings.embedded:
        with _joined(settings.database_url.get_secret_value()) as connection:
            yield connection
        return
    server = start_server(settings.home)
    try:
        with _joined(server.url(APP, DEFAULT_DATABASE)) as connection:
            yield connection
    finally:
        server.leave()


@contextmanager
def _joined(url: str) -> Iterator[Connection]:
    engine = app_engine(url.replace("postgresql://", "postgresql+psycopg://", 1), pool=1)
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()


def _standing(connection: Connection) -> Iterator[Check]:
    number = int(connection.scalar(text("SHOW server_version_num")) or 0)
    yield Check(
        name="database",
        state=State.OK if number >= OLDEST_POSTGRES else State.BAD,
        fields={"version": f"{number // 10000}.{number % 10000}", "needed": OLDEST_POSTGRES // 10000},
    )
    missing = missing_migrations(connection)
    yield Check(
        name="migrations", state=State.WARN if missing else State.OK, fields={"missing": ", ".join(missing) or "-"}
    )
    strong = connection.scalar(_STRONG)
    yield Check(name="role", state=State.BAD if strong else State.OK, fields={"role": strong or APP})
    unguarded = list(connection.scalars(_UNGUARDED, {"open_tables": OPEN_TABLES}))
    yield Check(
        name="row_security", state=State.BAD if unguarded else State.OK, fields={"tables": ", ".join(unguarded)}
    )
    loose = bool(connection.scalar(_EDITABLE_AUDIT))
    yield Check(name="audit_rights", state=State.BAD if loose else State.OK)
    if not missing:
        yield from _orders(connection)


def _orders(connection: Connection) -> Iterator[Check]:
    """What a live centre lacks before it may order anything; an exercise is born with all of it."""
    found = the_instance(connection)
    if found is None or found.birth != "live":
        return
    wall = WallClock().now()
    act_as(connection, operator(), wall)
    lack = lacking(connection, read_clock(connection).now(), wall)
    yield Check(name="organ", state=State.WARN if lack.organ else State.OK)
    cards, signers = ", ".join(lack.officers), ", ".join(lack.capacities)
    yield Check(name="officer_cards", state=State.WARN if cards else State.OK, fields={"logins": cards})
    yield Check(name="signers", state=State.WARN if signers else State.OK, fields={"capacities": signers})
