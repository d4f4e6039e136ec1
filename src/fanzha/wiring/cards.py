"""Cards by which institutions know officers and organs, and what a centre still lacks before it may order anything."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import Connection

from fanzha.adapters.store.officers import (
    OfficerCard,
    OrganCard,
    has_card,
    keep_officer,
    keep_organ,
    organ_of,
)
from fanzha.adapters.store.people import Person, people_in_sight
from fanzha.adapters.store.roles import permissions_at, require, roles_of
from fanzha.adapters.store.units import find_unit
from fanzha.kernel.errors import Forbidden, NotFound
from fanzha.kernel.units import Actor, UnitPath, covers
from fanzha.orders.order import Capacity
from fanzha.protocol.parties import Officer, Organ
from fanzha.protocol.wire import from_json
from fanzha.wiring.desk import Desk
from fanzha.wiring.house import CENTRE, House
from fanzha.wiring.law import law_at
from fanzha.wiring.staff import MOST, the_person, the_unit


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCard:
    """The document that an officer shows, its number, and their telephone."""

    document_type: str
    document_number: str
    phone: str


def give_card(house: House, by: Actor, login: str, new: NewCard) -> OfficerCard:
    """From now on institutions know the officer by this; `Invalid` for what their messages would not take."""
    require(by, "people.manage")
    with house.act(by) as connection:
        person = the_person(connection, login)
        told = from_json(Officer, {"name": person.name, **{name: text.strip() for name, text in asdict(new).items()}})
        card = OfficerCard(
            user_id=person.id,
            unit_path=person.unit_path,
            document_type=told.document_type,
            document_number=told.document_number,
            phone=told.phone or "",
        )
        keep_officer(connection, card, by, house.now())
        return card


def name_organ(house: House, by: Actor, path: UnitPath, code: str, name: str) -> OrganCard:
    """From now on institutions know the unit, and those below it without a card of their own, by this."""
    require(by, "units.manage")
    if not covers(by.scope, path):
        raise Forbidden("access.outside_scope", path=path)
    told = from_json(Organ, {"code": code.strip(), "name": name.strip()})
    card = OrganCard(unit_path=path, code=told.code, name=told.name)
    with house.act(by) as connection:
        the_unit(connection, path)
        keep_organ(connection, card, by, house.now())
    return card


def require_card_to_sign(desk: Desk, capacity: Capacity | None) -> None:
    """Messages name the second officer, also who signs in their place: `NotFound` now, not when one cannot leave."""
    if capacity is Capacity.SECOND_OFFICER:
        with desk.as_house() as connection:
            if desk.by.user_id is None or not has_card(connection, desk.by.user_id):
                raise NotFound("orders.no_officer_card")


@dataclass(frozen=True, slots=True, kw_only=True)
class Lacking:
    """What keeps a centre from ordering: no organ card, officers without a card, a capacity that nobody has."""

    organ: bool
    officers: tuple[str, ...]
    capacities: tuple[str, ...]


CAPACITIES = (Capacity.SECOND_OFFICER, Capacity.COUNTY_CHIEF, Capacity.CITY_CHIEF)
"""Without these the house signs no order of every day; a province's chief is outside it."""


def lacking(connection: Connection, business: datetime, wall: datetime) -> Lacking:
    """What the centre still lacks, seen by an actor of the whole centre."""
    people = [each for each in people_in_sight(connection, MOST) if _comes_in(each, wall)]
    standing = {each: list(_standing(connection, each, business, wall)) for each in people}
    named = [each for each, held in standing.items() if any(_is_named(*one) for one in held)]
    signed = {name for held in standing.values() for _, names in held for name in names}
    return Lacking(
        organ=not _has_organ(connection),
        officers=tuple(each.login for each in named if not has_card(connection, each.id)),
        capacities=tuple(each.value for each in CAPACITIES if each not in signed),
    )


def _is_named(given: frozenset[str], signs_as: frozenset[str]) -> bool:
    """Whether messages name them: as whoever drafted, or as second officer."""
    return "orders.draft" in given or Capacity.SECOND_OFFICER.value in signs_as


def _comes_in(person: Person, wall: datetime) -> bool:
    return person.disabled_at is None and (person.expires_at is None or person.expires_at > wall)


def _standing(
    connection: Connection, person: Person, business: datetime, wall: datetime
) -> Iterator[tuple[frozenset[str], frozenset[str]]]:
    """What a person may do at each unit where they have a role, and as what they sign there."""
    held = roles_of(connection, person.id, wall)
    for path in {each.unit_path for each in held}:
        given, unit = permissions_at(held, path), find_unit(connection, path)
        yield given, frozenset() if unit is None else law_at(business).signs_as(given, unit.level)


def _has_organ(connection: Connection) -> bool:
    try:
        organ_of(connection, CENTRE)
    except NotFound:
        return False
    return True
