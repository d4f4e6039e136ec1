"""Who looks when a case moves: one incident of each chase, the one that is open, its own before one that joined it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from fanzha.adapters.store.cases import open_case
from fanzha.adapters.store.looking import looking_at
from fanzha.cases.case import Case
from fanzha.cases.incident import Incident, Source
from fanzha.kernel.clock import SetClock
from fanzha.kernel.ids import CaseId
from fanzha.wiring.desk import Desk
from fanzha.wiring.house import House
from fanzha.wiring.incidents import NewPaid, NewReport, close_incident, take_report
from fanzha.wiring.joining import join_incidents
from tests.conftest import OTHER_COUNTY, person
from tests.registers.institutions import BANK
from tests.wiring.orders import Staffed, staffed

WHY = "测试:同一团伙"


class Place:
    """A house where reports are taken minute by minute."""

    def __init__(self, staff: Staffed) -> None:
        self.staff = staff

    def does(self, do: Callable[[Desk], Incident]) -> Incident:
        staff = self.staff
        staff.clock.move(timedelta(minutes=1))
        with staff.house.act(staff.drafter) as connection:
            return do(Desk(house=staff.house, connection=connection, actor=staff.drafter))

    def reported(self, case: Case | None = None) -> Incident:
        now = self.staff.house.now()
        paid = NewPaid(institution=BANK.name, payee="9999990000000000017", payee_name="测试·甲", amount_fen=100, at=now)
        new = NewReport(source=Source.HOTLINE, reported_at=now, payments=(paid,), case=case.id if case else None)
        return self.does(lambda desk: take_report(desk, new))

    def closed(self, incident: Incident) -> None:
        self.does(lambda desk: close_incident(desk, incident.number, WHY))

    def joined(self, into: Incident, other: Incident) -> None:
        self.does(lambda desk: join_incidents(desk, into.number, [other.number], WHY))

    def look(self, *cases: CaseId) -> list[str]:
        with self.staff.house.act(self.staff.drafter) as connection:
            return [each.number for each in looking_at(connection, cases)]


@pytest.fixture
def place(house: House, clock: SetClock, case: Case) -> Place:
    return Place(staffed(house, clock, case))


def test_the_newest_that_is_open_looks_and_once_all_are_closed_the_newest(place: Place) -> None:
    case = place.staff.case
    assert place.look(case.id) == []
    first = place.reported(case)
    assert place.look(case.id) == [first.number]
    second = place.reported(case)
    assert place.look(case.id, case.id) == [second.number]
    place.closed(second)
    assert place.look(case.id) == [first.number]
    place.closed(first)
    assert place.look(case.id) == [second.number]


def test_the_case_that_stands_for_others_looks_for_them_once_and_an_open_one_of_theirs_where_its_own_is_closed(
    place: Place,
) -> None:
    home, other, apart = place.reported(), place.reported(), place.reported()
    assert sorted(place.look(home.case_id, other.case_id)) == [home.number, other.number]
    place.joined(home, other)
    assert place.look(other.case_id) == [home.number], "though the other is newer"
    assert sorted(place.look(home.case_id, other.case_id, apart.case_id)) == [home.number, apart.number]
    place.closed(home)
    assert place.look(home.case_id) == place.look(other.case_id) == [other.number]
    place.closed(other)
    assert place.look(other.case_id) == [home.number]


def test_who_was_joined_twice_is_looked_for_where_it_stands_now(place: Place) -> None:
    last, middle, first = place.reported(), place.reported(), place.reported()
    place.joined(middle, first)
    place.joined(last, middle)
    assert place.look(first.case_id, middle.case_id, last.case_id) == [last.number]


def test_nobody_looks_for_what_they_do_not_see(place: Place) -> None:
    home = place.reported()
    stranger, house = person(OTHER_COUNTY, 91), place.staff.house
    with house.act(stranger) as connection:
        elsewhere = open_case(connection, "测试案件", "criminal", stranger, house.now())
        assert looking_at(connection, [home.case_id, elsewhere.id]) == []
