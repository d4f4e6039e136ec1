"""Who is mentioned in which case: by its imports and by people who add somebody; the way to find a case again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import CompoundSelect, Connection, Select, exists, func, select, text, tuple_, union_all
from sqlalchemy.dialects.postgresql import insert

from fanzha.adapters.store.additions import add_all, as_rows
from fanzha.adapters.store.audit import Act, record, record_all
from fanzha.adapters.store.cases import case_for_change, case_of, case_row, require_writable
from fanzha.adapters.store.keys import Keys
from fanzha.adapters.store.schema.evidence import (
    case_file,
    case_link,
    case_link_end,
    case_subject,
    statement_import,
)
from fanzha.adapters.store.subjects import (
    ASK_KNOWN,
    Identifier,
    guessed,
    keep_subjects,
    masked,
    subject_id,
    subject_ids,
)
from fanzha.cases.case import NOTE_CHARACTERS, Case, text_of_person
from fanzha.cases.purposes import CASE_WORK
from fanzha.cases.subjects import Mention, Role, SubjectKind
from fanzha.kernel.clock import utc
from fanzha.kernel.errors import Conflict, NotFound
from fanzha.kernel.ids import CaseId, ImportId, SubjectId, uuid7
from fanzha.kernel.units import Actor, UnitPath

MENTION = """
INSERT INTO case_subject (case_id, subject_id, role, import_id, unit_path, kind)
SELECT case_id, id, role, import_id, unit_path, kind
FROM json_to_recordset(CAST(:mentions AS json)) AS told (
  case_id uuid, role text, import_id uuid, unit_path text, kind text, ids bigint[]
) CROSS JOIN LATERAL unnest(told.ids) AS new (id)
ON CONFLICT DO NOTHING"""
"""Adds the rows of `mention_rows`."""
_ADD = text(f"WITH mentioned AS ({MENTION}) {ASK_KNOWN}")

_TOLD_OF = text("""
SELECT there.case_id, there.subject_id
FROM unnest(CAST(:cases AS uuid[]), CAST(:some AS bigint[])) AS named(case_id, subject_id) CROSS JOIN LATERAL (
  SELECT case_id, subject_id FROM case_subject
  WHERE case_subject.case_id = named.case_id AND case_subject.subject_id = named.subject_id
  UNION SELECT case_id, subject_id FROM case_link
  WHERE case_link.case_id = named.case_id AND case_link.subject_id = named.subject_id
  AND NOT EXISTS (SELECT FROM case_link_end WHERE link_id = case_link.id)
) AS there
""")

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
class NewLink:
    """Whom to add to which case, and why."""

    case_id: CaseId
    mention: Mention
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NewLinks:
    """Everybody whom a case is to tell of, and why."""

    case: Case
    mentions: Iterable[Mention]
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Mentioned:
    """An import that tells of somebody, and where it lies."""

    import_id: ImportId
    case_id: CaseId
    unit_path: UnitPath


def note_mentions(
    connection: Connection, keys: Keys, import_id: ImportId, mentions: Collection[Mention], now: datetime
) -> None:
    """Make the import's case found by everything that its rows tell of; noting it again changes nothing."""
    wanted = select(statement_import.c.case_id, statement_import.c.unit_path).where(statement_import.c.id == import_id)
    row = connection.execute(wanted).one_or_none()
    if row is None:
        raise NotFound("cases.import_not_found")
    where = Mentioned(import_id=import_id, case_id=row.case_id, unit_path=row.unit_path)
    ids, asked = mention_rows(keys, {where: mentions})
    if ids:
        known = connection.execute(_ADD, asked).all()
        keep_subjects(connection, keys, ids, now, known)


def mention_rows(
    keys: Keys, told: Mapping[Mentioned, Collection[Mention]]
) -> tuple[dict[Identifier, SubjectId], dict[str, object]]:
    """Everybody of whom imports tell, by their ids, and the parameters of `MENTION` and `ASK_KNOWN`.

    Whoever tells of many puts them all into the vault at once, never crosswise.
    """
    ids = subject_ids(keys, {Identifier(each.kind, each.text) for some in told.values() for each in some})
    rows: list[dict[str, object]] = []
    for where, mentions in told.items():
        as_what: dict[tuple[SubjectKind, Role], set[SubjectId]] = defaultdict(set)
        for each in mentions:
            as_what[each.kind, each.role].add(ids[Identifier(each.kind, each.text)])
        place = {"case_id": where.case_id, "import_id": where.import_id, "unit_path": where.unit_path}
        rows += [
            {**place, "kind": kind.value, "role": role.value, "ids": sorted(some)}
            for (kind, role), some in sorted(as_what.items())
        ]
    return ids, {"mentions": as_rows(rows), "ids": list(ids.values())}


def find_cases(connection: Connection, keys: Keys, typed: str) -> list[Hit]:
    """The cases in sight that mention the account, number, document or name, newest first; exact after cleaning."""
    ids = guessed(keys, typed)
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


