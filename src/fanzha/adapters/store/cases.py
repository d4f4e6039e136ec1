"""Cases in the database: open, find, move, keep; every change leaves an entry of the case's history."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from psycopg.errors import LockNotAvailable
from sqlalchemy import Connection, Row, Select, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import OperationalError

from fanzha.adapters.store.among import among
from fanzha.adapters.store.audit import Act, record
from fanzha.adapters.store.schema.evidence import case_entry, case_file, case_number
from fanzha.adapters.store.unit_of_work import savepoint
from fanzha.cases.case import (
    NOTE_CHARACTERS,
    TITLE_CHARACTERS,
    Case,
    CaseEntry,
    CaseState,
    EntryKind,
    case_ref,
    made_ref,
    require_move,
    text_of_person,
)
from fanzha.kernel.clock import SHANGHAI, utc
from fanzha.kernel.errors import Conflict, Forbidden, Illegal, NotFound, Unavailable
from fanzha.kernel.ids import CaseId, uuid7
from fanzha.kernel.units import Actor, UnitPath, covers

LOCK_WAIT = timedelta(seconds=1)
"""So long a round waits for whoever is alone on its case; then others go first, and it comes again."""
NUMBERS_TRIED = 1000
"""Numbers in a row that people may have chosen as references before opening a case gives up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseQuery:
    """Which cases to list: words in title or reference, states, units below, newest first, a page of them."""

    words: str = ""
    states: tuple[CaseState, ...] = ()
    unit_path: UnitPath | None = None
    offset: int = 0
    limit: int = 50


def open_case(
    connection: Connection, title: str, retention: str, actor: Actor, now: datetime, *, ref: str = ""
) -> Case:
    """A new preliminary case of the actor's unit; without `ref` the next number of the year is taken.

    `Conflict` when the reference is taken, also by a case that the actor may not see.
    """
    title = text_of_person(title, TITLE_CHARACTERS)
    case = Case(
        id=CaseId(uuid7(now)),
        ref=case_ref(ref) if ref else "",
        title=title,
        unit_path=actor.scope,
        state=CaseState.PRELIMINARY,
        since=utc(now),
        retention=retention,
        held=False,
        opened_at=utc(now),
        opened_by=actor.name,
    )
    case = _insert_chosen(connection, case) if ref else _insert_numbered(connection, case)
    enter(connection, case, new_entry(EntryKind.OPENED, retention, "", actor, now), actor)
    return case


def next_ref(connection: Connection, now: datetime) -> str:
    """The next number of the year as a case's reference, for a case that is opened later."""
    year = utc(now).astimezone(SHANGHAI).year
    return made_ref(year, _next_number(connection, year))


def _insert_chosen(connection: Connection, case: Case) -> Case:
    if not _inserted(connection, case):
        raise Conflict("cases.ref_taken", ref=case.ref)
    return case


def _insert_numbered(connection: Connection, case: Case) -> Case:
    year = case.opened_at.astimezone(SHANGHAI).year
    for _ in range(NUMBERS_TRIED):  # a number that somebody chose as their own reference is passed over
        numbered = replace(case, ref=made_ref(year, _next_number(connection, year)))
        if _inserted(connection, numbered):
            return numbered
    raise Conflict("cases.no_free_number", tried=NUMBERS_TRIED)


def _next_number(connection: Connection, year: int) -> int:
    first = insert(case_number).values(year=year, last=1)
    counted = first.on_conflict_do_update(index_elements=["year"], set_={"last": case_number.c.last + 1})
    number: int = connection.execute(counted.returning(case_number.c.last)).scalar_one()
    return number


def _inserted(connection: Connection, case: Case) -> bool:
    row = {name: getattr(case, name) for name in Case.__slots__}
    adding = insert(case_file).values(row).on_conflict_do_nothing().returning(case_file.c.id)
    return connection.scalar(adding) is not None


