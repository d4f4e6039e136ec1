"""Workers for short work are killed anywhere in it: every row is done, and none twice."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable

from sqlalchemy import func, select

from fanzha.adapters.store.schema.audit import audit_entry
from fanzha.adapters.store.schema.work import work as work_rows
from fanzha.adapters.store.unit_of_work import worker
from fanzha.adapters.store.work import NewWork, enqueue_all
from fanzha.wiring.house import CENTRE
from tests.journeys.processes import PATIENCE_SECONDS, Scene, scene
from tests.journeys.short_worker import KIND, MARK

__all__ = ["scene"]
ROWS, KILLS = 800, 2
LONGEST_SECONDS = 0.1
"""So long after its first mark a worker is killed at most; it would need longer for all rows."""


def marks(scene: Scene) -> Counter[str]:
    with scene.house.act_as_house() as connection:
        told = connection.scalars(select(audit_entry.c.object_id).where(audit_entry.c.action == MARK))
        return Counter(told)


def open_rows(scene: Scene) -> int:
    with scene.house.act_as_house() as connection:
        still = select(func.count()).where(work_rows.c.kind == KIND, work_rows.c.state != "done")
        return int(connection.scalar(still) or 0)


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def kill_one(scene: Scene, delay: float) -> None:
    """Run a worker and kill it so long after its first mark."""
    before = marks(scene).total()
    with scene.program("tests.journeys.short_worker"):
        until(lambda: marks(scene).total() > before or not open_rows(scene))
        time.sleep(delay)


def test_killed_workers_leave_every_row_done_once(scene: Scene) -> None:
    seed = random.randrange(10**6)
    print(f"instants of death: seed {seed}")
    chance = random.Random(seed)
    now = scene.house.now()
    with scene.house.act(worker(CENTRE)) as connection:
        new = [NewWork(kind=KIND, key=str(number), unit_path=CENTRE, due_at=now) for number in range(ROWS)]
        enqueue_all(connection, new, now)
    for _ in range(KILLS):
        kill_one(scene, chance.uniform(0, LONGEST_SECONDS))
        scene.lapse()
    with scene.program("tests.journeys.short_worker"):
        until(lambda: not open_rows(scene))
    assert marks(scene) == {str(number): 1 for number in range(ROWS)}
