"""An instance is born once, as one thing, with one set of keys; only an exercise moves its clock, and only forward."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine

from fanzha.adapters.store.instance import found_instance, read_clock, require_keys, set_clock, the_instance
from fanzha.adapters.store.unit_of_work import system_unit_of_work
from fanzha.kernel.errors import Conflict, Illegal, Invalid, NotFound

WALL = datetime(2026, 11, 22, 8, tzinfo=UTC)


def test_it_is_born_once_whoever_starts_first(engine: Engine) -> None:
    def start(_: int) -> object:
        with system_unit_of_work(engine, WALL) as connection:
            return found_instance(connection, "live", "f1", WALL).id

    with engine.connect() as connection:
        assert the_instance(connection) is None
        with pytest.raises(NotFound, match="no_instance"):
            read_clock(connection)
    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(start, range(4)))) == 1


def test_a_birth_is_for_life(engine: Engine) -> None:
    with system_unit_of_work(engine, WALL) as connection:
        found_instance(connection, "live", "f1", WALL)
        with pytest.raises(Conflict, match="born_otherwise"):
            found_instance(connection, "exercise", "f1", WALL)


def test_other_keys_are_refused_before_anything_is_written_with_them(engine: Engine) -> None:
    with system_unit_of_work(engine, WALL) as connection:
        require_keys(connection, "any, before it is born")
        found_instance(connection, "live", "f1", WALL)
        require_keys(connection, "f1")
        with pytest.raises(Invalid, match="other_keys expected=f1 found=f2"):
            require_keys(connection, "f2")


def test_a_live_clock_is_the_wall_and_cannot_be_moved(engine: Engine) -> None:
    with system_unit_of_work(engine, WALL) as connection:
        found_instance(connection, "live", "f1", WALL)
        clock = read_clock(connection)
        assert clock.epoch + (WALL + timedelta(days=3) - clock.origin) * clock.speed == WALL + timedelta(days=3)
        with pytest.raises(Illegal, match="live_clock_moved"):
            set_clock(connection, wall=WALL, epoch=WALL + timedelta(days=1), speed=1.0)


def test_an_exercise_moves_its_clock_forward_only(engine: Engine) -> None:
    later = WALL + timedelta(hours=1)
    with system_unit_of_work(engine, WALL) as connection:
        found_instance(connection, "exercise", "f1", WALL)
        set_clock(connection, wall=WALL, epoch=WALL + timedelta(days=1), speed=60.0)
        clock = read_clock(connection)
        assert clock.epoch + (later - clock.origin) * clock.speed == WALL + timedelta(days=1, hours=60)
        with pytest.raises(Illegal, match="clock_backwards"):
            set_clock(connection, wall=later, epoch=WALL + timedelta(days=3), speed=1.0)
        set_clock(connection, wall=later, epoch=WALL + timedelta(days=4), speed=0.0)
