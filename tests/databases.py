"""Real PostgreSQL servers for tests: the embedded 18, and Debian's 15 where it is installed."""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import NullPool

from fanzha.adapters.store import server as embedded
from fanzha.adapters.store.engine import APP, OWNER, ROLES, app_engine, owner_engine
from fanzha.adapters.store.locks import hold, is_free
from fanzha.adapters.store.migrate import migrate
from fanzha.adapters.store.os_user import server_user
from fanzha.adapters.store.server import EmbeddedServer, start_server


def _runs() -> Path:
    """Where test servers lie: in memory where there is enough, and below parents open to the server's OS user."""
    memory = Path("/dev/shm")
    roomy = memory.is_dir() and shutil.disk_usage(memory).free > 4 * 2**30
    return (memory if roomy else Path("/var/tmp")) / f"fanzha-tests-{os.geteuid()}"


RUNS = _runs()

TEMPLATE = "fanzha_template"
QUICK = {"fsync": "off", "full_page_writes": "off", "max_connections": "60", "shared_buffers": "64MB"}
"""Tests may lose their data in a power cut; nothing else of the server is different."""

DEBIAN_15 = Path("/usr/lib/postgresql/15/bin")


@dataclass(frozen=True, slots=True, kw_only=True)
class TestServer:
    """A server with a migrated template, from which each test gets a database of its own."""

    __test__ = False
    data: Path

    def url(self, role: str, database: str) -> str:
        return f"postgresql+psycopg://{role}@/{database}?host={self.data}"

    def superuser(self, database: str = "postgres") -> Engine:
        return create_engine(self.url("postgres", database), poolclass=NullPool, isolation_level="AUTOCOMMIT")

    def ready(self) -> None:
        """Make roles and the migrated template once, whichever test process comes first."""
        with self.superuser().connect() as connection:
            connection.execute(text("SELECT pg_advisory_lock(1)"))
            if connection.scalar(text("SELECT 1 FROM pg_database WHERE datname = :n"), {"n": TEMPLATE}):
                return
            connection.execute(text(ROLES))
            connection.execute(text(f"CREATE DATABASE making OWNER {OWNER}"))
            migrate(owner_engine(self.url(OWNER, "making")))
            connection.execute(text(f"ALTER DATABASE making RENAME TO {TEMPLATE}"))

    @contextmanager
    def database(self) -> Iterator[str]:
        """The name of a fresh migrated database, dropped afterwards."""
        name = f"t_{uuid4().hex[:16]}"
        with self.superuser().connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE} OWNER {OWNER} STRATEGY file_copy"))
        try:
            yield name
        finally:
            self._drop(name)

    def _drop(self, name: str) -> None:
        """A drop waits until every process of the server has heard of it: for ever, should one not listen.

        Then it is asked once more after a minute, and is an error after two.
        """
        with self.superuser().connect() as connection:
            connection.execute(text("SET statement_timeout = '60s'"))
            try:
                connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
            except OperationalError:
                connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))

    @contextmanager
    def engine(self, pool: int = 5) -> Iterator[Engine]:
        """A fresh migrated database as `fanzha_app`."""
        with self.database() as name:
            engine = app_engine(self.url(APP, name), pool)
            try:
                yield engine
            finally:
                engine.dispose()


@contextmanager
def embedded_server(run: str) -> Iterator[TestServer]:
    """The embedded server shared by all test processes of a run."""
    home = RUNS / run
    home.mkdir(mode=0o711, parents=True, exist_ok=True)
    server = start_server(home, QUICK)
    try:
        found = TestServer(data=server.data)
        found.ready()
        yield found
    finally:
        server.leave()
        if not embedded.is_running(server):
            shutil.rmtree(home, ignore_errors=True)


@contextmanager
def debian_server(run: str) -> Iterator[TestServer]:
    """Debian's PostgreSQL 15 for one test process, or a skip that says so."""
    if not DEBIAN_15.is_dir():
        if os.environ.get("FANZHA_REQUIRE_PG15") == "1":
            pytest.fail(f"FANZHA_REQUIRE_PG15=1, but {DEBIAN_15} is absent")
        pytest.skip(f"PostgreSQL 15 is not installed ({DEBIAN_15}): its half of the store tests did not run")
    home = RUNS / f"{run}-15-{os.getpid()}"
    home.mkdir(mode=0o711, parents=True)
    server = EmbeddedServer(data=home / "postgres", programs=DEBIAN_15, user=server_user())
    in_use = hold(home / "postgres.use", fcntl.LOCK_SH)  # another run's sweep leaves it alone, however long this one is
    try:
        _start_15(server)
        found = TestServer(data=server.data)
        found.ready()
        yield found
    finally:
        embedded._run(server, "pg_ctl", "stop", "-D", str(server.data), "-m", "immediate", "-w")
        os.close(in_use)
        shutil.rmtree(home, ignore_errors=True)


def _start_15(server: EmbeddedServer) -> None:
    server.data.mkdir(mode=0o700)
    if server.user.switch:
        os.chown(server.data, server.user.uid, server.user.gid)
    arguments = ["-D", str(server.data), "-U", "postgres", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "-N"]
    embedded._run(server, "initdb", *arguments)
    embedded._start(server, {**QUICK, "listen_addresses": "", "timezone": "UTC"})


def sweep() -> None:
    """Stop and remove servers that killed test runs left behind."""
    for home in RUNS.iterdir() if RUNS.is_dir() else []:
        try:
            old = time.time() - home.stat().st_mtime > 900
        except OSError:  # another process of this run removed it
            continue
        if old and is_free(home / "postgres.use"):
            if postmaster := _postmaster(home / "postgres"):
                os.kill(postmaster, signal.SIGQUIT)
            shutil.rmtree(home, ignore_errors=True)


def _postmaster(data: Path) -> int | None:
    """The server that still runs on this folder; a number that it left behind may be anybody's by now, even ours."""
    try:
        number = int((data / "postmaster.pid").read_text("ascii").split("\n", 1)[0])
        return number if Path(f"/proc/{number}/cwd").readlink() == data else None
    except (OSError, ValueError):
        return None
