"""Ids of another county, wherever one may be told: the answer is the one to an id that never was, and nothing changes.

Fields of forms are seen as pages read them, fields of JSON as the API describes them: a new one is said to name
something or nothing, or this fails.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from itertools import product
from pathlib import Path
from typing import Annotated, Any
from uuid import uuid4

import pytest
from fastapi import Depends, Request
from httpx import Response
from sqlalchemy import text

from fanzha.adapters.store.roles import roles
from fanzha.apps.web.pages import events
from fanzha.apps.web.security.sessions import open_form, posted_form
from fanzha.apps.web.views.cases import NewCase
from fanzha.apps.web.views.incidents import AskedPayment, AskedReport
from fanzha.apps.web.views.new_order import AskedOrder
from fanzha.kernel.units import Actor
from fanzha.wiring.statements import import_files
from tests.apps.web.client import Client
from tests.conftest import COUNTY, OTHER_COUNTY
from tests.registers.institutions import BANK
from tests.security.conftest import CARD, HEADER, OPERATOR, ROWS, TITLE, Place
from tests.security.test_matrix import ASKED_AUTHORITY, MATRIX, ask

MINE = "9999990000000000055"
NEVER = {
    "ref": "C2026-999999", "order": "S2026-999999", "incident": "I2026-999999", "instruction": str(uuid4()),
    "import_id": str(uuid4()), "account": "0123456789abcdef", "movement": "0123456789abcdef", "sha256": "ab" * 32,
    "payment": "0123456789abcdef-1-1", "card": "9999990000000000063",
}  # fmt: skip
UUIDS = re.compile(r"[0-9a-f]+(?:[-*]+[0-9a-f]+){2,}")
"""Ids as they are told, some of their digits hidden like a card's."""
TABLES = (
    "case_file",
    "case_entry",
    "order_file",
    "order_entry",
    "incident",
    "incident_entry",
    "authority",
    "objection",
)

_WORDS = """
    accounts act again amount amount_fen at back balance by channel code column- csrf days disabled end ends_at
    evidence_words excluded export held holder holder_class hours identity_checked include_interest institution key kind
    kind_monitor kind_query kind_stop language layers least least_fen least_share limit limit_fen login months move name
    new number old own_account paid_at password payee payments payee_name payer payer_institution payer_name phone
    purpose query_of quick reason reference release release_fen released
    reported_at result retention role says scam_type since sort_company
    sort_hospital sort_merchant sort_payment_pool sort_payroll sort_person sort_public source standing starts_at
    state step sure target_kind term text theme title to total total_fen traceable_fen unit until victim way whole words
"""
PLAIN = frozenset(_WORDS.split())
"""Fields that name nothing that is a county's own: words, sums, times, codes, numbers as people type them; units,
institutions and log-in names, which everybody knows; and a client's key, which is mixed with whoever gives it."""


@dataclass(frozen=True, kw_only=True)
class Told:
    """A field of a route in which something of a county's own is named; `beside` is what else is sent."""

    route: str
    name: str
    what: str
    beside: Mapping[str, str] = field(default_factory=dict)
    act: str = ""