def case_of(connection: Connection, case_id: CaseId, *, lock: bool = False) -> Case:
    """The case; `NotFound` when there is none or it is not the actor's to see."""
    return _one(connection, select(case_file).where(case_file.c.id == case_id), lock)


_LOCKED_HOME = """
SELECT case_file.* FROM case_file WHERE id = (
  SELECT coalesce(
    (
      SELECT CAST(value AS uuid) FROM incident_entry AS told
      WHERE told.incident_id = incident.id AND told.kind = 'joined' ORDER BY told.number DESC LIMIT 1
    ),
    incident.case_id
  ) FROM incident WHERE incident.number = :number
) FOR NO KEY UPDATE
"""


def locked_home(connection: Connection, number: str) -> Case:
    """The case in which an incident is chased, alone until the transaction ends; who waited for it looks again whether
    it still is (`Incident.stands_in`).

    `Unavailable` where somebody else is alone on it for longer than `LOCK_WAIT`; the transaction may go on.
    """
    row = connection.execute(_HOME_IF_FREE, {"number": number}).one_or_none()
    return _waited_for(connection, number) if row is None else case_row(row)


def _waited_for(connection: Connection, number: str) -> Case:
    try:
        with savepoint(connection):
            connection.execute(_NO_LONGER)
            row = connection.execute(_HOME, {"number": number}).one_or_none()
            connection.execute(_AS_LONG_AS_IT_TAKES)
    except OperationalError as failure:
        if isinstance(failure.orig, LockNotAvailable):
            raise Unavailable("cases.busy") from failure
        raise
    if row is None:
        raise NotFound("incidents.not_found")
    return case_row(row)


_NO_LONGER = text(f"SET LOCAL lock_timeout = {LOCK_WAIT // timedelta(milliseconds=1)}")
_AS_LONG_AS_IT_TAKES = text("SET LOCAL lock_timeout TO DEFAULT")
_HOME = text(_LOCKED_HOME)
_HOME_IF_FREE = text(f"{_LOCKED_HOME} SKIP LOCKED")


def case_for_change(connection: Connection, case_id: CaseId, actor: Actor) -> Case:
    """The case, locked until the transaction ends, for somebody who may change it."""
    return require_writable(case_of(connection, case_id, lock=True), actor)


def require_writable(case: Case, actor: Actor) -> Case:
    """The case; `Forbidden` when it is only shared with the actor (a grant is for reading), `Illegal` once erased."""
    if not covers(actor.scope, case.unit_path):
        raise Forbidden("cases.only_shared", unit=case.unit_path)
    if case.state is CaseState.ERASED:
        raise Illegal("cases.case_erased", ref=case.ref)
    return case


def nobody_writes_into(connection: Connection, case_id: CaseId) -> None:
    """Wait for those who write what belongs to the case; until the transaction ends nobody begins to."""
    connection.execute(select(case_file.c.id).where(case_file.c.id == case_id).with_for_update())


def case_by_ref(connection: Connection, ref: str) -> Case:
    """The case of that reference, or of that id as text."""
    try:
        wanted = select(case_file).where(case_file.c.id == UUID(ref))
    except ValueError:
        wanted = select(case_file).where(case_file.c.ref == ref)
    return _one(connection, wanted, lock=False)


def _one(connection: Connection, wanted: Select[Any], lock: bool) -> Case:
    # Alone among those who lock it; whoever writes what belongs to the case (an entry, an import) waits for nobody.
    row = connection.execute(wanted.with_for_update(key_share=True) if lock else wanted).one_or_none()
    if row is None:
        raise NotFound("cases.not_found")
    return case_row(row)


