"""A chief who is away lends a colleague their signature: for a while, their own only, and every refusal says why."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from fanzha.adapters.store.people import NewPerson, add_person
from fanzha.adapters.store.roles import roles
from fanzha.cases.case import Case
from fanzha.kernel.clock import SetClock
from fanzha.kernel.errors import Conflict, FanzhaError, Forbidden, Invalid, NotFound
from fanzha.kernel.units import Actor
from fanzha.orders.effects import Effect
from fanzha.orders.order import Order, Paper
from fanzha.wiring.cards import NewCard, give_card
from fanzha.wiring.delegating import Lent, give_delegation, given_delegations, take_delegation_back
from fanzha.wiring.house import House
from fanzha.wiring.orders import sign
from fanzha.wiring.staff import disable, enable, give_role, take_role
from tests.conftest import CITY, COUNTY, OTHER_COUNTY, person
from tests.wiring.orders import Staffed, officer, staffed


@pytest.fixture
def desk(house: House, clock: SetClock, case: Case) -> Staffed:
    found = staffed(house, clock, case)
    give_role(house, person(CITY, 90), "county-chief", "county_chief", COUNTY)
    return found


@pytest.fixture
def deputy(desk: Staffed) -> Actor:
    """Somebody of the county without a capacity of their own."""
    return officer(desk.house, "reader", COUNTY)


def lent(desk: Staffed, **more: object) -> Lent:
    now = desk.house.now()
    plain = Lent(
        to_login="reader", capacity="county_chief", since=now, until=now + timedelta(hours=8), reason="外出开会"
    )
    return replace(plain, **more)  # type: ignore[arg-type]


def half_signed(desk: Staffed) -> Order:
    """A query that the second officer signed; the chief's signature is missing."""
    from fanzha.orders.effects import OrderKind
    from fanzha.orders.order import QueryOf, Terms

    order = desk.opened(OrderKind.QUERY, terms=Terms(query_of=QueryOf.HOLDER), payment=None)
    latest = order.instructions[-1]
    return desk.at(desk.second, lambda at: sign(at, order.id, latest.id))


def signs(desk: Staffed, actor: Actor, order: Order) -> Order:
    return desk.at(actor, lambda at: sign(at, order.id, order.instructions[-1].id))


def test_a_deputy_signs_for_the_chief_while_it_holds(desk: Staffed, deputy: Actor) -> None:
    order = half_signed(desk)
    give_delegation(desk.house, desk.chief, lent(desk))
    signed = signs(desk, deputy, order)
    assert signed.instructions[-1].paper is Paper.SIGNED
    assert signed.instructions[-1].signatures[-1].for_user == desk.chief.user_id
    (given,) = given_delegations(desk.house, desk.chief, 9)
    assert (given.held.to_user, given.reason, given.ended_at) == (deputy.user_id, "外出开会", None)


def test_expired_future_and_ended_authority_is_refused(desk: Staffed, deputy: Actor) -> None:
    order = half_signed(desk)
    with pytest.raises(Forbidden, match=r"orders\.capacity_missing"):
        signs(desk, deputy, order)
    later = desk.house.now() + timedelta(hours=2)
    give_delegation(desk.house, desk.chief, lent(desk, since=later, until=later + timedelta(hours=1)))
    with pytest.raises(Forbidden):
        signs(desk, deputy, order)
    desk.clock.move(timedelta(hours=3))
    with pytest.raises(Forbidden):
        signs(desk, deputy, order)
    given = give_delegation(desk.house, desk.chief, lent(desk))
    take_delegation_back(desk.house, desk.chief, given)
    with pytest.raises(Forbidden):
        signs(desk, deputy, order)
    with pytest.raises(Conflict):
        take_delegation_back(desk.house, desk.chief, given)


def test_a_deputy_neither_signs_twice_nor_for_a_drafter(desk: Staffed) -> None:
    give_delegation(desk.house, desk.chief, lent(desk, to_login="second-officer"))
    with pytest.raises(Forbidden, match=r"orders\.own_draft"):
        signs(desk, desk.second, half_signed(desk))


