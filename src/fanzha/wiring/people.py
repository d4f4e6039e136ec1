"""How people come in, and the first of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from fanzha.adapters.store.audit import Act, record
from fanzha.adapters.store.authentication import LocalPasswords, LockOut
from fanzha.adapters.store.doors import Doors
from fanzha.adapters.store.officers import OfficerCard, keep_officer
from fanzha.adapters.store.people import NewPerson, add_person, person_called
from fanzha.adapters.store.roles import NewAssignment, assign_role
from fanzha.adapters.store.sessions import Terms
from fanzha.i18n import text
from fanzha.kernel.ids import UserId
from fanzha.wiring.house import CENTRE, House, operator

FIRST_LOGIN = "first"
COLLEAGUES = {"second": "second_officer", "chief": "city_chief"}
"""By log-in name the roles of an exercise's two colleagues, without whom one visitor could see no order through."""
_CARD = {"document_type": "99", "phone": "0999-1200000"}
"""What stands on the cards of an exercise: 99 is no kind of document, 0999 no area of any telephone."""
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
    name = text(house.settings.lang or "zh", "words.first_person")
    return _known_or_new(house, FIRST_LOGIN, name, FIRST_ROLES[house.instance.birth])


def exercise_colleagues(house: House) -> dict[str, UserId]:
    """An exercise's second officer and chief by log-in name, added when it is new; a live house gets nobody."""
    if house.instance.birth != "exercise":
        return {}
    language = house.settings.lang or "zh"
    return {
        login: _known_or_new(house, login, text(language, f"words.exercise_people.{login}"), (role,))
        for login, role in COLLEAGUES.items()
    }


def _known_or_new(house: House, login: str, name: str, roles: Sequence[str]) -> UserId:
    """The person of a log-in name, with roles over the whole centre and in an exercise a card."""
    now = house.wall.now()
    with house.act(operator()) as connection:
        known = person_called(connection, login)
        if known is not None:
            return known.id
        person = add_person(connection, NewPerson(login=login, name=name, unit_path=CENTRE), now)
        for role in roles:
            assign_role(connection, NewAssignment(user_id=person, role=role, unit_path=CENTRE), operator(), now)
        detail = {"roles": list(roles)}
        act = Act(action="person.added", object_kind="person", object_id=str(person), unit_path=CENTRE, detail=detail)
        record(connection, act, operator(), house.now())
        if house.instance.birth == "exercise":
            card = OfficerCard(user_id=person, unit_path=CENTRE, document_number=f"TEST-{login}", **_CARD)
            keep_officer(connection, card, operator(), house.now())
    return person