def list_cases(connection: Connection, query: CaseQuery) -> tuple[int, list[Case]]:
    """How many cases fit, and a page of them, newest first."""
    fitting = select(case_file)
    if query.words:
        like = f"%{_literal(query.words.strip())}%"
        fitting = fitting.where(case_file.c.title.ilike(like) | case_file.c.ref.ilike(like))
    if query.states:
        fitting = fitting.where(case_file.c.state.in_(query.states))
    if query.unit_path is not None:
        below = case_file.c.unit_path.startswith(f"{query.unit_path}.", autoescape=True)
        fitting = fitting.where((case_file.c.unit_path == query.unit_path) | below)
    total = connection.execute(select(text("count(*)")).select_from(fitting.subquery())).scalar_one()
    page = fitting.order_by(case_file.c.opened_at.desc(), case_file.c.id.desc())
    return total, [case_row(row) for row in connection.execute(page.offset(query.offset).limit(query.limit))]


def move_case(connection: Connection, case_id: CaseId, to: CaseState, reason: str, actor: Actor, now: datetime) -> Case:
    """The case in its new state; `Illegal` when the lifecycle does not lead there."""
    reason = text_of_person(reason, NOTE_CHARACTERS)
    case = case_for_change(connection, case_id, actor)
    require_move(case.state, to)
    moved = replace(case, state=to, since=utc(now))
    change_case(connection, moved)
    enter(connection, moved, new_entry(EntryKind.MOVED, to.value, reason, actor, now), actor)
    return moved


def set_retention(
    connection: Connection, case_id: CaseId, retention: str, reason: str, actor: Actor, now: datetime
) -> Case:
    """The case under another class of keeping (whoever calls has checked that the class exists)."""
    reason = text_of_person(reason, NOTE_CHARACTERS)
    changed = replace(case_for_change(connection, case_id, actor), retention=retention)
    change_case(connection, changed)
    enter(connection, changed, new_entry(EntryKind.RETENTION, retention, reason, actor, now), actor)
    return changed


def set_hold(connection: Connection, case_id: CaseId, held: bool, reason: str, actor: Actor, now: datetime) -> Case:
    """The case under a legal hold, or free of it; under one nothing of it is erased."""
    reason = text_of_person(reason, NOTE_CHARACTERS)
    case = case_for_change(connection, case_id, actor)
    if case.held == held:
        raise Illegal("cases.hold_unchanged", ref=case.ref)
    changed = replace(case, held=held)
    change_case(connection, changed)
    kind = EntryKind.HOLD if held else EntryKind.RELEASE
    enter(connection, changed, new_entry(kind, "", reason, actor, now), actor)
    return changed


def add_note(connection: Connection, case_id: CaseId, note: str, actor: Actor, now: datetime) -> UUID:
    """What a person wants others to know of the case; a wrong note is answered by another one."""
    case = require_writable(case_of(connection, case_id), actor)
    note = text_of_person(note, NOTE_CHARACTERS)
    return enter(connection, case, new_entry(EntryKind.NOTE, note, "", actor, now), actor)


def case_entries(connection: Connection, case_id: CaseId, *kinds: EntryKind) -> list[CaseEntry]:
    """The case's history, oldest first; only the kinds asked for, when any are."""
    return case_entries_of(connection, [case_id], *kinds)[case_id]


def case_entries_of(
    connection: Connection, case_ids: Collection[CaseId], *kinds: EntryKind
) -> dict[CaseId, list[CaseEntry]]:
    """The same of several cases."""
    wanted = select(case_entry).where(among(case_entry.c.case_id, case_ids)).order_by(case_entry.c.number)
    if kinds:
        wanted = wanted.where(case_entry.c.kind.in_(kinds))
    found: dict[CaseId, list[CaseEntry]] = {each: [] for each in case_ids}
    for row in connection.execute(wanted):
        found[row.case_id].append(_entry(row))
    return found


def _entry(row: Row[Any]) -> CaseEntry:
    return CaseEntry(
        id=row.id,
        at=utc(row.at),
        actor_name=row.actor_name,
        kind=EntryKind(row.kind),
        value=row.value,
        reason=row.reason,
    )


