"""The operator at the machine may order nothing; in an exercise they may act as one of its people, on record."""

from __future__ import annotations

from fanzha.adapters.store.audit import Act, record
from fanzha.adapters.store.roles import permissions_at, roles_of, seat_at
from fanzha.adapters.store.sessions import refusal
from fanzha.kernel.errors import Forbidden
from fanzha.kernel.units import Actor
from fanzha.wiring.house import House, operator
from fanzha.wiring.staff import the_person


def standing_in_for(house: House, login: str) -> Actor:
    """The person of an exercise as whom the operator acts; `Forbidden` in a live house, and for nobody."""
    if house.instance.birth != "exercise" or not login:
        raise Forbidden("orders.by_nobody")
    wall = house.wall.now()
    with house.act(operator()) as connection:
        person = the_person(connection, login)
        held = roles_of(connection, person.id, wall)
        refused = refusal(person, wall)
        if refused or not held:
            raise Forbidden(refused or "access.no_role")
        act = Act(action="access.stood_in", object_kind="person", object_id=str(person.id), unit_path=person.unit_path)
        record(connection, act, operator(), house.now())
    scope = held[0].unit_path
    return Actor(
        user_id=person.id,
        name=person.login,
        scope=scope,
        permissions=permissions_at(held, scope),
        institution_id=seat_at(held, scope),
    )
