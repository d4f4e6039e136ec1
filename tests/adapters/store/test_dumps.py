"""A copy of a database is that of one instant, and a newer PostgreSQL makes the same of an older one's copy."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ProgrammingError

from fanzha.adapters.store.audit import Act, record
from fanzha.adapters.store.dumps import instant, load_dump
from fanzha.adapters.store.engine import APP, OWNER, app_engine, owner_engine, require_plain_role
from fanzha.adapters.store.migrate import migrate, missing_migrations
from fanzha.adapters.store.server import own_programs
from fanzha.adapters.store.unit_of_work import unit_of_work, worker
from fanzha.adapters.store.whole_database import WholeDatabase
from fanzha.adapters.store.work import NewWork, Wanted, enqueue, take, work_in
from fanzha.kernel.errors import Unavailable
from tests.conftest import CITY, COUNTY, OTHER_COUNTY
from tests.databases import DEBIAN_15, TestServer

KIND = "test.clock"


def whole(server: TestServer, name: str, *, old: bool = False) -> WholeDatabase:
    """A database as the superuser, with the programs of its server."""
    programs = DEBIAN_15 if old else own_programs()
    return WholeDatabase(url=make_url(server.url("postgres", name)), programs=programs)


def wish(engine: Engine, key: str, now: datetime) -> None:
    with unit_of_work(engine, worker(COUNTY), now) as connection:
        new = NewWork(kind=KIND, key=key, unit_path=COUNTY, due_at=now + timedelta(hours=48), payload={"字": "值"})
        enqueue(connection, new, now)
        act = Act(action="work.wished", object_kind="work", object_id=key, unit_path=COUNTY)
        record(connection, act, worker(COUNTY), now)


@contextmanager
def loaded(server: TestServer, dump: Path) -> Iterator[Engine]:
    """A database of the copy, as the plain role."""
    name = f"loaded_{uuid4().hex}"  # two of these may run side by side on one server
    with server.superuser().connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} OWNER {OWNER}"))
    try:
        load_dump(whole(server, name), dump)
        engine = app_engine(server.url(APP, name))
        yield engine
        engine.dispose()
    finally:
        with server.superuser().connect() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))


def test_a_database_goes_on_under_this_program_s_postgresql(
    server: TestServer, engine: Engine, postgres: TestServer, now: datetime, tmp_path: Path
) -> None:
    """From the server that an older program brought (15) and from our own (18), which is the upgrade of the folder."""
    wish(engine, "before", now)
    old = server is not postgres
    assert engine.url.database is not None
    with instant(whole(server, engine.url.database, old=old)) as held:
        wish(engine, "meanwhile", now)
        held.dump(tmp_path / "dump")
        assert held.server_major() == (15 if old else 18)
    with loaded(postgres, tmp_path / "dump") as copy:
        migrate(owner_engine(postgres.url(OWNER, str(copy.url.database))))
        with unit_of_work(copy, worker(CITY), now) as connection:
            require_plain_role(connection)
            assert missing_migrations(connection) == []
            (kept,) = work_in(connection, ["waiting"], 10)
            assert (kept.key, kept.payload) == ("before", {"字": "值"}), "what came meanwhile is not of that instant"
        with unit_of_work(copy, worker(OTHER_COUNTY), now) as connection:
            assert work_in(connection, ["waiting"], 10) == [], "row security came along"
        with pytest.raises(ProgrammingError, match="permission denied"), copy.begin() as connection:
            connection.execute(text("UPDATE audit_entry SET action = 'x'"))
        wish(copy, "after", now)
        with unit_of_work(copy, worker(COUNTY), now) as connection:
            wanted = Wanted(kinds=[KIND], lease=timedelta(minutes=1))
            later = now + timedelta(hours=48)
            assert {each.key for each in take(connection, wanted, later, later)} == {"before", "after"}


def test_a_copy_that_is_none_makes_nothing(postgres: TestServer, tmp_path: Path) -> None:
    (tmp_path / "dump").write_bytes(b"PGDMP nothing")
    with pytest.raises(Unavailable, match="database_not_restored"), loaded(postgres, tmp_path / "dump"):
        pass
