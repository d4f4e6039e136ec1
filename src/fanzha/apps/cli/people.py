"""`fanzha people …`: who may come in, with which roles, and the one-time link by which somebody comes in first."""

from __future__ import annotations

import sys
from datetime import datetime, timedelta
from typing import Annotated

from fanzha.adapters.store.people import NewPerson, Person
from fanzha.adapters.store.roles import roles as every_role
from fanzha.apps.cli.commands import argument, command, noun, option
from fanzha.apps.cli.language import say
from fanzha.apps.cli.opening import opened_house
from fanzha.apps.cli.output import Format, give, give_one
from fanzha.kernel.errors import Invalid
from fanzha.kernel.identifiers.citizen_id import mask as mask_id
from fanzha.kernel.identifiers.phone import mask as mask_phone
from fanzha.kernel.units import UnitPath, unit_path
from fanzha.wiring.cards import NewCard, give_card
from fanzha.wiring.house import CENTRE, operator
from fanzha.wiring.people import doors_of
from fanzha.wiring.staff import (
    Colleague,
    add_colleague,
    colleagues,
    disable,
    enable,
    give_role,
    take_role,
    the_person,
)

app = noun("people")
role_app = noun("people.role")
app.add_typer(role_app, name="role")

PERSON = {"name": "person_name"}
LINE = ("login", "name", "unit", "roles", "state", "expires_at")
Form = Annotated[Format, option("format.help", "--format")]
Login = Annotated[str, argument("people.login", metavar="LOGIN")]
ROLES = ", ".join(every_role())
RoleName = Annotated[str, argument("people.role_name", metavar="ROLE", roles=ROLES)]
RoleUnit = Annotated[str, option("people.role_unit", "--unit", metavar="PATH")]


@command(app, "people.add")
def add(
    login: Login,
    name: Annotated[str, option("people.add.name", "--name")],
    unit: Annotated[str, option("people.add.unit", "--unit", metavar="PATH")] = CENTRE,
    roles: Annotated[list[str] | None, option("people.add.roles", "--role", metavar="ROLE", roles=ROLES)] = None,
    first_password: Annotated[str, option("people.add.first_password", "--first-password", metavar="-")] = "",
    form: Form = Format.TABLE,
) -> None:
    """Add somebody with their first roles; without a first password they come in by a link."""
    new = NewPerson(login=login, name=name, unit_path=unit_path(unit), first_password=_first_password(first_password))
    with opened_house() as house:
        added = add_colleague(house, operator(), new, roles or [])
        now = house.wall.now()
    give_one(_line(added, now), form, heads=PERSON)


@command(app, "people.list")
def list_(form: Form = Format.TABLE) -> None:
    """Everybody who may come in, or once did."""
    with opened_house() as house:
        found = colleagues(house, operator())
        now = house.wall.now()
    give([_line(each, now) for each in found], LINE, form, heads=PERSON)


@command(app, "people.link")
def link(login: Login) -> None:
    """Print a one-time log-in link."""
    with opened_house() as house:
        with house.act(operator()) as connection:
            person = the_person(connection, login)
        settings = house.settings
        token = doors_of(house).link_for(person.id, operator(), timedelta(minutes=settings.link_minutes))
    host = f"[{settings.web_host}]" if ":" in settings.web_host else settings.web_host
    address = f"http://{host}:{settings.web_port}" if settings.web_port else ""
    sys.stdout.write(f"{address}/enter/{token}\n")
    sys.stderr.write(say("people.link.told", login=person.login, minutes=settings.link_minutes) + "\n")


@command(app, "people.card")
def card(
    login: Login,
    document_type: Annotated[str, option("people.card.document_type", "--document-type", metavar="NN")],
    document_number: Annotated[str, option("people.card.document_number", "--document-number")],
    phone: Annotated[str, option("people.card.phone", "--phone")],
    form: Form = Format.TABLE,
) -> None:
    """Give an officer the card by which institutions know them."""
    new = NewCard(document_type=document_type, document_number=document_number, phone=phone)
    with opened_house() as house:
        given = give_card(house, operator(), login, new)
    told = {
        "login": login,
        "document_type": given.document_type,
        "document_number": mask_id(given.document_number),
        "phone": mask_phone(given.phone),
    }
    give_one(told, form)


@command(app, "people.disable")
def disable_(login: Login) -> None:
    """Let nobody in by this account any more."""
    with opened_house() as house:
        disable(house, operator(), login)


@command(app, "people.enable")
def enable_(login: Login) -> None:
    """Let them in again."""
    with opened_house() as house:
        enable(house, operator(), login)


@command(role_app, "people.role.add")
def role_add(
    login: Login,
    role: RoleName,
    unit: RoleUnit = "",
    institution: Annotated[str, option("people.role_institution", "--institution", metavar="NAME")] = "",
) -> None:
    """Give a role at a unit and everything below it; a resident's is of an institution."""
    with opened_house() as house:
        give_role(house, operator(), login, role, _at(unit), institution)


@command(role_app, "people.role.end")
def role_end(login: Login, role: RoleName, unit: RoleUnit = "") -> None:
    """Take a role back from now on."""
    with opened_house() as house:
        take_role(house, operator(), login, role, _at(unit))


def _at(unit: str) -> UnitPath | None:
    return unit_path(unit) if unit else None


def _first_password(given: str) -> str | None:
    """The first line of standard input for `-`: what stands on a command line, everybody on the machine can read."""
    if not given:
        return None
    if given != "-":
        raise Invalid("cli.password_in_sight")
    return sys.stdin.readline().rstrip("\r\n")


def _line(each: Colleague, now: datetime) -> dict[str, object]:
    person = each.person
    return {
        "id": str(person.id),
        "login": person.login,
        "name": person.name,
        "unit": person.unit_path,
        "roles": [f"{held.role}@{held.unit_path}" for held in each.roles],
        "state": _state(person, now),
        "expires_at": person.expires_at,
    }


def _state(person: Person, now: datetime) -> str:
    if person.disabled_at is not None:
        return "disabled"
    if person.expires_at is not None and person.expires_at <= now:
        return "expired"
    return "must_change_password" if person.must_change else "active"
