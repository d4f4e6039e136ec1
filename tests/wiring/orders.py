"""People, banks and orders as tests of the wired house make them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, TypeVar
from uuid import UUID, uuid4

from fanzha.adapters.connectors.port import Reply
from fanzha.adapters.store.institution_messages import NewMessage, keep_message
from fanzha.adapters.store.institutions import enter_profile, institution_called
from fanzha.adapters.store.officers import OfficerCard, OrganCard, keep_officer, keep_organ
from fanzha.adapters.store.orders import order_of
from fanzha.adapters.store.people import NewPerson, add_person
from fanzha.adapters.store.roles import permissions_at, roles, roles_of, seat_at
from fanzha.adapters.store.work import Wanted, take
from fanzha.cases.case import Case
from fanzha.kernel.clock import SetClock
from fanzha.kernel.errors import FanzhaError
from fanzha.kernel.units import Actor, UnitPath
from fanzha.orders.effects import OrderKind
from fanzha.orders.order import Order, TargetKind, Terms
from fanzha.protocol.answer import Answer, Progress, Receipt, Status
from fanzha.protocol.messages import Collected, Refusal
from fanzha.protocol.request import Request
from fanzha.protocol.wire import canonical, fingerprint
from fanzha.registers.institutions import Institution
from fanzha.wiring.batches import do_due_batch
from fanzha.wiring.clocks import CLOCK_WORK
from fanzha.wiring.deliveries import deliver
from fanzha.wiring.desk import DELIVERIES, Desk
from fanzha.wiring.house import CENTRE, House
from fanzha.wiring.institution_mail import MAIL, MESSAGE_WORK
from fanzha.wiring.new_orders import NewOrder, NewPayment
from fanzha.wiring.orders import open_order, sign
from fanzha.wiring.ringing import RING
from fanzha.wiring.staff import give_role
from tests.conftest import CITY, COUNTY, person
from tests.registers.institutions import BANK

LEASE = timedelta(seconds=30)


M = TypeVar("M")


def said(message: M) -> Reply[M]:
    """What an institution said, as a connector hands it on."""
    return Reply(message=message, body=canonical(message), seal={}, key_id="test-bank-1")


@dataclass(slots=True)
class Bank:
    """A bank in this process: each application id takes effect once, whatever the line does."""

    house: House
    effects: dict[str, int] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    loses: list[FanzhaError] = field(default_factory=list)
    """Failures of the line, one a call, before anything arrives."""
    mutes: list[FanzhaError] = field(default_factory=list)
    """Failures of the line, one a call, after the bank has acted."""
    result: str = "0000"
    told: dict[str, Any] = field(default_factory=dict)
    later: bool = False
    requests: list[Request] = field(default_factory=list)

    def send(self, request: Request) -> Reply[Receipt | Answer | Refusal]:
        if self.loses:
            raise self.loses.pop()
        self.requests.append(request)
        repeated = request.application_id in self.effects
        if not repeated:
            self.effects[request.application_id] = 1
        if self.mutes:
            raise self.mutes.pop()
        if self.later:
            return said(Receipt(message_id=request.application_id, received_at=self.house.now(), repeated=repeated))
        return said(self.answer(request))

    def collect(self, taken: tuple[str, ...]) -> Reply[Collected | Refusal]:
        raise NotImplementedError

    def ask(self, application_id: str) -> Reply[Status | Refusal]:
        self.asked.append(application_id)
        if self.loses:
            raise self.loses.pop()
        known = [each for each in self.requests if each.application_id == application_id]
        if not known:
            return said(Status(application_id=application_id, progress=Progress.NOT_KNOWN, as_of=self.house.now()))
        answers = () if self.later else (self.answer(known[0]),)
        progress = Progress.WORKING if self.later else Progress.DONE
        return said(Status(application_id=application_id, progress=progress, as_of=self.house.now(), answers=answers))

    def tell(self, said: Answer) -> None:
        """Say something of its own accord."""
        with self.house.act_as_house() as connection:
            message = NewMessage(
                institution_id=institution_called(connection, said.institution_code).id,
                kind="answer",
                message_id=said.answer_id,
                application_id=UUID(said.application_id),
                key_id="test-bank-1",
                fingerprint=fingerprint(said),
                body=canonical(said),
                seal={},
            )
            keep_message(connection, self.house.keys, message, self.house.now(), CENTRE)

    def answer(self, request: Request) -> Answer:
        told = {
            "answer_id": str(uuid4()),
            "application_id": request.application_id,
            "institution_code": BANK.code,
            "trade": request.trade,
            "result": self.result,
            "answered_at": self.house.now(),
            "part": 1,
            "final": True,
            "exercise": True,
            "balance_fen": 2_500_000,
            "started_at": self.house.now(),
        }
        return Answer(**{**told, **self.told})


@dataclass(frozen=True, slots=True, kw_only=True)
class Staffed:
    """A house with a bank and three people: one drafts, one reviews, one is the county's chief."""

    house: House
    clock: SetClock
    case: Case
    bank: Bank
    drafter: Actor
    second: Actor
    chief: Actor

    def at(self, actor: Actor, do: Callable[[Desk], Order]) -> Order:
        """What somebody does, in a transaction of their own."""
        with self.house.act(actor) as connection:
            return do(Desk(house=self.house, connection=connection, actor=actor))

    def new(self, kind: OrderKind = OrderKind.STOP, **more: Any) -> NewOrder:
        """An order of a kind on the mule's account."""
        terms = {OrderKind.FREEZE: Terms(limit_fen=more.pop("limit_fen", 4_000_000), months=6)}.get(kind, Terms())
        made = NewOrder(
            case_id=self.case.id,
            kind=kind,
            institution=BANK.name,
            target_kind=TargetKind.ACCOUNT,
            number="9999990000000000017",
            holder="测试·甲",
            holder_class="person",
            terms=terms,
            reason="测试:受害人转账",
            payment=NewPayment(
                amount_fen=4_000_000,
                at=self.house.now() - timedelta(minutes=20),
                payer="9999990000000000025",
                payer_name="测试·乙",
            ),
        )
        return replace(made, **more)

    def opened(self, kind: OrderKind = OrderKind.STOP, **more: Any) -> Order:
        """An order that the drafter opened."""
        return self.at(self.drafter, lambda desk: open_order(desk, self.new(kind, **more)))

    def signed(self, order: Order) -> Order:
        """The order with its last instruction signed by all who must."""
        for signer in (self.second, self.chief):
            latest = order.instructions[-1]
            if latest.missing:
                order = self.at(signer, lambda desk, order=order, latest=latest: sign(desk, order.id, latest.id))  # type: ignore[misc]
        return order

    def seen(self, order: Order) -> Order:
        """The order as it stands now."""
        with self.house.act(self.drafter) as connection:
            return order_of(connection, order.id)

    def deliver(self) -> int:
        """Take every due delivery one step; how many there were."""
        wanted = Wanted(kinds=DELIVERIES, lease=LEASE, limit=20)
        with self.house.act_as_house() as connection:
            rows = take(connection, wanted, self.house.now(), self.house.wall.now())
        for row in rows:
            deliver(self.house, lambda institution: self.bank, row)
        do_due_batch(self.house, MESSAGE_WORK, MAIL)
        return len(rows)

    def ring(self) -> int:
        """Ring every due clock."""
        return do_due_batch(self.house, CLOCK_WORK, RING)


