"""A chief who is away lets a colleague sign: given by the chief, for a while, taken back by an entry."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection

from fanzha.adapters.store.delegations import (
    GivenDelegation,
    NewDelegation,
    delegate,
    delegations,
    end_delegation,
    living_given,
)
from fanzha.adapters.store.people import find_person
from fanzha.adapters.store.roles import permissions_at, require, roles_of
from fanzha.adapters.store.sessions import refusal
from fanzha.adapters.store.units import find_unit
from fanzha.kernel.errors import Invalid
from fanzha.kernel.units import Actor, UnitPath, covers
from fanzha.orders.law import LawPack
from fanzha.orders.order import Capacity
from fanzha.orders.signing import Delegation
from fanzha.wiring.desk import Desk
from fanzha.wiring.house import House
from fanzha.wiring.law import law_at
from fanzha.wiring.staff import the_person


@dataclass(frozen=True, slots=True, kw_only=True)
class Lent:
    """To whom by log-in name, in which capacity, from when until when, and why."""

    to_login: str
    capacity: str
    since: datetime
    until: datetime
    reason: str


def give_delegation(house: House, by: Actor, lent: Lent) -> UUID:
    """Lend one's own capacity at one's unit; `Forbidden` for one that is not one's own."""
    with house.act(by) as connection:
        new = NewDelegation(
            to_user=the_person(connection, lent.to_login).id,
            capacity=_capacity(lent.capacity),
            since=lent.since,
            until=lent.until,
            reason=lent.reason,
        )
        return delegate(connection, new, by, own_capacities(connection, by, house.now()), house.now())


def take_delegation_back(house: House, by: Actor, delegation_id: UUID) -> None:
    """From now on it no longer holds."""
    with house.act(by) as connection:
        end_delegation(connection, delegation_id, by, house.now())


def given_delegations(house: House, by: Actor, limit: int) -> list[GivenDelegation]:
    """Delegations in sight, newest first, ended ones too."""
    require(by, "orders.see")
    with house.act(by) as connection:
        return delegations(connection, limit)


def own_capacities(connection: Connection, by: Actor, now: datetime) -> frozenset[Capacity]:
    """As what somebody signs by their own roles at the level of their unit."""
    unit = find_unit(connection, by.scope)
    return frozenset() if unit is None else frozenset(map(Capacity, law_at(now).signs_as(by.permissions, unit.level)))


def own_now(desk: Desk) -> frozenset[Capacity]:
    """The same of whoever is at the desk, asked for once."""
    return desk.once("capacities", lambda: own_capacities(desk.connection, desk.actor, desk.now))


def signs_nothing(desk: Desk) -> bool:
    """Whether whoever is at the desk has no capacity now, of their own or lent."""
    return not own_now(desk) and not _lent_to_me(desk)


def lent_now(desk: Desk, unit: UnitPath) -> list[Delegation]:
    """What others let whoever is at the desk sign in a unit now: for as long as they could sign it themselves."""
    given = [each for each in _lent_to_me(desk) if covers(each.unit_path, unit)]
    return [each.held for each in still_theirs(desk, given)]


def _lent_to_me(desk: Desk) -> list[GivenDelegation]:
    """All that others gave whoever is at the desk and did not take back."""
    given = desk.once("delegations", lambda: living_given(desk.connection, desk.now))
    mine = desk.actor.user_id
    return [each for each in given if mine is not None and each.held.to_user == mine]


def still_theirs(desk: Desk, given: Sequence[GivenDelegation]) -> list[GivenDelegation]:
    """Delegations whose giver has the capacity still: nobody lends what they have lost, or signs for who has left."""
    wall, law = desk.house.wall.now(), law_at(desk.now)
    with desk.as_house() as connection:
        return [each for each in given if _holds_still(connection, each, law, wall)]


def _holds_still(connection: Connection, given: GivenDelegation, law: LawPack, wall: datetime) -> bool:
    lender, unit = given.held.from_user, find_unit(connection, given.unit_path)
    if unit is None or refusal(find_person(connection, lender), wall) is not None:
        return False
    held = permissions_at(roles_of(connection, lender, wall), given.unit_path)
    return given.held.capacity in law.signs_as(held, unit.level)


def _capacity(text: str) -> Capacity:
    try:
        return Capacity(text)
    except ValueError:
        raise Invalid("orders.no_such_capacity", known=", ".join(Capacity)) from None
