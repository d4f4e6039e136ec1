"""Work handled by people: who may look, try again, hand over or cancel, and what a cancelled row leaves behind."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Connection

from fanzha.adapters.store.cases import case_of
from fanzha.adapters.store.institutions import the_institution
from fanzha.adapters.store.people import Person, people_in_sight
from fanzha.adapters.store.roles import permissions_at, require, roles_of
from fanzha.adapters.store.work import Work, find_work
from fanzha.adapters.store.work_handling import (
    Wished,
    WorkEntry,
    cancel_work,
    count_work,
    entries_of_work,
    hand_over,
    list_work,
    retry_work,
)
from fanzha.kernel.errors import FanzhaError, Forbidden, Illegal, NotFound
from fanzha.kernel.ids import CaseId, InstitutionId
from fanzha.kernel.units import Actor, UnitPath, covers
from fanzha.wiring.house import House
from fanzha.wiring.staff import the_person
from fanzha.wiring.uploads import IMPORT_WORK, forget_upload, uploaded_files

READ, RETRY, HAND_OVER, CANCEL = "work.read", "work.retry", "work.hand_over", "work.cancel"
MOST_HANDLERS = 200
"""People offered as handlers; any other can be named."""

CANCELLABLE: Mapping[str, Callable[[House, Work], None]] = {IMPORT_WORK: forget_upload}
"""Kinds of work that a person may cancel, and what is then cleared away.

Clocks and orders are not among them: what the law runs ends by its own lifecycle, with its own authority.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What a row of work is for: an order, an objection, an incident or an institution by its number or name; of a
    clock, what it calls for."""

    kind: str = ""
    name: str = ""
    clock: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Handled:
    """A row of work for a person: whose case it serves, what people did about it, what this person may do now."""

    work: Work
    case_ref: str
    about: About
    entries: Sequence[WorkEntry]
    may: frozenset[str]
    handlers: Sequence[Person]


def listed(house: House, actor: Actor, wished: Wished) -> tuple[int, list[tuple[Work, str, About]]]:
    """How many rows in sight fit, and a page of them, each with the ref of the case it serves and what it is for."""
    require(actor, READ)
    with house.act(actor) as connection:
        found = list_work(connection, wished)
        rows = [(each, _case_ref(connection, actor, each), about(connection, each)) for each in found]
        return count_work(connection, wished), rows


def shown(house: House, actor: Actor, work_id: UUID) -> Handled:
    """One row with everything about it."""
    require(actor, READ)
    with house.act(actor) as connection:
        found = find_work(connection, work_id)
        may = frozenset(each for each in (RETRY, HAND_OVER, CANCEL) if _may(house, actor, each, found))
        return Handled(
            work=found,
            case_ref=_case_ref(connection, actor, found),
            about=about(connection, found),
            entries=entries_of_work(connection, work_id),
            may=may,
            handlers=_handlers(house, connection, found.unit_path) if HAND_OVER in may else (),
        )


def retry(house: House, actor: Actor, work_id: UUID, reason: str) -> None:
    """Try a row again at once; its handler may, too."""
    with house.act(actor) as connection:
        if _has_lost_its_files(house, _require(connection, actor, RETRY, work_id)):
            raise Illegal("work.files_gone", work=work_id)
        retry_work(connection, work_id, reason, actor, house.now())


def hand(house: House, actor: Actor, work_id: UUID, login: str, reason: str) -> None:
    """Give a row to a named person, who must see it themselves."""
    with house.act(actor) as connection:
        found = _require(connection, actor, HAND_OVER, work_id)
        to = the_person(connection, login)
        if not _sees(house, connection, to, found.unit_path):
            raise Illegal("work.handler_out_of_sight", login=to.login, path=found.unit_path)
        hand_over(connection, work_id, to, reason, actor, house.now())


def cancel(house: House, actor: Actor, work_id: UUID, reason: str) -> None:
    """A row is not done any more, and what waited for it is cleared away."""
    with house.act(actor) as connection:
        found = _require(connection, actor, CANCEL, work_id)
        if found.kind not in CANCELLABLE:
            raise Illegal("work.not_cancellable", kind=found.kind)
        cancelled = cancel_work(connection, work_id, reason, actor, house.now())
    CANCELLABLE[cancelled.kind](house, cancelled)


def _require(connection: Connection, actor: Actor, permission: str, work_id: UUID) -> Work:
    found = find_work(connection, work_id)
    if not _permits(actor, permission, found):
        raise Forbidden("access.not_permitted", permission=permission)
    return found


def _permits(actor: Actor, permission: str, about: Work) -> bool:
    mine = actor.user_id is not None and about.handler_id == actor.user_id
    return actor.may(permission) or (permission == RETRY and mine and actor.may(READ))


def _has_lost_its_files(house: House, about: Work) -> bool:
    """Whether it is an import that failed and whose files were thrown away: nothing can be read again."""
    return about.kind == IMPORT_WORK and about.state == "stuck" and not uploaded_files(house, about)


def _may(house: House, actor: Actor, permission: str, about: Work) -> bool:
    """Whether the act is permitted, and there is something to do."""
    failed = about.state == "stuck" or (about.state == "waiting" and about.not_before is not None)
    possible = {
        RETRY: failed and not _has_lost_its_files(house, about),
        HAND_OVER: about.state in ("waiting", "running", "stuck"),
        CANCEL: about.state in ("waiting", "stuck") and about.kind in CANCELLABLE,
    }
    return possible[permission] and _permits(actor, permission, about) and covers(actor.scope, about.unit_path)


def _handlers(house: House, connection: Connection, unit: UnitPath) -> list[Person]:
    found = people_in_sight(connection, MOST_HANDLERS)
    return [each for each in found if each.disabled_at is None and _sees(house, connection, each, unit)]


def _sees(house: House, connection: Connection, person: Person, unit: UnitPath) -> bool:
    held = roles_of(connection, person.id, house.wall.now())
    return person.disabled_at is None and READ in permissions_at(held, unit)


def _case_ref(connection: Connection, actor: Actor, about: Work) -> str:
    """The case that the row serves, for whoever reads cases."""
    case_id = about.payload.get("case")
    if not case_id or not actor.may("cases.read"):
        return ""
    try:
        return case_of(connection, CaseId(UUID(str(case_id)))).ref
    except NotFound:
        return ""


def about(connection: Connection, row: Work) -> About:
    """What the row is for, as its payload tells."""
    told = row.payload
    clock = str(told.get("clock", ""))
    for kind in ("objection", "incident", "order"):
        if kind in told:
            name = told["objection"] if kind == "objection" else told.get("number", "")
            return About(kind=kind, name=str(name), clock=clock)
    if "institution" in told:
        found = the_institution(connection, InstitutionId(UUID(str(told["institution"]))))
        return About(kind="institution", name=found.institution.name)
    return About()


def why(error: Mapping[str, object] | None) -> FanzhaError | None:
    """What stopped a row, as it was noted."""
    if not error:
        return None
    return FanzhaError(str(error["code"]), **{name: value for name, value in error.items() if name != "code"})
