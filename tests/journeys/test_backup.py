"""A backup is made while the house works; a restore gives it back whole, or refuses in a clear sentence."""

from __future__ import annotations

import errno
import json
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from unittest.mock import patch
from uuid import uuid4

import pytest
from sqlalchemy import select

from fanzha.adapters.store.cases import case_by_ref
from fanzha.adapters.store.imports import list_imports
from fanzha.adapters.store.keys import make_keys
from fanzha.adapters.store.restorations import last_restoration
from fanzha.adapters.store.schema.people import session
from fanzha.adapters.store.server import start_server
from fanzha.kernel.clock import WallClock
from fanzha.settings import Settings
from fanzha.wiring.house import House, open_house, operator
from fanzha.wiring.ledgers import case_ledger
from fanzha.wiring.manifests import files_below
from fanzha.wiring.people import doors_of, first_person
from fanzha.wiring.statements import import_files
from tests.databases import QUICK, RUNS
from tests.docs.schemas import assert_valid
from tests.journeys.command_line import CommandLine, fresh_exercise
from tests.journeys.test_end_of_a_case import ROWS, as_person, months_pass

_HOUR = timedelta(hours=1)
Harm = Callable[[Path, CommandLine], None]


@pytest.fixture(scope="module")
def fanzha(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CommandLine]:
    """An instance with a case of the operator's that has a statement."""
    folder = tmp_path_factory.mktemp("backup")
    (folder / "测试.csv").write_text(ROWS, "utf-8")
    with fresh_exercise(folder / "keys") as line:
        line.run("cases", "open", "测试·甲被骗", "--ref", "KEPT-1", "--retention", "exercise")
        line.run("statements", "import", str(folder / "测试.csv"), "--case", "KEPT-1")
        yield line


