"""Who is mentioned in which case: by its imports and by people who add somebody; the way to find a case again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import CompoundSelect, Connection, Select, exists, func, select, text, union_all
from sqlalchemy.dialects.postgresql import insert

from fanzha.adapters.store.audit import Act, record
from fanzha.adapters.store.cases import case_for_change, case_of, case_row, require_writable
from fanzha.adapters.store.keys import Keys
from fanzha.adapters.store.schema.evidence import (
    case_file,
    case_link,
    case_link_end,
    case_subject,
    statement_import,
)
from fanzha.adapters.store.schema.place import unit
from fanzha.adapters.store.subjects import Identifier, keep_subjects, masked, subject_id, subject_ids
from fanzha.cases.case import NOTE_CHARACTERS, Case, text_of_person
from fanzha.cases.purposes import CASE_WORK, purpose_code
from fanzha.cases.subjects import Mention, Role, SubjectKind, guesses
from fanzha.kernel.clock import utc
from fanzha.kernel.errors import Conflict, NotFound
from fanzha.kernel.ids import CaseId, ImportId, SubjectId, uuid7
from fanzha.kernel.units import Actor, UnitPath, covers

_ADD = text(
    "INSERT INTO case_subject (case_id, subject_id, role, import_id, unit_path, kind)"
    " SELECT :case, id, :role, :import, :path, :kind FROM unnest(CAST(:ids AS bigint[])) AS new (id)"
    " ON CONFLICT DO NOTHING"
)
_SIGHTINGS = text("SELECT DISTINCT unit_path FROM subject_sightings(CAST(:ids AS bigint[]))")


_ADDED = {Role.VICTIM: "case.victim_marked"}
_TAKEN_BACK = {Role.VICTIM: "case.victim_unmarked"}


class _Told(NamedTuple):
    """Whom an entry is about, and as what."""

    subject_id: SubjectId
    kind: SubjectKind
    role: Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A case in sight that mentions what was looked for: whom, and in which roles."""

    case: Case
    subject_id: SubjectId
    roles: tuple[Role, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitToCall:
    """Another unit that holds a case with what was looked for: whom to call, and nothing else."""

    path: UnitPath
    name_zh: str
    name_en: str
    contact: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NewLink:
    """Whom to add to which case, and why."""

    case_id: CaseId
    mention: Mention
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """Somebody whom a person added to a case, and why."""

    id: UUID
    subject_id: SubjectId
    masked: str
    role: Role
    reason: str
    at: datetime
    actor_name: str


def note_mentions(
    connection: Connection, keys: Keys, import_id: ImportId, mentions: Collection[Mention], now: datetime
) -> None:
    """Make the import's case found by everything that its rows tell of; noting it again changes nothing."""
    wanted = select(statement_import.c.case_id, statement_import.c.unit_path).where(statement_import.c.id == import_id)
    row = connection.execute(wanted).one_or_none()
    if row is None:
        raise NotFound("cases.import_not_found")
    ids = subject_ids(keys, {Identifier(each.kind, each.text) for each in mentions})
    place = {"case": row.case_id, "import": import_id, "path": row.unit_path}
    told: dict[tuple[SubjectKind, Role], set[SubjectId]] = defaultdict(set)
    for each in mentions:
        told[each.kind, each.role].add(ids[Identifier(each.kind, each.text)])
    for (kind, role), some in sorted(told.items()):
        connection.execute(_ADD, {**place, "kind": kind.value, "role": role.value, "ids": sorted(some)})
    keep_subjects(connection, keys, ids, now)


def find_cases(connection: Connection, keys: Keys, typed: str) -> list[Hit]:
    """The cases in sight that mention the account, number, document or name, newest first; exact after cleaning."""
    ids = _ids(keys, typed)
    told = _told().subquery()
    wanted = (
        select(case_file, told.c.subject_id, func.array_agg(told.c.role.distinct()).label("roles"))
        .join(told, told.c.case_id == case_file.c.id)
        .where(told.c.subject_id.in_(ids))
        .group_by(case_file.c.id, told.c.subject_id)
        .order_by(case_file.c.opened_at.desc(), case_file.c.id, told.c.subject_id)
    )
    return [
        Hit(case=case_row(row), subject_id=row.subject_id, roles=_roles(row.roles))
        for row in connection.execute(wanted)
    ]


def units_with(connection: Connection, ids: Sequence[SubjectId]) -> list[UnitPath]:
    """The units, in sight or not, that hold a case with one of the subjects; nothing else is told of it."""
    return sorted(connection.scalars(_SIGHTINGS, {"ids": list(ids)}))


def find_elsewhere(
    connection: Connection, keys: Keys, typed: str, actor: Actor, now: datetime, purpose: str = CASE_WORK
) -> list[UnitToCall]:
    """The units out of the actor's sight whose cases mention it; who looked, and what for, is written in the audit."""
    ids = _ids(keys, typed)
    paths = [path for path in units_with(connection, ids) if not covers(actor.scope, path)]
    found = [
        UnitToCall(path=row.path, name_zh=row.name_zh, name_en=row.name_en, contact=row.contact)
        for row in connection.execute(select(unit).where(unit.c.path.in_(paths)).order_by(unit.c.path))
    ]
    act = Act(
        action="subject.looked_for",
        object_kind="unit",
        object_id=actor.scope,
        unit_path=actor.scope,
        purpose=purpose_code(purpose),
        detail={"subjects": ids, "units": [each.path for each in found]},
    )
    record(connection, act, actor, now)
    return found


def link_subject(connection: Connection, keys: Keys, new: NewLink, actor: Actor, now: datetime) -> UUID:
    """Add somebody to a case by hand; returns the entry's id, by which it can be taken back.

    `Conflict` when the same is a victim of the case already.
    """
    case = case_for_change(connection, new.case_id, actor)
    identifier = Identifier(new.mention.kind, new.mention.text)
    told = _Told(subject_id(keys, identifier), new.mention.kind, new.mention.role)
    link_id = _enter(connection, case, told, new.reason, actor, now)
    keep_subjects(connection, keys, {identifier: told.subject_id}, now)
    return link_id


def told_in(connection: Connection, case_id: CaseId, each: SubjectId) -> bool:
    """Whether the case tells of somebody already, in any role."""
    told = _told().subquery()
    known = select(told.c.kind).where(told.c.case_id == case_id, told.c.subject_id == each).limit(1)
    return connection.scalar(known) is not None


def mark_victim(
    connection: Connection, case_id: CaseId, each: SubjectId, reason: str, actor: Actor, now: datetime
) -> UUID:
    """Name as a victim whom the case tells of already; taken back like whoever was added by hand.

    `NotFound` when the case tells nothing of them, `Conflict` when they are marked already.
    """
    case = case_for_change(connection, case_id, actor)
    told = _told().subquery()
    known = select(told.c.kind).where(told.c.case_id == case.id, told.c.subject_id == each).limit(1)
    kind = connection.scalar(known)
    if kind is None:
        raise NotFound("cases.subject_not_told")
    return _enter(connection, case, _Told(each, SubjectKind(kind), Role.VICTIM), reason, actor, now)


def carry_over(connection: Connection, case_id: CaseId, into: Case, reason: str, actor: Actor, now: datetime) -> None:
    """Let a case tell of everybody whom people added to another one, its victims among them; each once."""
    there = {
        (row.subject_id, row.role) for row in connection.execute(_living_links().where(case_link.c.case_id == into.id))
    }
    for row in connection.execute(_living_links().where(case_link.c.case_id == case_id)).all():
        if (row.subject_id, row.role) not in there:
            there.add((row.subject_id, row.role))
            told = _Told(SubjectId(row.subject_id), SubjectKind(row.kind), Role(row.role))
            _enter(connection, into, told, reason, actor, now)


def _enter(connection: Connection, case: Case, told: _Told, reason: str, actor: Actor, now: datetime) -> UUID:
    if told.role is Role.VICTIM:
        same = (case_link.c.case_id == case.id) & (case_link.c.subject_id == told.subject_id)
        if connection.execute(_living_links().where(same, case_link.c.role == Role.VICTIM)).first():
            raise Conflict("cases.victim_already")
    link_id = uuid7(now)
    row = {"id": link_id, "case_id": case.id, "unit_path": case.unit_path, "subject_id": told.subject_id}
    row |= {"kind": told.kind, "role": told.role, "reason": text_of_person(reason, NOTE_CHARACTERS), "at": utc(now)}
    connection.execute(insert(case_link).values(row | {"actor_id": actor.user_id, "actor_name": actor.name}))
    _record(connection, _ADDED.get(told.role, "case.subject_linked"), (case, told.subject_id), actor, now)
    return link_id


def unlink_subject(connection: Connection, link_id: UUID, reason: str, actor: Actor, now: datetime) -> None:
    """Take back what was added by hand; `Conflict` when somebody did so already."""
    row = connection.execute(select(case_link).where(case_link.c.id == link_id)).one_or_none()
    if row is None:
        raise NotFound("cases.link_not_found")
    case = require_writable(case_of(connection, row.case_id), actor)
    end = {"link_id": link_id, "case_id": case.id, "unit_path": case.unit_path, "at": utc(now)}
    end |= {"reason": text_of_person(reason, NOTE_CHARACTERS), "actor_id": actor.user_id, "actor_name": actor.name}
    ending = insert(case_link_end).values(end).on_conflict_do_nothing().returning(case_link_end.c.link_id)
    if connection.scalar(ending) is None:
        raise Conflict("cases.link_ended")
    _record(connection, _TAKEN_BACK.get(Role(row.role), "case.subject_unlinked"), (case, row.subject_id), actor, now)


def end_links(connection: Connection, case: Case, actor: Actor, now: datetime) -> list[SubjectId]:
    """Take back everybody whom people added to a case that is being erased; returns whom."""
    living = connection.execute(_living_links().where(case_link.c.case_id == case.id)).all()
    for row in living:
        end = {"link_id": row.id, "case_id": case.id, "unit_path": case.unit_path, "at": utc(now), "reason": ""}
        connection.execute(insert(case_link_end).values(end | {"actor_id": actor.user_id, "actor_name": actor.name}))
    return [SubjectId(row.subject_id) for row in living]


def record_look_up(connection: Connection, keys: Keys, case: Case, typed: str, actor: Actor, now: datetime) -> None:
    """Leave the mark that somebody tried whether a case holds somebody: typing numbers must not go unseen."""
    act = Act(
        action="account.looked_for",
        object_kind="case",
        object_id=str(case.id),
        unit_path=case.unit_path,
        purpose=CASE_WORK,
        detail={"subjects": _ids(keys, typed)},
    )
    record(connection, act, actor, now)


def case_links(connection: Connection, keys: Keys, case_id: CaseId) -> list[Link]:
    """Whom people added to the case and nobody took back, oldest first."""
    rows = connection.execute(_living_links().where(case_link.c.case_id == case_id).order_by(case_link.c.id)).all()
    shown = masked(connection, keys, [row.subject_id for row in rows])
    return [
        Link(
            id=row.id,
            subject_id=row.subject_id,
            masked=shown.get(row.subject_id, ""),
            role=Role(row.role),
            reason=row.reason,
            at=utc(row.at),
            actor_name=row.actor_name,
        )
        for row in rows
    ]


def link_of(connection: Connection, keys: Keys, case_id: CaseId, told: str) -> UUID:
    """The id of a living entry of the case that a person names by its text; `NotFound` when the case has none."""
    for each in case_links(connection, keys, case_id):
        if str(each.id) == told:
            return each.id
    raise NotFound("cases.link_not_found")


def link_to(connection: Connection, keys: Keys, case_id: CaseId, mention: Mention) -> UUID:
    """The id of the living entry by which somebody was added in that role; `NotFound` when nobody did."""
    each = subject_id(keys, Identifier(mention.kind, mention.text))
    same = (case_link.c.case_id == case_id) & (case_link.c.subject_id == each)
    found = connection.execute(_living_links().where(same, case_link.c.role == mention.role)).first()
    if found is None:
        raise NotFound("cases.link_not_found")
    told: UUID = found.id
    return told


def case_victims(connection: Connection, keys: Keys, case_id: CaseId) -> list[Link]:
    """Whom somebody named a victim of the case and nobody took back, oldest first."""
    return [each for each in case_links(connection, keys, case_id) if each.role is Role.VICTIM]


def _ids(keys: Keys, typed: str) -> list[SubjectId]:
    return [subject_id(keys, Identifier(kind, clean)) for kind, clean in guesses(typed)]


def _told() -> CompoundSelect[Any]:
    """Every (case, subject, kind, role) in sight, whether an import tells it or a person added it."""
    by_imports, by_people = (
        (table.c.case_id, table.c.subject_id, table.c.kind, table.c.role) for table in (case_subject, case_link)
    )
    return union_all(select(*by_imports), _living_links().with_only_columns(*by_people))


def _living_links() -> Select[Any]:
    ended = exists().where(case_link_end.c.link_id == case_link.c.id)
    return select(case_link).where(~ended)


def _roles(roles: list[str]) -> tuple[Role, ...]:
    return tuple(Role(each) for each in roles)


def _record(connection: Connection, action: str, link: tuple[Case, SubjectId], actor: Actor, now: datetime) -> None:
    case, each = link
    act = Act(
        action=action,
        object_kind="case",
        object_id=str(case.id),
        unit_path=case.unit_path,
        detail={"subject": each},
    )
    record(connection, act, actor, now)