def staffed(house: House, clock: SetClock, case: Case, bank: Institution = BANK) -> Staffed:
    """The house with its people and its bank."""
    city = person(CITY, 90)
    with house.act(city) as connection:
        enter_profile(connection, bank, city, "test", house.now(), unit=CITY)
        keep_organ(connection, OrganCard(unit_path=CITY, code="990000000000", name="临安市公安局"), city, house.now())
    people = [officer(house, role, COUNTY) for role in ("desk_officer", "second_officer", "county_chief")]
    drafter, second, chief = people
    return Staffed(house=house, clock=clock, case=case, bank=Bank(house), drafter=drafter, second=second, chief=chief)


def officer(house: House, role: str, unit: UnitPath) -> Actor:
    """Somebody new of a unit, known to institutions, with what a role may."""
    admin, login = person(CITY, 90), role.replace("_", "-")
    with house.act(admin) as connection:
        added = add_person(connection, NewPerson(login=login, name=f"测试·{role}", unit_path=unit), house.now())
        card = OfficerCard(
            user_id=added, unit_path=unit, document_type="02", document_number=f"990{role}"[:12], phone="0999-1200002"
        )
        keep_officer(connection, card, admin, house.now())
    return Actor(user_id=added, name=login, scope=unit, permissions=roles()[role].permissions)


def resident(house: House, institution: str, unit: UnitPath = COUNTY) -> Actor:
    """Somebody new whom the administrator gave a seat, with what a visit would let them do."""
    admin, login = person(CITY, 90), f"seat-{uuid4().hex[:8]}"
    with house.act(admin) as connection:
        user = add_person(connection, NewPerson(login=login, name="测试·驻点", unit_path=unit), house.wall.now())
    give_role(house, admin, login, "resident", unit, institution)
    with house.act(admin) as connection:
        held = roles_of(connection, user, house.wall.now())
    permissions, seat = permissions_at(held, unit), seat_at(held, unit)
    return Actor(user_id=user, name=login, scope=unit, permissions=permissions, institution_id=seat)
