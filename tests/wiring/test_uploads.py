"""What waits between a browser and its import: no names in the work table, nothing listed twice, large ones apart."""

from __future__ import annotations

import json
import zipfile
from dataclasses import replace
from pathlib import Path

from fanzha.adapters.store.imports import files_of, list_imports, set_excluded
from fanzha.adapters.store.work import Work
from fanzha.apps.worker.jobs import do_due_work
from fanzha.cases.case import Case
from fanzha.kernel.units import Actor
from fanzha.wiring.house import House
from fanzha.wiring.uploads import _unpacked_bytes, enqueue_import
from tests.apps.worker.test_jobs import analyst, seen
from tests.wiring.statement import written

__all__ = ["analyst"]
NAME = "张三流水.csv"


def upload(house: House, actor: Actor, case: Case, file: Path) -> Work:
    """The work of one file, once it ended."""
    kept = file.read_bytes()
    work = enqueue_import(house, actor, case.ref, [(file.name, file)])
    assert do_due_work(house)
    file.write_bytes(kept)
    return seen(house, work)


def test_an_upload_that_lost_its_file_is_told_and_never_counts_as_done(
    house: House, case: Case, analyst: Actor, tmp_path: Path
) -> None:
    work = enqueue_import(house, analyst, case.ref, [(NAME, written(tmp_path, NAME))])
    (lost,) = (each for each in house.uploads.rglob("*") if each.is_file())
    lost.unlink()
    assert do_due_work(house)
    ended = seen(house, work)
    assert (ended.state, ended.last_error and ended.last_error["code"]) == ("stuck", "statements.upload_gone")


def in_clear(work: Work) -> str:
    return json.dumps([work.payload, work.progress, work.last_error], ensure_ascii=False)


def test_the_work_table_never_learns_a_files_name(house: House, case: Case, analyst: Actor, tmp_path: Path) -> None:
    good, bad = written(tmp_path, NAME), tmp_path / "李四明细.zip"
    bad.write_bytes(b"PK\x03\x04 torn")
    assert "三" not in in_clear(upload(house, analyst, case, good))
    failed = upload(house, analyst, case, bad)
    assert failed.state == "stuck" and failed.last_error is not None
    assert "李" not in in_clear(failed) and failed.last_error["place"] == "#1"
    with house.act(analyst) as connection:
        (made,) = [each for each in list_imports(connection, case.id) if each.state == "failed"]
        assert failed.last_error["import"] == str(made.id)
        assert [each.name for each in files_of(connection, made.id)] == [bad.name], "whoever sees the case sees it"


def test_a_file_that_cannot_be_used_is_listed_once(house: House, case: Case, analyst: Actor, tmp_path: Path) -> None:
    bad = tmp_path / "b.zip"
    bad.write_bytes(b"PK\x03\x04 torn")
    first, second = (upload(house, analyst, case, bad) for _ in range(2))
    assert first.last_error == second.last_error
    with house.act(analyst) as connection:
        assert len(list_imports(connection, case.id)) == 1


def test_a_file_nobody_understood_is_neither_tried_nor_listed_again(
    house: House, case: Case, analyst: Actor, county_actor: Actor, tmp_path: Path
) -> None:
    strange = tmp_path / "strange.csv"
    strange.write_text("一,二,三\n甲,乙,丙\n丁,戊,己\n", "utf-8")
    assert [upload(house, analyst, case, strange).progress["repeats"] for _ in range(2)] == [0, 1]
    with house.act(county_actor) as connection:
        (only,) = list_imports(connection, case.id)
        set_excluded(connection, only.id, True, "another try", county_actor, house.now())
    assert upload(house, analyst, case, strange).progress["repeats"] == 0


def test_a_large_import_is_left_to_the_workers_that_take_large_ones(
    house: House, case: Case, analyst: Actor, tmp_path: Path
) -> None:
    small_limit = replace(house, settings=house.settings.model_copy(update={"large_import_mib": 1}))
    package = tmp_path / "large.zip"
    with zipfile.ZipFile(package, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.csv", written(tmp_path / "x").read_bytes() + b"\n" * 2**20)
    assert package.stat().st_size < 2**14 < 2**20 < _unpacked_bytes(package)
    large = enqueue_import(small_limit, analyst, case.ref, [("large.zip", package)])
    small = enqueue_import(small_limit, analyst, case.ref, [("甲.csv", written(tmp_path, yuan="3.00"))])
    assert do_due_work(house, large=False) and not do_due_work(house, large=False)
    assert [seen(house, each).state for each in (large, small)] == ["waiting", "done"]
    assert do_due_work(house) and seen(house, large).state == "done"
