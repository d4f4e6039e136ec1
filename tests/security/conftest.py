"""A whole house with its console: two counties, a case in one of them, and everybody who may knock."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from fastapi import FastAPI
from sqlalchemy import Engine

from fanzha.adapters.store.cases import case_by_ref
from fanzha.adapters.store.imports import list_imports, sheets_of
from fanzha.adapters.store.instance import found_instance
from fanzha.adapters.store.institutions import enter_profile, institution_called
from fanzha.adapters.store.keys import Keys
from fanzha.adapters.store.officers import OfficerCard, OrganCard, keep_officer, keep_organ
from fanzha.adapters.store.people import NewPerson, add_person, set_password
from fanzha.adapters.store.roles import NewAssignment, assign_role, every_permission, roles
from fanzha.adapters.store.unit_of_work import system_unit_of_work, unit_of_work
from fanzha.adapters.store.units import Unit, add_unit
from fanzha.apps.web.app import create_app
from fanzha.apps.web.console_data import HouseData, way_in
from fanzha.apps.web.pages.movements import MOVEMENTS
from fanzha.apps.web.settings import WebSettings
from fanzha.apps.web.views.cases import NewCase
from fanzha.apps.web.views.objections import TakenObjection
from fanzha.apps.web.views.tables import read_query
from fanzha.apps.web.wired.masks import source_mark
from fanzha.cases.incident import Incident, Source
from fanzha.kernel.clock import SetClock
from fanzha.kernel.ids import UserId
from fanzha.kernel.money import fen
from fanzha.kernel.units import Actor, UnitPath
from fanzha.orders.effects import Move, OrderKind
from fanzha.orders.entries import Amounts, Entry, EntryKind
from fanzha.orders.order import By, Capacity, Order, TargetKind, Terms
from fanzha.settings import Settings
from fanzha.wiring.authorities import NewAuthority, draft_authority, proposed
from fanzha.wiring.desk import Desk
from fanzha.wiring.house import House
from fanzha.wiring.incidents import NewPaid, NewReport, take_report
from fanzha.wiring.new_orders import NewOrder, NewPayment
from fanzha.wiring.orders import open_order
from fanzha.wiring.people import doors_of
from fanzha.wiring.statements import import_files
from tests.apps.web.client import Client
from tests.conftest import CITY, COUNTY, OTHER_COUNTY
from tests.registers.institutions import BANK

ORIGIN = "http://127.0.0.1"
CARD, PAYER, STRANGER = "9999990000000000017", "9999990000000000025", "9999990000000000033"
NAMES = ("测试·甲", "测试·乙", "测试·丙")
HEADER = "交易卡号,交易户名,交易时间,交易金额,交易余额,收付标志,交易对手账卡号,对手户名,摘要说明,交易是否成功,IP地址\n"
ROWS = (
    f"{CARD},测试·甲,2026-03-01 09:12:05,50000.00,50012.30,进,{PAYER},测试·乙,给{STRANGER}代付,成功,192.0.2.17\n"
    f"{CARD},测试·甲,2026-03-01 09:14:40,30000.00,20012.30,出,{STRANGER},测试·丙,=1+1,成功,192.0.2.17\n"
    f"{CARD},测试·甲,2026-03-02 10:00:00,5000.00,20012.30,出,{STRANGER},测试·丙,转账,失败,192.0.2.17\n"
)
STRANGE = f"甲栏,乙栏,丙栏,丁栏\n2026-04-01 10:00:00,{CARD},12.50,{PAYER}\n"
TITLE = "测试案件·东山"
THIRD_COUNTY = UnitPath("linan.nanpu")
OPERATOR = Actor(user_id=None, name="cli:test", scope=CITY, permissions=every_permission())


@dataclass
class Place:
    """The house, its console, and what an attacker would like to name: refs and ids of the one case."""

    house: House
    data: HouseData
    app: FastAPI
    uploads: Path
    people: dict[tuple[str, UnitPath], UserId]
    ref: str = ""
    import_id: str = ""
    strange_id: str = ""
    strange_source: str = ""
    movement: str = ""
    account: str = ""
    cell: str = ""
    ended_ref: str = ""
    stuck_id: str = ""
    _sessions: dict[UserId, str] = field(default_factory=dict)
    _csrf: dict[str, str] = field(default_factory=dict)
    _order: Order | None = None
    _restricting: Order | None = None
    _notice: str = ""
    _authority: str = ""
    _objection: tuple[str, str] = ("", "")
    _stops: int = 0

    @property
    def order(self) -> Order:
        """An order of the one case, made when it is first asked for."""
        if self._order is None:
            self._order = self.drafted()
        return self._order

    @property
    def incident(self) -> Incident:
        """An incident of the one case, taken when it is first asked for."""
        paid = NewPaid(institution=BANK.name, payee=CARD, amount_fen=5_000_000, at=self.house.now())
        with self.house.act(self._commander()) as connection:
            case = case_by_ref(connection, self.ref)
            new = NewReport(
                source=Source.EMERGENCY,
                reported_at=self.house.now(),
                payments=(paid,),
                words="电话12012345678",
                identity_checked=True,
                case=case.id,
                id=UUID(int=77),
            )
            return take_report(Desk(house=self.house, connection=connection, actor=self._commander()), new)

    @property
    def authority(self) -> str:
        """An unsigned authority of the one county, made when it is first asked for."""
        self._authority = self._authority or self.drafted_authority()
        return self._authority

    def drafted_authority(self) -> str:
        """A new authority of the one county for the shift's first stops, unsigned."""
        new = NewAuthority(
            kinds=frozenset({OrderKind.STOP}),
            limits=proposed("first_stops"),
            until=self.house.now() + timedelta(hours=1),
            reason="test",
        )
        with self.house.act(self._commander()) as connection:
            return draft_authority(Desk(house=self.house, connection=connection, actor=self._commander()), new).number

    def drafted(self, number: str = CARD) -> Order:
        """A new stop in the one county, drafted by its commander, who signs nothing."""
        drafter = self._commander()
        with self.house.act(drafter) as connection:
            case = case_by_ref(connection, self.ref)
            new = NewOrder(
                case_id=case.id,
                kind=OrderKind.STOP,
                institution=BANK.name,
                target_kind=TargetKind.ACCOUNT,
                number=number,
                holder=NAMES[0],
                holder_class="person",
                terms=Terms(),
                reason="test",
                payment=NewPayment(amount_fen=5_000_000, at=self.house.now(), payer=PAYER, payer_name=NAMES[1]),
            )
            return open_order(Desk(house=self.house, connection=connection, actor=drafter), new)

    @property
    def restricting(self) -> Order:
        """An order that restricts somebody, made when it is first asked for."""
        if self._restricting is None:
            self._restricting = self.stopped()
        return self._restricting

    @property
    def notice(self) -> str:
        """The id of the paper by which that person was told."""
        if not self._notice:
            number = self.restricting.number
            self.data.tell_holder(self._commander(), number, "received", "visit")
            self._notice = self.data.notice(self._commander(), number, "", "zh").papers[0].id
        return self._notice

    def stopped(self) -> Order:
        """A new stop that the bank holds, of an account of its own: one is stopped twice at most."""
        self._stops += 1
        order, now = self.drafted(f"99999900000009{self._stops:05d}"), self.house.now()
        application = order.instructions[-1].id
        house = By(user_id=None, name="worker")
        held = Entry(
            kind=EntryKind.ANSWERED,
            at=now,
            by=house,
            move=Move.TAKE_EFFECT,
            code="0000",
            amounts=Amounts(held_fen=fen(2_500_000)),
            starts_at=now,
            ends_at=now + timedelta(hours=48),
        )
        signed = Entry(
            kind=EntryKind.SIGNED,
            at=now,
            by=By(user_id=self.people["second_officer", COUNTY], name="second_officer"),
            instruction=application,
            capacity=Capacity.SECOND_OFFICER,
            move=Move.APPROVE,
        )
        with self.house.act(self._commander()) as connection:
            desk = Desk(house=self.house, connection=connection, actor=self._commander())
            return desk.keep(desk.order(order.id), [signed, held])

    @property
    def objection(self) -> tuple[str, str]:
        """The number of an objection and the SHA-256 of what was shown, made when it is first asked for."""
        if not self._objection[0]:
            self._objection = self.objected()
        return self._objection

    def objected(self) -> tuple[str, str]:
        """An objection to a new stop: its number, and the SHA-256 of what was shown."""
        by = self._commander()
        sha256 = self.data.keep_snapshot(by, self.ref, b"a contract that is not real")
        told = TakenObjection(
            order=self.stopped().number, channel="visit", standing="holder", says="test", evidence=(sha256,)
        )
        return self.data.take_objection(by, told), sha256

    def _commander(self) -> Actor:
        """Who drafts and is objected to, with all that a commander may."""
        return Actor(
            user_id=self.people["commander", COUNTY],
            name="commander",
            scope=COUNTY,
            permissions=roles()["commander"].permissions,
        )

    def token(self, person: UserId, *, fresh: bool = False) -> str:
        """A session of the person's; a `fresh` one is for ending."""
        if fresh or person not in self._sessions:
            doors = doors_of(self.house)
            made = doors.enter(doors.link_for(person, OPERATOR, timedelta(hours=1)))
            return made if fresh else self._sessions.setdefault(person, made)
        return self._sessions[person]

    def csrf(self, token: str) -> str:
        """The token of the session's forms."""
        if token not in self._csrf:
            found = way_in(self.house).visitor(token)
            self._csrf[token] = found.csrf if found else ""
        return self._csrf[token]

    def client(self, token: str = "") -> Client:
        """A browser, with a session or without."""
        headers = {"origin": ORIGIN, "accept-language": "en", "accept-encoding": "identity"}
        cookies = {"fanzha": token} if token else {}
        return Client(self.app, base_url=ORIGIN, headers=headers, cookies=cookies)

    def left_in_uploads(self) -> list[str]:
        """The files of people that lie in clear on the disk."""
        return sorted(str(each.relative_to(self.uploads)) for each in self.uploads.rglob("*") if each.is_file())


