"""A console over invented data, and a client that is logged in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from fanzha.apps.web.app import create_app
from fanzha.apps.web.settings import WebSettings
from fanzha.kernel.clock import SetClock
from fanzha.kernel.units import Actor
from fanzha.wiring.house import House
from tests.apps.web.client import Client
from tests.apps.web.example_desk import Desk, example_desk
from tests.apps.web.synthetic import NOW, SyntheticData, SyntheticDoors

ORIGIN = "http://127.0.0.1"


@dataclass
class Stage:
    """A console under test: its parts and a client."""

    data: SyntheticData
    doors: SyntheticDoors
    clock: SetClock
    uploads: Path
    client: Client

    def log_in(self) -> None:
        """Let the client carry a session."""
        answer = self.client.post("/login", data={"login": "analyst", "password": self.doors.password})
        assert answer.status_code == 303, answer.text

    @property
    def csrf(self) -> str:
        """The token the session's forms carry."""
        return f"csrf-of-{self.client.cookies['fanzha']}"

    def post(self, path: str, **fields: str):  # type: ignore[no-untyped-def]
        """Send a form of the session."""
        return self.client.post(path, data={"csrf": self.csrf, **fields})


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    """A console with a visitor at its door."""
    data, doors, clock = SyntheticData(), SyntheticDoors(), SetClock(NOW)
    settings = WebSettings(uploads=tmp_path / "uploads", upload_bytes=1_000_000, upload_files=3)
    app = create_app(data, doors, settings, clock)
    headers = {"origin": ORIGIN, "accept-language": "en"}
    with Client(app, base_url=ORIGIN, headers=headers) as client:
        yield Stage(data, doors, clock, tmp_path / "uploads", client)


@pytest.fixture
def inside(stage: Stage) -> Stage:
    """A console with somebody logged in."""
    stage.log_in()
    return stage


@pytest.fixture
def desk(house: House, county_actor: Actor, clock: SetClock, tmp_path: Path) -> Iterator[Desk]:
    """The example case and an analyst at it."""
    with example_desk(house, county_actor, clock, tmp_path) as made:
        yield made
