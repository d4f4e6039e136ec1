"""A worker that runs goes by the business clock as it is moved, not as it was when the worker began."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from fanzha.adapters.store.instance import read_clock, set_clock
from fanzha.adapters.store.unit_of_work import worker
from fanzha.adapters.store.work import NewWork, enqueue, find_work
from fanzha.apps import following
from fanzha.apps.following import follow_clock
from fanzha.apps.worker.lanes import work_until
from fanzha.apps.worker.run import short_lane
from fanzha.kernel.clock import FollowedClock, WallClock
from fanzha.wiring.batches import Batch
from fanzha.wiring.house import House
from tests.conftest import COUNTY

KIND = "test.clock"
PATIENCE_SECONDS = 120.0


@pytest.fixture
def running(house: House) -> House:
    """The house under a clock that it read once, beside a wall that goes on."""
    wall = WallClock()
    with house.act_as_house() as connection:
        set_clock(connection, wall=wall.now(), epoch=wall.now(), speed=1.0)
        clock = FollowedClock(read_clock(connection))
    return replace(house, clock=clock, wall=wall)


@pytest.fixture
def followed(running: House, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    """The same house, following its clock."""
    monkeypatch.setattr(following, "FOLLOW_SECONDS", 0.01)
    ending = threading.Event()
    thread = follow_clock(running, ending)
    yield running
    ending.set()
    assert thread is not None
    thread.join(PATIENCE_SECONDS)
    assert not thread.is_alive(), "it follows the clock though it was asked to end"


def move(house: House, by: timedelta, speed: float) -> None:
    """As another process of an exercise moves the clock."""
    with house.act_as_house() as connection:
        set_clock(connection, wall=house.wall.now(), epoch=house.wall.now() + by, speed=speed)


def until(condition: Callable[[], bool]) -> None:
    waited = threading.Event()
    for _ in range(int(PATIENCE_SECONDS / 0.01)):
        if condition():
            return
        waited.wait(0.01)
    raise AssertionError("never came")


def test_a_clock_that_is_moved_and_made_faster_is_followed(followed: House) -> None:
    before = followed.now()
    move(followed, timedelta(days=3), speed=600.0)
    until(lambda: followed.now() > before + timedelta(days=3))
    assert isinstance(followed.clock, FollowedClock) and followed.clock.speed == 600.0


def test_a_worker_rings_what_became_due_because_the_clock_was_moved(followed: House) -> None:
    due = followed.now() + timedelta(days=2)
    with followed.act(worker(COUNTY)) as connection:
        row = enqueue(connection, NewWork(kind=KIND, key="1", unit_path=COUNTY, due_at=due), followed.now())

    def state() -> str:
        with followed.act_as_house() as connection:
            return find_work(connection, row).state

    ending = threading.Event()
    lane = short_lane(followed, {KIND: Batch(do=lambda connection, house, rows: {})})
    thread = threading.Thread(target=work_until, args=(ending, followed, lane), daemon=True)
    thread.start()
    try:
        assert state() == "waiting"
        move(followed, timedelta(days=2, hours=1), speed=1.0)
        until(lambda: state() == "done")
    finally:
        ending.set()
        thread.join(PATIENCE_SECONDS)
    assert not thread.is_alive(), "it works though it was asked to end"


def test_a_live_house_has_nothing_to_follow(running: House) -> None:
    live = replace(running, instance=replace(running.instance, birth="live"))
    assert follow_clock(live, threading.Event()) is None
