"""A transaction begins on a line that is alive, told who acts word for word, and takes nothing planned with it."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from uuid import UUID

import pytest
from sqlalchemy import Engine, event, text
from sqlalchemy.exc import DBAPIError

from fanzha.adapters.store.asking import line_of
from fanzha.adapters.store.engine import _require_alive, look_up_by_key
from fanzha.adapters.store.line import Line
from fanzha.adapters.store.unit_of_work import act_as_system, system_unit_of_work, unit_of_work
from fanzha.adapters.store.wakeups import wake
from fanzha.kernel.ids import UserId
from fanzha.kernel.units import Actor, UnitPath

PID = text("SELECT pg_backend_pid()")
NOW = datetime(2026, 1, 5, 9, tzinfo=UTC)


def left_by_the_server(engine: Engine) -> list[int]:
    """The two lines that the pool holds, dead, and it does not know it."""
    with engine.connect() as one, engine.connect() as other, engine.connect() as third:
        left = [one.scalar(PID), other.scalar(PID)]
        one.close()
        other.close()
        ending = text("SELECT pg_terminate_backend(each, 5000) FROM unnest(CAST(:pids AS int[])) AS each")
        third.execute(ending, {"pids": left})
        third.invalidate()
    return left


def test_a_line_that_the_server_left_is_replaced_unseen(engine: Engine) -> None:
    left = left_by_the_server(engine)
    with engine.connect() as one, engine.connect() as other:
        assert {one.scalar(PID), other.scalar(PID)}.isdisjoint(left)


def test_one_that_is_found_dead_when_a_transaction_begins_is_replaced_too(engine: Engine) -> None:
    event.remove(engine, "checkout", _require_alive)
    left = left_by_the_server(engine)
    with system_unit_of_work(engine, NOW) as one, system_unit_of_work(engine, NOW) as other:
        for each in (one, other):
            assert each.scalar(text("SELECT app_system()"))
            assert each.scalar(PID) not in left


def test_who_acts_is_told_word_for_word(engine: Engine) -> None:
    name = "O'Brien \\'; SET LOCAL app.system='on'; -- 测试"
    user = UserId(UUID(int=7))
    actor = Actor(user_id=user, name=name, scope=UnitPath("centre"), permissions=frozenset())
    with unit_of_work(engine, actor, NOW) as connection:
        told = connection.execute(text("SELECT app_actor(), app_user(), app_scope(), app_now(), app_system()")).one()
        assert tuple(told) == (name, user, "centre", NOW, False)
    with engine.begin() as connection:
        act_as_system(connection, NOW)
        assert connection.scalar(text("SELECT app_system()")), "told where nothing was under way, it begins"
    with engine.connect() as connection:
        assert not connection.scalar(text("SELECT app_system()"))


def test_what_is_planned_outlives_a_transaction_that_was_taken_back(engine: Engine) -> None:
    look_up_by_key(engine)
    planned = text("SELECT count(*) FROM pg_prepared_statements WHERE statement = 'SELECT count(*) FROM work'")

    def failing() -> None:
        with system_unit_of_work(engine, NOW) as connection:
            connection.execute(text("SELECT count(*) FROM work"))
            raise LookupError

    with pytest.raises(LookupError):
        failing()
    with system_unit_of_work(engine, NOW) as connection:
        assert connection.scalar(planned) == 1


def test_a_transaction_whose_failure_was_passed_over_does_not_end_as_if_it_were_kept(engine: Engine) -> None:
    """The server answers COMMIT with ROLLBACK then, and complains of nothing."""

    def passing_over() -> None:
        with system_unit_of_work(engine, NOW) as connection, suppress(DBAPIError):
            connection.execute(text("SELECT 1 / 0"))

    with pytest.raises(DBAPIError, match="InFailedSqlTransaction"):
        passing_over()
    with system_unit_of_work(engine, NOW) as connection:
        assert connection.scalar(text("SELECT app_system()")), "the line serves the next transaction"


def test_only_a_call_does_not_wait_for_the_disk(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """It keeps nothing and may fall with the server; whatever is committed lasts."""
    waits = text("SHOW synchronous_commit")
    said: list[bytes] = []
    say = Line._say

    def heard(line: Line, words: bytes) -> None:
        said.append(words)
        say(line, words)

    monkeypatch.setattr(Line, "_say", heard)
    complaints: list[str | None] = []
    with system_unit_of_work(engine, NOW) as connection:
        line_of(connection).add_notice_handler(lambda told: complaints.append(told.message_primary))
        wake(connection, {"clock"})
        assert connection.scalar(waits) == "on"
    assert said[-2:] == [b"COMMIT", b'SET LOCAL synchronous_commit=off;NOTIFY "work_wished.clock"']
    assert not complaints, "the setting holds for the call"
    with system_unit_of_work(engine, NOW) as connection:
        assert connection.scalar(waits) == "on"
