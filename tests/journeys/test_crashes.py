"""Imports are killed in their middle, by worker and by command line: nothing stays running, doubled or behind."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from fanzha.adapters.store.reconciliations import kept_reconciliations
from fanzha.adapters.store.work import find_work
from fanzha.apps.worker.jobs import do_due_work
from fanzha.wiring.broken_off import clear_broken_off
from fanzha.wiring.house import operator
from fanzha.wiring.ledgers import case_ledger
from fanzha.wiring.statements import import_files
from fanzha.wiring.uploads import enqueue_import
from tests.journeys.processes import Scene, scene
from tests.wiring.statement import CARD, HEADER

__all__ = ["scene"]
ROWS = 60_000
COMMAND = ("fanzha", "statements", "import")
LONGEST_SECONDS = 2.0
"""An import of so many rows takes about so long; the instants of death are spread over it."""


@pytest.fixture(scope="module")
def statement(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A long statement: every row another payment."""
    file = tmp_path_factory.mktemp("crash") / "测试·甲流水.csv"
    row = "{card},测试·甲,2026-03-01 {h:02d}:{m:02d}:{s:02d},{yuan}.00,,进,99999900001{n:08d},测试·乙,转账,成功\n"
    with file.open("w", encoding="utf-8") as out:
        out.write(HEADER)
        for n in range(ROWS):
            out.write(row.format(card=CARD, h=n // 3600, m=n // 60 % 60, s=n % 60, yuan=n + 1, n=n))
    return file


def require_whole(scene: Scene) -> None:
    """One import counts, with every row once; every other one says that it was interrupted; no file is left."""
    imports = scene.imports()
    done = [each for each in imports if each.state == "done"]
    assert len(done) == 1 and done[0].rows == ROWS
    assert {(each.state, each.fault) for each in imports if each not in done} <= {("failed", "statements.interrupted")}
    with scene.house.act(scene.person) as connection:
        assert len(case_ledger(scene.house, connection, scene.case).moving()) == ROWS
        kept = {str(each) for each in kept_reconciliations(connection, scene.case.id)}
    evidence, home = scene.house.evidence, scene.house.settings.home
    assert {each.name for each in (evidence / "imports").iterdir()} == {str(done[0].id)}
    own = {each.name for each in (evidence / "imports" / str(done[0].id)).rglob("*") if each.is_file()}
    assert len(own) == 3 and not any(name.startswith(".") for name in own), own
    assert {each.name for each in (evidence / "cases" / str(scene.case.id)).iterdir()} == kept
    assert [each for each in (home / "scratch").iterdir() if each.is_dir()] == []
    assert list(scene.house.uploads.iterdir()) == []
    assert not scene.is_importing()


def instants(count: int) -> list[float]:
    """So many deaths anywhere in an import; the seed is printed with a failure."""
    seed = random.randrange(10**6)
    print(f"instants of death: seed {seed}")
    chance = random.Random(seed)
    return [chance.uniform(0, LONGEST_SECONDS) for _ in range(count)]


def test_killed_workers_leave_nothing_and_the_next_one_ends_the_import(
    scene: Scene, statement: Path, tmp_path: Path
) -> None:
    copy = tmp_path / statement.name
    copy.write_bytes(statement.read_bytes())
    work = enqueue_import(scene.house, scene.person, scene.case.ref, [(statement.name, copy)])
    scene.kill_within(0.0, "fanzha.apps.worker.run", "--large")
    assert [each.state for each in scene.imports()] == ["running"], "nobody could end it"
    clear_broken_off(scene.house)
    assert [each.state for each in scene.imports()] == ["running"], "it may be alive, its lease still holds"
    scene.lapse()
    scene.kill_within(instants(1)[0], "fanzha.apps.worker.run", "--large")
    scene.lapse()
    clear_broken_off(scene.house)
    assert {each.state for each in scene.imports()} <= {"failed", "done"} and not scene.is_importing()
    while do_due_work(scene.house):
        pass
    with scene.house.act_as_house() as connection:
        found = find_work(connection, work)
    assert (found.state, found.last_error) == ("done", None)
    require_whole(scene)


def test_a_killed_command_line_leaves_an_import_that_says_so(scene: Scene, statement: Path) -> None:
    for delay in (0.0, *instants(2)):
        scene.kill_within(delay, *COMMAND, str(statement), "--case", scene.case.ref)
        scene.lapse()
    clear_broken_off(scene.house)
    assert scene.imports()[0].fault == "statements.interrupted"
    assert "running" not in {each.state for each in scene.imports()}
    import_files(scene.house, operator(), scene.case.ref, [statement])
    require_whole(scene)