def join_case(connection: Connection, case: Case, into: Case, reason: str, actor: Actor, now: datetime) -> None:
    """Let another case stand for this one; the caller holds the locks of both."""
    enter(connection, case, new_entry(EntryKind.JOINED, into.ref, reason, actor, now), actor)
    enter(connection, into, new_entry(EntryKind.TOOK_IN, case.ref, reason, actor, now), actor)


def joined_to(connection: Connection, case_id: CaseId) -> CaseId:
    """The case that stands for this one: itself, unless people joined it to another."""
    return homes_of(connection, [case_id])[case_id]


def homes_of(connection: Connection, cases: Collection[CaseId]) -> dict[CaseId, CaseId]:
    """By case: the one that stands for it."""
    into = (
        select(case_entry.c.case_id, case_file.c.id)
        .join(case_file, case_entry.c.value == case_file.c.ref)
        .where(among(case_entry.c.case_id, cases), case_entry.c.kind == EntryKind.JOINED)
        .order_by(case_entry.c.number)
    )
    return {each: each for each in cases} | {CaseId(one): CaseId(home) for one, home in connection.execute(into)}


def joined_cases(connection: Connection, case_id: CaseId) -> list[CaseId]:
    """The case and those in sight that people joined to it, itself first, then as they came."""
    return all_joined(connection, [case_id])[case_id]


def all_joined(connection: Connection, homes: Collection[CaseId]) -> dict[CaseId, list[CaseId]]:
    """Each of these cases with those in sight that people joined to it, itself first, then as they came."""
    found = {each: [each] for each in homes}
    for home, joined in connection.execute(_JOINED, {"homes": list(homes)}):
        found[CaseId(home)].append(CaseId(joined))
    return found


_JOINED = text("""
SELECT home.id, told.case_id FROM case_file AS home
JOIN case_entry AS told ON told.value = home.ref AND told.kind = 'joined'
WHERE home.id = ANY(CAST(:homes AS uuid[])) AND NOT EXISTS (
  SELECT FROM case_entry AS later
  WHERE later.case_id = told.case_id AND later.kind = 'joined' AND later.number > told.number
) ORDER BY told.number
""")
"""The kind stands in the words, not beside them: only so a plan that is kept finds the index of joined entries."""


def change_case(connection: Connection, case: Case) -> None:
    """Write the case as it stands now; `NotFound` when it is only shared with the actor."""
    row = {"state": case.state, "since": case.since, "retention": case.retention, "held": case.held}
    row |= {"title": case.title}
    if connection.execute(update(case_file).where(case_file.c.id == case.id).values(row)).rowcount != 1:
        raise NotFound("cases.not_found")


def new_entry(kind: EntryKind, value: str, reason: str, actor: Actor, now: datetime) -> CaseEntry:
    """An entry of a case's history that the actor makes now."""
    return CaseEntry(id=uuid7(now), at=utc(now), actor_name=actor.name, kind=kind, value=value, reason=reason)


def enter(connection: Connection, case: Case, entry: CaseEntry, actor: Actor) -> UUID:
    """Write the entry into the case's history and its act into the audit."""
    row = {name: getattr(entry, name) for name in CaseEntry.__slots__}
    row |= {"case_id": case.id, "unit_path": case.unit_path, "actor_id": actor.user_id}
    connection.execute(insert(case_entry).values(row))
    act = Act(
        action=f"case.{entry.kind}",
        object_kind="case",
        object_id=str(case.id),
        unit_path=case.unit_path,
        detail={} if entry.kind is EntryKind.NOTE else {"value": entry.value},
    )
    record(connection, act, actor, entry.at)
    return entry.id


def _literal(words: str) -> str:
    """The words as LIKE takes them literally."""
    return words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def case_row(row: Any) -> Case:
    """What has the columns of a case as a case."""
    return Case(
        id=row.id,
        ref=row.ref,
        title=row.title,
        unit_path=row.unit_path,
        state=CaseState(row.state),
        since=utc(row.since),
        retention=row.retention,
        held=row.held,
        opened_at=utc(row.opened_at),
        opened_by=row.opened_by,
    )
