"""The example case in a house of its own, with its console and an analyst at it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from fastapi import FastAPI

from fanzha.adapters.store.cases import case_by_ref
from fanzha.apps.web.app import create_app
from fanzha.apps.web.console_data import HouseData
from fanzha.apps.web.pages.movements import MOVEMENTS
from fanzha.apps.web.settings import WebSettings
from fanzha.apps.web.views.cases import NewCase
from fanzha.apps.web.views.movements import MovementLine
from fanzha.apps.web.views.tables import read_query
from fanzha.apps.web.views.trace import TraceQuestion
from fanzha.apps.web.views.visitor import Visitor
from fanzha.kernel.clock import SetClock
from fanzha.kernel.units import Actor
from fanzha.tracing.follow.case_flow import case_flow
from fanzha.wiring.house import House
from fanzha.wiring.ledgers import case_ledger
from fanzha.wiring.statements import import_files
from fanzha.wiring.typologies import live_typologies
from fanzha.workflows.asked_trace import Asked, answered
from fanzha.workflows.trace_case import TracedCase
from tests.apps.web.client import Client
from tests.apps.web.synthetic import SyntheticDoors
from tests.conftest import COUNTY
from tests.tidy.source import ROOT

EXAMPLE = ROOT / "examples" / "first_case"
ORIGIN = "http://127.0.0.1"


@dataclass
class KnownDoors(SyntheticDoors):
    """Everybody who logs in is the one actor."""

    actor: Actor | None = None

    def visitor(self, token: str) -> Visitor | None:
        found = super().visitor(token)
        return replace(found, actor=self.actor) if found and self.actor else found


@dataclass
class Desk:
    """The example case, its house, and an analyst's browser."""

    house: House
    data: HouseData
    actor: Actor
    ref: str
    client: Client
    app: FastAPI

    def largest(self, most: int = 1) -> list[MovementLine]:
        """Its largest payments."""
        query = read_query(MOVEMENTS, {"sort": "amount_fen", "order": "desc"})
        return [each for each in self.data.movements(self.actor, self.ref, query).rows if each.payer][:most]

    def traced(self, question: TraceQuestion) -> TracedCase:
        """The answer without anything of the console in between."""
        with self.house.act(self.actor) as connection:
            ledger = case_ledger(self.house, connection, case_by_ref(connection, self.ref))
        asked = Asked(
            starts=question.starts,
            method=question.method,
            direction=question.direction,
            horizon_s=question.horizon_s,
            floor_fen=question.floor_fen,
        )
        return answered(ledger, case_flow(ledger.rows, ledger.found), asked, live_typologies())

    def page(self, place: str, query: str) -> str:
        """A page's text."""
        answer = self.client.get(f"/cases/{self.ref}/trace{place}?{query}")
        assert answer.status_code == 200, answer.text
        return answer.text


@contextmanager
def example_desk(house: House, actor: Actor, clock: SetClock, folder: Path) -> Iterator[Desk]:
    """An analyst who has just opened the example case."""
    data = HouseData(house)
    ref = data.open_case(actor, NewCase(title="测试案件", retention="criminal", unit=COUNTY))
    import_files(house, actor, ref, sorted(EXAMPLE.iterdir()))
    doors = KnownDoors(actor=actor)
    app = create_app(data, doors, WebSettings(uploads=folder / "uploads"), clock)
    with Client(app, base_url=ORIGIN, headers={"origin": ORIGIN, "accept-language": "en"}) as client:
        client.post("/login", data={"login": "analyst", "password": doors.password})
        yield Desk(house=house, data=data, actor=actor, ref=ref, client=client, app=app)
