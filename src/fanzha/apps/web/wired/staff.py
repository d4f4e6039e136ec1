"""The centre's own people as the console shows and changes them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from fanzha.adapters.store.institutions import every_institution
from fanzha.adapters.store.people import NewPerson, Person, names_of_people
from fanzha.adapters.store.roles import Assignment, role, roles
from fanzha.apps.web.views.shown import Choice
from fanzha.apps.web.views.staff import HeldRole, NewStaff, StaffLine
from fanzha.apps.web.wired.house_parts import HouseParts
from fanzha.kernel.errors import Forbidden, NotFound
from fanzha.kernel.ids import InstitutionId
from fanzha.kernel.units import Actor, UnitPath, covers, unit_path
from fanzha.wiring.people import doors_of
from fanzha.wiring.staff import Colleague, add_colleague, colleagues, disable, enable, give_role, take_role, units

Units = Mapping[UnitPath, Choice]
Institutions = Mapping[InstitutionId, Choice]


class WiredStaff(HouseParts):
    """Accounts, roles, one-time links; each change is on record under whoever made it."""

    def people_names(self) -> Mapping[str, str]:
        """What everybody is called: whoever is named on a page stood there by their log-in name before."""
        with self.house.act_as_house() as connection:
            names = names_of_people(connection)
        alike = Counter(names.values())
        return {login: f"{name} ({login})" if alike[name] > 1 else name for login, name in names.items()}

    def staff(self, actor: Actor) -> Sequence[StaffLine]:
        """The people of the actor's units, by log-in name."""
        named = {
            each.path: Choice(code=each.path, zh=each.name_zh, en=each.name_en) for each in units(self.house, actor)
        }
        now = self.house.wall.now()
        found = colleagues(self.house, actor)
        with self.house.act(actor) as connection:
            every = [(each.id, each.institution) for each in every_institution(connection)]
        sits_for = {known: Choice(code=each.name, zh=each.name_zh, en=each.name_en) for known, each in every}
        return [_line(each, named, actor, now, sits_for) for each in found]

    def staff_roles(self) -> Sequence[Choice]:
        """Every role there is."""
        return [Choice(code=each.id, zh=each.zh, en=each.en) for each in roles().values()]

    def add_staff(self, actor: Actor, new: NewStaff) -> str:
        """The id of the new account."""
        person = NewPerson(login=new.login, name=new.name, unit_path=unit_path(new.unit))
        return str(add_colleague(self.house, actor, person, [new.role] if new.role else []).person.id)

    def give_role(self, actor: Actor, person: str, role: str, unit: str, institution: str = "") -> None:
        """Give a role at a unit and everything below it; a resident's is of one institution."""
        login = self._colleague(actor, person).person.login
        give_role(self.house, actor, login, role, unit_path(unit), institution)

    def take_role(self, actor: Actor, person: str, role: str, unit: str) -> None:
        """Take a role back from now on."""
        take_role(self.house, actor, self._colleague(actor, person).person.login, role, unit_path(unit))

    def set_disabled(self, actor: Actor, person: str, disabled: bool) -> None:
        """Let nobody in by this account any more, or again; nobody locks themselves out."""
        found = self._colleague(actor, person).person
        if found.id == actor.user_id:
            raise Forbidden("web.not_oneself")
        (disable if disabled else enable)(self.house, actor, found.login)

    def staff_link(self, actor: Actor, person: str) -> str:
        """The secret of a new one-time link for somebody who has no role outside the actor's units."""
        found = self._colleague(actor, person)
        for held in found.roles:
            if not covers(actor.scope, held.unit_path):
                raise Forbidden("access.outside_scope", path=held.unit_path)
        return doors_of(self.house).link_for(
            found.person.id, actor, timedelta(minutes=self.house.settings.link_minutes)
        )

    def link_minutes(self) -> int:
        """How long a one-time link is good for."""
        return self.house.settings.link_minutes

    def _colleague(self, actor: Actor, person: str) -> Colleague:
        for each in colleagues(self.house, actor):
            if str(each.person.id) == person:
                return each
        raise NotFound("access.no_such_person")


def _line(each: Colleague, named: Units, actor: Actor, now: datetime, sits_for: Institutions) -> StaffLine:
    person = each.person
    return StaffLine(
        id=str(person.id),
        login=person.login,
        name=person.name,
        unit=_named(named, person.unit_path),
        state=_state(person, now),
        roles=tuple(_held(held, named, sits_for) for held in each.roles),
        is_self=person.id == actor.user_id,
        may_give=each.may_give,
    )


def _held(held: Assignment, named: Units, sits_for: Institutions) -> HeldRole:
    known = role(held.role)
    return HeldRole(
        role=Choice(code=known.id, zh=known.zh, en=known.en),
        unit=_named(named, held.unit_path),
        institution=sits_for.get(held.institution_id) if held.institution_id else None,
    )


def _named(named: Units, path: UnitPath) -> Choice:
    return named.get(path, Choice(code=path, zh=path, en=path))


def _state(person: Person, now: datetime) -> str:
    if person.disabled_at is not None:
        return "disabled"
    if person.expires_at is not None and person.expires_at <= now:
        return "expired"
    if person.password_set_at is None:
        return "invited"
    return "must_change" if person.must_change else "active"