ORDER = {"case": "{mine}", "kind": "query", "institution": BANK.name, "query_of": "holder", "reason": "test"}
ORDER_FIELDS = {
    "case": "ref", "account": "account", "movement": "movement", "evidence": "sha256",
}  # fmt: skip
REASON = {"reason": "test", "kind": "stop", "quick": "1"}
OBJECTION = {"channel": "visit", "standing": "holder", "says": "a"}
PAYMENT = {
    "institution0": BANK.name, "payee0": "9999990000000000071", "amount0": "1", "at0": "2026-03-02T09:10",
    "reason": "test",
}  # fmt: skip
INCIDENT, ACT = "POST /incidents/{number}/do/{act}", "POST /orders/{number}/do/{act}"
TELLS = (
    *(
        Told(route=route, name=name, what=what, beside=ORDER | ({"kind": "block"} if name == "evidence" else {}))
        for route, (name, what) in product(("POST /orders/new", "POST /api/v1/orders"), ORDER_FIELDS.items())
    ),
    Told(route="POST /orders/new", name="before", what="order", beside=ORDER),
    Told(route="POST /cases/{ref}/exclusion", name="imports", what="import_id", beside=REASON | {"excluded": "yes"}),
    Told(route=INCIDENT, name="account", what="account", beside=REASON, act="exclude"),
    Told(route=INCIDENT, name="account", what="account", beside=REASON, act="draft"),
    Told(route=INCIDENT, name="orders", what="order", beside=REASON, act="looked"),
    Told(route=INCIDENT, name="orders", what="order", beside=REASON, act="revive"),
    Told(route="POST /authorities/new", name="incident", what="incident", beside=ASKED_AUTHORITY),
    Told(route="POST /objections/new", name="order", what="order", beside=OBJECTION),
    Told(route="POST /objections/new", name="evidence", what="sha256", beside=OBJECTION | {"order": "{order}"}),
    Told(route=ACT, name="instruction", what="instruction", beside=REASON, act="cancel"),
    Told(route=ACT, name="instruction", what="instruction", beside=REASON, act="sign"),
    Told(route="POST /orders/{number}/answers/{instruction}", name="evidence", what="sha256", beside=REASON),
    Told(route="POST /seat/{number}/{instruction}", name="evidence", what="sha256", beside=REASON),
    Told(route="POST /orders/{number}/evidence", name="reply", what="sha256", beside={"purpose": "test"}),
    Told(route="POST /api/v1/incidents/{number}/joined", name="incidents", what="incident", beside={"reason": "test"}),
    Told(route="POST /incidents/{number}/join", name="others", what="incident", beside=REASON),
    Told(route="POST /authorities/{number}/do/narrow", name="incident", what="incident", beside=REASON),
    Told(route="POST /incidents/{number}/payments", name="instead", what="payment", beside=PAYMENT),
    # Typed, but their answers must not tell who else has it.
    Told(
        route="POST /incidents/{number}/await", name="account", what="card", beside=REASON | {"institution": BANK.name}
    ),
    Told(route="POST /incidents/same", name="payee", what="card"),
)
QUERIES = (
    ("/orders/new?case={}", "ref"), ("/orders/new?case={mine}&account={}", "account"),
    ("/orders/new?case={mine}&movement={}", "movement"), ("/orders/new?case={mine}&before={}", "order"),
    ("/objections/new?order={}", "order"),
    ("/cases/{mine}/exclusion?import={}", "import_id"), ("/cases/{mine}/trace?from={}", "movement"),
    ("/cases/{mine}/quality?import={}", "import_id"), ("/orders?case={}", "ref"), ("/api/v1/orders?case={}", "ref"),
    ("/orders/{order}/do/cancel?instruction={}", "instruction"), ("/authorities/new?incident={}", "incident"),
    ("/cases/{mine}/movements/{}", "movement"), ("/cases/{mine}/accounts/{}", "account"),
    ("/cases/{mine}/victims/{}", "account"), ("/api/v1/cases/{mine}/accounts/{}", "account"),
)  # fmt: skip


class Seen(dict[str, str]):
    """The fields of a form that tells of which somebody asked for what."""

    def __init__(self, given: Mapping[str, str], asked: set[str]) -> None:
        super().__init__(given)
        self.asked = asked

    def get(self, name: str, default: Any = None) -> Any:
        """What the form has there."""
        self.asked.add(re.sub(r"(?<!_)\d+$", "", name))
        return super().get(name, default)


@dataclass(frozen=True)
class Far:
    """Somebody of another county, with a case, an order and an incident of their own."""

    place: Place
    mine: str
    order: str
    instruction: str
    incident: str

    def client(self) -> tuple[Client, str]:
        """Their browser, with the token of its forms."""
        token = self.place.token(self.place.people["commander", OTHER_COUNTY])
        return self.place.client(token), self.place.csrf(token)

    def theirs(self, what: str) -> str:
        """What the one county has of that sort."""
        made = {
            "order": lambda: self.place.order.number,
            "instruction": lambda: str(self.place.order.instructions[-1].id),
            "incident": lambda: self.place.incident.number,
            "sha256": lambda: self.place.data.keep_snapshot(OPERATOR, self.place.ref, b"a page of theirs"),
            "payment": lambda: self.place.incident.payments[0].key,
            "card": lambda: CARD,
        }
        return made[what]() if what in made else str(getattr(self.place, what))

    def same(self, ask: Callable[[Client, Mapping[str, str], str], Response], what: str) -> str | None:
        """None, or how the answers to their id and to one that never was differ."""
        client, csrf = self.client()
        told = []
        with client:
            for each in (self.theirs(what), NEVER[what]):
                before = counts(self.place)
                answer = ask(client, {"x-csrf": csrf, "accept": "text/html"}, each)
                said = UUIDS.sub("ID", answer.text.replace(each, "ID"))
                told.append((answer.status_code, answer.headers.get("location", "").replace(each, "ID"), said))
                if answer.status_code >= 400 and counts(self.place) != before:
                    return f"{each}: something changed"
        if told[0] == told[1] and told[0][0] < 500 and TITLE not in told[0][2]:
            return None
        at = next((n for n, (a, b) in enumerate(zip(told[0][2], told[1][2], strict=False)) if a != b), 0)
        shown = [each[2][max(0, at - 80) : at + 80] for each in told]
        return f"{told[0][:2]} and {told[1][:2]}: {shown}"


