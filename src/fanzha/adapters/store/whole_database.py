"""A database as somebody reaches it who sees every row of it, with the client programs that fit its server."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from sqlalchemy import Connection, create_engine, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import NullPool

from fanzha.adapters.store.server import MAJOR, SUPERUSER, EmbeddedServer, own_programs
from fanzha.kernel.errors import Illegal, Invalid, Unavailable
from fanzha.settings import Settings

_INSTALLED = ("/usr/lib/postgresql/{major}/bin", "/usr/pgsql-{major}/bin")
"""Where distributions put the programs of a major version; a copy is made and read by those of its own server."""
_VARIABLES = {"host": "PGHOST", "port": "PGPORT", "database": "PGDATABASE", "username": "PGUSER"}


@dataclass(frozen=True, slots=True, kw_only=True)
class WholeDatabase:
    """Where it is and as whom, as SQLAlchemy has it; and the folder of `pg_dump` and `pg_restore`."""

    url: URL
    programs: Path

    def run(self, program: str, *arguments: str, source: BinaryIO | None = None, target: BinaryIO | None = None) -> str:
        """Run a client as ourselves; what it complained of, if it failed. No password stands in its arguments."""
        told = {"PATH": os.defpath, "LC_ALL": "C", "HOME": str(Path.home()), **self._environment()}
        try:
            ended = subprocess.run(  # noqa: S603  # the server's own programs
                [str(self.programs / program), *arguments],
                cwd="/",
                env=told,
                check=False,
                stdin=source or subprocess.DEVNULL,
                stdout=subprocess.DEVNULL if target is None else target,
                stderr=subprocess.PIPE,
            )
        except OSError as refused:
            raise Unavailable("store.server_program_failed", program=program, reason=refused) from refused
        return (ended.stderr.decode("utf-8", "replace").strip() or program) if ended.returncode != 0 else ""

    def _environment(self) -> dict[str, str]:
        """The address as libpq's variables; options of the address (`sslmode` …) have theirs."""
        query = {str(name): str(value) for name, value in self.url.query.items()}
        told = {_VARIABLES.get(name, f"PG{name.upper()}"): value for name, value in query.items()}
        for name, variable in _VARIABLES.items():
            value = getattr(self.url, name)
            if value is not None:
                told[variable] = str(value)
        return told | ({"PGPASSWORD": str(self.url.password)} if self.url.password else {})


def of_embedded(server: EmbeddedServer, database: str) -> WholeDatabase:
    """A database of the embedded server, as its superuser."""
    return WholeDatabase(url=make_url(server.url(SUPERUSER, database)), programs=server.programs)


def to_copy(settings: Settings) -> WholeDatabase:
    """An operator's own database as the role that reads all of it; `Illegal` when none is named or it does not."""
    address = settings.database_backup_url.get_secret_value()
    if not address:
        raise Illegal("backup.no_backup_role")
    found = _external(address)
    with _looking(found) as connection:
        sees = connection.scalar(text("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user"))
    if not sees:
        raise Illegal("backup.role_sees_less", role=found.url.username)
    return found


def to_fill(settings: Settings) -> WholeDatabase:
    """An operator's own, empty database as its owner; `Invalid` when there is something in it."""
    address = settings.database_owner_url.get_secret_value()
    if not address:
        raise Illegal("backup.no_owner_role")
    found = _external(address)
    with _looking(found) as connection:
        tables = connection.scalar(text("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"))
    if tables:
        raise Invalid("backup.database_not_empty", database=found.url.database, tables=tables)
    return found


def empty(database: WholeDatabase) -> None:
    """Take everything out again that a restore which failed has put into a database that was empty before."""
    engine = create_engine(database.url, poolclass=NullPool)
    with engine.begin() as connection:
        connection.execute(_EMPTY)


_EMPTY = text(
    """
    DO $$ DECLARE each record; BEGIN
      FOR each IN SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' LOOP
        EXECUTE format('DROP TABLE IF EXISTS public.%I CASCADE', each.name);
      END LOOP;
      FOR each IN SELECT p.oid::regprocedure AS name FROM pg_proc p
        WHERE p.pronamespace = 'public'::regnamespace AND pg_get_userbyid(p.proowner) = current_user LOOP
        EXECUTE format('DROP ROUTINE IF EXISTS %s CASCADE', each.name);
      END LOOP;
    END $$
    """
)


def _external(address: str) -> WholeDatabase:
    """The programs of the server's own version where they are installed, else ours, which read older servers."""
    url = make_url(address).set(drivername="postgresql+psycopg")
    found = WholeDatabase(url=url, programs=own_programs())
    with _looking(found) as connection:
        major = int(str(connection.scalar(text("SHOW server_version_num")))) // 10_000
    for place in (Path(each.format(major=major)) for each in _INSTALLED):
        if (place / "pg_dump").exists() and (place / "pg_restore").exists():
            return WholeDatabase(url=url, programs=place)
    if major != int(MAJOR):
        raise Unavailable("backup.no_programs", major=major)
    return found


@contextmanager
def _looking(database: WholeDatabase) -> Iterator[Connection]:
    engine = create_engine(database.url, poolclass=NullPool)
    try:
        with engine.connect() as connection:
            yield connection
    except OperationalError as silent:
        raise Unavailable("store.database_unreachable", host=database.url.host or "socket") from silent
