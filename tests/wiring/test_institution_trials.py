"""The contract kit as a row of work: kept with every finding, by whom it was wished for, whatever came of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from fanzha.adapters.connectors.kit_requests import Subject
from fanzha.adapters.store.institution_checks import KeptCheck
from fanzha.adapters.store.institutions import enter_profile
from fanzha.adapters.store.roles import NewAssignment, assign_role, roles
from fanzha.adapters.store.work_handling import Wished
from fanzha.apps.worker.jobs import do_due_work
from fanzha.cases.case import Case
from fanzha.kernel.clock import SetClock
from fanzha.kernel.errors import Forbidden, Illegal, Unavailable
from fanzha.kernel.units import Actor
from fanzha.protocol.keys import PublicKey
from fanzha.registers.institutions import ConnectorKind, Institution
from fanzha.registers.reach import Reach
from fanzha.wiring.handling import listed
from fanzha.wiring.house import House
from fanzha.wiring.institution_trials import CHECK_WORK, try_institution, wish_check
from fanzha.wiring.institution_watch import known, watched
from fanzha.wiring.institutions import own_keys
from tests.adapters.connectors.bank import Bank
from tests.adapters.connectors.listening import listening
from tests.conftest import CITY, COUNTY, person
from tests.registers.institutions import BANK
from tests.wiring.orders import Staffed, staffed


@pytest.fixture
def desk(house: House, clock: SetClock, case: Case) -> Staffed:
    return staffed(house, clock, case)


@pytest.fixture
def commander(desk: Staffed) -> Actor:
    """The drafter, made commander of the county."""
    assert desk.drafter.user_id is not None
    given = NewAssignment(user_id=desk.drafter.user_id, role="commander", unit_path=COUNTY)
    with desk.house.act(person(CITY, 90)) as connection:
        assign_role(connection, given, person(CITY, 90), desk.house.wall.now())
    return replace(desk.drafter, permissions=roles()["commander"].permissions)


def entered(desk: Staffed, told: Institution) -> None:
    with desk.house.act(person(CITY, 90)) as connection:
        enter_profile(connection, told, person(CITY, 90), "test", desk.house.now(), unit=CITY)


def checks(desk: Staffed) -> list[KeptCheck]:
    return list(known(desk.house, desk.drafter, BANK.name).checks)


def standing(desk: Staffed) -> tuple[Reach, str]:
    (one,) = watched(desk.house, desk.drafter)
    return one.standing.reach, one.standing.failure


def test_a_bank_that_keeps_the_contract_and_one_that_does_not(desk: Staffed, commander: Actor) -> None:
    house = desk.house
    ((_, ours),) = own_keys(house, commander)
    known_as = PublicKey(key_id=ours.key_id, public=ours.public, since=house.wall.now() - timedelta(days=9))
    bank = Bank(wall=house.wall, since=house.wall.now(), centre=known_as)
    with listening(bank) as address:
        entered(desk, replace(BANK, endpoint=address, tolerance_seconds=61))
        wish_check(house, commander, BANK.name)
        wish_check(house, commander, BANK.name)
        assert do_due_work(house) and not do_due_work(house), "one that is under way is enough"
        desk.clock.move(timedelta(seconds=1))
        bank.breaks = "forgets_nonces"
        wish_check(house, commander, BANK.name)
        assert do_due_work(house)
    second, first = checks(desk)
    assert [each for each in first.findings if each.holds is False] == []
    assert (first.failure, first.actor_name, first.version) == ("", commander.name, 2)
    assert [each.check for each in second.findings if each.holds is False] == ["signature.replayed"]
    assert standing(desk) == (Reach.USABLE, "")
    _, rows = listed(house, commander, Wished(states=("done",), kind=CHECK_WORK))
    assert sorted(int(str(row.progress["broken"])) for row, _, _ in rows) == [0, 1]
    assert {about.name for _, _, about in rows} == {BANK.name}


def test_a_bank_out_of_reach_is_a_result_and_no_stuck_row(desk: Staffed, commander: Actor) -> None:
    wish_check(desk.house, commander, BANK.name)
    assert do_due_work(desk.house)
    (kept,) = checks(desk)
    assert (kept.failure, kept.reason, kept.findings) == ("connectors.institution_unusable", "no_connection", ())
    assert standing(desk) == (Reach.UNUSABLE, "connectors.institution_unusable")
    total, _ = listed(desk.house, commander, Wished(states=("stuck",)))
    assert total == 0


def test_only_who_manages_institutions_checks_one_and_only_one_with_an_address(desk: Staffed, commander: Actor) -> None:
    with pytest.raises(Forbidden):
        wish_check(desk.house, desk.drafter, BANK.name)
    entered(desk, replace(BANK, connector=ConnectorKind.PAPER, endpoint=None))
    with pytest.raises(Illegal, match=r"institutions\.not_checkable"):
        wish_check(desk.house, commander, BANK.name)
    assert standing(desk) == (Reach.BY_HAND, "")


def test_another_address_or_another_profile_is_no_check_of_the_registered_one(desk: Staffed, commander: Actor) -> None:
    for told, address in ((BANK, "http://127.0.0.1:2"), (replace(BANK, tolerance_seconds=61), None)):
        with pytest.raises(Unavailable):
            list(try_institution(desk.house, commander, told, Subject(), address))
    assert checks(desk) == []
