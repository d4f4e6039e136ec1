"""Whoever rests hears of wishes at once, and of those only that are due and theirs."""

from __future__ import annotations

import threading
from contextlib import suppress
from datetime import datetime, timedelta

import psycopg
from sqlalchemy import Engine, event

from fanzha.adapters.store.unit_of_work import unit_of_work, worker
from fanzha.adapters.store.wakeups import Wakeups
from fanzha.adapters.store.work import NewWork, enqueue, enqueue_all, work_in
from tests.conftest import CITY

PATIENCE_SECONDS = 120


def wish(engine: Engine, now: datetime, kind: str, key: str, after: timedelta = timedelta()) -> None:
    with unit_of_work(engine, worker(CITY), now) as connection:
        enqueue(connection, NewWork(kind=kind, key=key, unit_path=CITY, due_at=now + after), now)


def test_a_wish_wakes_whoever_rests(engine: Engine, now: datetime) -> None:
    heard: list[bool] = []
    with Wakeups(engine, ["clock"]) as wakeups:
        resting = threading.Thread(target=lambda: heard.append(wakeups.rest(10 * PATIENCE_SECONDS)), daemon=True)
        resting.start()
        wish(engine, now, "clock", "a")
        resting.join(PATIENCE_SECONDS)
        assert heard == [True]


def test_a_wish_before_the_rest_is_not_missed_and_many_at_once_are_heard_too(engine: Engine, now: datetime) -> None:
    with Wakeups(engine, ["clock"]) as wakeups:
        new = [NewWork(kind="clock", key=str(number), unit_path=CITY, due_at=now) for number in range(3)]
        with unit_of_work(engine, worker(CITY), now) as connection:
            enqueue_all(connection, new, now)
        assert wakeups.rest(PATIENCE_SECONDS)


def test_what_is_taken_back_wakes_nobody_and_leaves_nothing_to_call_out(engine: Engine, now: datetime) -> None:
    with Wakeups(engine, ["clock"]) as wakeups:
        with suppress(ZeroDivisionError), unit_of_work(engine, worker(CITY), now) as connection:
            enqueue(connection, NewWork(kind="clock", key="a", unit_path=CITY, due_at=now), now)
            raise ZeroDivisionError
        with unit_of_work(engine, worker(CITY), now):
            pass
        assert not wakeups.rest(0.2)


def test_what_is_committed_stays_so_where_nobody_can_be_called_any_more(engine: Engine, now: datetime) -> None:
    with unit_of_work(engine, worker(CITY), now) as connection:
        enqueue(connection, NewWork(kind="clock", key="a", unit_path=CITY, due_at=now), now)
        driver = connection.connection.driver_connection
        assert driver is not None
        own = driver.info.backend_pid

        @event.listens_for(engine, "before_cursor_execute")
        def die(_: object, __: object, statement: str, *___: object) -> None:
            if "pg_notify" in statement:
                with psycopg.connect(driver.info.dsn, autocommit=True) as other:
                    other.execute("SELECT pg_terminate_backend(%s)", [own])

    with unit_of_work(engine, worker(CITY), now) as connection:
        assert [each.key for each in work_in(connection, ["waiting"], 5)] == ["a"]


def test_work_of_others_and_work_for_later_wakes_nobody(engine: Engine, now: datetime) -> None:
    with Wakeups(engine, ["clock"]) as wakeups:
        wish(engine, now, "import", "a")
        wish(engine, now, "clock", "later", after=timedelta(hours=48))
        assert not wakeups.rest(0.2)


def test_a_connection_that_listened_does_not_go_back_to_those_who_do_not(engine: Engine, now: datetime) -> None:
    with Wakeups(engine, ["clock"]) as wakeups:
        listening = wakeups._driver
    with engine.connect() as connection:
        assert connection.connection.driver_connection is not listening
    assert listening.closed
