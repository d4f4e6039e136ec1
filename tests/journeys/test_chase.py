"""A report becomes stops, answers become more of them, under an authority that named people signed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random
from typing import TypeVar
from uuid import UUID

import pytest
from sqlalchemy import select

from fanzha.adapters.store.incidents import IncidentQuery, incidents
from fanzha.adapters.store.institution_messages import open_messages
from fanzha.adapters.store.institutions import enter_profile
from fanzha.adapters.store.orders import OrderQuery, list_orders
from fanzha.adapters.store.schema.work import work
from fanzha.apps.stepped import SteppedRun
from fanzha.cases.case import Case
from fanzha.cases.incident import Incident, IncidentEntry, IncidentEntryKind, Source
from fanzha.kernel.clock import SetClock
from fanzha.kernel.errors import FanzhaError
from fanzha.kernel.money import fen
from fanzha.kernel.units import Actor
from fanzha.orders.authority import AccountSort, Authority, Limits
from fanzha.orders.effects import Effect, OrderKind
from fanzha.orders.order import Order
from fanzha.protocol.answer import Answer
from fanzha.protocol.facts import Side
from fanzha.protocol.trades import Trade
from fanzha.protocol.wire import read
from fanzha.registers.institutions import ConnectorKind
from fanzha.simulation.institutions.accounts import Opening
from fanzha.simulation.institutions.setup import Profile
from fanzha.simulation.institutions.stepped import SteppedInstitutions
from fanzha.simulation.parameters import faultless, published
from fanzha.wiring.authorities import NewAuthority, draft_authority, sign_authority, withdraw_authority
from fanzha.wiring.chase_scene import scene
from fanzha.wiring.desk import Desk
from fanzha.wiring.house import House
from fanzha.wiring.incidents import (
    CHASE_WORK,
    NEXT_WORK,
    NewPaid,
    NewReport,
    add_payment,
    enter,
    halt,
    resume,
    take_report,
)
from tests.conftest import CITY, person
from tests.registers.institutions import BANK
from tests.simulation.making import FIRST, SECOND, opening, paid, setup
from tests.wiring.orders import Staffed, staffed

T = TypeVar("T")
VICTIM, MULE, SPLIT, OTHER = (f"99999900000000010{each:02d}" for each in range(4))
LOST = 1_750_000_00
SHARES = {SPLIT: 900_000_00, OTHER: 800_000_00}


@dataclass(slots=True)
class Night:
    """A house with people, two banks and a theft that has just begun."""

    desk: Staffed
    run: SteppedRun
    paid_at: datetime

    def at(self, actor: Actor, do: Callable[[Desk], T]) -> T:
        with self.desk.house.act(actor) as connection:
            return do(Desk(house=self.desk.house, connection=connection, actor=actor))

    def authority(self, kinds: set[OrderKind], **limits: object) -> Authority:
        new = NewAuthority(
            kinds=frozenset(kinds),
            limits=replace(LIMITS, **limits),  # type: ignore[arg-type]
            until=self.run.clock.now() + timedelta(hours=8),
            reason="测试:值班授权",
            incident="" if kinds == {OrderKind.STOP} else self.incident().number,
        )
        told = self.at(self.desk.drafter, lambda desk: draft_authority(desk, new))
        for signer in (self.desk.second, self.desk.chief):
            if told.missing:
                number = told.number
                told = self.at(signer, lambda desk, number=number: sign_authority(desk, number))  # type: ignore[misc]
        return told

    def report(self, payee_name: str = "测试·甲", *, checked: bool = True) -> Incident:
        payment = NewPaid(
            institution="bank-1", payee=MULE, payee_name=payee_name, amount_fen=LOST, at=self.paid_at, payer=VICTIM
        )
        new = NewReport(
            source=Source.EMERGENCY,
            reported_at=self.run.clock.now(),
            payments=(payment,),
            victim="测试·受害",
            identity_checked=checked,
        )
        return self.at(self.desk.drafter, lambda desk: take_report(desk, new))

    def incident(self) -> Incident:
        return self.at(self.desk.drafter, lambda desk: incidents(desk.connection, IncidentQuery()))[0]

    def orders(self, kind: OrderKind) -> list[Order]:
        query = OrderQuery(kinds=(kind,), sort="opened_at", descending=False, limit=500)
        return self.at(self.desk.drafter, lambda desk: list_orders(desk.connection, query))[1]

    def pass_minutes(self, minutes: float) -> None:
        self.run.until(self.run.clock.now() + timedelta(minutes=minutes))


LIMITS = Limits(
    layers=5,
    accounts=20,
    total_fen=fen(10_000_000_00),
    least_traceable_fen=fen(500_00),
    least_share_ppm=0,
    excluded=frozenset({AccountSort.PUBLIC}),
)


@pytest.fixture
def night(house: House, clock: SetClock, case: Case) -> Night:
    house = replace(house, chance=Random(5).randbytes)
    desk = staffed(house, clock, case, replace(BANK, code="999900000099"))
    city = person(CITY, 90)
    with house.act(city) as connection:
        for number, code in enumerate((FIRST, SECOND), start=1):
            bank = replace(
                BANK,
                name=f"bank-{number}",
                code=code,
                name_zh=f"测试第{number}银行",
                connector=ConnectorKind.FOLDER,
                endpoint="stepped",
                keys=(),
                demands=(),
                papers_later=True,
            )
            enter_profile(connection, bank, city, "test", house.now(), unit=CITY)
    setups = [
        replace(setup(code, profile=Profile.AUTOMATIC), name_zh=f"测试第{number}银行")
        for number, code in enumerate((FIRST, SECOND), start=1)
    ]
    world = SteppedInstitutions(setups, faultless(published()), 5, clock)
    began = clock.now() - timedelta(days=99)

    def held(number: str, name: str, balance: int = 0) -> Opening:
        return replace(opening(number, balance, name=name), opened_at=began)

    world.open(
        {
            FIRST: [held(VICTIM, "测试·受害", LOST), held(MULE, "测试·甲")],
            SECOND: [held(SPLIT, "测试·乙"), held(OTHER, "测试·丙")],
        }
    )
    paid_at = clock.now() + timedelta(minutes=1)
    later = paid_at + timedelta(minutes=4)
    world.plan(
        {
            FIRST: [
                paid(VICTIM, LOST, paid_at, (FIRST, MULE)),
                *(paid(MULE, part, later, (SECOND, number)) for number, part in SHARES.items()),
            ],
            SECOND: [paid(number, part, later + timedelta(minutes=25)) for number, part in SHARES.items()],
        }
    )
    return Night(desk, SteppedRun(house, world, clock), paid_at)


def test_the_first_stop_is_on_the_wire_in_the_second_of_the_report(night: Night) -> None:
    night.authority({OrderKind.STOP}, layers=1)
    night.pass_minutes(2)
    told = night.report()
    night.run.settle()
    (stop,) = night.orders(OrderKind.STOP)
    assert stop.instructions[0].sent_at == told.taken_at
    assert [each.capacity.value for each in stop.instructions[0].signatures] == ["second_officer"]
    night.pass_minutes(5)
    (stop,) = night.orders(OrderKind.STOP)
    assert stop.effect is Effect.HELD
    assert stop.holding_fen == LOST


def test_without_anybody_s_authority_nothing_leaves_and_a_person_sees_why(night: Night) -> None:
    night.pass_minutes(2)
    told = night.report()
    night.pass_minutes(10)
    assert night.orders(OrderKind.STOP) == []
    seen = night.at(night.desk.drafter, lambda desk: scene(desk, told.number))
    assert {(each.kind, each.waits) for each in seen.moves} == {
        (OrderKind.STOP, "no_authority"),
        (OrderKind.QUERY, "no_authority"),
    }


def test_a_halted_chase_lets_nothing_leave_until_somebody_resumes(night: Night) -> None:
    night.pass_minutes(2)
    told = night.report()
    night.at(night.desk.drafter, lambda desk: halt(desk, told.number, "测试:先核实"))
    night.authority({OrderKind.STOP}, layers=1)
    night.pass_minutes(5)
    assert night.orders(OrderKind.STOP) == []
    night.at(night.desk.drafter, lambda desk: resume(desk, told.number, "测试:已核实"))
    night.run.settle()
    assert len(night.orders(OrderKind.STOP)) == 1


def test_a_withdrawn_authority_lets_nothing_leave(night: Night) -> None:
    given = night.authority({OrderKind.STOP}, layers=1)
    night.at(night.desk.second, lambda desk: withdraw_authority(desk, given.number, "测试:收回"))
    night.pass_minutes(2)
    night.report()
    night.pass_minutes(3)
    assert night.orders(OrderKind.STOP) == []


def test_nobody_signs_the_authority_they_drafted(night: Night) -> None:
    new = NewAuthority(
        kinds=frozenset({OrderKind.STOP}),
        limits=LIMITS,
        until=night.run.clock.now() + timedelta(hours=8),
        reason="测试",
    )
    told = night.at(night.desk.drafter, lambda desk: draft_authority(desk, new))
    with pytest.raises(FanzhaError, match=r"own_draft|capacity"):
        night.at(night.desk.drafter, lambda desk: sign_authority(desk, told.number))


def test_money_that_went_on_is_found_and_held_in_the_second_layer(night: Night) -> None:
    night.pass_minutes(7)
    told = night.report()
    night.authority({OrderKind.STOP, OrderKind.QUERY, OrderKind.MONITOR})
    night.pass_minutes(15)
    held = {each.number: each.holding_fen for each in night.orders(OrderKind.STOP)}
    assert sum(held.values()) >= sum(SHARES.values())
    assert night.run.world.money_fen == LOST
    assert told.lost_fen == LOST


def test_answers_leave_a_chase_one_next_look_and_not_one_each(night: Night) -> None:
    night.pass_minutes(7)
    first, second = night.report(), night.report()
    night.authority({OrderKind.STOP, OrderKind.QUERY, OrderKind.MONITOR})
    night.pass_minutes(15)
    with night.desk.house.act_as_house() as connection:
        wanted = select(work.c.payload).where(work.c.kind == CHASE_WORK, work.c.state == "waiting")
        waiting = [each["number"] for each in connection.scalars(wanted)]
    assert sorted(waiting) == [first.number, second.number]


def test_only_what_tells_that_money_went_on_or_who_holds_an_account_makes_a_round_that_waits_for_no_other(
    night: Night,
) -> None:
    night.pass_minutes(7)
    night.report()
    night.authority({OrderKind.STOP, OrderKind.QUERY, OrderKind.MONITOR})
    night.pass_minutes(15)
    with night.desk.house.act_as_house() as connection:
        rounds = {row.key.partition(":")[2]: row.kind for row in connection.execute(select(work))}
        mail = [UUID(key) for key, kind in rounds.items() if kind in {NEXT_WORK, CHASE_WORK} and len(key) == 36]
        told = [
            read(Answer, each.body) for each in open_messages(connection, night.desk.house.keys, dict.fromkeys(mail))
        ]
    lead_on = [
        each.trade is Trade.QUERY_HOLDER or any(line.side is Side.DEBIT for line in each.transactions) for each in told
    ]
    assert [rounds[str(each)] for each in mail] == [NEXT_WORK if each else CHASE_WORK for each in lead_on]
    assert {(each.trade, leads) for each, leads in zip(told, lead_on, strict=True)} == {
        (Trade.STOP, False),
        (Trade.QUERY_HOLDER, True),
        (Trade.QUERY_DETAILS, True),
        (Trade.QUERY_DETAILS, False),
    }


def test_two_payments_to_one_account_are_one_lead_of_all_of_it(night: Night) -> None:
    night.pass_minutes(2)
    told = night.report()
    more = NewPaid(institution="bank-1", payee=MULE, payee_name="测试·甲", amount_fen=30_000, at=night.paid_at)
    night.at(night.desk.drafter, lambda desk: add_payment(desk, told.number, more))
    seen = night.at(night.desk.drafter, lambda desk: scene(desk, told.number))
    assert [each.lead.fen for each in seen.look.facts.values()] == [LOST + 30_000]
    assert {each.traceable_fen for each in seen.moves} == {LOST + 30_000}


def test_what_could_not_be_made_is_tried_again_once_somebody_resumes(night: Night) -> None:
    told = night.report()
    payee = told.payments[0].payee
    balked = IncidentEntry(
        kind=IncidentEntryKind.BALKED, at=told.taken_at, by_id=None, by_name="worker", value="stop:x.y", subject=payee
    )
    night.at(night.desk.drafter, lambda desk: enter(desk, told.number, [balked]))
    night.authority({OrderKind.STOP}, layers=1)
    night.pass_minutes(3)
    assert night.orders(OrderKind.STOP) == []
    night.at(night.desk.drafter, lambda desk: halt(desk, told.number, "测试:查原因"))
    night.at(night.desk.drafter, lambda desk: resume(desk, told.number, "测试:已改正"))
    night.run.settle()
    assert len(night.orders(OrderKind.STOP)) == 1
