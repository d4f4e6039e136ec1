"""What tests share: real databases, a clock that stands still, a small tree of units and people in it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from argon2 import PasswordHasher
from pydantic import SecretStr
from sqlalchemy import Engine

from fanzha.adapters.store import passwords
from fanzha.adapters.store.cases import open_case
from fanzha.adapters.store.engine import APP
from fanzha.adapters.store.instance import found_instance
from fanzha.adapters.store.keys import Keys, make_keys
from fanzha.adapters.store.roles import every_permission
from fanzha.adapters.store.unit_of_work import unit_of_work
from fanzha.adapters.store.units import Unit, add_unit
from fanzha.cases.case import Case
from fanzha.kernel.clock import SetClock
from fanzha.kernel.ids import UserId
from fanzha.kernel.units import Actor, Level, UnitPath, unit_path
from fanzha.settings import Settings
from fanzha.wiring.house import House
from tests import bounds
from tests.databases import TestServer, embedded_server, sweep

CITY = unit_path("linan")
COUNTY = unit_path("linan.dongshan")
STATION = unit_path("linan.dongshan.station_1")
OTHER_COUNTY = unit_path("linan.xihe")

UNITS: tuple[tuple[UnitPath, Level, str, str], ...] = (
    (CITY, "city", "临安市反诈中心", "Lin'an centre"),
    (COUNTY, "county", "东山县反诈中心", "Dongshan centre"),
    (STATION, "station", "东山一所", "Dongshan station 1"),
    (OTHER_COUNTY, "county", "西河县反诈中心", "Xihe centre"),
)
"""An invented city: no unit of these names is meant."""


def pytest_configure(config: pytest.Config) -> None:
    """Let no test wait for ever."""
    config.pluginmanager.register(bounds)


@pytest.fixture(scope="session")
def run_name() -> str:
    """One name for all processes of a test run."""
    return os.environ.get("PYTEST_XDIST_TESTRUNUID", uuid4().hex)[:12]


@pytest.fixture(scope="session")
def postgres(run_name: str) -> Iterator[TestServer]:
    """The embedded server of this run, with a migrated template database."""
    sweep()
    with embedded_server(run_name) as server:
        yield server


@pytest.fixture
def engine(postgres: TestServer) -> Iterator[Engine]:
    """A fresh migrated database as the plain role."""
    with postgres.engine() as engine:
        yield engine


@pytest.fixture
def unfounded(postgres: TestServer, tmp_path: Path) -> Iterator[Settings]:
    """Settings of an instance that is still to be founded, whose fresh database lies on the run's server."""
    with postgres.database() as name:
        yield Settings(home=tmp_path / "home", keys=tmp_path / "keys", database_url=SecretStr(postgres.url(APP, name)))


@pytest.fixture(autouse=True)
def cheap_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """Password hashes that cost nothing; their strength is a constant that a test reads."""
    monkeypatch.setattr(passwords, "HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


@pytest.fixture
def tree(engine: Engine, now: datetime) -> None:
    """A city with two counties and a station, in the test's database."""
    with engine.begin() as connection:
        for path, level, zh, en in UNITS:
            add_unit(connection, Unit(path=path, level=level, name_zh=zh, name_en=en, contact="0999-1200000"), now)


@pytest.fixture
def clock() -> SetClock:
    """Business time, standing until the test moves it."""
    return SetClock(datetime(2026, 3, 2, 1, 30, tzinfo=UTC))


@pytest.fixture
def now(clock: SetClock) -> datetime:
    """The instant at which the test's clock stands first."""
    return clock.now()


def person(scope: UnitPath, number: int, permissions: frozenset[str] | None = None) -> Actor:
    """Somebody of a unit who may do everything there."""
    held = every_permission() if permissions is None else permissions
    return Actor(user_id=UserId(UUID(int=number)), name=f"tester{number}", scope=scope, permissions=held)


@pytest.fixture
def city_actor() -> Actor:
    """Sees the whole tree."""
    return person(CITY, 1)


@pytest.fixture
def county_actor() -> Actor:
    """Sees one county and its stations."""
    return person(COUNTY, 2)


@pytest.fixture
def station_actor() -> Actor:
    """Sees one station."""
    return person(STATION, 3)


@pytest.fixture
def other_actor() -> Actor:
    """Sees another county only."""
    return person(OTHER_COUNTY, 4)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings of an instance of its own, with keys outside its data."""
    return Settings(home=tmp_path / "home", keys=tmp_path / "keys")


@pytest.fixture
def keys(settings: Settings, now: datetime) -> Keys:
    """Master keys of an instance of its own."""
    return make_keys(settings.keys, settings.home, now)


@pytest.fixture
def house(engine: Engine, tree: None, settings: Settings, keys: Keys, clock: SetClock, county_actor: Actor) -> House:
    """An exercise of its own, both of whose clocks stand."""
    with unit_of_work(engine, county_actor, clock.now()) as connection:
        instance = found_instance(connection, "exercise", keys.fingerprint(), clock.now())
    return House(settings=settings, engine=engine, keys=keys, instance=instance, clock=clock, wall=clock)


@pytest.fixture
def case(house: House, county_actor: Actor) -> Case:
    """A case of the county's."""
    with house.act(county_actor) as connection:
        return open_case(connection, "测试案件", "criminal", county_actor, house.now())
