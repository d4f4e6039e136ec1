"""What is urgent waits for one batch of other work at most; what is told of is taken without looking."""

from __future__ import annotations

import threading
import time
from collections import Counter
from datetime import timedelta
from types import SimpleNamespace

import pytest

from fanzha.adapters.store.unit_of_work import worker
from fanzha.adapters.store.work import NewWork, Taken, enqueue
from fanzha.apps.worker import lanes
from fanzha.apps.worker.lanes import Lane, work_until
from fanzha.wiring.house import House
from tests.conftest import COUNTY

PATIENCE_SECONDS = 120.0


def test_urgent_work_goes_first_and_all_else_waits_for_its_turn() -> None:
    done: list[str] = []

    def do(kind: str) -> Taken:
        done.append(kind)
        return Taken(rows=1, more=kind == "report")

    lane = Lane(kinds=("mail", "report", "chase"), do=do, urgent=("report",))
    assert lane.round(["mail", "report", "chase"]) == ["mail", "chase", "report"]
    assert lane.round(["mail", "chase"]) == ["chase"]
    assert done == ["report", "mail"]


def test_no_other_work_begins_while_something_urgent_is_due() -> None:
    left = Counter({"report": 2, "mail": 1, "chase": 3})
    done: list[str] = []

    def do(kind: str) -> Taken:
        left[kind] -= 1
        done.append(kind)
        return Taken(rows=1, more=left[kind] > 0)

    lane, due = Lane(kinds=("chase", "mail", "report"), do=do, urgent=("report", "mail")), list(left)
    while due:
        due = lane.round(due)
    assert done == ["report", "mail", "report", "chase", "chase", "chase"]


def test_urgent_work_without_end_keeps_other_work_from_beginning_for_so_long_only(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Clocks ring and stops are let go by their terms, however many reports come."""
    done, now = list[str](), [0.0]
    monkeypatch.setattr(lanes, "time", SimpleNamespace(monotonic=lambda: now[0]))

    def do(kind: str) -> Taken:
        done.append(kind)
        now[0] += 1.0
        return Taken(rows=1, more=kind == "report")

    lane = Lane(kinds=("report", "clock"), do=do, urgent=("report",), turn=lanes.Turn(0.0))
    for _ in range(15):
        lane.round(["report", "clock"])
    assert done[:7] == [*["report"] * 5, "clock", "report"]
    assert done.count("clock") == 15 / lanes.TURN_SECONDS


def test_what_others_took_at_once_keeps_nobody_from_other_work() -> None:
    done: list[str] = []

    def do(kind: str) -> Taken:
        done.append(kind)
        return Taken(rows=int(kind != "report"), more=False)

    lane = Lane(kinds=("report", "chase"), do=do, urgent=("report",))
    assert lane.round(["chase", "report"]) == []
    assert done == ["report", "chase"]


def _wish(house: House, key: str, after: timedelta = timedelta()) -> None:
    now = house.now()
    with house.act(worker(COUNTY)) as connection:
        enqueue(connection, NewWork(kind="lane", key=key, unit_path=COUNTY, due_at=now + after), now)


def test_nothing_else_begins_while_something_beside_it_is_behind() -> None:
    behind = True
    lane = Lane(
        kinds=("report", "chase"),
        do=lambda _: Taken(rows=1, more=False),
        urgent=("report",),
        gives_way=lambda: behind,
    )
    assert lane.held_up(["chase", "report"]) == ["chase"]
    assert lane.held_up(["report"]) == []
    behind = False
    assert lane.held_up(["chase", "report"]) == []


def test_who_gives_way_rests_and_still_does_a_batch_now_and_then(house: House) -> None:
    """However long the other is behind; it neither spins meanwhile nor waits for its next look to begin."""
    asked, taken, ending = list[float](), list[float](), threading.Event()
    way = lanes.Way(lambda: True)

    def given() -> bool:
        asked.append(time.monotonic())
        return way.given()

    def do(_kind: str) -> Taken:
        taken.append(time.monotonic())
        if len(taken) == 2:
            ending.set()
        return Taken(rows=1, more=True)

    _wish(house, "a")
    work_until(ending, house, Lane(kinds=("lane",), do=do, gives_way=given))
    assert taken[0] - asked[0] >= lanes.GIVES_WAY_SECONDS <= taken[1] - taken[0]
    assert len(asked) <= 2 * (lanes.GIVES_WAY_SECONDS / lanes.SHORTEST_REST_SECONDS + 2)


def test_what_goes_on_gives_way_to_nobody_who_has_caught_up() -> None:
    behind = [True, True, False, True]
    way = lanes.Way(lambda: behind.pop(0))
    assert [way.given() for _ in range(4)] == [True, True, False, True]


def test_who_only_helps_takes_what_has_waited_long(house: House) -> None:
    taken, ending = threading.Event(), threading.Event()

    def do(_kind: str) -> Taken:
        taken.set()
        ending.set()
        return Taken(rows=1, more=False)

    lane = Lane(kinds=("lane", "own"), do=do, helps=("lane",))
    _wish(house, "late", -timedelta(seconds=lanes.HELPS_AFTER_SECONDS * 2))
    assert lanes._look(house, lane)[0] == ["lane"]
    work_until(ending, house, lane)
    assert taken.is_set()


def test_who_only_helps_leaves_what_has_just_come(house: House) -> None:
    lane = Lane(kinds=("lane",), do=lambda _: Taken(rows=0, more=False), helps=("lane",))
    _wish(house, "fresh")
    due, rest = lanes._look(house, lane)
    assert due == [] and rest > lanes.HELPS_AFTER_SECONDS / 2


def test_what_is_wished_is_taken_though_nobody_looks(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """No worker waits for its next look to hear of it."""
    looked, taken, ending = threading.Event(), threading.Event(), threading.Event()

    def look(_house: House, _lane: Lane) -> tuple[list[str], float]:
        looked.set()
        return [], PATIENCE_SECONDS

    def do(_kind: str) -> Taken:
        taken.set()
        ending.set()
        return Taken(rows=1, more=False)

    monkeypatch.setattr(lanes, "_look", look)
    thread = threading.Thread(target=work_until, args=(ending, house, Lane(kinds=("lane",), do=do)), daemon=True)
    thread.start()
    assert looked.wait(PATIENCE_SECONDS)
    _wish(house, "a")
    assert taken.wait(PATIENCE_SECONDS / 2)
    thread.join(PATIENCE_SECONDS)
    assert not thread.is_alive()


def test_what_comes_due_by_itself_is_found_by_looking(house: House) -> None:
    taken, ending = threading.Event(), threading.Event()

    def do(_kind: str) -> Taken:
        taken.set()
        ending.set()
        return Taken(rows=1, more=False)

    _wish(house, "a")
    work_until(ending, house, Lane(kinds=("lane",), do=do))
    assert taken.is_set()
