"""An open house: its database, keys and clock, ready for whoever acts in it."""

from __future__ import annotations

import getpass
import secrets
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, Engine

from fanzha.adapters.store.instance import Birth, Instance, found_instance, read_clock, require_keys, the_instance
from fanzha.adapters.store.keys import Keys, make_keys, open_keys
from fanzha.adapters.store.officers import OrganCard, keep_organ
from fanzha.adapters.store.opening import open_store
from fanzha.adapters.store.roles import every_permission
from fanzha.adapters.store.unit_of_work import system_unit_of_work, unit_of_work
from fanzha.adapters.store.units import Unit, add_unit, find_unit
from fanzha.i18n import text
from fanzha.kernel.clock import Clock, FollowedClock, WallClock
from fanzha.kernel.ids import Chance
from fanzha.kernel.units import Actor, Level, UnitPath, unit_path
from fanzha.settings import Settings

CENTRE = unit_path("centre")
"""The root of an instance's tree: the centre itself; counties and stations are added below it."""


EXERCISE_ORGAN = "9999990000"
"""How the twelve characters of an exercise's organs begin: 99 is no province's number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """What every command and page works with."""

    settings: Settings
    engine: Engine
    keys: Keys
    instance: Instance
    clock: Clock
    wall: Clock
    chance: Chance = secrets.token_bytes

    def now(self) -> datetime:
        """Business time."""
        return self.clock.now()

    def act(self, actor: Actor) -> AbstractContextManager[Connection]:
        """One transaction in which this actor acts."""
        return unit_of_work(self.engine, actor, self.now())

    def act_as_house(self) -> AbstractContextManager[Connection]:
        """One transaction of the house itself: log-ins, taking work, sealing the audit."""
        return system_unit_of_work(self.engine, self.now())

    def follow_clock(self) -> None:
        """Read the business clock again: an exercise may have moved it or changed its speed."""
        if isinstance(self.clock, FollowedClock):
            with self.act_as_house() as connection:
                self.clock.reading = read_clock(connection)

    @property
    def evidence(self) -> Path:
        """Where originals, rows and results lie, sealed."""
        return self.settings.home / "evidence"

    @property
    def uploads(self) -> Path:
        """Where files wait between a browser and their import."""
        return self.settings.home / "uploads"


@contextmanager
def open_house(settings: Settings, birth: Birth | None = None) -> Iterator[House]:
    """The instance of these settings, founded when there is none yet: as `birth`, else as an exercise.

    An exercise is the safe guess: it says on every page that it holds no real case, and it never reaches a real
    institution. A live instance is founded only by somebody who says so.
    """
    wall = WallClock()
    with open_store(settings) as engine:
        keys = _opened_keys(engine, settings, wall.now())
        instance = _founded(engine, keys, birth, wall.now())
        with system_unit_of_work(engine, wall.now()) as connection:
            clock = FollowedClock(read_clock(connection))
        house = House(settings=settings, engine=engine, keys=keys, instance=instance, clock=clock, wall=wall)
        for folder in (house.evidence, house.uploads):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            folder.chmod(0o700)  # the home itself is open to the database's OS user when root runs the house
        yield house


def _opened_keys(engine: Engine, settings: Settings, now: datetime) -> Keys:
    """The keys this instance was born with; new ones are made only where there is no instance yet."""
    with system_unit_of_work(engine, now) as connection:
        if the_instance(connection) is None:
            return make_keys(settings.keys, settings.home, now)
        keys = open_keys(settings.keys)
        require_keys(connection, keys.fingerprint())
        return keys


def operator() -> Actor:
    """Whoever works at the machine itself, with every permission over the whole centre; named in the audit."""
    return Actor(user_id=None, name=f"cli:{getpass.getuser()}", scope=CENTRE, permissions=every_permission())


def _founded(engine: Engine, keys: Keys, birth: Birth | None, now: datetime) -> Instance:
    with unit_of_work(engine, operator(), now) as connection:
        found = the_instance(connection)
        if found is None or birth is not None:
            found = found_instance(connection, birth or "exercise", keys.fingerprint(), now)
        if find_unit(connection, CENTRE) is None:
            for number, each in enumerate(_first_units(found.birth), 1):
                add_unit(connection, each, now)
                if found.birth == "exercise":
                    card = OrganCard(unit_path=each.path, code=f"{EXERCISE_ORGAN}{number:02d}", name=each.name_zh)
                    keep_organ(connection, card, operator(), now)
        return found


def _first_units(birth: Birth) -> list[Unit]:
    """A live centre begins alone; an exercise has a county and a station that cannot be mistaken for real ones."""

    def named(path: str, level: Level, key: str) -> Unit:
        zh, en = text("zh", f"words.units.{key}"), text("en", f"words.units.{key}")
        return Unit(path=UnitPath(path), level=level, name_zh=zh, name_en=en)

    if birth == "live":
        return [named(CENTRE, "city", "centre")]
    return [
        named(CENTRE, "city", "exercise_city"),
        named(f"{CENTRE}.county01", "county", "exercise_county"),
        named(f"{CENTRE}.county01.station01", "station", "exercise_station"),
    ]
