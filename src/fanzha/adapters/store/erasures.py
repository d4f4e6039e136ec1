"""Erasure of a case: one person asks, another confirms, keys are destroyed; live evidence waits (house section 4)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, delete, select, text, update
from sqlalchemy.dialects.postgresql import insert

from fanzha.adapters.store.audit import Act, record
from fanzha.adapters.store.cases import (
    case_entries,
    case_for_change,
    case_of,
    change_case,
    enter,
    joined_to,
    new_entry,
    nobody_writes_into,
)
from fanzha.adapters.store.elsewhere import units_with
from fanzha.adapters.store.imports import list_imports
from fanzha.adapters.store.institution_messages import destroy_messages
from fanzha.adapters.store.kept_files import destroy_files
from fanzha.adapters.store.mentions import end_links
from fanzha.adapters.store.orders import unfinished
from fanzha.adapters.store.picture_marks import erase_marks
from fanzha.adapters.store.schema.evidence import (
    case_file,
    case_subject,
    erasure,
    import_fault,
    import_file,
    import_source,
    reconciliation,
    statement_import,
)
from fanzha.adapters.store.subjects import destroy_subjects
from fanzha.adapters.store.unit_of_work import for_a_moment_as_house
from fanzha.cases.case import NOTE_CHARACTERS, Case, CaseEntry, CaseState, EntryKind, text_of_person
from fanzha.cases.retention import Classes, require_erasable
from fanzha.kernel.clock import utc
from fanzha.kernel.errors import Forbidden, Illegal
from fanzha.kernel.ids import CaseId, ImportId, uuid7
from fanzha.kernel.units import Actor, UnitPath

_ORPHANS = text("SELECT id FROM subject_orphans(:import)")
_OF_ERASURE = (EntryKind.ERASURE_ASKED, EntryKind.ERASURE_REFUSED, EntryKind.ERASED)
_LAPSING = (EntryKind.MOVED, EntryKind.RETENTION, EntryKind.HOLD)
"""What changes whether a case may be erased: whoever asked before that has to ask again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Erasure:
    """One entry of the erasure log: which case's keys were destroyed, when, by whom and why."""

    id: UUID
    object_kind: str
    object_id: str
    unit_path: UnitPath
    reason: str
    at: datetime
    actor_name: str


def asked_erasure(connection: Connection, case_id: CaseId) -> CaseEntry | None:
    """The request that the case be erased, while it waits for a second person."""
    told = case_entries(connection, case_id, *_OF_ERASURE, *_LAPSING)
    return told[-1] if told and told[-1].kind is EntryKind.ERASURE_ASKED else None


def ask_erasure(
    connection: Connection, case_id: CaseId, classes: Classes, reason: str, actor: Actor, now: datetime
) -> None:
    """Ask that the case be erased; `Illegal` while its evidence is live, or when somebody asked already."""
    reason = text_of_person(reason, NOTE_CHARACTERS)
    case = _erasable(connection, case_id, classes, actor, now)
    if asked_erasure(connection, case_id) is not None:
        raise Illegal("cases.erasure_asked", ref=case.ref)
    enter(connection, case, new_entry(EntryKind.ERASURE_ASKED, "", reason, actor, now), actor)


def refuse_erasure(connection: Connection, case_id: CaseId, reason: str, actor: Actor, now: datetime) -> None:
    """The case stays; whoever asked may so take it back, anybody else refuse it."""
    reason = text_of_person(reason, NOTE_CHARACTERS)
    case = case_for_change(connection, case_id, actor)
    if asked_erasure(connection, case_id) is None:
        raise Illegal("cases.erasure_not_asked", ref=case.ref)
    enter(connection, case, new_entry(EntryKind.ERASURE_REFUSED, "", reason, actor, now), actor)


def erase_case(
    connection: Connection, case_id: CaseId, classes: Classes, actor: Actor, now: datetime
) -> list[ImportId]:
    """Destroy the keys of the case's imports and of everybody whom nothing else mentions; returns the dead imports.

    It takes two: `Forbidden` to whoever asked for it, `Illegal` when nobody did or the evidence is live (again).
    Files can be removed once this is committed; without their keys they are noise already.
    """
    nobody_writes_into(connection, case_id)
    case = _erasable(connection, case_id, classes, actor, now)
    asked = asked_erasure(connection, case_id)
    if asked is None:
        raise Illegal("cases.erasure_not_asked", ref=case.ref)
    if asked.actor_name == actor.name:
        raise Forbidden("cases.erasure_own", ref=case.ref)
    imports = list_imports(connection, case_id)
    if any(each.state == "running" for each in imports):
        raise Illegal("cases.erasure_running", ref=case.ref)
    entry = Erasure(
        id=uuid7(now),
        object_kind="case",
        object_id=str(case_id),
        unit_path=case.unit_path,
        reason=asked.reason,
        at=utc(now),
        actor_name=actor.name,
    )
    enter(connection, case, new_entry(EntryKind.ERASED, "", "", actor, now), actor)
    _destroy(connection, case, entry, actor)
    _log(connection, entry, actor)
    return [each.id for each in imports]


