"""Who of the centre's people may do something at a unit today, by the roles in force there and above."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

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


def answerers(desk: Desk, permissions: Collection[str], unit: UnitPath) -> list[Answerer]:
    """Whoever may come in today and holds one of these permissions at the unit or above it; nearest unit first."""
    wall = desk.house.wall.now()
    with desk.as_house() as connection:
        held: dict[UserId, list[Assignment]] = {}
        for each in holders_of(connection, permissions, wall):
            if covers(each.unit_path, unit):
                held.setdefault(each.user_id, []).append(each)
        people = {each: find_person(connection, each) for each in held}
    found = [
        Answerer(user_id=each, login=person.login, name=person.name, unit_path=person.unit_path, held=tuple(held[each]))
        for each, person in people.items()
        if not refusal(person, wall)
    ]
    return sorted(found, key=lambda each: (-each.unit_path.count("."), each.login))
