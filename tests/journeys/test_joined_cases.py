"""Several victims of one gang in one case: one chase, every payment and every fen once, each authority for its own."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from fanzha.adapters.store.cases import case_entries, case_of, joined_cases, joined_to, move_case
from fanzha.adapters.store.incidents import incident_numbered, stakes_of
from fanzha.cases.case import CaseState
from fanzha.cases.case import EntryKind as CaseEntryKind
from fanzha.cases.incident import Incident, IncidentState, Source
from fanzha.kernel.errors import Illegal, Invalid
from fanzha.orders.effects import Effect, OrderKind
from fanzha.wiring.chase_look import look_at
from fanzha.wiring.chase_scene import scene
from fanzha.wiring.desk import Desk
from fanzha.wiring.incidents import NewPaid, NewReport, close_incident, halt, take_report
from fanzha.wiring.joining import join_incidents
from fanzha.wiring.ledgers import case_ledger
from tests.journeys.test_chase import LOST, MULE, SHARES, Night, night
from tests.simulation.making import FIRST, opening, paid

__all__ = ["night"]
VICTIMS = {"测试·受害乙": 250_000_00, "测试·受害丙": 120_000_00}
WHY = "测试:同一收款账户,同一团伙"


def another(night: Night, number: int, name: str, fen: int) -> Incident:
    """One more victim, who pays the same account from an account of their own."""
    account = f"99999900000000011{number:02d}"
    began = night.run.clock.now() - timedelta(days=99)
    night.run.world.open({FIRST: [replace(opening(account, fen, name=name), opened_at=began)]})
    at = night.run.clock.now()
    night.run.world.plan({FIRST: [paid(account, fen, at, (FIRST, MULE))]})
    payment = NewPaid(institution="bank-1", payee=MULE, payee_name="测试·甲", amount_fen=fen, at=at, payer=account)
    new = NewReport(source=Source.HOTLINE, reported_at=at, payments=(payment,), victim=name, identity_checked=True)
    return night.at(night.desk.drafter, lambda desk: take_report(desk, new))


@pytest.fixture
def three(night: Night) -> tuple[Night, list[Incident]]:
    """Three incidents that name one account, minutes apart, and the first chase has leave to do everything."""
    night.pass_minutes(2)
    found = [night.report()]
    found += [another(night, place, name, fen) for place, (name, fen) in enumerate(VICTIMS.items())]
    return night, found


def joined(night: Night, found: list[Incident]) -> Incident:
    first, *rest = [each.number for each in found]
    return night.at(night.desk.drafter, lambda desk: join_incidents(desk, first, rest, WHY))


def test_who_joined_what_and_why_is_an_entry_of_every_case_and_incident(three: tuple[Night, list[Incident]]) -> None:
    night, found = three
    lead = joined(night, found)
    with night.desk.house.act(night.desk.drafter) as connection:
        home = case_of(connection, lead.case_id)
        assert joined_cases(connection, home.id) == [each.case_id for each in found]
        for each in found[1:]:
            assert incident_numbered(connection, each.number).stands_in == home.id
            assert incident_numbered(connection, each.number).case_id == each.case_id
            (entry,) = case_entries(connection, each.case_id, CaseEntryKind.JOINED)
            assert (entry.value, entry.reason, entry.actor_name) == (home.ref, WHY, night.desk.drafter.name)
            assert joined_to(connection, each.case_id) == home.id
        assert len(case_entries(connection, home.id, CaseEntryKind.TOOK_IN)) == len(found) - 1


def test_what_is_held_for_all_of_them_is_counted_once(three: tuple[Night, list[Incident]]) -> None:
    night, found = three
    joined(night, found)
    night.authority({OrderKind.STOP}, layers=1)
    night.pass_minutes(2)
    (stop,) = night.orders(OrderKind.STOP)
    assert stop.effect is Effect.HELD
    assert stop.victim_traceable_fen == LOST + sum(VICTIMS.values())
    with night.desk.house.act(night.desk.drafter) as connection:
        held = [stakes_of(connection, each.id).held_fen for each in found]
    assert sum(held) == stop.holding_fen == LOST + sum(VICTIMS.values())
    assert held == [LOST, *VICTIMS.values()]


def test_answers_to_any_of_them_are_movements_of_the_one_case(three: tuple[Night, list[Incident]]) -> None:
    night, found = three
    night.authority({OrderKind.STOP, OrderKind.QUERY, OrderKind.MONITOR})  # the last report's own
    night.pass_minutes(12)
    before = night.orders(OrderKind.QUERY)
    assert {each.case_id for each in before} == {found[-1].case_id}
    lead = joined(night, found)
    with night.desk.house.act(night.desk.drafter) as connection:
        own = case_ledger(night.desk.house, connection, case_of(connection, found[-1].case_id))
        one = case_ledger(night.desk.house, connection, case_of(connection, lead.case_id))
        assert len(one.rows) == len(own.rows) > 0
        desk = Desk(house=night.desk.house, connection=connection, actor=night.desk.drafter)
        look = look_at(desk, lead.number)
    traced = {each.lead.fen for each in look.facts.values()}
    assert sum(traced) == LOST + sum(VICTIMS.values()), traced
    assert {each.case_id for each in night.orders(OrderKind.QUERY)} == {found[-1].case_id}, "orders keep their case"


def test_one_victim_s_authority_restricts_nobody_for_another_s_money(night: Night) -> None:
    night.pass_minutes(2)
    told = night.report()
    night.authority({OrderKind.STOP, OrderKind.QUERY})
    elsewhere = NewPaid(
        institution="bank-2", payee=next(iter(SHARES)), payee_name="测试·乙", amount_fen=90_000_00, at=night.paid_at
    )
    new = NewReport(source=Source.HOTLINE, reported_at=night.paid_at, payments=(elsewhere,), victim="测试·受害乙")
    other = night.at(night.desk.drafter, lambda desk: take_report(desk, new))
    joined(night, [told, other])
    seen = night.at(night.desk.drafter, lambda desk: scene(desk, told.number))
    waits = {
        each.account.is_named and each.account.of: each.waits for each in seen.moves if each.kind is OrderKind.STOP
    }
    assert waits[frozenset({other.id})] == "no_authority"
    assert waits[frozenset({told.id})] == ""


def test_a_halt_of_one_halts_what_is_done_for_its_money(three: tuple[Night, list[Incident]]) -> None:
    night, found = three
    joined(night, found)
    night.at(night.desk.drafter, lambda desk: halt(desk, found[1].number, "测试:先核实"))
    night.authority({OrderKind.STOP}, layers=1)
    night.pass_minutes(4)
    assert night.orders(OrderKind.STOP) == [], "the account holds money of the one that is halted"


def test_the_same_report_twice_is_one_payment(night: Night) -> None:
    night.pass_minutes(2)
    found = [night.report(), night.report()]
    lead = joined(night, found)
    look = night.at(night.desk.drafter, lambda desk: look_at(desk, lead.number))
    assert [each.lead.fen for each in look.facts.values()] == [LOST]
    assert [dict(each) for each in look.parts.values()] == [{found[0].id: LOST, found[1].id: 0}]


def test_what_cannot_be_joined_is_said_and_nothing_is(three: tuple[Night, list[Incident]]) -> None:
    night, found = three
    first, second, third = found
    with pytest.raises(Invalid, match="nothing_to_join"):
        joined(night, [first, first])
    night.at(
        night.desk.drafter,
        lambda desk: move_case(desk.connection, third.case_id, CaseState.FILED, "测试:立案", desk.actor, desk.now),
    )
    with pytest.raises(Illegal, match="join_filed"):
        joined(night, [first, second, third])
    with night.desk.house.act(night.desk.drafter) as connection:
        assert incident_numbered(connection, second.number).joined_to is None
    joined(night, [third, second])
    joined(night, [third, first])
    night.at(night.desk.drafter, lambda desk: close_incident(desk, first.number, "测试:已办"))
    with night.desk.house.act(night.desk.drafter) as connection:
        assert joined_cases(connection, third.case_id) == [third.case_id, second.case_id, first.case_id]
        assert incident_numbered(connection, first.number).state is IncidentState.CLOSED