def erasures(connection: Connection) -> list[Erasure]:
    """The erasure log in sight, oldest first: kept outside backups, it is replayed after a restore."""
    rows = connection.execute(select(erasure).order_by(erasure.c.number))
    return [Erasure(**{name: getattr(row, name) for name in Erasure.__slots__}) for row in rows]


def replay_erasures(connection: Connection, log: Iterable[Erasure], actor: Actor) -> list[Erasure]:
    """After a restore, destroy again what was destroyed; returns the entries that the restored data had forgotten."""
    known = {each.id for each in erasures(connection)}
    forgotten = [each for each in log if each.id not in known]
    for each in forgotten:
        found = _case_if_any(connection, CaseId(UUID(each.object_id)))
        if found is not None and found.state is not CaseState.ERASED:
            enter(connection, found, new_entry(EntryKind.ERASED, "", "", actor, each.at), actor)
            _destroy(connection, found, each, actor)
        _log(connection, each, actor)
    return forgotten


def _case_if_any(connection: Connection, case_id: CaseId) -> Case | None:
    """None for a case that a backup older than itself does not hold."""
    there = connection.scalar(select(case_file.c.id).where(case_file.c.id == case_id))
    return None if there is None else case_of(connection, case_id, lock=True)


def _erasable(connection: Connection, case_id: CaseId, classes: Classes, actor: Actor, now: datetime) -> Case:
    case = case_for_change(connection, case_id, actor)
    require_erasable(case, classes, now)
    stands = joined_to(connection, case_id)
    if stands != case_id and case_of(connection, stands).state is not CaseState.ERASED:
        raise Illegal("cases.erasure_joined", ref=case.ref, joined=case_of(connection, stands).ref)
    require_orders_over(connection, case)
    return case


def require_orders_over(connection: Connection, case: Case) -> None:
    """`Illegal` while an order of the case has effect or is under way: nobody could lift it without its target."""
    alive = unfinished(connection, case.id)
    if alive:
        raise Illegal("cases.erasure_orders", ref=case.ref, orders=", ".join(alive[:5]), count=len(alive))


def _destroy(connection: Connection, case: Case, entry: Erasure, actor: Actor) -> None:
    """First the links by hand, so that whom only they mention is orphaned with the imports; what institutions said of
    the case dies with it."""
    linked = end_links(connection, case, actor, entry.at)
    with for_a_moment_as_house(connection, entry.at) as house:
        destroy_messages(house, case.id)
    for each in list_imports(connection, case.id):
        _destroy_import(connection, each.id, entry.at)
    destroy_subjects(connection, [each for each in linked if not units_with(connection, [each])], entry.at)
    erase_marks(connection, case.id)
    connection.execute(delete(reconciliation).where(reconciliation.c.case_id == case.id))
    destroy_files(connection, case.id)
    change_case(connection, replace(case, title=case.ref, state=CaseState.ERASED, since=entry.at))


def _destroy_import(connection: Connection, import_id: ImportId, at: datetime) -> None:
    """In this order: identifiers are in sight only as long as something mentions them."""
    destroy_subjects(connection, list(connection.scalars(_ORPHANS, {"import": import_id})), at)
    connection.execute(delete(case_subject).where(case_subject.c.import_id == import_id))
    connection.execute(update(import_file).where(import_file.c.import_id == import_id).values(name=""))
    blank = {"path": "", "mapping": {}, "fault_fields": {}, "draft": ""}
    connection.execute(update(import_source).where(import_source.c.import_id == import_id).values(blank))
    connection.execute(update(import_fault).where(import_fault.c.import_id == import_id).values(place="", fields={}))
    dead = update(statement_import).where(statement_import.c.id == import_id)
    connection.execute(dead.values(wrapped_key=None, fault_fields={}, erased_at=utc(at)))


def _log(connection: Connection, entry: Erasure, actor: Actor) -> None:
    row = {name: getattr(entry, name) for name in Erasure.__slots__}
    connection.execute(insert(erasure).values(row | {"actor_id": actor.user_id}))
    act = Act(
        action="erasure.logged",
        object_kind="erasure",
        object_id=str(entry.id),
        unit_path=entry.unit_path,
    )
    record(connection, act, actor, entry.at)