@pytest.fixture
def place(
    engine: Engine, tree: None, settings: Settings, keys: Keys, clock: SetClock, tmp_path: Path
) -> Iterator[Place]:
    """One county's case with a statement and a sheet nobody understood; every role in both counties."""
    with unit_of_work(engine, OPERATOR, clock.now()) as connection:
        instance = found_instance(connection, "exercise", keys.fingerprint(), clock.now())
    house = House(settings=settings, engine=engine, keys=keys, instance=instance, clock=clock, wall=clock)
    house.uploads.mkdir(mode=0o700, parents=True)
    data = HouseData(house)
    web = WebSettings(uploads=house.uploads, log_in_tries=10_000, search_tries=10_000, upload_bytes=1_000_000)
    with house.act(OPERATOR) as connection:
        enter_profile(connection, BANK, OPERATOR, "test", clock.now(), unit=CITY)
    made = Place(house, data, create_app(data, way_in(house), web, clock), house.uploads, _people(house))
    made.ref = data.open_case(replace(OPERATOR, scope=COUNTY), NewCase(title=TITLE, retention="criminal", unit=COUNTY))
    for name, rows in (("甲_9999990000000000017.csv", HEADER + ROWS), ("怪.csv", STRANGE)):
        (tmp_path / name).write_text(rows, "utf-8")
        import_files(house, OPERATOR, made.ref, [tmp_path / name])
    _note(made)
    with house.act(OPERATOR) as connection:
        organ = OrganCard(unit_path=CITY, code="990000000000", name="临安市公安局")
        keep_organ(connection, organ, OPERATOR, clock.now())
        for (_, unit), person in made.people.items():
            card = OfficerCard(
                user_id=person, unit_path=unit, document_type="02", document_number="990000", phone="0999-1200002"
            )
            keep_officer(connection, card, OPERATOR, clock.now())
    _end_a_case(made, clock)
    yield made


