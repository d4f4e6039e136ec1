"""An instance on an operator's own PostgreSQL is backed up while it works and restored there, or to our own."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import patch
from uuid import uuid4

import pytest
from sqlalchemy import text

from fanzha.adapters.store.engine import APP, OWNER
from fanzha.kernel.errors import Unavailable
from fanzha.wiring import backups
from tests.databases import RUNS, TestServer, debian_server
from tests.journeys.command_line import CommandLine
from tests.journeys.test_end_of_a_case import ROWS

READER = "fanzha_backup"


@pytest.fixture(scope="module")
def theirs(run_name: str) -> Iterator[TestServer]:
    """An operator's server, older than ours, with a role that reads everything."""
    with debian_server(f"{run_name}-ext") as server:
        with server.superuser().connect() as connection:
            connection.execute(text(f"CREATE ROLE {READER} LOGIN NOSUPERUSER BYPASSRLS IN ROLE pg_read_all_data"))
        yield server


def placed(theirs: TestServer, keys: Path, name: str) -> CommandLine:
    """The program over an empty database of that server and a data folder that is not there yet."""
    with theirs.superuser().connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} OWNER {OWNER}"))
    environment = {
        "FANZHA_HOME": str(RUNS / f"ext-{uuid4().hex[:8]}"),
        "FANZHA_KEYS": str(keys),
        "FANZHA_LANG": "en",
        "FANZHA_DATABASE_URL": theirs.url(APP, name),
        "FANZHA_DATABASE_OWNER_URL": theirs.url(OWNER, name),
        "FANZHA_DATABASE_BACKUP_URL": theirs.url(READER, name),
    }
    return CommandLine(environment=environment)


def gone(line: CommandLine) -> None:
    shutil.rmtree(line.environment["FANZHA_HOME"], ignore_errors=True)


def tables(theirs: TestServer, name: str) -> int:
    with theirs.superuser(name).connect() as connection:
        return connection.scalar(text("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")) or 0


@pytest.fixture(scope="module")
def line(theirs: TestServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[CommandLine]:
    """An instance there, with a case that has a statement."""
    folder = tmp_path_factory.mktemp("external")
    (folder / "测试.csv").write_text(ROWS, "utf-8")
    found = placed(theirs, folder / "keys", "first")
    try:
        found.run("cases", "open", "测试·甲被骗", "--ref", "EXT-1", "--retention", "exercise")
        found.run("statements", "import", str(folder / "测试.csv"), "--case", "EXT-1")
        yield found
    finally:
        gone(found)


@pytest.fixture(scope="module")
def backup(line: CommandLine, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("copy") / "today"
    assert line.json("backup", str(folder))["files"] > 1
    return folder


def movements(line: CommandLine) -> int:
    return len(line.json("statements", "movements", "--case", "EXT-1"))


def test_it_is_restored_into_another_database_of_theirs(line: CommandLine, backup: Path, theirs: TestServer) -> None:
    again = placed(theirs, Path(line.environment["FANZHA_KEYS"]), "second")
    try:
        again.json("restore", str(backup))
        assert movements(again) == movements(line) == 2
        again.run("cases", "note", "EXT-1", "恢复后继续办理")
        again.run("audit", "verify")
    finally:
        gone(again)


def test_it_is_restored_into_the_embedded_one(line: CommandLine, backup: Path) -> None:
    plain = {name: each for name, each in line.environment.items() if "DATABASE" not in name}
    embedded = CommandLine(environment=plain | {"FANZHA_HOME": str(RUNS / f"ext-{uuid4().hex[:8]}")})
    try:
        embedded.json("restore", str(backup))
        assert movements(embedded) == 2
    finally:
        gone(embedded)


def test_a_restore_that_fails_leaves_their_database_empty(line: CommandLine, backup: Path, theirs: TestServer) -> None:
    again = placed(theirs, Path(line.environment["FANZHA_KEYS"]), "third")
    with patch.object(backups, "_resume", side_effect=Unavailable("backup.files_moving")):
        again.run("restore", str(backup), code=6)
    assert tables(theirs, "third") == 0 and not Path(again.environment["FANZHA_HOME"]).exists()
    try:
        again.json("restore", str(backup))
        assert movements(again) == 2
    finally:
        gone(again)


def test_a_full_database_is_not_written_over(line: CommandLine, backup: Path, theirs: TestServer) -> None:
    before = tables(theirs, "first")
    elsewhere = CommandLine(environment=line.environment | {"FANZHA_HOME": str(RUNS / f"ext-{uuid4().hex[:8]}")})
    assert "tables in the database first" in elsewhere.run("restore", str(backup), code=2).stderr
    assert tables(theirs, "first") == before > 0 and movements(line) == 2


def test_a_role_that_sees_less_copies_nothing(line: CommandLine, theirs: TestServer, tmp_path: Path) -> None:
    for address, says in (("", "FANZHA_DATABASE_BACKUP_URL"), (theirs.url(OWNER, "first"), "BYPASSRLS")):
        less = CommandLine(environment=line.environment | {"FANZHA_DATABASE_BACKUP_URL": address})
        assert says in less.run("backup", str(tmp_path / "copy"), code=7).stderr
    assert not (tmp_path / "copy").exists()
