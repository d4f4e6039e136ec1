"""A staffed house with a bank and orders in every state, its console, and a browser for each of its people."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

from fastapi import FastAPI

from fanzha.adapters.store.cases import move_case
from fanzha.adapters.store.institution_checks import Checked, NewCheck, keep_check
from fanzha.adapters.store.institution_messages import Refused, record_refusal
from fanzha.adapters.store.institutions import enter_profile, institution_called
from fanzha.adapters.store.roles import NewAssignment, assign_role, every_permission
from fanzha.apps.web.app import create_app
from fanzha.apps.web.console_data import HouseData
from fanzha.apps.web.settings import WebSettings
from fanzha.apps.web.views.visitor import Visitor
from fanzha.cases.case import Case, CaseState
from fanzha.kernel.clock import SetClock
from fanzha.kernel.errors import Unavailable
from fanzha.kernel.money import fen
from fanzha.kernel.units import Actor, UnitPath
from fanzha.orders.effects import Act, OrderKind
from fanzha.orders.order import Order, QueryOf, TargetKind, Terms
from fanzha.protocol.answer import Answer
from fanzha.protocol.facts import HeldAccount, Holder, Side
from fanzha.protocol.parties import HolderClass
from fanzha.protocol.trades import Trade
from fanzha.registers.institutions import ConnectorKind, Institution, InstitutionKind, OutOfHours
from fanzha.registers.reach import UNUSABLE
from fanzha.wiring.house import House
from fanzha.wiring.kept_files import keep_snapshot
from fanzha.wiring.orders import NewInstruction, find_unrelated, instruct
from tests.apps.web.client import Client
from tests.apps.web.synthetic import SyntheticDoors
from tests.conftest import CITY, COUNTY, person
from tests.registers.institutions import BANK
from tests.wiring.answers import MULE, answer, asked, hear, line
from tests.wiring.orders import Staffed, officer, resident, staffed
from tests.wiring.statement import PAYER

ORIGIN = "http://127.0.0.1"
CARDS = tuple(f"99999900000000{number:05d}" for number in range(100, 110))
SILENCE = Unavailable("institutions.request_failed")


@dataclass
class PeopleDoors(SyntheticDoors):
    """Everybody comes in by the name of their role."""

    actors: dict[str, Actor] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)

    def log_in(self, login: str, password: str) -> str:
        return f"token-of-{login}" if login in self.actors else super().log_in(login, password)

    def visitor(self, token: str) -> Visitor | None:
        found = super().visitor(self.log_in("analyst", self.password))
        login = token.removeprefix("token-of-")
        if found is None or login not in self.actors:
            return None
        return replace(found, actor=self.actors[login], csrf=f"csrf-of-{token}", display_name=self.actors[login].name)


@dataclass
class OrderHouse:
    """The house, its console, and its people by role."""

    staff: Staffed
    data: HouseData
    doors: PeopleDoors
    app: FastAPI

    def browser(self, login: str, language: str = "en") -> Client:
        """A browser of somebody of the house."""
        headers = {"origin": ORIGIN, "accept-language": language, "x-csrf": f"csrf-of-token-of-{login}"}
        return Client(self.app, base_url=ORIGIN, headers=headers, cookies={"fanzha": f"token-of-{login}"})

    def page(self, login: str, path: str, language: str = "en") -> str:
        """A page as somebody sees it."""
        with self.browser(login, language) as client:
            answer = client.get(path)
        assert answer.status_code == 200, (path, answer.status_code, answer.text)
        return answer.text


def order_house(house: House, clock: SetClock, case: Case, folder: Path, bank: Institution = BANK) -> OrderHouse:
    """The house with nothing ordered yet."""
    staff = staffed(house, clock, case, bank)
    actors = {"drafter": staff.drafter, "second": staff.second, "chief": staff.chief}
    doors, data = PeopleDoors(actors=actors), HouseData(house)
    app = create_app(data, doors, WebSettings(uploads=folder / "uploads", log_in_tries=1_000), clock)
    return OrderHouse(staff=staff, data=data, doors=doors, app=app)


def placed(house: House, actors: dict[str, Actor], folder: Path) -> FastAPI:
    """The console of a house in which these people are let in by `token-of-NAME`."""
    settings = WebSettings(uploads=folder / "uploads", log_in_tries=1_000)
    return create_app(HouseData(house), PeopleDoors(actors=actors), settings, house.clock)


def employ(staff: Staffed, who: Actor, role: str, unit: UnitPath = COUNTY) -> None:
    """They hold the role in the house's books, too."""
    admin = replace(person(CITY, 90), permissions=every_permission())
    if who.user_id is None:
        return
    with staff.house.act(admin) as connection:
        new = NewAssignment(user_id=who.user_id, role=role, unit_path=unit)
        assign_role(connection, new, admin, staff.house.wall.now())


def in_office(house: OrderHouse) -> OrderHouse:
    """Everybody holds their role in the house's books, beside a deputy who only reads."""
    staff, deputy = house.staff, officer(house.staff.house, "reader", COUNTY)
    house.doors.actors["deputy"] = deputy
    roles = ("desk_officer", "second_officer", "county_chief", "reader")
    for role, who in zip(roles, (staff.drafter, staff.second, staff.chief, deputy), strict=True):
        employ(staff, who, role)
    house.doors.actors["resident"] = resident(staff.house, BANK.name)
    return house


