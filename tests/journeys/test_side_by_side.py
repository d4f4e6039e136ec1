"""Workers side by side: each work is done once, and a file made to be slow holds nobody up."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from uuid import UUID

from sqlalchemy import Connection

from fanzha.adapters.store.imports import faults_of, sheets_of
from fanzha.adapters.store.work import Work, find_work
from fanzha.apps.worker import LARGE
from fanzha.kernel.ids import ImportId
from fanzha.wiring.ledgers import case_ledger
from fanzha.wiring.uploads import enqueue_import
from tests.journeys.processes import Scene, scene
from tests.wiring.statement import HEADER, written

__all__ = ["scene"]
SMALL = 6
PATIENCE_SECONDS = 90.0
LIMITS = {"FANZHA_FILE_SECONDS": "8"}


def hostile(folder: Path) -> Path:
    """A quote that is never closed, before millions of lines."""
    file = folder / "hostile.csv"
    with file.open("w", encoding="utf-8") as out:
        out.write(HEADER + '"')
        for _ in range(50):
            out.write(("x" * 80 + "\n") * 13_000)
    return file


@contextmanager
def two_workers(scene: Scene) -> Iterator[None]:
    workers = [scene.program("fanzha.apps.worker.run", *each, **LIMITS) for each in ([LARGE], [])]
    try:
        yield
    finally:
        for each in workers:
            each.send_signal(signal.SIGTERM)
        for each in workers:
            each.wait(30)


def ended(scene: Scene, wanted: list[UUID]) -> list[Work]:
    until = time.monotonic() + PATIENCE_SECONDS
    while True:
        with scene.house.act_as_house() as connection:
            found = [find_work(connection, each) for each in wanted]
        if all(each.state in ("done", "stuck") for each in found):
            return found
        assert time.monotonic() < until, [(each.state, each.progress) for each in found]
        time.sleep(0.1)


def told_faults(connection: Connection, import_id: ImportId) -> list[tuple[str, str]]:
    """Code and place of every file and sheet that was not read to its end."""
    sheets = [(each.fault, each.path) for each in sheets_of(connection, import_id) if each.fault]
    return sheets + [(each.code, each.place) for each in faults_of(connection, import_id) if each.lost]


def test_a_hostile_file_is_stopped_by_name_and_the_imports_of_others_go_on(scene: Scene, tmp_path: Path) -> None:
    settings = scene.house.settings.model_copy(update={"large_import_mib": 8})
    desk = replace(scene.house, settings=settings)

    def import_of(file: Path) -> UUID:
        return enqueue_import(desk, scene.person, scene.case.ref, [(file.name, file)])

    slow = import_of(hostile(tmp_path))
    quick = [import_of(written(tmp_path, f"{n}.csv", f"{n + 1}.00")) for n in range(SMALL)]
    with two_workers(scene):
        small = ended(scene, quick)
        (large,) = ended(scene, [slow])
    assert [(each.state, each.attempts) for each in small] == [("done", 1)] * SMALL
    assert large.attempts == 1 and large.finished_at is not None
    late = [each.finished_at for each in small if each.finished_at is None or each.finished_at > large.finished_at]
    assert late == [], large.finished_at
    with scene.house.act(scene.person) as connection:
        assert len(case_ledger(scene.house, connection, scene.case).moving()) == SMALL
        faults = [each for made in scene.imports() for each in told_faults(connection, made.id)]
    assert faults == [("files.too_slow", "hostile.csv")]
    assert [each.state for each in scene.imports()] == ["done"] * (SMALL + 1)
