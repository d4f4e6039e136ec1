"""A shift goes to somebody who may steer every one of its chases, all of it or nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest

from fanzha.adapters.store.incidents import incident_numbered
from fanzha.adapters.store.institutions import institution_called
from fanzha.adapters.store.people import NewPerson, add_person, disable_person, person_called
from fanzha.adapters.store.roles import NewAssignment, assign_role
from fanzha.cases.case import Case
from fanzha.cases.incident import Source
from fanzha.i18n import LANGUAGES, text
from fanzha.kernel.clock import SetClock
from fanzha.kernel.errors import Forbidden, Invalid, NotFound
from fanzha.kernel.units import Actor, UnitPath
from fanzha.wiring.desk import Desk
from fanzha.wiring.handover import hand_over, next_officers
from fanzha.wiring.house import House
from fanzha.wiring.incidents import NewPaid, NewReport, take_report
from tests.conftest import CITY, COUNTY, OTHER_COUNTY, person
from tests.registers.institutions import BANK
from tests.wiring.orders import staffed

OFFICER, ELSEWHERE = "next.officer", "other.officer"
CANNOT = {"next.chief", "bank.clerk", "left.officer", "past.officer"}


@pytest.fixture
def shift(house: House, clock: SetClock, case: Case) -> list[str]:
    """Two incidents of the county and one of its neighbour, with people who may take them over and who may not."""
    staffed(house, clock, case)
    colleague(house, OFFICER, "desk_officer")
    colleague(house, ELSEWHERE, "desk_officer", OTHER_COUNTY)
    colleague(house, "next.chief", "county_chief")
    colleague(house, "left.officer", "desk_officer")
    colleague(house, "past.officer", "desk_officer", expires=True)
    colleague(house, "bank.clerk", "resident")
    with house.act(person(CITY, 1)) as connection:
        left = person_called(connection, "left.officer")
        assert left is not None
        disable_person(connection, left.id, house.wall.now())
    return [reported(house, "01", COUNTY), reported(house, "02", COUNTY), reported(house, "03", OTHER_COUNTY)]


def colleague(house: House, login: str, role: str, unit: UnitPath = COUNTY, *, expires: bool = False) -> None:
    giver, wall = person(CITY, 1), house.wall.now()
    until = wall - timedelta(hours=1) if expires else None
    with house.act(giver) as connection:
        made = add_person(
            connection, NewPerson(login=login, name=f"测试·{login}", unit_path=unit, expires_at=until), wall
        )
        bank = institution_called(connection, BANK.name).id if role == "resident" else None
        given = NewAssignment(user_id=made, role=role, unit_path=unit, institution_id=bank)
        assign_role(connection, given, giver, wall)


def reported(house: House, tail: str, unit: UnitPath) -> str:
    now, actor = house.now(), person(unit, 2)
    paid = NewPaid(institution=BANK.name, payee=f"99999900000000100{tail}", amount_fen=1_000_00, at=now)
    with house.act(actor) as connection:
        desk = Desk(house=house, connection=connection, actor=actor)
        return take_report(desk, NewReport(source=Source.EMERGENCY, reported_at=now, payments=(paid,))).number


def give(house: House, actor: Actor, numbers: list[str], to: str) -> None:
    with house.act(actor) as connection:
        hand_over(Desk(house=house, connection=connection, actor=actor), numbers, to, "测试:夜班移交")


def handlers(house: House, numbers: list[str]) -> list[str]:
    with house.act(person(CITY, 1)) as connection:
        return [incident_numbered(connection, each).handler for each in numbers]


def test_who_may_steer_takes_all_and_is_the_only_one_offered(
    house: House, shift: list[str], county_actor: Actor, city_actor: Actor
) -> None:
    with house.act(county_actor) as connection:
        desk = Desk(house=house, connection=connection, actor=county_actor)
        offered = {each.login for each in next_officers(desk, {COUNTY})}
    assert OFFICER in offered
    assert not offered & {*CANNOT, ELSEWHERE, county_actor.name}
    give(house, county_actor, shift[:2], OFFICER.upper())
    assert handlers(house, shift[:2]) == [OFFICER, OFFICER]
    with house.act(city_actor) as connection:
        desk = Desk(house=house, connection=connection, actor=city_actor)
        assert {OFFICER, ELSEWHERE} <= {each.login for each in next_officers(desk, {COUNTY, OTHER_COUNTY})}


@pytest.mark.parametrize("to", [*sorted(CANNOT), ELSEWHERE])
def test_one_incident_that_they_could_not_steer_hands_over_none(
    house: House, shift: list[str], city_actor: Actor, to: str
) -> None:
    before, order = handlers(house, shift), [shift[2], *shift[:2]] if to == ELSEWHERE else shift
    with pytest.raises(Invalid) as told:
        give(house, city_actor, order, to)
    assert told.value.code == "incidents.cannot_take"
    assert told.value.fields["number"] == shift[0]
    assert handlers(house, shift) == before
    said = [text(language, f"errors.{told.value.code}", **told.value.fields) for language in LANGUAGES]
    assert all(to in each and shift[0] in each for each in said)


def test_a_login_that_nobody_has_no_login_and_no_incident_are_each_told(
    house: House, shift: list[str], county_actor: Actor
) -> None:
    for to, numbers, code in (
        ("<script>", shift[:2], "nobody_called"),
        (" ", shift[:2], "no_taker"),
        (OFFICER, [], "none_chosen"),
    ):
        with pytest.raises(Invalid, match=code):
            give(house, county_actor, numbers, to)
    with pytest.raises(NotFound):
        give(house, county_actor, shift, "nobody.at.all")
    with pytest.raises(Forbidden):
        give(house, person(COUNTY, 2, frozenset({"orders.see"})), shift[:2], OFFICER)
    assert OFFICER not in handlers(house, shift)