def fill(house: OrderHouse) -> dict[str, Order]:
    """An order in each state that a duty officer meets, by a name for it."""
    staff = house.staff
    with staff.house.act(staff.chief) as connection:
        move_case(connection, staff.case.id, CaseState.FILED, "test", staff.chief, staff.house.now())
    made = {"held": _held(staff, CARDS[0])}
    staff.clock.move(timedelta(hours=40))
    made["old"] = made["held"]
    made["frozen"] = _delivered(staff, OrderKind.FREEZE, CARDS[1])
    staff.at(staff.drafter, lambda desk: find_unrelated(desk, made["frozen"].id, "测试:查明为货款"))
    release = NewInstruction(act=Act.RELEASE, terms=Terms(release_fen=fen(100_000)), reason="测试:部分解除")
    made["releasing"] = staff.at(staff.drafter, lambda desk: instruct(desk, made["frozen"].id, release))
    staff.bank.result = "0301"
    made["refused"] = _held(staff, CARDS[2])
    staff.bank.result = "0000"
    made["fresh"] = _held(staff, CARDS[3])
    made["draft"] = staff.opened(number=CARDS[4])
    made["second_draft"] = staff.opened(number=CARDS[5], holder="测试·名字很长的有限责任公司及其分支机构")
    query = {"terms": Terms(query_of=QueryOf.HOLDER), "payment": None}
    made["query"] = staff.opened(OrderKind.QUERY, number=CARDS[6], **query)
    staff.bank.later = True
    made["waiting"] = _held(staff, CARDS[7])
    staff.bank.later = False
    staff.ring()
    return made


CARRIER = replace(
    BANK,
    name="test-carrier",
    code="999900000009",
    name_zh="测试运营商",
    name_en="Test Carrier",
    kind=InstitutionKind.CARRIER,
    trades=(Trade.BLOCK, Trade.UNBLOCK),
    demands=(),
    keys=(replace(BANK.keys[0], key_id="test-carrier-1"),),
)


def with_carrier(house: OrderHouse) -> None:
    """A carrier is registered that blocks numbers and hosts."""
    city = person(CITY, 90)
    with house.staff.house.act(city) as connection:
        enter_profile(connection, CARRIER, city, "test", house.staff.house.now(), unit=CITY)


def blocked(house: OrderHouse) -> Order:
    """The block of a number, drafted on kept evidence."""
    staff = house.staff
    evidence = keep_snapshot(staff.house, staff.drafter, staff.case.ref, "来电自称客服".encode())
    return staff.opened(
        OrderKind.BLOCK,
        institution=CARRIER.name,
        target_kind=TargetKind.PHONE,
        number="12012345678",
        holder="",
        holder_class="",
        terms=Terms(days=30, evidence=evidence),
        payment=None,
    )


def _held(staff: Staffed, card: str) -> Order:
    return _delivered(staff, OrderKind.STOP, card)


def _delivered(staff: Staffed, kind: OrderKind, card: str) -> Order:
    order = staff.signed(staff.opened(kind, number=card))
    staff.deliver()
    return staff.seen(order)


HOLDER = Holder(
    name="测试·别人", holder_class=HolderClass.PERSON, document_type="01", document_number="990101199001011234"
)
"""Somebody else than the case knows as holder."""


def told(house: OrderHouse) -> tuple[Order, Answer]:
    """An order whose answer told two lines, a holder, a balance and an account beside."""
    staff, now = house.staff, house.staff.house.now()
    order = asked(staff)
    came = line(now - timedelta(hours=2), 5_000_000, Side.CREDIT, PAYER, balance_after_fen=5_000_000)
    left = line(now - timedelta(hours=1), 4_900_000, Side.DEBIT, MULE, balance_after_fen=100_000)
    beside = HeldAccount(number=CARDS[9], currency="CNY", state="normal", balance_fen=770_000, available_fen=700_000)
    sums = {"balance_fen": 88_000, "available_fen": 0}
    said = answer(staff, order, [came, left], holder=HOLDER, accounts=(beside,), **sums)
    hear(staff, said)
    return order, said


def with_more_institutions(house: OrderHouse) -> None:
    """One on paper, one out of reach with a long name, one never asked; a kept contract, and calls turned away."""
    staff, city = house.staff, person(CITY, 90)
    now = staff.house.now()
    far = replace(
        BANK, name="far-bank", code="999900000002", name_zh="名字很长的测试农村商业银行股份有限公司东山县支行营业部",
        name_en="Test Rural Commercial Bank of a Long Name", keys=(replace(BANK.keys[0], key_id="far-bank-1"),),
    )  # fmt: skip
    paper = replace(
        BANK, name="paper-bank", code="999900000003", name_zh="测试信用社", name_en="Test Credit Union", keys=(),
        connector=ConnectorKind.PAPER, endpoint=None, out_of_hours=OutOfHours.CALL,
    )  # fmt: skip
    findings = [Checked(check="trade.stop", holds=True, said="0000"), Checked(check="trade.block", holds=None, said="")]
    broken = Checked(check="signature.replayed", holds=False, said="received")
    with staff.house.act(city) as connection:
        bank = institution_called(connection, BANK.name)
        known = [enter_profile(connection, each, city, "接入演练", now, unit=CITY) for each in (far, paper)]
        unusable = NewCheck(
            institution_id=known[0].id, version=1, findings=(), failure=UNUSABLE, reason="no_connection"
        )
        keep_check(connection, unusable, city, now)
        kept = NewCheck(institution_id=bank.id, version=1, findings=[*findings, broken])
        keep_check(connection, kept, city, now)
    with staff.house.act_as_house() as connection:
        came = {"protocol.bad_signature": b"{}", "protocol.replayed": b"{}", "protocol.too_large": b"0" * 9_000}
        for code, body in came.items():
            told = Refused(institution_id=bank.id, address="/institutions/v1/answers", code=code, place="", body=body)
            record_refusal(connection, told, now)
