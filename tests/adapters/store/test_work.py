"""Work is done once, by whoever is alive; what cannot be done stands where a person sees it."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import Engine, TextClause, text

from fanzha.adapters.store.engine import look_up_by_key
from fanzha.adapters.store.unit_of_work import system_unit_of_work, unit_of_work, worker
from fanzha.adapters.store.wishes import Anew, Due, take_back_due, wish_anew
from fanzha.adapters.store.work import (
    _TAKE,
    _UPCOMING,
    NewWork,
    Retries,
    Wanted,
    Work,
    enqueue,
    enqueue_all,
    extend,
    fail,
    find_work,
    finish,
    finish_all,
    take,
    upcoming,
    work_in,
)
from fanzha.adapters.store.work_handling import retry_work
from fanzha.kernel.clock import SetClock
from fanzha.kernel.errors import Illegal, NotFound
from fanzha.kernel.units import Actor, UnitPath
from tests.conftest import CITY, COUNTY, OTHER_COUNTY

WANTED = Wanted(kinds=["import"], lease=timedelta(minutes=1))


@pytest.fixture
def wall() -> SetClock:
    """The wall's clock, which an exercise's business clock need not follow."""
    return SetClock(datetime(2026, 11, 22, tzinfo=UTC))


class Desk:
    """Somebody who wishes work and a worker who does it, on one database."""

    def __init__(self, engine: Engine, clock: SetClock, wall: SetClock) -> None:
        self.engine, self.clock, self.wall = engine, clock, wall

    def wish(self, key: str, unit: UnitPath = CITY, after: timedelta = timedelta()) -> UUID:
        now = self.clock.now()
        with unit_of_work(self.engine, worker(unit), now) as connection:
            return enqueue(connection, NewWork(kind="import", key=key, unit_path=unit, due_at=now + after), now)

    def take(self, wanted: Wanted = WANTED) -> list[Work]:
        with system_unit_of_work(self.engine, self.clock.now()) as connection:
            return take(connection, wanted, self.clock.now(), self.wall.now())

    def fail(self, row: Work, retries: Retries | None) -> bool:
        with unit_of_work(self.engine, worker(row.unit_path), self.clock.now()) as connection:
            return fail(connection, row, self.wall.now(), {"code": "store.some_reason"}, retries)

    def finish(self, row: Work) -> bool:
        with unit_of_work(self.engine, worker(row.unit_path), self.clock.now()) as connection:
            return finish(connection, row, self.wall.now(), {"rows": 3})

    def find(self, work_id: UUID) -> Work:
        with unit_of_work(self.engine, worker(CITY), self.clock.now()) as connection:
            return find_work(connection, work_id)


@pytest.fixture
def desk(engine: Engine, clock: SetClock, wall: SetClock) -> Desk:
    return Desk(engine, clock, wall)


def test_the_same_wish_twice_is_one_row(desk: Desk) -> None:
    assert desk.wish("a") == desk.wish("a") != desk.wish("b")
    assert len(desk.take()) == 2


def test_a_row_waits_for_its_business_time(desk: Desk) -> None:
    desk.wish("later", after=timedelta(hours=2))
    assert desk.take() == []
    desk.clock.move(timedelta(hours=2))
    assert [each.key for each in desk.take()] == ["later"]


def test_work_wished_in_a_transaction_that_fails_never_was(desk: Desk) -> None:
    with pytest.raises(ZeroDivisionError), unit_of_work(desk.engine, worker(CITY), desk.clock.now()) as connection:
        new = NewWork(kind="import", key="a", unit_path=CITY, due_at=desk.clock.now())
        enqueue(connection, new, desk.clock.now())
        raise ZeroDivisionError
    assert desk.take() == []


def test_done_is_done(desk: Desk) -> None:
    work_id = desk.wish("a")
    (row,) = desk.take()
    assert desk.finish(row)
    assert not desk.finish(row), "the lease went with the first"
    done = desk.find(work_id)
    assert (done.state, done.progress, done.finished_at) == ("done", {"rows": 3}, desk.wall.now())
    desk.wall.move(timedelta(days=1))
    assert desk.take() == []


def test_another_worker_takes_over_from_a_dead_one_whose_late_effect_is_refused(desk: Desk) -> None:
    desk.wish("a")
    (dead,) = desk.take()
    assert desk.take() == [], "leased"
    desk.wall.move(timedelta(minutes=1))
    (alive,) = desk.take()
    assert (alive.id, alive.attempts) == (dead.id, 2)
    assert not desk.finish(dead)
    assert desk.finish(alive)


def test_a_lease_that_is_extended_is_kept_and_shows_progress(desk: Desk) -> None:
    work_id = desk.wish("a")
    (row,) = desk.take()
    with unit_of_work(desk.engine, worker(CITY), desk.clock.now()) as connection:
        assert extend(connection, row, desk.wall.now() + timedelta(minutes=5), {"rows": 1})
    desk.wall.move(timedelta(minutes=2))
    assert desk.take() == []
    assert desk.find(work_id).progress == {"rows": 1}
    desk.wall.move(timedelta(minutes=4))
    desk.take()
    with unit_of_work(desk.engine, worker(CITY), desk.clock.now()) as connection:
        assert not extend(connection, row, desk.wall.now() + timedelta(minutes=5), {"rows": 2})


def test_failures_rest_longer_each_time_and_end_before_a_person(desk: Desk) -> None:
    work_id = desk.wish("a")
    retries = Retries(attempts=3, base=timedelta(seconds=10), longest=timedelta(seconds=15))
    for rest in (10, 15):
        (row,) = desk.take()
        assert desk.fail(row, retries)
        assert desk.take() == []
        desk.wall.move(timedelta(seconds=rest))
    (row,) = desk.take()
    desk.fail(row, retries)
    stuck = desk.find(work_id)
    assert (stuck.state, stuck.attempts, stuck.last_error) == ("stuck", 3, {"code": "store.some_reason"})
    desk.wall.move(timedelta(days=1))
    assert desk.take() == []


def test_a_hopeless_failure_is_stuck_at_once_until_a_person_says_again(desk: Desk) -> None:
    work_id = desk.wish("a")
    (row,) = desk.take()
    desk.fail(row, None)
    with unit_of_work(desk.engine, worker(CITY), desk.clock.now()) as connection:
        assert [each.id for each in work_in(connection, ["stuck"], 10)] == [work_id]
        retry_work(connection, work_id, "again", worker(CITY), desk.clock.now())
        with pytest.raises(Illegal):
            retry_work(connection, work_id, "again", worker(CITY), desk.clock.now())
    (again,) = desk.take()
    assert again.attempts == 1
    assert not desk.finish(row), "a zombie of the first life stays powerless"


@pytest.mark.parametrize("at_once", [False, True])
def test_work_that_was_done_after_a_failure_tells_no_error_any_more(desk: Desk, at_once: bool) -> None:
    work_id = desk.wish("a")
    (row,) = desk.take()
    desk.fail(row, Retries(base=timedelta(seconds=10)))
    assert desk.find(work_id).last_error
    desk.wall.move(timedelta(seconds=10))
    (again,) = desk.take()
    if at_once:
        with unit_of_work(desk.engine, worker(CITY), desk.clock.now()) as connection:
            finish_all(connection, [(again, {})], desk.wall.now())
    else:
        assert desk.finish(again)
    assert (desk.find(work_id).state, desk.find(work_id).last_error) == ("done", None)


def test_a_row_that_kills_its_worker_each_time_is_stuck_too(desk: Desk) -> None:
    work_id = desk.wish("a")
    wanted = replace(WANTED, retries=Retries(attempts=2))
    for _ in range(2):
        assert len(desk.take(wanted)) == 1
        desk.wall.move(timedelta(minutes=1))
    assert desk.take(wanted) == []
    stuck = desk.find(work_id)
    assert (stuck.state, stuck.last_error) == ("stuck", {"code": "store.worker_died"})


def test_what_a_dead_worker_held_is_taken_up_row_by_row_so_that_the_deadly_one_takes_nobody_with_it(desk: Desk) -> None:
    deadly, *others = (desk.wish(key) for key in "abcd")
    done: list[UUID] = []
    for _ in range(20):
        desk.wall.move(WANTED.lease + timedelta(seconds=1))
        for _ in others:
            taken = desk.take()
            if deadly in {each.id for each in taken}:  # whoever does it dies, and all that they have taken waits
                break
            for each in taken:
                assert desk.finish(each)
                done.append(each.id)
    assert sorted(done) == sorted(others)
    assert desk.find(deadly).state == "stuck" and desk.find(deadly).attempts == WANTED.retries.attempts


def test_workers_at_once_share_the_work_without_a_row_twice(desk: Desk) -> None:
    for number in range(60):
        desk.wish(str(number))
    start = threading.Barrier(4, timeout=60)

    def run(_: int) -> list[UUID]:
        start.wait()
        mine: list[UUID] = []
        while rows := desk.take(replace(WANTED, limit=7)):
            mine.extend(each.id for each in rows)
        return mine

    with ThreadPoolExecutor(4) as pool:
        taken = [work_id for mine in pool.map(run, range(4)) for work_id in mine]
    assert len(taken) == len(set(taken)) == 60


def test_rows_that_another_worker_is_taking_are_passed_over_not_waited_for(desk: Desk) -> None:
    for key in "abc":
        desk.wish(key)
    with system_unit_of_work(desk.engine, desk.clock.now()) as slow:
        first = take(slow, replace(WANTED, limit=2), desk.clock.now(), desk.wall.now())
        with system_unit_of_work(desk.engine, desk.clock.now()) as quick:
            quick.execute(text("SET LOCAL lock_timeout = '60s'"))
            second = take(quick, WANTED, desk.clock.now(), desk.wall.now())
    assert {each.key for each in first + second} == set("abc") and (len(first), len(second)) == (2, 1)


def test_a_row_that_is_put_off_meanwhile_is_not_taken_back_as_due(desk: Desk) -> None:
    row, now = desk.wish("incident:cause"), desk.clock.now()

    def taken_back() -> None:
        with unit_of_work(desk.engine, worker(CITY), now) as connection:
            take_back_due(connection, Due(kinds=["import"], by={"incident:": now}), "same_round", now, desk.wall.now())

    with ThreadPoolExecutor(1) as pool:
        with unit_of_work(desk.engine, worker(CITY), now) as connection:
            later = {"later": now + timedelta(hours=1), "id": row}
            connection.execute(text("UPDATE work SET due_at = :later WHERE id = :id"), later)
            done = pool.submit(taken_back)
            with system_unit_of_work(desk.engine, now) as other:
                blocked = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
                while not other.scalar(blocked) and not done.done():
                    pass
        done.result(timeout=60)
    assert desk.find(row).state == "waiting"


def test_what_is_taken_back_leaves_one_row_for_later_in_its_place(desk: Desk) -> None:
    rows, now = [desk.wish("incident:one"), desk.wish("incident:two"), desk.wish("other:one")], desk.clock.now()
    later = NewWork(kind="import", key="incident:at", unit_path=CITY, due_at=now + timedelta(minutes=2))
    due = Due(kinds=["import"], by={"incident:": now}, then=[later])
    for _ in range(2):
        with unit_of_work(desk.engine, worker(CITY), now) as connection:
            take_back_due(connection, due, "same_round", now, desk.wall.now())
    assert [desk.find(each).state for each in rows] == ["done", "done", "waiting"]
    with system_unit_of_work(desk.engine, now) as connection:
        waiting = {each.key: each.due_at for each in work_in(connection, ["waiting"], 9)}
    assert waiting == {"other:one": now, "incident:at": later.due_at}


def test_what_is_wished_anew_stands_instead_of_what_waited_and_leaves_all_else(desk: Desk) -> None:
    now = desk.clock.now()
    kept, gone, others = desk.wish("a:1"), desk.wish("a:2", after=timedelta(hours=1)), desk.wish("ab:1")
    running, over = desk.wish("a:0", after=-timedelta(hours=1)), desk.wish("b")
    (taken,) = desk.take(replace(WANTED, limit=1))
    wishes = [NewWork(kind="import", key=key, unit_path=CITY, due_at=now) for key in ("a:1", "a:3")]
    anew = Anew(kind="import", prefixes=["a:"], wishes=wishes, over=[("import", "b"), ("other", "ab:1")])
    with unit_of_work(desk.engine, worker(CITY), now) as connection:
        wish_anew(connection, anew, "order_moved", now, desk.wall.now())
        rows = {row.key: row for row in work_in(connection, ["waiting", "running", "done"], 9)}
    assert taken.id == running and {rows[key].id for key in ("a:1", "a:2", "ab:1", "b")} == {kept, gone, others, over}
    assert {key: row.state for key, row in rows.items()} == {
        "a:0": "running",
        "a:1": "waiting",
        "a:2": "done",
        "a:3": "waiting",
        "ab:1": "waiting",
        "b": "done",
    }
    assert rows["a:2"].progress == rows["b"].progress == {"taken_back": "order_moved"}


@pytest.mark.parametrize("statement", [_TAKE, _UPCOMING])
def test_no_look_for_due_work_reads_the_whole_table(desk: Desk, statement: TextClause) -> None:
    now = desk.clock.now()
    new = [NewWork(kind="import", key=str(n), unit_path=CITY, due_at=now + timedelta(days=n)) for n in range(5_000)]
    with unit_of_work(desk.engine, worker(CITY), now) as connection:
        enqueue_all(connection, new, now)
        asked = {"kinds": ["import", "clock"], "large": True, "limit": 20, "attempts": 5, "lease": UUID(int=1)}
        times = {"now": now, "wall": now, "until": now}
        names = statement.compile().params
        told = connection.execute(
            text(f"EXPLAIN {statement.text}"), {name: value for name, value in (asked | times).items() if name in names}
        )
        plan = "\n".join(told.scalars())
    assert "Seq Scan on work" not in plan, plan


@pytest.mark.parametrize("statement", [_TAKE, _UPCOMING])
def test_a_look_that_was_planned_while_nothing_waited_reads_the_wanted_kinds_only(
    desk: Desk, statement: TextClause
) -> None:
    """A worker for short work plans a look once, at its start, and keeps the plan."""
    look_up_by_key(desk.engine)
    now = desk.clock.now()
    asked = {"kinds": ["import", "clock"], "large": True, "limit": 20, "attempts": 5, "lease": UUID(int=1)}
    known = asked | {"now": now, "wall": now, "until": now}
    with unit_of_work(desk.engine, worker(CITY), now) as connection:
        names = statement.compile().params
        told = connection.execute(text(f"EXPLAIN {statement.text}"), {each: known[each] for each in names})
        plan = "\n".join(told.scalars())
    assert "work_due" in plan, plan
    assert "work_waiting" not in plan, plan


def test_upcoming_tells_when_the_next_row_of_each_kind_can_be_taken(desk: Desk) -> None:
    desk.wish("later", after=timedelta(hours=2))
    desk.wish("now")
    (row,) = desk.take()
    with system_unit_of_work(desk.engine, desk.clock.now()) as connection:
        found, nothing = upcoming(connection, ["import", "clock"])
    assert (found.kind, found.due_at) == ("import", desk.clock.now() + timedelta(hours=2))
    assert found.wall_at == desk.wall.now() + WANTED.lease
    assert (nothing.kind, nothing.due_at, nothing.wall_at) == ("clock", None, None)
    desk.fail(row, Retries(base=timedelta(seconds=10)))
    with system_unit_of_work(desk.engine, desk.clock.now()) as connection:
        (found,) = upcoming(connection, ["import"])
    assert found.wall_at == desk.wall.now() + timedelta(seconds=10)


def test_large_work_is_not_upcoming_for_whoever_does_not_take_it(desk: Desk) -> None:
    now = desk.clock.now()
    with unit_of_work(desk.engine, worker(CITY), now) as connection:
        enqueue(connection, NewWork(kind="import", key="a", unit_path=CITY, due_at=now, large=True), now)
    with system_unit_of_work(desk.engine, now) as connection:
        assert [upcoming(connection, ["import"], large=large)[0].due_at for large in (True, False)] == [now, None]


def test_a_unit_sees_its_own_work_only(desk: Desk, other_actor: Actor) -> None:
    mine, theirs = desk.wish("a", unit=OTHER_COUNTY), desk.wish("b", unit=COUNTY)
    with unit_of_work(desk.engine, other_actor, desk.clock.now()) as connection:
        assert [each.id for each in work_in(connection, ["waiting"], 10)] == [mine]
        with pytest.raises(NotFound):
            find_work(connection, theirs)
