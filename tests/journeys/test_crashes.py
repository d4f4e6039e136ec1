"""Imports are killed in their middle, by worker and by command line: nothing stays running, doubled or behind."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from fanzha.adapters.store.cases import open_case
from fanzha.adapters.store.imports import Import, list_imports
from fanzha.adapters.store.people import NewPerson, add_person
from fanzha.adapters.store.reconciliations import kept_reconciliations
from fanzha.adapters.store.roles import NewAssignment, assign_role
from fanzha.adapters.store.schema.evidence import import_lease
from fanzha.adapters.store.schema.work import work as work_rows
from fanzha.adapters.store.units import Unit, add_unit, find_unit
from fanzha.adapters.store.work import find_work
from fanzha.apps.worker.jobs import do_due_work
from fanzha.cases.case import Case
from fanzha.kernel.clock import WallClock
from fanzha.kernel.units import Actor
from fanzha.wiring.broken_off import clear_broken_off
from fanzha.wiring.house import CENTRE, House, operator
from fanzha.wiring.ledgers import case_ledger
from fanzha.wiring.statements import import_files
from fanzha.wiring.uploads import enqueue_import
from tests.wiring.statement import CARD, HEADER

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """A house in which processes are killed."""

    house: House
    case: Case
    person: Actor

    def imports(self) -> list[Import]:
        with self.house.act(self.person) as connection:
            return list_imports(connection, self.case.id)

    def is_importing(self) -> bool:
        with self.house.act_as_house() as connection:
            return connection.execute(select(import_lease.c.import_id)).first() is not None

    def environment(self) -> dict[str, str]:
        url = self.house.engine.url.render_as_string(hide_password=False)
        settings = self.house.settings
        return {
            **os.environ,
            "FANZHA_HOME": str(settings.home),
            "FANZHA_KEYS": str(settings.keys),
            "FANZHA_DATABASE_URL": url,
        }

    def lapse(self) -> None:
        """As if the time of all leases had passed."""
        past = self.house.wall.now() - timedelta(seconds=1)
        with self.house.act_as_house() as connection:
            connection.execute(update(import_lease).values(until=past))
            connection.execute(update(work_rows).where(work_rows.c.state == "running").values(lease_until=past))

    def kill_within(self, delay: float, *command: str) -> None:
        """Run a program of ours and kill it so long after its import began."""
        with subprocess.Popen(
            [sys.executable, "-m", *command], env=self.environment(), stdout=subprocess.DEVNULL
        ) as child:
            until = time.monotonic() + 60
            while not self.is_importing() and child.poll() is None and time.monotonic() < until:
                time.sleep(0.01)
            time.sleep(delay)
            child.send_signal(signal.SIGKILL)


@pytest.fixture
def scene(house: House) -> Scene:
    """A house in real time, with a case of the centre's own and somebody to import into it."""
    real = replace(house, wall=WallClock(), clock=WallClock())
    with house.act(operator()) as connection:
        if find_unit(connection, CENTRE) is None:
            add_unit(
                connection, Unit(path=CENTRE, level="city", name_zh="测试中心", name_en="Test centre"), house.now()
            )
        made = add_person(connection, NewPerson(login="killer", name="测试·丁", unit_path=CENTRE), house.now())
        assign_role(connection, NewAssignment(user_id=made, role="analyst", unit_path=CENTRE), operator(), house.now())
        case = open_case(connection, "测试案件", "criminal", operator(), house.now(), ref="CRASH")
    person = replace(operator(), user_id=made, name="killer")
    return Scene(house=real, case=case, person=person)


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
