"""Work that is long over is forgotten in batches; what waits, what is stuck and what a person dealt with stays."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from fanzha.adapters.store.schema.work import work
from fanzha.adapters.store.unit_of_work import worker
from fanzha.adapters.store.work import NewWork, enqueue_all
from fanzha.adapters.store.work_handling import cancel_work
from fanzha.kernel.clock import SetClock
from fanzha.wiring import pruning
from fanzha.wiring.batches import do_due_batch
from fanzha.wiring.house import House
from fanzha.wiring.pruning import NIGHTLY, PRUNE, PRUNE_WORK, keep_pruning
from tests.conftest import CITY, person

KIND = "test.done"
OLD = ("old 1", "old 2", "old 3", "old 4")
NEW, STUCK, WAITING, TAKEN_OFF = "new", "stuck", "waiting", "taken off"


@pytest.fixture
def full(house: House, monkeypatch: pytest.MonkeyPatch) -> House:
    """Four old rows and one of each that must stay, in a house that forgets two at once."""
    monkeypatch.setattr(pruning, "AT_ONCE", 2)
    monkeypatch.setattr(pruning, "CENTRE", CITY)
    now, keep = house.now(), timedelta(days=house.settings.work_keep_days)
    rows, minute = (*OLD, NEW, STUCK, WAITING, TAKEN_OFF), timedelta(minutes=1)
    with house.act(person(CITY, 1)) as connection:
        new = [NewWork(kind=KIND, key=key, unit_path=CITY, due_at=now + timedelta(days=99)) for key in rows]
        enqueue_all(connection, new, now)
        found = connection.scalar(select(work.c.id).where(work.c.key == TAKEN_OFF))
        assert found is not None
        cancel_work(connection, found, "测试", person(CITY, 1), now)
    with house.act(worker(CITY)) as connection:
        for key in (*OLD, NEW):
            ended = now - keep + (minute if key == NEW else -minute)
            connection.execute(update(work).where(work.c.key == key).values(state="done", finished_at=ended))
        connection.execute(update(work).where(work.c.key == STUCK).values(state="stuck"))
        connection.execute(update(work).where(work.c.key == TAKEN_OFF).values(finished_at=now - 2 * keep))
    return house


def keys(house: House) -> set[str]:
    with house.act_as_house() as connection:
        return set(connection.scalars(select(work.c.key).where(work.c.kind == KIND)))


def test_old_rows_go_in_batches_and_the_next_night_it_begins_anew(full: House, clock: SetClock) -> None:
    keep_pruning(full)
    keep_pruning(full)
    assert do_due_batch(full, PRUNE_WORK, PRUNE) == 1
    assert len(keys(full)) == 6
    for _ in range(2):
        clock.move(pruning.AGAIN)
        assert do_due_batch(full, PRUNE_WORK, PRUNE) == 1
    assert keys(full) == {NEW, STUCK, WAITING, TAKEN_OFF}
    assert do_due_batch(full, PRUNE_WORK, PRUNE) == 0
    clock.move(NIGHTLY)
    assert do_due_batch(full, PRUNE_WORK, PRUNE) == 1
    assert keys(full) == {STUCK, WAITING, TAKEN_OFF}
