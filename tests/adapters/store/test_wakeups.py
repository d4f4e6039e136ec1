"""Whoever rests hears of wishes at once, and of those only that are due and theirs."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from contextlib import nullcontext, suppress
from datetime import datetime, timedelta

import psycopg
import pytest
from sqlalchemy import Engine

from fanzha.adapters.store.line import Line
from fanzha.adapters.store.unit_of_work import unit_of_work, worker
from fanzha.adapters.store.wakeups import Wakeups
from fanzha.adapters.store.work import NewWork, enqueue, enqueue_all, work_in
from tests.conftest import CITY

PATIENCE_SECONDS = 120


def wish(engine: Engine, now: datetime, kind: str, key: str, after: timedelta = timedelta()) -> None:
    with unit_of_work(engine, worker(CITY), now) as connection:
        enqueue(connection, NewWork(kind=kind, key=key, unit_path=CITY, due_at=now + after), now)


def test_a_wish_wakes_whoever_rests(engine: Engine, now: datetime) -> None:
    heard: list[list[str]] = []
    with Wakeups(engine, ["clock"]) as listening:
        resting = threading.Thread(target=lambda: heard.append(listening.heard(10 * PATIENCE_SECONDS)), daemon=True)
        resting.start()
        wish(engine, now, "clock", "a")
        resting.join(PATIENCE_SECONDS)
        assert heard == [["clock"]]


def test_a_wish_before_the_rest_is_not_missed_and_many_at_once_are_heard_too(engine: Engine, now: datetime) -> None:
    with Wakeups(engine, ["clock"]) as listening:
        new = [NewWork(kind="clock", key=str(number), unit_path=CITY, due_at=now) for number in range(3)]
        with unit_of_work(engine, worker(CITY), now) as connection:
            enqueue_all(connection, new, now)
        assert listening.heard(PATIENCE_SECONDS) == ["clock"]


def test_what_is_taken_back_wakes_nobody_and_leaves_nothing_to_call_out(engine: Engine, now: datetime) -> None:
    with Wakeups(engine, ["clock"]) as listening:
        with suppress(ZeroDivisionError), unit_of_work(engine, worker(CITY), now) as connection:
            enqueue(connection, NewWork(kind="clock", key="a", unit_path=CITY, due_at=now), now)
            raise ZeroDivisionError
        with unit_of_work(engine, worker(CITY), now):
            pass
        assert not listening.heard(0.2)


def test_what_is_committed_stays_so_where_nobody_can_be_called_any_more(
    engine: Engine, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost = []
    call_out = Line.call_out

    def dies(driver: Line, channels: Iterable[str]) -> None:
        """The server is gone by the time that the driver calls out."""
        with psycopg.connect(driver.info.dsn, autocommit=True) as other:
            other.execute("SELECT pg_terminate_backend(%s)", [driver.info.backend_pid])
        lost.append(driver)
        call_out(driver, channels)

    monkeypatch.setattr(Line, "call_out", dies)
    with unit_of_work(engine, worker(CITY), now) as connection:
        enqueue(connection, NewWork(kind="clock", key="a", unit_path=CITY, due_at=now), now)
    (driver,) = lost
    assert driver.broken
    with unit_of_work(engine, worker(CITY), now) as connection:
        assert connection.connection.driver_connection is not driver, "nobody gets it from the pool again"
        assert [each.key for each in work_in(connection, ["waiting"], 5)] == ["a"]


@pytest.mark.parametrize("failure", [psycopg.OperationalError(), KeyboardInterrupt()])
def test_nobody_gets_a_connection_that_stopped_in_the_middle_of_calling_out(
    engine: Engine, now: datetime, monkeypatch: pytest.MonkeyPatch, failure: BaseException
) -> None:
    """Who can tell what its server still says to it?"""
    halted = []

    def halts(driver: Line, _channels: Iterable[str]) -> None:
        halted.append(driver)
        raise failure

    monkeypatch.setattr(Line, "call_out", halts)
    expected = suppress(type(failure)) if isinstance(failure, KeyboardInterrupt) else nullcontext()
    with expected, unit_of_work(engine, worker(CITY), now) as connection:
        enqueue(connection, NewWork(kind="clock", key="a", unit_path=CITY, due_at=now), now)
    with unit_of_work(engine, worker(CITY), now) as connection:
        driver = connection.connection.driver_connection
        assert driver is not None and driver not in halted
        assert [each.key for each in work_in(connection, ["waiting"], 5)] == ["a"]


def test_work_of_others_and_work_for_later_wakes_nobody(engine: Engine, now: datetime) -> None:
    with Wakeups(engine, ["clock"]) as listening:
        wish(engine, now, "import", "a")
        wish(engine, now, "clock", "later", after=timedelta(hours=48))
        assert not listening.heard(0.2)


def test_a_connection_that_listened_does_not_go_back_to_those_who_do_not(engine: Engine, now: datetime) -> None:
    with Wakeups(engine, ["clock"]) as listening:
        theirs = listening._driver
    with engine.connect() as connection:
        assert connection.connection.driver_connection is not theirs
    assert theirs.closed
