"""Workers side by side: each work is done once, and a file made to be slow holds nobody up."""

from __future__ import annotations

import signal
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from uuid import UUID

from sqlalchemy import Connection

from fanzha.adapters.store.imports import Import, faults_of, sheets_of
from fanzha.adapters.store.work import Work, find_work
from fanzha.apps.worker import LARGE
from fanzha.wiring.ledgers import case_ledger
from fanzha.wiring.uploads import enqueue_import
from tests.journeys.processes import PATIENCE_SECONDS, Scene, scene
from tests.wiring.statement import HEADER, written

__all__ = ["scene"]
SMALL = 6
FILE_SECONDS = 3
ENDED_AS = {"done": "done", "stuck": "failed"}
"""Stopped between two batches an import keeps the other files; stopped in a step that does not end it has failed."""


def hostile(folder: Path) -> Path:
    """A quote that is never closed, before so many lines that no machine reads them in the time a file is given."""
    file = folder / "hostile.csv"
    with file.open("w", encoding="utf-8") as out:
        out.write(HEADER + '"')
        for _ in range(50):
            out.write("xxxxxxxx\n" * 120_000)
    return file


@contextmanager
def worker(scene: Scene, *arguments: str, **settings: str) -> Iterator[None]:
    with scene.program("fanzha.apps.worker.run", *arguments, **settings) as running:
        yield
        running.send_signal(signal.SIGTERM)
        running.wait(PATIENCE_SECONDS)


def come_to(scene: Scene, wanted: list[UUID], *states: str) -> list[Work]:
    until = time.monotonic() + PATIENCE_SECONDS
    while True:
        with scene.house.act_as_house() as connection:
            found = [find_work(connection, each) for each in wanted]
        if all(each.state in states for each in found):
            return found
        assert time.monotonic() < until, [(each.state, each.progress) for each in found]
        time.sleep(0.1)


def told_faults(connection: Connection, made: Import) -> list[tuple[str, object]]:
    """Code and place of what ended the import, and of every file and sheet that was not read to its end."""
    whole = [(made.fault, made.fault_fields["place"])] if made.fault else []
    sheets = [(each.fault, each.path) for each in sheets_of(connection, made.id) if each.fault]
    return whole + sheets + [(each.code, each.place) for each in faults_of(connection, made.id) if each.lost]


def test_a_hostile_file_is_stopped_by_name_and_the_imports_of_others_go_on(scene: Scene, tmp_path: Path) -> None:
    settings = scene.house.settings.model_copy(update={"large_import_mib": 8})
    desk = replace(scene.house, settings=settings)

    def import_of(file: Path) -> UUID:
        return enqueue_import(desk, scene.person, scene.case.ref, [(file.name, file)])

    first = import_of(written(tmp_path, "first.csv", "99.00"))
    with worker(scene):
        come_to(scene, [first], "done")  # whatever a worker loads at its first import is loaded
        slow = import_of(hostile(tmp_path))
        with worker(scene, LARGE, FANZHA_FILE_SECONDS=str(FILE_SECONDS)):
            come_to(scene, [slow], "running")
            quick = [import_of(written(tmp_path, f"{n}.csv", f"{n + 1}.00")) for n in range(SMALL)]
            small = come_to(scene, quick, "done", "stuck")
            (large,) = come_to(scene, [slow], "done", "stuck")
    assert [(each.state, each.attempts) for each in small] == [("done", 1)] * SMALL
    assert large.attempts == 1
    if large.finished_at is not None:  # one that is stuck waits for a person, and has no end
        assert any(each.finished_at is not None and each.finished_at < large.finished_at for each in small)
    with scene.house.act(scene.person) as connection:
        assert len(case_ledger(scene.house, connection, scene.case).moving()) == SMALL + 1
        made = scene.imports()
        faults = [each for one in made for each in told_faults(connection, one)]
    assert faults == [("files.too_slow", "hostile.csv")]
    assert Counter(each.state for each in made) == Counter(done=SMALL + 1) + Counter([ENDED_AS[large.state]])