@pytest.mark.parametrize(
    ("more", "kind"),
    [
        ({"capacity": "city_chief"}, Forbidden),
        ({"capacity": "emperor"}, Invalid),
        ({"to_login": "county-chief"}, Invalid),
        ({"to_login": "nobody"}, NotFound),
        ({"until": None}, Invalid),
        ({"since": None}, Invalid),
        ({"reason": " "}, Invalid),
    ],
)
def test_what_may_not_be_lent_is_refused(
    desk: Staffed, deputy: Actor, more: dict[str, object], kind: type[FanzhaError]
) -> None:
    now = desk.house.now()
    if "until" in more:
        more = {"until": now + timedelta(days=32)}
    if "since" in more:
        more = {"since": now + timedelta(hours=9)}
    with pytest.raises(kind):
        give_delegation(desk.house, desk.chief, lent(desk, **more))
    assert given_delegations(desk.house, desk.chief, 9) == []


def test_who_may_not_lend_or_end_is_refused(desk: Staffed, deputy: Actor) -> None:
    for actor in (desk.drafter, desk.second, deputy):
        with pytest.raises(Forbidden):
            give_delegation(desk.house, actor, lent(desk))
    given = give_delegation(desk.house, desk.chief, lent(desk))
    with pytest.raises(Forbidden):
        take_delegation_back(desk.house, deputy, given)
    with pytest.raises(NotFound):
        take_delegation_back(desk.house, person(OTHER_COUNTY, 7), given)
    assert given_delegations(desk.house, person(OTHER_COUNTY, 7), 9) == []


def test_nobody_signs_for_who_has_left_or_lost_the_capacity(desk: Staffed, deputy: Actor) -> None:
    order = half_signed(desk)
    give_delegation(desk.house, desk.chief, lent(desk))
    admin = person(CITY, 90)
    disable(desk.house, admin, "county-chief")
    with pytest.raises(Forbidden, match=r"orders\.capacity_missing"):
        signs(desk, deputy, order)
    enable(desk.house, admin, "county-chief")
    take_role(desk.house, admin, "county-chief", "county_chief", COUNTY)
    with pytest.raises(Forbidden, match=r"orders\.capacity_missing"):
        signs(desk, deputy, order)
    give_role(desk.house, admin, "county-chief", "county_chief", COUNTY)
    assert signs(desk, deputy, order).instructions[-1].paper is Paper.SIGNED


def test_a_second_officer_whom_institutions_do_not_know_cannot_sign(desk: Staffed) -> None:
    """Their name stands on the message: told to them now, or the signed order could never leave."""
    unknown = uncarded(desk.house)
    give_role(desk.house, person(CITY, 90), "county-chief", "second_officer", COUNTY)
    both = replace(desk.chief, permissions=desk.chief.permissions | desk.second.permissions)
    give_delegation(desk.house, both, lent(desk, to_login="new", capacity="second_officer"))
    order = desk.opened()
    with pytest.raises(NotFound, match=r"orders\.no_officer_card"):
        signs(desk, unknown, order)
    assert desk.seen(order).instructions[-1].paper is Paper.DRAFT
    give_card(desk.house, person(CITY, 90), "new", NewCard(document_type="02", document_number="9907", phone="0999"))
    assert signs(desk, unknown, order).instructions[-1].paper is Paper.SIGNED
    assert desk.deliver() == 1 and desk.seen(order).effect is Effect.HELD


def test_a_chief_needs_no_card_of_an_institution(desk: Staffed) -> None:
    """The message names the second officer, not the chief, who stands on the paper."""
    order, deputy = half_signed(desk), uncarded(desk.house)
    give_delegation(desk.house, desk.chief, lent(desk, to_login="new"))
    assert signs(desk, deputy, order).instructions[-1].paper is Paper.SIGNED


def uncarded(house: House) -> Actor:
    """Somebody new of the county without a card."""
    with house.act(person(CITY, 90)) as connection:
        new = NewPerson(login="new", name="测试·新人", unit_path=COUNTY)
        user = add_person(connection, new, house.now())
    return Actor(user_id=user, name="new", scope=COUNTY, permissions=roles()["reader"].permissions)