@pytest.fixture(scope="module")
def backup(fanzha: CommandLine, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A backup of that instance, made while its database runs."""
    folder = tmp_path_factory.mktemp("copy") / "2026-11-22"
    told = fanzha.json("backup", str(folder))
    assert_valid("backup", told)
    assert told["files"] == len([each for each in folder.rglob("*") if each.is_file()]) - 1
    return folder


@contextmanager
def elsewhere(fanzha: CommandLine, **settings: str) -> Iterator[CommandLine]:
    """The same program and keys, with a data folder that is not there yet."""
    home = RUNS / f"restored-{uuid4().hex[:8]}"
    try:
        yield CommandLine(environment={**fanzha.environment, "FANZHA_HOME": str(home), **settings})
    finally:
        shutil.rmtree(home, ignore_errors=True)


@contextmanager
def running(line: CommandLine) -> Iterator[House]:
    """The house of a restored instance."""
    home = Path(line.environment["FANZHA_HOME"])
    server = start_server(home, QUICK)
    try:
        with patch.dict("os.environ", line.environment), open_house(Settings()) as house:
            yield house
    finally:
        server.leave()


def movements(house: House, ref: str) -> int:
    with house.act(operator()) as connection:
        return len(case_ledger(house, connection, case_by_ref(connection, ref)).moving())


def test_a_restored_instance_is_the_one_that_was_backed_up(fanzha: CommandLine, backup: Path) -> None:
    with elsewhere(fanzha) as line:
        told = line.json("restore", str(backup))
        assert_valid("restore", told)
        assert (told["erased"], told["doubted"]) == (0, 0)
        with running(line) as house:
            assert movements(house, "KEPT-1") == 2
            with house.act_as_house() as connection:
                last = last_restoration(connection)
            assert last is not None and last.number == 1 and last.backed_up_at <= last.restored_at
            line.run("audit", "verify")
            line.run("doctor")
            line.run("statements", "import", str(backup / "none.csv"), "--case", "KEPT-1", code=3)


def test_no_key_and_no_name_is_in_a_backup(fanzha: CommandLine, backup: Path) -> None:
    keys = [each.read_text("ascii").strip() for each in Path(fanzha.environment["FANZHA_KEYS"]).glob("*.key")]
    told = (backup / "manifest.json").read_text("utf-8")
    evidence = [each.read_bytes() for each in (backup / "evidence").rglob("*") if each.is_file()]
    assert keys and not any(key in told for key in keys) and "测试" not in told
    assert not any(bytes.fromhex(key) in content for key in keys for content in evidence)
    assert not any("测试·甲".encode() in content for content in evidence)
    assert not list(backup.rglob("*.key"))


def test_who_was_logged_in_is_not_any_more(fanzha: CommandLine, tmp_path: Path) -> None:
    with patch.dict("os.environ", fanzha.environment), open_house(Settings()) as house:
        doors = doors_of(house)
        token = doors.enter(doors.link_for(first_person(house), operator(), _HOUR))
        assert doors.visitor(token) is not None
        fanzha.run("backup", str(tmp_path / "copy"))
    with elsewhere(fanzha) as line:
        line.run("restore", str(tmp_path / "copy"))
        with running(line) as house, house.act_as_house() as connection:
            assert doors_of(house).visitor(token) is None
            assert None not in set(connection.scalars(select(session.c.ended_at)))


def _remove_manifest(folder: Path, line: CommandLine) -> None:
    (folder / "manifest.json").unlink()


def _remove_a_file(folder: Path, line: CommandLine) -> None:
    next(each for each in (folder / "evidence").rglob("rows") if each.is_file()).unlink()


def _add_a_file(folder: Path, line: CommandLine) -> None:
    (folder / "evidence" / "strange").write_bytes(b"x")


def _damage_the_database(folder: Path, line: CommandLine) -> None:
    content = bytearray((folder / "database.dump").read_bytes())
    content[len(content) // 2] ^= 1
    (folder / "database.dump").write_bytes(content)


def _change_the_manifest(folder: Path, line: CommandLine) -> None:
    told = json.loads((folder / "manifest.json").read_text("utf-8"))
    (folder / "manifest.json").write_text(json.dumps({**told, "made": "2030-01-01T00:00:00+08:00"}), "utf-8")


def _garble_the_manifest(folder: Path, line: CommandLine) -> None:
    (folder / "manifest.json").write_text("{", "utf-8")


def _fill_the_home(folder: Path, line: CommandLine) -> None:
    home = Path(line.environment["FANZHA_HOME"])
    home.mkdir()
    (home / "mine").write_text("x", "utf-8")


@pytest.mark.parametrize(
    ("harm", "code", "says"),
    [
        (_remove_manifest, 3, "no whole backup"),
        (_remove_a_file, 2, "not whole"),
        (_add_a_file, 2, "does not list"),
        (_damage_the_database, 2, "database.dump of the backup is damaged"),
        (_change_the_manifest, 2, "does not fit its signature"),
        (_garble_the_manifest, 2, "damaged"),
        (_fill_the_home, 4, "not empty"),
    ],
)
def test_what_cannot_be_restored_is_refused_and_nothing_is_made(
    fanzha: CommandLine, backup: Path, tmp_path: Path, harm: Harm, code: int, says: str
) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(backup, folder)
    with elsewhere(fanzha) as line:
        harm(folder, line)
        home = Path(line.environment["FANZHA_HOME"])
        before = sorted(home.rglob("*")) if home.exists() else None
        assert says in line.run("restore", str(folder), code=code).stderr
        assert (sorted(home.rglob("*")) if home.exists() else None) == before
        assert not home.with_name(f"{home.name}.new").exists()


def test_other_keys_or_no_log_of_erasures_are_refused(fanzha: CommandLine, backup: Path, tmp_path: Path) -> None:
    make_keys(tmp_path / "other", tmp_path / "nowhere", WallClock().now())
    with elsewhere(fanzha, FANZHA_KEYS=str(tmp_path / "other")) as line:
        assert "keys" in line.run("restore", str(backup), code=2).stderr
    shutil.copytree(Path(fanzha.environment["FANZHA_KEYS"]), tmp_path / "keys")
    (tmp_path / "keys" / "erasures.json").unlink()
    with elsewhere(fanzha, FANZHA_KEYS=str(tmp_path / "keys")) as line:
        assert "log of erasures" in line.run("restore", str(backup), code=3).stderr
        line.run("restore", str(backup), "--no-erasures", "--erasures", "x", code=2)
        line.run("restore", str(backup), "--no-erasures")


def test_a_backup_is_not_put_where_something_is_or_into_the_instance(fanzha: CommandLine, tmp_path: Path) -> None:
    assert "exists" in fanzha.run("backup", str(tmp_path), code=4).stderr
    for own in ("FANZHA_HOME", "FANZHA_KEYS"):
        fanzha.run("backup", str(Path(fanzha.environment[own]) / "copy"), code=2)
    with elsewhere(fanzha) as line:
        assert "no instance" in line.run("backup", str(tmp_path / "copy"), code=2).stderr


def test_what_was_erased_since_stays_erased(fanzha: CommandLine, tmp_path: Path) -> None:
    (tmp_path / "测试.csv").write_text(ROWS, "utf-8")
    fanzha.run("cases", "open", "测试·乙被骗", "--ref", "END-1", "--retention", "exercise", "--unit", "centre.county01")
    fanzha.run("statements", "import", str(tmp_path / "测试.csv"), "--case", "END-1")
    fanzha.run("cases", "move", "END-1", "dismissed", "--reason", "演练结束")
    fanzha.run("backup", str(tmp_path / "copy"))
    months_pass(fanzha)
    as_person(fanzha, "jia", "cases", "erase", "END-1", "--reason", "保存期限届满")
    as_person(fanzha, "yi", "cases", "erase", "END-1", "--confirm")
    with elsewhere(fanzha) as line:
        assert line.json("restore", str(tmp_path / "copy"))["erased"] == 1
        with running(line) as house:
            with house.act(operator()) as connection:
                case = case_by_ref(connection, "END-1")
                imports = {str(each.id) for each in list_imports(connection, case.id)}
            assert case.state.value == "erased"
            assert imports and not imports & {each.name for each in (house.evidence / "imports").iterdir()}
            assert movements(house, "KEPT-1") == 2


def test_every_import_that_a_backup_knows_can_be_read_though_imports_ran_meanwhile(
    fanzha: CommandLine, tmp_path: Path
) -> None:
    ended, imported = threading.Event(), threading.Event()
    fanzha.run("cases", "open", "测试·并行", "--ref", "BUSY-1", "--retention", "exercise")

    def import_again_and_again(house: House) -> None:
        number = 0
        while not ended.is_set():
            number += 1
            file = tmp_path / f"{number}.csv"
            file.write_text(ROWS.replace("2026-03-01", f"2026-03-{number % 28 + 1:02d}"), "utf-8")
            import_files(house, operator(), "BUSY-1", [file])
            imported.set()

    with patch.dict("os.environ", fanzha.environment), open_house(Settings()) as house:
        busy = threading.Thread(target=import_again_and_again, args=(house,), daemon=True)
        busy.start()
        try:
            assert imported.wait(120)
            fanzha.run("backup", str(tmp_path / "copy"))
        finally:
            ended.set()
            busy.join(240)
        assert not busy.is_alive(), "an import goes on for minutes"
    with elsewhere(fanzha) as line:
        line.run("restore", str(tmp_path / "copy"))
        with running(line) as restored:
            assert movements(restored, "BUSY-1") >= 2


def test_a_restore_that_was_killed_leaves_no_instance_and_the_next_one_succeeds(
    fanzha: CommandLine, backup: Path
) -> None:
    with elsewhere(fanzha) as line:
        home = Path(line.environment["FANZHA_HOME"])
        fresh = home.with_name(f"{home.name}.new")
        command = [sys.executable, "-m", "fanzha", "restore", str(backup)]
        with subprocess.Popen(command, env={**os.environ, **line.environment}, stdout=subprocess.DEVNULL) as child:
            until = time.monotonic() + 300
            while not (fresh / "postgres" / "postmaster.pid").exists() and child.poll() is None:
                assert time.monotonic() < until
                time.sleep(0.005)
            child.kill()
        if child.returncode == 0:  # a machine so fast that it was done before it was killed
            shutil.rmtree(home)
        assert not home.exists()
        line.run("restore", str(backup))
        assert not fresh.exists()
        with running(line) as house:
            assert movements(house, "KEPT-1") == 2


def test_a_backup_that_fails_leaves_no_folder_that_looks_like_one(fanzha: CommandLine, tmp_path: Path) -> None:
    full = OSError(errno.ENOSPC, "No space left on device")
    with patch("fanzha.wiring.backups.write_manifest", side_effect=full):
        assert "disk" in fanzha.run("backup", str(tmp_path / "copy"), code=6).stderr
    assert not (tmp_path / "copy").exists()


def test_an_erasure_during_a_backup_makes_it_begin_anew(fanzha: CommandLine, tmp_path: Path) -> None:
    """The first copy of the database names a file that is gone when its turn comes."""
    hidden: list[tuple[Path, Path]] = []
    files = files_below

    def without_rows(folder: Path) -> Iterator[str]:
        if not hidden:
            rows = next(each for each in folder.rglob("rows") if each.is_file())
            hidden.append((rows, Path(shutil.move(rows, tmp_path / "rows"))))
        elif hidden[0][1].exists():
            shutil.move(hidden[0][1], hidden[0][0])
        return files(folder)

    with patch("fanzha.wiring.backups.files_below", without_rows):
        fanzha.run("backup", str(tmp_path / "copy"))
    told = json.loads((tmp_path / "copy" / "manifest.json").read_text("utf-8"))
    rows = {f"evidence/{path}" for path in files(tmp_path / "copy" / "evidence") if path.endswith("/rows")}
    assert rows and rows <= told["files"].keys()


def test_a_restore_doubts_what_was_on_its_way(fanzha: CommandLine, backup: Path) -> None:
    with elsewhere(fanzha) as line, patch("fanzha.wiring.backups.doubt_deliveries", return_value=3) as doubting:
        assert line.json("restore", str(backup))["doubted"] == 3
    assert doubting.call_count == 1
