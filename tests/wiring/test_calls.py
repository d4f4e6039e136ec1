"""A clock that rings calls named people; an alarm that nobody sees goes further up, and nothing lapses unsaid."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from fanzha.adapters.store.calls import Call, calls_of, open_calls, see_call
from fanzha.adapters.store.delegations import NewDelegation, delegate
from fanzha.adapters.store.people import NewPerson, add_person, disable_person
from fanzha.adapters.store.roles import NewAssignment, assign_role, roles
from fanzha.adapters.store.schema.audit import audit_entry
from fanzha.cases.case import Case
from fanzha.kernel.clock import SetClock
from fanzha.kernel.errors import Forbidden, NotFound, Unavailable
from fanzha.kernel.ids import UserId
from fanzha.kernel.units import Actor, UnitPath
from fanzha.orders.calling import UNSEEN
from fanzha.orders.deliveries import Delivery
from fanzha.orders.effects import Effect
from fanzha.orders.order import Capacity, Order
from fanzha.orders.standing import Waits, waits_for
from fanzha.wiring.batches import do_due_batch
from fanzha.wiring.calls import CALL_WORK, ESCALATE
from fanzha.wiring.house import House
from tests.conftest import CITY, COUNTY, OTHER_COUNTY, person
from tests.wiring.orders import Staffed, staffed

ADMIN = person(CITY, 90)
SILENCE = Unavailable("institutions.request_failed")


@pytest.fixture
def desk(house: House, clock: SetClock, case: Case) -> Staffed:
    """A county with one officer and one chief, and a city with a chief of its own."""
    made = staffed(house, clock, case)
    at_work = {"desk_officer": made.drafter, "second_officer": made.second, "county_chief": made.chief}
    for role, actor in at_work.items():
        assert actor.user_id is not None
        give(house, actor.user_id, role, COUNTY)
    hire(house, "city-chief", "city_chief", CITY)
    hire(house, "other-chief", "county_chief", OTHER_COUNTY)
    return made


def give(house: House, user: UserId, role: str, unit: UnitPath) -> None:
    with house.act(ADMIN) as connection:
        assign_role(connection, NewAssignment(user_id=user, role=role, unit_path=unit), ADMIN, house.wall.now())


def hire(house: House, login: str, role: str, unit: UnitPath) -> Actor:
    with house.act(ADMIN) as connection:
        user = add_person(connection, NewPerson(login=login, name="测试", unit_path=unit), house.wall.now())
    give(house, user, role, unit)
    return Actor(user_id=user, name=login, scope=unit, permissions=roles()[role].permissions)


def held(desk: Staffed) -> Order:
    order = desk.signed(desk.opened())
    desk.deliver()
    return desk.seen(order)


def calls(desk: Staffed, order: Order) -> list[Call]:
    with desk.house.act(ADMIN) as connection:
        return calls_of(connection, order.id)


def names(found: list[Call], weight: str) -> list[tuple[str, str]]:
    return [(each.called.name, each.called.for_name) for each in found if each.ringing.weight == weight]


def waiting(desk: Staffed, actor: Actor) -> list[Call]:
    with desk.house.act(actor) as connection:
        return open_calls(connection, actor, 50)


def ring_to_the_alarm(desk: Staffed) -> None:
    desk.clock.move(timedelta(hours=47))
    desk.ring()


def test_a_reminder_calls_the_officer_and_an_alarm_the_chief_too(desk: Staffed) -> None:
    order = held(desk)
    ring_to_the_alarm(desk)
    found = calls(desk, order)
    assert set(names(found, "reminder")) == {("desk-officer", "")}
    assert names(found, "alarm") == [("desk-officer", ""), ("county-chief", "")]
    assert {each.ringing.clock for each in waiting(desk, desk.chief)} == {"alarm"}
    assert waiting(desk, desk.second) == []


def test_what_lapses_while_nobody_looks_is_said_and_goes_further_up(desk: Staffed) -> None:
    order = held(desk)
    ring_to_the_alarm(desk)
    desk.clock.move(UNSEEN)
    assert do_due_batch(desk.house, CALL_WORK, ESCALATE) == 1
    assert names(calls(desk, order), "alarm")[-1] == ("city-chief", "")
    desk.clock.move(timedelta(hours=1))
    desk.ring()
    assert desk.seen(order).effect is Effect.LAPSED
    assert names(calls(desk, order), "end") == [("desk-officer", ""), ("county-chief", "")]
    desk.clock.move(UNSEEN)
    while do_due_batch(desk.house, CALL_WORK, ESCALATE):
        desk.clock.move(UNSEEN)
    assert names(calls(desk, order), "end")[-1] == ("city-chief", "")
    assert all(each.seen_at is None for each in calls(desk, order))


def test_a_bank_that_says_nothing_calls_people_and_nobody_further_up_once_it_speaks_again(desk: Staffed) -> None:
    desk.bank.loses.extend([SILENCE] * 7)
    order = desk.signed(desk.opened())
    for _ in range(9):
        desk.deliver()
        desk.ring()
        desk.clock.move(timedelta(seconds=10))
    assert waits_for(desk.seen(order)) is Waits.PERSON
    assert desk.seen(order).instructions[-1].delivery is Delivery.UNKNOWN
    assert names(calls(desk, order), "alarm") == [("desk-officer", ""), ("county-chief", "")]
    while desk.seen(order).effect is not Effect.HELD:
        desk.clock.move(timedelta(minutes=1))
        desk.deliver()
    assert waits_for(desk.seen(order)) is Waits.NOTHING
    desk.clock.move(UNSEEN)
    assert do_due_batch(desk.house, CALL_WORK, ESCALATE) == 1
    assert len(names(calls(desk, order), "alarm")) == 2


def test_what_somebody_has_seen_stays_where_it_is_and_says_by_whom_and_when(desk: Staffed) -> None:
    order = held(desk)
    ring_to_the_alarm(desk)
    (mine,) = waiting(desk, desk.chief)
    with desk.house.act(desk.chief) as connection:
        see_call(connection, mine.id, desk.chief, desk.house.now())
        see_call(connection, mine.id, desk.chief, desk.house.now())
    assert waiting(desk, desk.chief) == []
    desk.clock.move(UNSEEN)
    assert do_due_batch(desk.house, CALL_WORK, ESCALATE) == 1
    assert ("city-chief", "") not in names(calls(desk, order), "alarm")
    (seen,) = [each for each in calls(desk, order) if each.seen_at]
    assert (seen.seen_by, seen.called.name) == (desk.chief.name, "county-chief")
    with desk.house.act_as_house() as connection:
        told = select(func.count()).where(audit_entry.c.action == "order.call_seen")
        assert connection.scalar(told) == 1


def test_whoever_stands_in_for_an_absent_chief_is_called_in_their_place(desk: Staffed) -> None:
    deputy = hire(desk.house, "deputy", "second_officer", COUNTY)
    order = held(desk)
    now = desk.house.now()
    assert deputy.user_id is not None
    new = NewDelegation(
        to_user=deputy.user_id,
        capacity=Capacity.COUNTY_CHIEF,
        since=now,
        until=now + timedelta(days=7),
        reason="测试:出差",
    )
    with desk.house.act(desk.chief) as connection:
        delegate(connection, new, desk.chief, frozenset({Capacity.COUNTY_CHIEF}), now)
    ring_to_the_alarm(desk)
    assert names(calls(desk, order), "alarm") == [("desk-officer", ""), ("deputy", "county-chief")]
    assert waiting(desk, desk.chief) == []


def test_a_drafter_who_has_left_is_not_called_but_those_who_are_there(desk: Staffed) -> None:
    hire(desk.house, "colleague", "desk_officer", COUNTY)
    order = held(desk)
    assert desk.drafter.user_id is not None
    with desk.house.act(ADMIN) as connection:
        disable_person(connection, desk.drafter.user_id, desk.house.wall.now())
    ring_to_the_alarm(desk)
    assert names(calls(desk, order), "alarm") == [("colleague", ""), ("county-chief", "")]


def test_a_call_is_seen_by_whom_it_calls_and_by_nobody_else(desk: Staffed) -> None:
    held(desk)
    ring_to_the_alarm(desk)
    (theirs,) = waiting(desk, desk.chief)
    with pytest.raises(Forbidden, match="called_other"), desk.house.act(desk.second) as connection:
        see_call(connection, theirs.id, desk.second, desk.house.now())
    stranger = person(OTHER_COUNTY, 77)
    with pytest.raises(NotFound), desk.house.act(stranger) as connection:
        see_call(connection, theirs.id, stranger, desk.house.now())


def test_where_nobody_is_at_work_the_call_is_everybodys(house: House, clock: SetClock, case: Case) -> None:
    empty = staffed(house, clock, case)
    order = held(empty)
    ring_to_the_alarm(empty)
    assert {each.called.user_id for each in calls(empty, order)} == {None}
    assert {each.ringing.clock for each in waiting(empty, empty.second)} >= {"alarm"}
