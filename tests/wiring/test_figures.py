"""Figures over the database: only what is in sight, from what real orders wrote, each number with its records."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import text

from fanzha.adapters.store.incidents import keep_taken, next_incident_number
from fanzha.apps.figures_told import figures_told
from fanzha.cases.case import Case
from fanzha.cases.incident import Incident, IncidentEntry, IncidentEntryKind, Source, ToldPayment
from fanzha.kernel.clock import SetClock
from fanzha.kernel.errors import Invalid
from fanzha.kernel.ids import InstitutionId, SubjectId
from fanzha.kernel.money import fen
from fanzha.kernel.units import Actor
from fanzha.statistics.hour import Band, Measure
from fanzha.wiring.figures import (
    AskedOver,
    HourFigures,
    Wish,
    ended_behind,
    held_behind,
    hour_figures,
    incidents_behind,
    orders_behind,
    over_of,
)
from fanzha.wiring.house import House
from tests.conftest import CITY, COUNTY, OTHER_COUNTY, person
from tests.docs.schemas import assert_valid
from tests.registers.institutions import BANK
from tests.wiring.orders import Staffed, staffed


@pytest.fixture
def desk(house: House, clock: SetClock, case: Case) -> Staffed:
    return staffed(house, clock, case)


def reported(desk: Staffed, case: Case) -> Incident:
    """An incident of the case, paid four minutes ago."""
    now, actor = desk.house.now(), person(COUNTY, 2)
    payment = ToldPayment(
        institution_id=InstitutionId(UUID(int=1)),
        payee=SubjectId(7),
        payee_name=None,
        amount_fen=fen(100_000),
        at=now - timedelta(minutes=4),
    )
    with desk.house.act(actor) as connection:
        taken = Incident(
            id=UUID(int=5),
            number=next_incident_number(connection, now),
            case_id=case.id,
            unit_path=case.unit_path,
            source=Source.HOTLINE,
            reported_at=now,
            taken_at=now,
            taken_by_id=actor.user_id,
            taken_by=actor.name,
            victim=None,
            scam_type="",
            paperwork_due=now + timedelta(hours=24),
        )
        paid = IncidentEntry(
            kind=IncidentEntryKind.PAYMENT, at=now, by_id=actor.user_id, by_name=actor.name, payment=payment
        )
        seen = IncidentEntry(kind=IncidentEntryKind.IDENTITY, at=now, by_id=actor.user_id, by_name=actor.name)
        return keep_taken(connection, taken, [paid, seen], actor, now)


def figures(house: House, actor: Actor, **asked: str) -> HourFigures:
    with house.act(actor) as connection:
        return hour_figures(connection, actor, over_of(connection, AskedOver(**asked), house.now()))  # type: ignore[arg-type]


def test_a_report_with_one_order_tells_how_soon_and_opens_exactly_it(desk: Staffed, case: Case) -> None:
    told = reported(desk, case)
    desk.clock.move(timedelta(seconds=30))
    order = desk.signed(desk.opened())
    desk.deliver()
    found = figures(desk.house, person(COUNTY, 2))
    (everything, own) = found.units
    assert (everything.incidents, own.unit_path) == (1, COUNTY)
    assert everything.spans[Measure.ORDER].count == 1
    assert everything.spans[Measure.ORDER].median_s is None, "one record is no median"
    (band,) = found.delays
    assert (band.band, band.lost_fen) == (Band.MINUTES_5, 100_000)
    with desk.house.act(person(COUNTY, 2)) as connection:
        over = found.over
        actor = person(COUNTY, 2)
        (line,) = incidents_behind(connection, actor, over, Wish(unit=COUNTY, measure=Measure.ORDER))
        assert (line.number, line.seconds(Measure.ORDER)) == (told.number, 30)
        assert not incidents_behind(connection, actor, over, Wish(band=Band.LATER))
        assert held_behind(connection, over, [line]) == {told.number: band.held_fen}
        later = replace(line, number="joined", reported_at=line.reported_at + timedelta(minutes=1))
        assert held_behind(connection, over, [later, line]) == {told.number: band.held_fen}, "each case's once"
        assert band.held_fen > 0
        (sent,) = orders_behind(connection, actor, over, Wish(kind="stop"))
        assert sent.number == order.number
    assert_valid("figures_hour", figures_told(found, {}))


def test_a_county_sees_its_own_and_the_city_its_counties(desk: Staffed, case: Case) -> None:
    reported(desk, case)
    assert figures(desk.house, person(OTHER_COUNTY, 3)).units[0].incidents == 0
    assert figures(desk.house, person(CITY, 4)).units[0].incidents == 1
    assert figures(desk.house, person(CITY, 4), unit=OTHER_COUNTY).units[0].incidents == 0


def test_the_figures_of_a_bank_leave_out_incidents_of_which_nothing_went_there(desk: Staffed, case: Case) -> None:
    reported(desk, case)
    assert figures(desk.house, person(COUNTY, 2), institution=BANK.name).units[0].incidents == 0
    desk.signed(desk.opened())
    desk.deliver()
    found = figures(desk.house, person(COUNTY, 2), institution=BANK.name)
    assert (found.units[0].incidents, found.banks[0].sent) == (1, 1)


def test_a_time_that_runs_backwards_is_said(desk: Staffed) -> None:
    now = desk.house.now()
    with desk.house.act(person(COUNTY, 2)) as connection, pytest.raises(Invalid, match=r"figures\.backwards"):
        over_of(connection, AskedOver(since=now, until=now - timedelta(days=1)), now)


def test_money_let_go_as_unrelated_is_told_by_the_hours_it_was_held(desk: Staffed, house: House) -> None:
    order = desk.signed(desk.opened())
    desk.deliver()
    began, now = house.now() - timedelta(hours=5), house.now()
    with house.act(person(COUNTY, 2)) as connection:
        connection.execute(
            text("UPDATE order_standing SET unrelated_at = :now, began_at = :began WHERE order_id = :id"),
            {"now": now, "began": began, "id": order.id},
        )
        connection.execute(
            text(
                "INSERT INTO order_entry (id, order_id, case_id, unit_path, at, actor_name, kind, told, reason) "
                "VALUES (:id, :order, :case, :unit, :at, 'x', 'answered', "
                """'{"amounts": {"more_released_fen": 2000}}', '')"""
            ),
            {"id": UUID(int=77), "order": order.id, "case": order.case_id, "unit": order.unit_path, "at": now},
        )
    found = figures(house, person(COUNTY, 2))
    (one,) = found.released
    assert (one.order, one.fen, one.fen_hours) == (order.number, 2_000, 10_000)
    with house.act(person(COUNTY, 2)) as connection:
        assert list(ended_behind(connection, person(COUNTY, 2), found.over, "released")) == list(found.released)
