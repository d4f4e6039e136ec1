"""A shift handed to the next officer: one who may steer each of its chases, or none of them changes hands."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from fanzha.adapters.store.cases import add_note
from fanzha.adapters.store.incidents import incident_numbered
from fanzha.adapters.store.people import Person, people_in_sight, person_called
from fanzha.adapters.store.roles import holders_of, permissions_at, require, roles_of, seat_at
from fanzha.cases.case import text_of_person
from fanzha.cases.incident import REASON_CHARACTERS, Incident, IncidentEntry, IncidentEntryKind
from fanzha.kernel.errors import Invalid
from fanzha.kernel.units import UnitPath
from fanzha.wiring.desk import Desk
from fanzha.wiring.incidents import enter

STEERS = "orders.draft"
"""What whoever answers for an incident must be permitted where it is."""
MOST_PEOPLE = 10_000


def next_officers(desk: Desk, units: Collection[UnitPath]) -> list[Person]:
    """Those in sight, but for oneself, to whom incidents of at least one of these units can be given."""
    require(desk.actor, STEERS)
    with desk.as_house() as as_house:  # a role may be given above the units that the actor sees
        may = {each.user_id for each in holders_of(as_house, (STEERS,), desk.house.wall.now())} - {desk.actor.user_id}
    some = [each for each in people_in_sight(desk.connection, MOST_PEOPLE) if each.id in may]
    return [each for each in some if any(_may_steer(desk, each, unit) for unit in units)]


def hand_over(desk: Desk, numbers: Sequence[str], to_login: str, note: str) -> list[Incident]:
    """Somebody else answers for all of these from now on, or for none; what was said stands in the history.

    `Invalid` names the first that they could not steer, or the login that nobody has.
    """
    require(desk.actor, STEERS)
    if not numbers:
        raise Invalid("incidents.none_chosen")
    told = [incident_numbered(desk.connection, number) for number in numbers]  # first: blind eyes learn no names
    to, words = _taker(desk, to_login, told), text_of_person(note, REASON_CHARACTERS)
    handed, now = [], desk.now  # one instant: by it an incident's page finds the words of its hand-over
    for each in told:
        add_note(desk.connection, each.case_id, words, desk.actor, now)
        entry = IncidentEntry(
            kind=IncidentEntryKind.HANDED_OVER,
            at=now,
            by_id=desk.actor.user_id,
            by_name=desk.actor.name,
            value=to.login,
        )
        handed.append(enter(desk, each.number, [entry]))
    return handed


def _taker(desk: Desk, login: str, told: Sequence[Incident]) -> Person:
    if not login.strip():
        raise Invalid("incidents.no_taker")
    person = person_called(desk.connection, login)
    if person is None:
        raise Invalid("incidents.nobody_called", login=login.strip()[:REASON_CHARACTERS])
    may = {unit: _may_steer(desk, person, unit) for unit in {each.unit_path for each in told}}
    for each in told:
        if not may[each.unit_path]:
            raise Invalid("incidents.cannot_take", login=person.login, number=each.number)
    return person


def _may_steer(desk: Desk, person: Person, unit: UnitPath) -> bool:
    """Whether they come in, sit for no institution, and act there."""
    wall = desk.house.wall.now()
    if person.disabled_at is not None or (person.expires_at is not None and person.expires_at <= wall):
        return False
    with desk.as_house() as as_house:
        held = roles_of(as_house, person.id, wall)
    return seat_at(held, unit) is None and STEERS in permissions_at(held, unit)
