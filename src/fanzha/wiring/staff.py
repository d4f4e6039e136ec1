"""The centre's people and units, changed by whoever may: each change on record in its own transaction."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from fanzha.adapters.store.audit import Act, record
from fanzha.adapters.store.institutions import institution_called
from fanzha.adapters.store.login_links import people_linked_by
from fanzha.adapters.store.people import (
    NewPerson,
    Person,
    add_person,
    disable_person,
    enable_person,
    find_person,
    lock_person,
    people_in_sight,
    person_called,
)
from fanzha.adapters.store.roles import Assignment, NewAssignment, assign_role, end_role, require, roles_of
from fanzha.adapters.store.units import Unit, add_unit, find_unit, rename_unit, units_below
from fanzha.kernel.errors import Forbidden, Invalid, NotFound
from fanzha.kernel.ids import UserId
from fanzha.kernel.units import Actor, UnitPath, covers, unit_path
from fanzha.wiring.house import House

MOST = 10_000
"""People that a list shows; a province's centres have fewer."""
LONGEST_PATH = 80
_CODE = re.compile(r"[0-9]{7,}")
"""Division codes change and are dated attributes of a unit; its path stays for ever, and stands in the audit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Colleague:
    """A person with the roles in force; `may_give` says whether theirs are the asking actor's to give."""

    person: Person
    roles: Sequence[Assignment]
    may_give: bool = True


def colleagues(house: House, by: Actor) -> list[Colleague]:
    """The people of the actor's units, by log-in name."""
    require(by, "people.manage")
    wall = house.wall.now()
    with house.act(by) as connection:
        found = people_in_sight(connection, MOST)
        mine = _let_in_by(house, by, found)
        return [
            Colleague(
                person=each, roles=roles_of(connection, each.id, wall), may_give=each.id not in {by.user_id, *mine}
            )
            for each in found
        ]


def add_colleague(house: House, by: Actor, new: NewPerson, roles: Sequence[str]) -> Colleague:
    """Somebody new with their first roles, given at their own unit: all of it or nothing."""
    require(by, "people.manage")
    if not covers(by.scope, new.unit_path):
        raise Forbidden("access.outside_scope", path=new.unit_path)
    wall = house.wall.now()
    with house.act(by) as connection:
        the_unit(connection, new.unit_path)
        added = find_person(connection, add_person(connection, new, wall, added_by=by.name))
        _record(house, connection, by, "person.added", added)
        for role in dict.fromkeys(roles):
            _give(house, connection, by, added, _Given(role=role))
        wall = house.wall.now()  # a role counts from the instant at which it was given
        return Colleague(person=added, roles=roles_of(connection, added.id, wall))


def give_role(house: House, by: Actor, login: str, role: str, at: UnitPath | None, institution: str = "") -> None:
    """From now on the person has this role at a unit (their own, where none is named) and everything below it.

    A resident's is of an institution, by its short name.
    """
    with house.act(by) as connection:
        person = the_person(connection, login)
        _give(house, connection, by, person, _Given(role=role, at=at, institution=institution))


def take_role(house: House, by: Actor, login: str, role: str, at: UnitPath | None) -> None:
    """From now on the person no longer has this role at the unit; `NotFound` when they do not have it there."""
    with house.act(by) as connection:
        person = the_person(connection, login)
        where = person.unit_path if at is None else at
        held = roles_of(connection, person.id, house.wall.now())
        found = [each for each in held if each.role == role and each.unit_path == where]
        if not found:
            raise NotFound("access.role_not_held", login=person.login, role=role, path=where)
        for each in found:
            end_role(connection, each, by, house.wall.now())
        _record(house, connection, by, "role.ended", person, role=role, unit=where)


def disable(house: House, by: Actor, login: str) -> None:
    """Nobody comes in by this account any more."""
    require(by, "people.manage")
    with house.act(by) as connection:
        person = the_person(connection, login)
        disable_person(connection, person.id, house.wall.now())
        _record(house, connection, by, "person.disabled", person)


def enable(house: House, by: Actor, login: str) -> None:
    """The account is in use again, until it expires as it did before."""
    require(by, "people.manage")
    with house.act(by) as connection:
        person = the_person(connection, login)
        enable_person(connection, person.id, person.expires_at)
        _record(house, connection, by, "person.enabled", person)