def link_subject(connection: Connection, keys: Keys, new: NewLink, actor: Actor, now: datetime) -> UUID:
    """Add somebody to a case by hand; returns the entry's id, by which it can be taken back.

    `Conflict` when the same is a victim of the case already.
    """
    case = case_for_change(connection, new.case_id, actor)
    identifier = Identifier(new.mention.kind, new.mention.text)
    told = _Told(subject_id(keys, identifier), new.mention.kind, new.mention.role)
    (link_id,) = _enter(connection, [(case, told, new.reason)], actor, now)
    keep_subjects(connection, keys, {identifier: told.subject_id}, now)
    return link_id


def link_unknown(connection: Connection, keys: Keys, new: NewLinks, actor: Actor, now: datetime) -> None:
    """Add to a case, at once, everybody of whom it does not tell yet; whoever is named twice is what they were first.

    The caller may change the case (`case_for_change`).
    """
    link_all_unknown(connection, keys, [(new.case, each, new.reason) for each in new.mentions], actor, now)


def link_all_unknown(
    connection: Connection, keys: Keys, some: Iterable[tuple[Case, Mention, str]], actor: Actor, now: datetime
) -> None:
    """The same for several cases, with a reason for each."""
    named: dict[tuple[CaseId, SubjectId], tuple[Case, Mention, str]] = {}
    for case, mention, reason in some:
        whom = subject_id(keys, Identifier(mention.kind, mention.text))
        named.setdefault((case.id, whom), (case, mention, reason))
    known = _told_of(connection, named)
    fresh = {each: told for each, told in named.items() if each not in known}
    if fresh:
        told = [
            (case, _Told(whom, mention.kind, mention.role), why) for (_, whom), (case, mention, why) in fresh.items()
        ]
        _enter(connection, told, actor, now)
        ids = {Identifier(mention.kind, mention.text): whom for (_, whom), (_, mention, _) in fresh.items()}
        keep_subjects(connection, keys, ids, now)


def told_in(connection: Connection, case_id: CaseId, each: SubjectId) -> bool:
    """Whether the case tells of somebody already, in any role."""
    return each in subjects_told(connection, case_id, [each])


def subjects_told(connection: Connection, case_id: CaseId, some: Iterable[SubjectId]) -> set[SubjectId]:
    """Those of some of whom the case tells already, in any role."""
    return {each for _, each in _told_of(connection, [(case_id, each) for each in some])}


def _told_of(connection: Connection, some: Collection[tuple[CaseId, SubjectId]]) -> set[tuple[CaseId, SubjectId]]:
    """Those of some of whom these cases tell already."""
    asked = {"cases": [case_id for case_id, _ in some], "some": [each for _, each in some]}
    return {(CaseId(row.case_id), SubjectId(row.subject_id)) for row in connection.execute(_TOLD_OF, asked)}


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
    return _enter(connection, [(case, _Told(each, SubjectKind(kind), Role.VICTIM), reason)], actor, now)[0]


def carry_over(connection: Connection, case_id: CaseId, into: Case, reason: str, actor: Actor, now: datetime) -> None:
    """Let a case tell of everybody whom people added to another one, its victims among them; each once."""
    there = {
        (row.subject_id, row.role) for row in connection.execute(_living_links().where(case_link.c.case_id == into.id))
    }
    fresh: list[_Told] = []
    for row in connection.execute(_living_links().where(case_link.c.case_id == case_id)):
        if (row.subject_id, row.role) not in there:
            there.add((row.subject_id, row.role))
            fresh.append(_Told(SubjectId(row.subject_id), SubjectKind(row.kind), Role(row.role)))
    if fresh:
        _enter(connection, [(into, each, reason) for each in fresh], actor, now)


def _enter(connection: Connection, told: Sequence[tuple[Case, _Told, str]], actor: Actor, now: datetime) -> list[UUID]:
    """The entries' ids; `Conflict` when one of them is a victim of their case already."""
    victims = [(case.id, each.subject_id) for case, each, _ in told if each.role is Role.VICTIM]
    if victims:
        same = tuple_(case_link.c.case_id, case_link.c.subject_id).in_(victims)
        if connection.execute(_living_links().where(same, case_link.c.role == Role.VICTIM)).first():
            raise Conflict("cases.victim_already")
    ids = [uuid7(now) for _ in told]
    same_in_all = {"at": utc(now), "actor_id": actor.user_id, "actor_name": actor.name}
    rows = [
        {
            "id": link_id,
            "case_id": case.id,
            "unit_path": case.unit_path,
            "subject_id": each.subject_id,
            "kind": each.kind,
            "role": each.role,
            "reason": text_of_person(why, NOTE_CHARACTERS),
            **same_in_all,
        }
        for link_id, (case, each, why) in zip(ids, told, strict=True)
    ]
    add_all(connection, case_link, rows)
    acts = [_act(_ADDED.get(each.role, "case.subject_linked"), case, each.subject_id) for case, each, _ in told]
    record_all(connection, acts, actor, now)
    return ids


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
    act = _act(_TAKEN_BACK.get(Role(row.role), "case.subject_unlinked"), case, row.subject_id)
    record(connection, act, actor, now)


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
        detail={"subjects": guessed(keys, typed)},
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


def _act(action: str, case: Case, each: SubjectId) -> Act:
    return Act(
        action=action,
        object_kind="case",
        object_id=str(case.id),
        unit_path=case.unit_path,
        detail={"subject": each},
    )