def _end_a_case(made: Place, clock: SetClock) -> None:
    """A case of the county's whose time of keeping is over, and a county of which nobody works here."""
    now = clock.now()
    with made.house.act(OPERATOR) as connection:
        third = Unit(path=THIRD_COUNTY, level="county", name_zh="南浦县反诈中心", name_en="Nanpu centre")
        add_unit(connection, third, now)
    clock.at = now - timedelta(days=60)
    new = NewCase(title=TITLE, retention="exercise", unit=COUNTY)
    made.ended_ref = made.data.open_case(replace(OPERATOR, scope=COUNTY), new)
    made.data.move(OPERATOR, made.ended_ref, "dismissed", "test")
    clock.at = now


def _people(house: House) -> dict[tuple[str, UnitPath], UserId]:
    """Everybody: one person a role and county, and a newcomer with a first password."""
    now, found = house.wall.now(), {}
    with house.act(OPERATOR) as connection:
        bank = institution_called(connection, BANK.name).id
        for unit in (COUNTY, OTHER_COUNTY):
            for role in (*roles(), "newcomer"):
                login = f"{role}.{unit.rpartition('.')[2]}"[:32]
                person = add_person(connection, NewPerson(login=login, name="测试", unit_path=unit), now)
                given = "analyst" if role == "newcomer" else role
                seat = bank if given == "resident" else None
                new = NewAssignment(user_id=person, role=given, unit_path=unit, institution_id=seat)
                assign_role(connection, new, OPERATOR, now)
                found[role, unit] = person
    with system_unit_of_work(house.engine, now) as connection:
        for unit in (COUNTY, OTHER_COUNTY):
            set_password(connection, found["newcomer", unit], "First-Word-of-4-Many", first=True, wall=now)
    return found


def _note(made: Place) -> None:
    """Learn the ids that the case's own people see."""
    with made.house.act(OPERATOR) as connection:
        imports = list_imports(connection, case_by_ref(connection, made.ref).id)
        sheets = {each.id: sheets_of(connection, each.id)[0] for each in imports}
    made.import_id = next(str(each) for each, sheet in sheets.items() if not sheet.draft)
    made.strange_id, strange = next((str(each), sheet) for each, sheet in sheets.items() if sheet.draft)
    made.strange_source = source_mark(strange.key)
    line = made.data.movements(OPERATOR, made.ref, read_query(MOVEMENTS, {})).rows[0]
    made.movement = line.id
    made.account = line.payee.key if line.payee else ""
    cells = made.data.movement(OPERATOR, made.ref, line.id).tellings[0].cells
    made.cell = next(str(each.value.ref) for each in cells if each.value.ref)
