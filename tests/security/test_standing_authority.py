"""Standing authorities attacked, by people and by two workers at once: nothing leaves that nobody allowed."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from time import monotonic
from typing import TypeVar

import pytest
from sqlalchemy import Connection, text

from fanzha.adapters.store.authorities import authority_numbered, uses_of
from fanzha.adapters.store.orders import OrderQuery, list_orders
from fanzha.adapters.store.people import NewPerson, add_person
from fanzha.adapters.store.unit_of_work import worker
from fanzha.adapters.store.work import Wanted, Work, take
from fanzha.cases.case import Case
from fanzha.cases.incident import Incident, Source
from fanzha.kernel.clock import SetClock
from fanzha.kernel.errors import FanzhaError, Forbidden, NotFound
from fanzha.kernel.money import fen
from fanzha.kernel.units import Actor
from fanzha.orders.authority import Authority
from fanzha.orders.effects import OrderKind
from fanzha.orders.order import Order
from fanzha.wiring.authorities import NewAuthority, draft_authority, proposed, sign_authority, withdraw_authority
from fanzha.wiring.batches import do_due_batch
from fanzha.wiring.chase import do_chases
from fanzha.wiring.desk import Desk
from fanzha.wiring.house import House
from fanzha.wiring.incidents import (
    NEXT_WORK,
    REPORT_WORK,
    ROUND_KINDS,
    NewPaid,
    NewReport,
    halt,
    take_report,
)
from fanzha.wiring.next_rounds import CHASES
from tests.conftest import CITY, COUNTY, OTHER_COUNTY, person
from tests.registers.institutions import BANK
from tests.wiring.orders import LEASE, Staffed, staffed

T = TypeVar("T")
PAID = 4_000_000
PATIENCE_SECONDS = 60.0
FIRST, SECOND = "9999990000000000017", "9999990000000000033"
ONE_ACCOUNT = {"accounts": 1}
ONE_SUM = {"total_fen": fen(PAID + 1)}


@pytest.fixture
def desk(house: House, clock: SetClock, case: Case) -> Staffed:
    return staffed(house, clock, case)


def act(desk: Staffed, actor: Actor, do: Callable[[Desk], T]) -> T:
    with desk.house.act(actor) as connection:
        return do(Desk(house=desk.house, connection=connection, actor=actor))


def drafted(desk: Staffed, by: Actor, incident: str = "", **limits: object) -> Authority:
    new = NewAuthority(
        kinds=frozenset({OrderKind.STOP}),
        limits=replace(proposed("first_stops"), **limits),  # type: ignore[arg-type]
        until=desk.house.now() + timedelta(hours=1),
        reason="test",
        incident=incident,
    )
    return act(desk, by, lambda at: draft_authority(at, new))


def signed(desk: Staffed, **limits: object) -> Authority:
    """A shift's authority with its second officer's signature."""
    told = drafted(desk, desk.drafter, **limits)  # type: ignore[arg-type]
    return act(desk, desk.second, lambda at: sign_authority(at, told.number))


def reported(desk: Staffed, number: str) -> Incident:
    """An incident with one payment, to an account of its own."""
    paid = NewPaid(
        institution=BANK.name, payee=number, payee_name="测试·甲", amount_fen=PAID, at=desk.house.now(), payer=""
    )
    new = NewReport(source=Source.EMERGENCY, reported_at=desk.house.now(), payments=(paid,), identity_checked=True)
    return act(desk, desk.drafter, lambda at: take_report(at, new))


def stops(desk: Staffed) -> list[Order]:
    query = OrderQuery(kinds=(OrderKind.STOP,), sort="opened_at", descending=False, limit=50)
    return act(desk, desk.drafter, lambda at: list_orders(at.connection, query))[1]


def chases(desk: Staffed) -> list[Work]:
    wanted = Wanted(kinds=(REPORT_WORK, *ROUND_KINDS), lease=LEASE, limit=10)
    with desk.house.act_as_house() as connection:
        return take(connection, wanted, desk.house.now(), desk.house.wall.now())


def one_waits_for_the_other(
    desk: Staffed, first: Actor, does: Callable[[Connection], object], then: Callable[[Connection], object]
) -> None:
    """Two connections: the second works while the first has not ended, and must wait for it."""

    def second() -> None:
        with desk.house.act(worker(COUNTY)) as connection:
            then(connection)

    with ThreadPoolExecutor(1) as other:
        with desk.house.act(first) as connection:
            does(connection)
            doing = other.submit(second)
            until_it_waits(desk, doing)
        doing.result(timeout=PATIENCE_SECONDS)


def until_it_waits(desk: Staffed, doing: Future[None]) -> None:
    """Another connection waits for a lock that ours holds."""
    asked = text(
        "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    )
    waits, until = False, monotonic() + PATIENCE_SECONDS
    while not waits:
        assert monotonic() < until, "the second neither ended nor waits for a lock"
        assert not doing.done(), "the second did not wait for the first"
        with desk.house.engine.connect() as connection:
            waits = bool(connection.scalar(asked))


@pytest.mark.parametrize("limit", [ONE_ACCOUNT, ONE_SUM], ids=["accounts", "sum"])
def test_two_workers_do_not_use_up_the_same_rest_of_one_authority(desk: Staffed, limit: dict[str, object]) -> None:
    told = signed(desk, **limit)
    for number in (FIRST, SECOND):
        reported(desk, number)
    one, two = chases(desk)
    one_waits_for_the_other(
        desk,
        worker(COUNTY),
        lambda connection: do_chases(connection, desk.house, [one]),
        lambda connection: do_chases(connection, desk.house, [two]),
    )
    (stop,) = stops(desk)
    assert [each.by.name for each in stop.instructions[0].signatures] == [desk.second.name]
    assert len(act(desk, desk.drafter, lambda at: uses_of(at.connection, [told.id]))[told.id].accounts) == 1


def test_what_is_taken_back_while_a_chase_waits_covers_nothing(desk: Staffed) -> None:
    told = signed(desk)
    reported(desk, FIRST)
    rows = chases(desk)

    def taken_back(connection: Connection) -> None:
        withdraw_authority(Desk(house=desk.house, connection=connection, actor=desk.second), told.number, "test")

    one_waits_for_the_other(desk, desk.second, taken_back, lambda connection: do_chases(connection, desk.house, rows))
    assert stops(desk) == []


def test_a_halt_that_is_not_yet_written_is_waited_for(desk: Staffed) -> None:
    signed(desk)
    incident = reported(desk, FIRST)
    rows = chases(desk)

    def halted(connection: Connection) -> None:
        halt(Desk(house=desk.house, connection=connection, actor=desk.drafter), incident.number, "test")

    one_waits_for_the_other(desk, desk.drafter, halted, lambda connection: do_chases(connection, desk.house, rows))
    assert stops(desk) == []


def test_two_people_press_sign_at_once_and_one_signature_stands(desk: Staffed) -> None:
    told = drafted(desk, desk.drafter)

    def sign(connection: Connection, actor: Actor) -> None:
        sign_authority(Desk(house=desk.house, connection=connection, actor=actor), told.number)

    def again(connection: Connection) -> None:
        with pytest.raises(FanzhaError, match=r"authority\.not_to_sign"):
            sign(connection, desk.second)

    one_waits_for_the_other(desk, desk.second, lambda connection: sign(connection, desk.second), again)
    stands = act(desk, desk.second, lambda at: authority_numbered(at.connection, told.number))
    assert len(stands.signatures) == 1


def test_an_authority_of_another_county_covers_nothing_here_and_one_of_the_city_does(desk: Staffed) -> None:
    far = [replace(each, scope=OTHER_COUNTY) for each in (desk.drafter, desk.second)]
    told = drafted(desk, far[0])
    act(desk, far[1], lambda at: sign_authority(at, told.number))
    reported(desk, FIRST)
    do_due_batch(desk.house, REPORT_WORK, CHASES)
    assert stops(desk) == []
    city = drafted(desk, replace(desk.drafter, scope=CITY))
    act(desk, replace(desk.second, scope=CITY), lambda at: sign_authority(at, city.number))
    do_due_batch(desk.house, NEXT_WORK, CHASES)
    do_due_batch(desk.house, REPORT_WORK, CHASES)
    assert len(stops(desk)) == 1


def test_nobody_lends_what_is_not_theirs(desk: Staffed) -> None:
    incident, told = reported(desk, FIRST), drafted(desk, desk.drafter)
    stranger = replace(desk.second, scope=OTHER_COUNTY)
    below = replace(desk.second, scope=COUNTY, permissions=desk.drafter.permissions)
    tries: list[tuple[Actor, Callable[[Desk], object], type[FanzhaError]]] = [
        (desk.drafter, lambda at: sign_authority(at, told.number), Forbidden),
        (below, lambda at: sign_authority(at, told.number), Forbidden),
        (stranger, lambda at: sign_authority(at, told.number), NotFound),
        (stranger, lambda at: withdraw_authority(at, told.number, "test"), NotFound),
        (desk.second, lambda at: withdraw_authority(at, told.number, "test"), Forbidden),
        (replace(desk.drafter, user_id=None), lambda at: sign_authority(at, told.number), Forbidden),
    ]
    for actor, do, refused in tries:
        with pytest.raises(refused):
            act(desk, actor, do)
    with pytest.raises(NotFound):
        drafted(desk, replace(desk.drafter, scope=OTHER_COUNTY), incident.number)
    with pytest.raises(Forbidden):
        drafted(desk, desk.second)
    do_due_batch(desk.house, REPORT_WORK, CHASES)
    assert stops(desk) == []


def test_a_second_officer_without_a_card_signs_no_authority(desk: Staffed) -> None:
    """Each stop under it would name them, and none could leave."""
    with desk.house.act(person(CITY, 90)) as connection:
        user = add_person(connection, NewPerson(login="new", name="测试·新人", unit_path=COUNTY), desk.house.now())
    told = drafted(desk, desk.drafter)
    with pytest.raises(NotFound, match=r"orders\.no_officer_card"):
        act(desk, replace(desk.second, user_id=user, name="new"), lambda at: sign_authority(at, told.number))
    assert act(desk, desk.second, lambda at: sign_authority(at, told.number)).stands(desk.house.now())