def counts(place: Place) -> list[int]:
    """How many rows the whole city has of what may come of an act."""
    with place.house.act(OPERATOR) as connection:
        return [connection.scalar(text(f"SELECT count(*) FROM {table}")) or 0 for table in TABLES]


@pytest.fixture(autouse=True)
def short_streams(monkeypatch: pytest.MonkeyPatch) -> None:
    """One look, then the stream ends."""
    monkeypatch.setattr(events, "STREAM_LOOKS", 1)
    monkeypatch.setattr(events, "LOOK_SECONDS", 0.0)


@pytest.fixture
def far(place: Place, tmp_path: Path) -> Far:
    """The other county at work."""
    user = place.people["commander", OTHER_COUNTY]
    who = Actor(user_id=user, name="commander", scope=OTHER_COUNTY, permissions=roles()["commander"].permissions)
    mine = place.data.open_case(who, NewCase(title="测试", retention="criminal", unit=OTHER_COUNTY))
    (tmp_path / "mine.csv").write_text(HEADER + ROWS.replace(CARD, MINE), "utf-8")
    import_files(place.house, replace(OPERATOR, scope=OTHER_COUNTY), mine, [tmp_path / "mine.csv"])
    asked = AskedOrder(case=mine, kind="query", institution=BANK.name, reason="test", number=MINE, query_of="holder")
    order = place.data.open_new_order(who, asked)
    paid = AskedPayment(institution=BANK.name, payee=MINE, payee_name="", amount_fen=1, at=place.house.now(), payer="")
    report = AskedReport(source="110", reported_at=None, payments=[paid], victim="", scam_type="", words="",
                         identity_checked=False, key="")  # fmt: skip
    draft = place.data.order(who, order).instructions[0].id
    return Far(place, mine, order, draft, place.data.take_report(who, report))


def test_an_id_of_theirs_in_a_field_is_as_one_that_never_was(far: Far) -> None:
    wrong = []
    for each in TELLS:
        method, _, path = each.route.partition(" ")
        number = far.incident if path.startswith("/incidents") else far.order
        path = path.format(**{"ref": far.mine, "number": number, "act": each.act, "instruction": far.instruction})
        beside = {name: told.format(mine=far.mine, order=far.order) for name, told in each.beside.items()}
        name = (
            f"{each.name}0" if path.startswith("/incidents/") and each.name in ("institution", "payee") else each.name
        )

        def ask(
            client: Client,
            headers: Mapping[str, str],
            told: str,
            sent: tuple[str, str, str] = (method, path, name),
            beside: Mapping[str, str] = beside,
        ) -> Response:
            fields = {**beside, sent[2]: told}
            if sent[1].startswith("/api/v1/incidents/"):
                return client.request(sent[0], sent[1], json={**fields, sent[2]: [told]}, headers=headers)
            if sent[1].startswith("/api/"):
                return client.request(sent[0], sent[1], json={**fields, "key": "k"}, headers=headers)
            return client.request(sent[0], sent[1], data=fields, headers=headers)

        if differs := far.same(ask, each.what):
            wrong.append(f"{each.route} {each.name}: {differs}")
    assert not wrong, "\n".join(wrong)


def test_an_id_of_theirs_in_an_address_is_as_one_that_never_was(far: Far) -> None:
    wrong = []
    for address, what in QUERIES:
        path = address.replace("{mine}", far.mine).replace("{order}", far.order)

        def ask(client: Client, headers: Mapping[str, str], told: str, path: str = path) -> Response:
            return client.get(path.format(told), headers=headers)

        if differs := far.same(ask, what):
            wrong.append(f"{address}: {differs}")
    assert not wrong, "\n".join(wrong)


def test_every_field_of_a_form_is_known_to_name_something_or_nothing(place: Place) -> None:
    asked: dict[str, set[str]] = {}

    async def seen(request: Request, form: Annotated[Mapping[str, str], Depends(open_form)]) -> Seen:
        route = request.scope["route"]
        return Seen(form, asked.setdefault(f"{request.method} {route.path}", set()))

    place.app.dependency_overrides[posted_form] = seen
    forms = [
        each for each, rule in MATRIX.items() if each.startswith("POST ") and not rule.open and "/api/" not in each
    ]
    for route in forms:
        ask(place, route, "commander", COUNTY)
    known = {(each.route, each.name) for each in TELLS}
    unknown = [
        f"{route} {name}"
        for route, names in asked.items()
        for name in sorted(names - PLAIN)
        if (route, name) not in known
    ]
    assert len(asked) > len(forms) // 2
    assert not unknown, "\n".join(unknown)


def test_every_field_of_a_described_body_is_known_to_name_something_or_nothing(place: Place) -> None:
    described = place.app.openapi()["components"]["schemas"]
    names = {each for shape, told in described.items() if shape.endswith("Body") for each in told["properties"]}
    known = {each.name for each in TELLS if "/api/" in each.route}
    assert names - PLAIN == known
