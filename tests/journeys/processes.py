"""A house whose programs run as processes of their own, beside the test."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from fanzha.adapters.store.cases import open_case
from fanzha.adapters.store.imports import Import, list_imports
from fanzha.adapters.store.people import NewPerson, add_person
from fanzha.adapters.store.roles import NewAssignment, assign_role
from fanzha.adapters.store.schema.evidence import import_lease
from fanzha.adapters.store.schema.work import work as work_rows
from fanzha.adapters.store.units import Unit, add_unit, find_unit
from fanzha.cases.case import Case
from fanzha.kernel.clock import WallClock
from fanzha.kernel.units import Actor
from fanzha.wiring.house import CENTRE, House, operator

PATIENCE_SECONDS = 240.0
"""For whatever takes seconds; the bound of a test is longer, because it cannot say what was waited for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """A house in which programs of ours are run and killed."""

    house: House
    case: Case
    person: Actor

    def imports(self) -> list[Import]:
        with self.house.act(self.person) as connection:
            return list_imports(connection, self.case.id)

    def is_importing(self) -> bool:
        with self.house.act_as_house() as connection:
            return connection.execute(select(import_lease.c.import_id)).first() is not None

    def environment(self) -> dict[str, str]:
        url = self.house.engine.url.render_as_string(hide_password=False)
        settings = self.house.settings
        return {
            **os.environ,
            "FANZHA_HOME": str(settings.home),
            "FANZHA_KEYS": str(settings.keys),
            "FANZHA_DATABASE_URL": url,
        }

    def lapse(self) -> None:
        """As if the time of all leases had passed."""
        past = self.house.wall.now() - timedelta(seconds=1)
        with self.house.act_as_house() as connection:
            connection.execute(update(import_lease).values(until=past))
            connection.execute(update(work_rows).where(work_rows.c.state == "running").values(lease_until=past))

    @contextmanager
    def program(self, *command: str, **settings: str) -> Iterator[subprocess.Popen[bytes]]:
        """A program of ours, with these settings; it does not outlive the block, whatever fails in it."""
        running = subprocess.Popen(
            [sys.executable, "-m", *command], env={**self.environment(), **settings}, stdout=subprocess.DEVNULL
        )
        try:
            yield running
        finally:
            running.kill()
            running.wait(PATIENCE_SECONDS)

    def kill_within(self, delay: float, *command: str) -> None:
        """Run a program of ours and kill it so long after its import began."""
        with self.program(*command) as child:
            until = time.monotonic() + PATIENCE_SECONDS
            while not self.is_importing() and child.poll() is None and time.monotonic() < until:
                time.sleep(0.01)
            time.sleep(delay)


@pytest.fixture
def scene(house: House) -> Scene:
    """A house in real time, with a case of the centre's own and somebody to import into it."""
    real = replace(house, wall=WallClock(), clock=WallClock())
    with house.act(operator()) as connection:
        if find_unit(connection, CENTRE) is None:
            add_unit(
                connection, Unit(path=CENTRE, level="city", name_zh="测试中心", name_en="Test centre"), house.now()
            )
        made = add_person(connection, NewPerson(login="killer", name="测试·丁", unit_path=CENTRE), house.now())
        assign_role(connection, NewAssignment(user_id=made, role="analyst", unit_path=CENTRE), operator(), house.now())
        case = open_case(connection, "测试案件", "criminal", operator(), house.now(), ref="CRASH")
    person = replace(operator(), user_id=made, name="killer")
    return Scene(house=real, case=case, person=person)
