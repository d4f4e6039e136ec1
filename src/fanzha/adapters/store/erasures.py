"""Erasure: keys are destroyed, entries say so, and live evidence waits (house section 4)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import Connection, delete, select, text, update
from sqlalchemy.dialects.postgresql import insert

from fanzha.adapters.store.audit import Act, record
from fanzha.adapters.store.cases import case_of
from fanzha.adapters.store.imports import import_of
from fanzha.adapters.store.mentions import cases_with, units_with
from fanzha.adapters.store.schema.evidence import (
    case_subject,
    erasure,
    import_fault,
    import_file,
    import_source,
    reconciliation,
    reconciliation_import,
    statement_import,
)
from fanzha.adapters.store.subjects import destroy_subjects
from fanzha.cases.case import NOTE_CHARACTERS, text_of_person
from fanzha.cases.retention import Classes, require_erasable
from fanzha.kernel.clock import utc
from fanzha.kernel.errors import Illegal, NotFound
from fanzha.kernel.ids import ImportId, SubjectId, uuid7
from fanzha.kernel.units import Actor, UnitPath, covers

_ORPHANS = text("SELECT id FROM subject_orphans(:import)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Erasure:
    """One entry of the erasure log: which object's key was destroyed, when, by whom and why."""

    id: UUID
    object_kind: Literal["import", "subject"]
    object_id: str
    unit_path: UnitPath
    reason: str
    at: datetime
    actor_name: str


def erase_import(
    connection: Connection, import_id: ImportId, classes: Classes, reason: str, actor: Actor, now: datetime
) -> None:
    """Destroy the import's key, and the keys of everybody whom nothing else mentions.

    `Illegal`, naming the case, while the evidence is live. The files can be removed once this is committed.
    """
    dying = import_of(connection, import_id)
    require_erasable(case_of(connection, dying.case_id, lock=True), classes, now)
    if dying.erased_at is not None:
        raise Illegal("cases.import_erased")
    entry = Erasure(
        id=uuid7(now),
        object_kind="import",
        object_id=str(import_id),
        unit_path=dying.unit_path,
        reason=text_of_person(reason, NOTE_CHARACTERS),
        at=utc(now),
        actor_name=actor.name,
    )
    _destroy_import(connection, import_id, now)
    _enter(connection, entry, actor)


def erase_subject(
    connection: Connection, subject: SubjectId, classes: Classes, reason: str, actor: Actor, now: datetime
) -> None:
    """Destroy an identifier's key; `Illegal`, naming the case or the unit, while live evidence mentions it."""
    mentioning = cases_with(connection, subject)
    if not mentioning:
        raise NotFound("cases.subject_not_found")
    for case in mentioning:
        require_erasable(case, classes, now)
    for path in units_with(connection, [subject]):
        if not covers(actor.scope, path):
            raise Illegal("cases.erasure_elsewhere", unit=path)
    entry = Erasure(
        id=uuid7(now),
        object_kind="subject",
        object_id=str(subject),
        unit_path=mentioning[0].unit_path,
        reason=text_of_person(reason, NOTE_CHARACTERS),
        at=utc(now),
        actor_name=actor.name,
    )
    destroy_subjects(connection, [subject], now)
    _enter(connection, entry, actor)


def erasures(connection: Connection) -> list[Erasure]:
    """The erasure log in sight, oldest first: kept outside backups, it is replayed after a restore."""
    rows = connection.execute(select(erasure).order_by(erasure.c.number))
    return [Erasure(**{name: getattr(row, name) for name in Erasure.__slots__}) for row in rows]


def replay_erasures(connection: Connection, log: Iterable[Erasure], actor: Actor) -> int:
    """After a restore, destroy again what was destroyed; returns how many entries the restored data had forgotten."""
    known = {each.id for each in erasures(connection)}
    forgotten = [each for each in log if each.id not in known]
    for each in forgotten:
        if each.object_kind == "import":
            _destroy_import(connection, ImportId(UUID(each.object_id)), each.at)
        else:
            destroy_subjects(connection, [SubjectId(int(each.object_id))], each.at)
        _enter(connection, each, actor)
    return len(forgotten)


def _destroy_import(connection: Connection, import_id: ImportId, at: datetime) -> None:
    """In this order: identifiers are in sight only as long as something mentions them."""
    destroy_subjects(connection, list(connection.scalars(_ORPHANS, {"import": import_id})), at)
    connection.execute(delete(case_subject).where(case_subject.c.import_id == import_id))
    made_of_it = select(reconciliation_import.c.reconciliation_id).where(reconciliation_import.c.import_id == import_id)
    connection.execute(delete(reconciliation).where(reconciliation.c.id.in_(made_of_it)))
    connection.execute(update(import_file).where(import_file.c.import_id == import_id).values(name=""))
    blank = {"path": "", "mapping": {}, "fault_fields": {}, "draft": ""}
    connection.execute(update(import_source).where(import_source.c.import_id == import_id).values(blank))
    connection.execute(update(import_fault).where(import_fault.c.import_id == import_id).values(place="", fields={}))
    dead = update(statement_import).where(statement_import.c.id == import_id)
    connection.execute(dead.values(wrapped_key=None, fault_fields={}, erased_at=utc(at)))


def _enter(connection: Connection, entry: Erasure, actor: Actor) -> None:
    row = {name: getattr(entry, name) for name in Erasure.__slots__}
    connection.execute(insert(erasure).values(row | {"actor_id": actor.user_id}))
    act = Act(
        action=f"{entry.object_kind}.erased",
        object_kind="erasure",
        object_id=str(entry.id),
        unit_path=entry.unit_path,
    )
    record(connection, act, actor, entry.at)
