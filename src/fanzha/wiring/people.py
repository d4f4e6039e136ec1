"""How people come in, and the first of them."""

from __future__ import annotations

from datetime import timedelta

from fanzha.adapters.store.audit import Act, record
from fanzha.adapters.store.authentication import LocalPasswords, LockOut
from fanzha.adapters.store.doors import Doors
from fanzha.adapters.store.people import NewPerson, add_person, person_called
from fanzha.adapters.store.roles import NewAssignment, assign_role
from fanzha.adapters.store.sessions import Terms
from fanzha.i18n import text
from fanzha.kernel.ids import UserId
from fanzha.wiring.house import CENTRE, House, operator

FIRST_LOGIN = "first"
FIRST_ROLES = {"exercise": ("commander", "administrator", "auditor", "data_protection"), "live": ("administrator",)}
"""In an exercise one visitor sees everything; a live centre's first person only makes the others."""


def doors_of(house: House) -> Doors:
    """Log-ins by this instance's own passwords; single sign-on is another authenticator here."""
    settings = house.settings
    lock_out = LockOut(failures=settings.lockout_failures, lasts=timedelta(minutes=settings.lockout_minutes))
    terms = Terms(
        idle=timedelta(minutes=settings.session_minutes),
        longest=timedelta(hours=settings.session_hours),
        password=timedelta(days=settings.password_days),
    )
    authenticator = LocalPasswords(engine=house.engine, wall=house.wall, lock_out=lock_out)
    return Doors(
        engine=house.engine,
        wall=house.wall,
        terms=terms,
        authenticator=authenticator,
        duties_apart=house.instance.birth == "live",
    )


def first_person(house: House) -> UserId:
    """The person for whom the operator's log-in link is made, added when the instance is new."""
    now = house.wall.now()
    with house.act(operator()) as connection:
        known = person_called(connection, FIRST_LOGIN)
        if known is not None:
            return known.id
        new = NewPerson(
            login=FIRST_LOGIN, name=text(house.settings.lang or "zh", "words.first_person"), unit_path=CENTRE
        )
        person = add_person(connection, new, now)
        roles = FIRST_ROLES[house.instance.birth]
        for role in roles:
            assign_role(connection, NewAssignment(user_id=person, role=role, unit_path=CENTRE), operator(), now)
        detail = {"roles": list(roles)}
        act = Act(action="person.added", object_kind="person", object_id=str(person), unit_path=CENTRE, detail=detail)
        record(connection, act, operator(), house.now())
    return person
