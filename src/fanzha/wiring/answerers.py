"""Who of the centre's people may do something at a unit today, by the roles in force there and above."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from fanzha.adapters.store.people import find_person
from fanzha.adapters.store.roles import Assignment, holders_of
from fanzha.adapters.store.sessions import refusal
from fanzha.kernel.ids import UserId
from fanzha.kernel.units import UnitPath, covers
from fanzha.wiring.desk import Desk


@dataclass(frozen=True, slots=True, kw_only=True)
class Answerer:
    """Somebody by name, and the roles by which they may."""

    user_id: UserId
    login: str
    name: str
    unit_path: UnitPath
    held: tuple[Assignment, ...]

    def at(self, unit: UnitPath) -> Answerer:
        """The same person with those of the roles that hold at a unit: given there or above."""
        return replace(self, held=tuple(each for each in self.held if covers(each.unit_path, unit)))


def answerers(desk: Desk, permissions: Collection[str], unit: UnitPath) -> list[Answerer]:
    """Whoever may come in today and holds one of these permissions at the unit or above it; nearest unit first."""
    found = [each.at(unit) for each in in_office(desk, permissions)]
    return sorted((each for each in found if each.held), key=lambda each: (-each.unit_path.count("."), each.login))


def in_office(desk: Desk, permissions: Collection[str]) -> list[Answerer]:
    """Whoever may come in today and holds one of these permissions anywhere in the house, by log-in name."""
    wall = desk.house.wall.now()
    with desk.as_house() as connection:
        held: dict[UserId, list[Assignment]] = {}
        for each in holders_of(connection, permissions, wall):
            held.setdefault(each.user_id, []).append(each)
        people = {each: find_person(connection, each) for each in held}
    found = [
        Answerer(user_id=each, login=person.login, name=person.name, unit_path=person.unit_path, held=tuple(held[each]))
        for each, person in people.items()
        if not refusal(person, wall)
    ]
    return sorted(found, key=lambda each: each.login)