def the_person(connection: Connection, login: str) -> Person:
    """The account of a log-in name; `NotFound` where there is none in sight."""
    found = person_called(connection, login)
    if found is None:
        raise NotFound("access.no_such_person")
    return found


def units(house: House, by: Actor) -> list[Unit]:
    """The actor's unit and all below it, in the order of the tree."""
    with house.act(by) as connection:
        return units_below(connection, by.scope)


def new_unit(house: House, by: Actor, new: Unit) -> None:
    """Put a unit into the tree."""
    require(by, "units.manage")
    if not covers(by.scope, new.path):
        raise Forbidden("access.outside_scope", path=new.path)
    if len(new.path) > LONGEST_PATH or _CODE.search(new.path):
        raise Invalid("access.unit_label", path=new.path, most=LONGEST_PATH)
    with house.act(by) as connection:
        add_unit(connection, new, house.now())
        _record_unit(house, connection, by, "unit.added", new.path)


def call_unit(
    house: House, by: Actor, path: str, *, name_zh: str | None, name_en: str | None, contact: str | None
) -> Unit:
    """Give a unit other names or another contact; what is None stays as it was."""
    require(by, "units.manage")
    if not covers(by.scope, unit_path(path)):
        raise Forbidden("access.outside_scope", path=path)
    with house.act(by) as connection:
        old = the_unit(connection, unit_path(path))
        named = Unit(
            path=old.path,
            level=old.level,
            name_zh=old.name_zh if name_zh is None else name_zh,
            name_en=old.name_en if name_en is None else name_en,
            contact=old.contact if contact is None else contact,
        )
        rename_unit(connection, old.path, name_zh=named.name_zh, name_en=named.name_en, contact=named.contact)
        _record_unit(house, connection, by, "unit.renamed", old.path)
        return named


def the_unit(connection: Connection, path: UnitPath) -> Unit:
    """The unit at a path; `NotFound` where there is none."""
    found = find_unit(connection, path)
    if found is None:
        raise NotFound("access.no_such_unit", path=path)
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class _Given:
    """A role, where it holds, and of which institution."""

    role: str
    at: UnitPath | None = None
    institution: str = ""


def _give(house: House, connection: Connection, by: Actor, person: Person, given: _Given) -> None:
    at = person.unit_path if given.at is None else given.at
    the_unit(connection, at)
    _require_other_hand(house, connection, by, person)
    institution = institution_called(connection, given.institution).id if given.institution else None
    new = NewAssignment(user_id=person.id, role=given.role, unit_path=at, institution_id=institution)
    assign_role(connection, new, by, house.wall.now())
    seat = {"institution": given.institution} if institution else {}
    _record(house, connection, by, "role.given", person, role=given.role, unit=at, **seat)


def _require_other_hand(house: House, connection: Connection, by: Actor, person: Person) -> None:
    """`Forbidden` to whoever added the account or made a link for it: else one person alone could come in as another.

    The account is locked first: a link that is being made at this moment counts too.
    """
    if _let_in_by(house, by, [lock_person(connection, person.id)]):
        raise Forbidden("access.roles_for_own_account", login=person.login)


def _let_in_by(house: House, by: Actor, some: Sequence[Person]) -> set[UserId]:
    """Which of these accounts the actor added or made a link for, where that bars from giving them roles.

    The operator at the machine is trusted with everything on it, and an exercise holds no real case (decision 0009).
    """
    if house.instance.birth != "live" or by.user_id is None:
        return set()
    with house.act_as_house() as looking:
        linked = people_linked_by(looking, by.name)
    return {each.id for each in some if each.added_by == by.name or each.id in linked}


def _record(house: House, connection: Connection, by: Actor, action: str, about: Person, **detail: object) -> None:
    act = Act(action=action, object_kind="person", object_id=str(about.id), unit_path=about.unit_path, detail=detail)
    record(connection, act, by, house.now())


def _record_unit(house: House, connection: Connection, by: Actor, action: str, path: UnitPath) -> None:
    record(connection, Act(action=action, object_kind="unit", object_id=path, unit_path=path), by, house.now())
