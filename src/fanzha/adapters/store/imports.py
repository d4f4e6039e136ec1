"""Imports of a case: what came in, how it was understood, and whether it counts."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, Row, Table, and_, or_, select, text, update
from sqlalchemy.dialects.postgresql import insert

from fanzha.adapters.files.faults import Fault
from fanzha.adapters.ledger.sealed import new_key
from fanzha.adapters.ledger.writing import ImportDigest
from fanzha.adapters.store.additions import add_all
from fanzha.adapters.store.among import any_of
from fanzha.adapters.store.audit import Act, record
from fanzha.adapters.store.cases import case_of, joined_cases, require_writable
from fanzha.adapters.store.keys import Keys
from fanzha.adapters.store.schema.evidence import (
    import_fault,
    import_file,
    import_source,
    import_standing,
    statement_import,
)
from fanzha.cases.case import NOTE_CHARACTERS, text_of_person
from fanzha.kernel.clock import utc
from fanzha.kernel.errors import Conflict, FanzhaError, Illegal, NotFound
from fanzha.kernel.ids import CaseId, ImportId, uuid7
from fanzha.kernel.units import Actor, UnitPath
from fanzha.records.statements.cleaning import RowCounts
from fanzha.workflows.import_statements import SheetOutcome

TOO_SLOW = "files.too_slow"
INTERRUPTED = "statements.interrupted"
"""The fault of a file that was not read to its end because its time was up."""
_COUNTS = tuple(RowCounts.__slots__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Import:
    """One import as it stands; `sha256` and `size` are of its sealed rows as they lie on disk."""

    id: ImportId
    case_id: CaseId
    unit_path: UnitPath
    at: datetime
    actor_name: str
    state: Literal["running", "done", "failed"]
    finished_at: datetime | None
    fault: str
    fault_fields: Mapping[str, object]
    excluded: bool
    rows: int
    sha256: str
    size: int
    erased_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedFile:
    """A file as a person gave it: its name, and the SHA-256 and size of its bytes."""

    name: str
    sha256: str
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportResult:
    """What an import found; faults are of files and sheets that were not read."""

    digest: ImportDigest
    files: Sequence[ImportedFile]
    sheets: Sequence[SheetOutcome]
    faults: Sequence[Fault] = field(default=())


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """An entry that excludes an import or brings it back."""

    excluded: bool
    reason: str
    at: datetime
    actor_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownLeaf:
    """Where a case already holds the rows of a leaf file, or a draft for one that was not `understood`."""

    import_id: ImportId
    path: str
    excluded: bool
    understood: bool


def begin_import(
    connection: Connection,
    keys: Keys,
    case_id: CaseId,
    actor: Actor,
    now: datetime,
    *,
    import_id: ImportId | None = None,
) -> Import:
    """A running import with a key of its own; its id is given where the same message must never become two."""
    case = require_writable(case_of(connection, case_id), actor)
    row = {
        "id": import_id or uuid7(now),
        "case_id": case.id,
        "unit_path": case.unit_path,
        "at": utc(now),
        "state": "running",
    }
    row |= {"actor_id": actor.user_id, "actor_name": actor.name, "fault": "", "fault_fields": {}, "excluded": False}
    row |= {"wrapped_key": keys.wrap(new_key(), key_context(row["id"])), "rows": 0, "sha256": "", "size": 0}
    made = connection.execute(insert(statement_import).values(row).returning(statement_import)).one()
    started = _import(made)
    _record(connection, "import.begun", started, actor, now)
    return started


def import_key(connection: Connection, keys: Keys, import_id: ImportId) -> bytes:
    """The key that opens the import's originals and rows; `Illegal` once it was erased."""
    return import_keys(connection, keys, [import_id])[import_id]


def import_keys(connection: Connection, keys: Keys, import_ids: Sequence[ImportId]) -> dict[ImportId, bytes]:
    """The keys of several imports; `NotFound` and `Illegal` as for one."""
    rows = connection.execute(_KEYS, {"ids": list(import_ids)}).all()
    wrapped = {ImportId(row.id): row.wrapped_key for row in rows}
    if any(each not in wrapped for each in import_ids):
        raise NotFound("cases.import_not_found")
    if None in wrapped.values():
        raise Illegal("cases.import_erased")
    return {each: keys.unwrap(wrapped[each], key_context(each)) for each in import_ids}


def finish_import(
    connection: Connection, import_id: ImportId, result: ImportResult, actor: Actor, now: datetime
) -> Import:
    """The import, done, with the account of every file, sheet and fault."""
    digest = result.digest
    done = {"state": "done", "rows": digest.rows, "sha256": digest.sha256, "size": digest.size}
    finished = _end(connection, import_id, done, actor, now)
    of = {"import_id": finished.id, "case_id": finished.case_id, "unit_path": finished.unit_path}
    _insert_all(connection, import_file, of, map(file_row, result.files))
    _insert_all(connection, import_source, of, map(source_row, result.sheets))
    _insert_all(
        connection,
        import_fault,
        of,
        ({"place": f.place, "code": f.code, "fields": _plain(f.fields), "lost": f.lost} for f in result.faults),
    )
    return finished


def fail_import(connection: Connection, import_id: ImportId, error: FanzhaError, actor: Actor, now: datetime) -> Import:
    """The import, failed as a whole, and why; nothing of it counts."""
    fault = {"state": "failed", "fault": error.code, "fault_fields": _plain(error.fields)}
    return _end(connection, import_id, fault, actor, now)


def note_files(connection: Connection, failed: Import, files: Iterable[ImportedFile]) -> None:
    """Say which files a failed import was of; they are not kept."""
    of = {"import_id": failed.id, "case_id": failed.case_id, "unit_path": failed.unit_path}
    _insert_all(connection, import_file, of, map(file_row, files))


def same_failure(connection: Connection, case_id: CaseId, fault: str, hashes: Collection[str]) -> ImportId | None:
    """The latest import of the case that failed in this way at exactly these files (SHA-256)."""
    failed = select(statement_import.c.id).where(
        statement_import.c.case_id == case_id, statement_import.c.state == "failed", statement_import.c.fault == fault
    )
    for import_id in connection.scalars(failed.order_by(statement_import.c.at.desc())):
        if {each.sha256 for each in files_of(connection, import_id)} == set(hashes):
            return ImportId(import_id)
    return None


def import_of(connection: Connection, import_id: ImportId) -> Import:
    """The import; `NotFound` when there is none or it is not the actor's to see."""
    row = connection.execute(select(statement_import).where(statement_import.c.id == import_id)).one_or_none()
    if row is None:
        raise NotFound("cases.import_not_found")
    return _import(row)


def list_imports(connection: Connection, case_id: CaseId) -> list[Import]:
    """All imports of a case, oldest first."""
    wanted = select(statement_import).where(statement_import.c.case_id == case_id)
    return [_import(row) for row in connection.execute(wanted.order_by(statement_import.c.at, statement_import.c.id))]


def included_imports(connection: Connection, case_id: CaseId, joined: Sequence[CaseId] | None = None) -> list[Import]:
    """The imports that count, the case's own and those of cases joined to it: done, not excluded, not erased.

    `joined` is what `joined_cases` told of the case to somebody who holds its lock.
    """
    here = joined_cases(connection, case_id) if joined is None else joined
    return included_imports_of(connection, {case_id: here})[case_id]


def included_imports_of(
    connection: Connection, joined: Mapping[CaseId, Sequence[CaseId]]
) -> dict[CaseId, list[Import]]:
    """The same of several cases, each with those that are joined to it."""
    found: dict[CaseId, list[Import]] = {each: [] for some in joined.values() for each in some}
    for row in connection.execute(_COUNTING, {"ids": list(found)}):
        found[CaseId(row.case_id)].append(_import(row))
    return {home: [each for one in some for each in found[one]] for home, some in joined.items()}


_KEYS = select(statement_import.c.id, statement_import.c.wrapped_key).where(any_of(statement_import.c.id))
_COUNTING = text("""
SELECT * FROM statement_import
WHERE case_id = ANY(CAST(:ids AS uuid[])) AND state = 'done' AND NOT excluded AND erased_at IS NULL ORDER BY at, id
""")


def files_of(connection: Connection, import_id: ImportId) -> list[ImportedFile]:
    """The files that came with the import, in the order given."""
    wanted = select(import_file).where(import_file.c.import_id == import_id).order_by(import_file.c.position)
    return [ImportedFile(name=row.name, sha256=row.sha256, size=row.size) for row in connection.execute(wanted)]


def sheets_of(connection: Connection, import_id: ImportId) -> list[SheetOutcome]:
    """The account of every sheet of the import, in the order read."""
    wanted = select(import_source).where(import_source.c.import_id == import_id).order_by(import_source.c.position)
    return [_sheet(row) for row in connection.execute(wanted)]


def faults_of(connection: Connection, import_id: ImportId) -> list[Fault]:
    """What of the import's files was not read, and why."""
    wanted = select(import_fault).where(import_fault.c.import_id == import_id).order_by(import_fault.c.position)
    return [
        Fault(code=row.code, place=row.place, fields=row.fields, lost=row.lost) for row in connection.execute(wanted)
    ]


def known_leaves(connection: Connection, case_id: CaseId, hashes: Collection[str]) -> dict[str, KnownLeaf]:
    """Which leaf files (by SHA-256) the case already has, so that a repeat changes nothing.

    One that counts is told before one that is excluded, and one that was understood before one that was not. A file
    that took too long may come again, and so may one that nobody understood once its import is excluded.
    """
    understood = import_source.c.format_id != ""
    counted = and_(statement_import.c.state == "done", statement_import.c.erased_at.is_(None))
    wanted = (
        select(import_source.c.leaf_sha256, import_source.c.path, statement_import.c.id, statement_import.c.excluded)
        .add_columns(understood.label("understood"))
        .join(statement_import, statement_import.c.id == import_source.c.import_id)
        .where(import_source.c.case_id == case_id, import_source.c.leaf_sha256.in_(list(hashes)))
        .where(counted, import_source.c.fault != TOO_SLOW, or_(understood, ~statement_import.c.excluded))
        .order_by(understood, statement_import.c.excluded.desc())
        .order_by(statement_import.c.at.desc(), import_source.c.position.desc())
    )
    return {
        row.leaf_sha256: KnownLeaf(import_id=row.id, path=row.path, excluded=row.excluded, understood=row.understood)
        for row in connection.execute(wanted)
    }


def set_excluded(
    connection: Connection, import_id: ImportId, excluded: bool, reason: str, actor: Actor, now: datetime
) -> None:
    """Take an import out of its case's reckoning, or bring it back; the latest entry counts.

    `Conflict` when it stands so already.
    """
    reason = text_of_person(reason, NOTE_CHARACTERS)
    require_writable(case_of(connection, import_of(connection, import_id).case_id), actor)
    changing = update(statement_import).where(
        statement_import.c.id == import_id, statement_import.c.excluded != excluded
    )
    row = connection.execute(changing.values(excluded=excluded).returning(statement_import)).one_or_none()
    if row is None:
        standing = import_of(connection, import_id)
        raise Conflict("cases.import_standing", state="excluded" if standing.excluded else "included")
    changed = _import(row)
    entry = {"id": uuid7(now), "import_id": changed.id, "case_id": changed.case_id, "unit_path": changed.unit_path}
    entry |= {"excluded": excluded, "reason": reason, "at": utc(now)}
    entry |= {"actor_id": actor.user_id, "actor_name": actor.name}
    connection.execute(insert(import_standing).values(entry))
    _record(connection, "import.excluded" if excluded else "import.brought_back", changed, actor, now)


def standings_of(connection: Connection, import_id: ImportId) -> list[Standing]:
    """Every time that the import was excluded or brought back, oldest first."""
    wanted = select(import_standing).where(import_standing.c.import_id == import_id)
    return [
        Standing(excluded=row.excluded, reason=row.reason, at=utc(row.at), actor_name=row.actor_name)
        for row in connection.execute(wanted.order_by(import_standing.c.number))
    ]


def _end(
    connection: Connection, import_id: ImportId, values: Mapping[str, object], actor: Actor, now: datetime
) -> Import:
    ending = update(statement_import).where(statement_import.c.id == import_id, statement_import.c.state == "running")
    row = connection.execute(ending.values(**values, finished_at=utc(now)).returning(statement_import)).one_or_none()
    if row is None:
        raise Conflict("cases.import_ended", state=import_of(connection, import_id).state)
    ended = _import(row)
    _record(connection, f"import.{ended.state}", ended, actor, now)
    return ended


def _insert_all(
    connection: Connection, table: Table, of: Mapping[str, object], rows: Iterable[Mapping[str, object]]
) -> None:
    values = [{**of, "position": position, **row} for position, row in enumerate(rows)]
    add_all(connection, table, values)


def told_in_lines(connection: Connection, ids: Collection[ImportId]) -> set[ImportId]:
    """Those of the imports that an institution told in lines alone: they have no records beside their rows."""
    return set(connection.scalars(_IN_LINES, {"ids": list(ids)}))


_IN_LINES = text("""
SELECT import_id FROM import_source WHERE import_id = ANY(CAST(:ids AS uuid[]))
GROUP BY import_id HAVING bool_and(format_id = 'institution_transactions')
""")


def file_row(file: ImportedFile) -> dict[str, object]:
    """A file of an import as its row."""
    return {"name": file.name, "sha256": file.sha256, "size": file.size}


def source_row(sheet: SheetOutcome) -> dict[str, object]:
    """A sheet of an import as its row."""
    row = {name: getattr(sheet, name) for name in SheetOutcome.__slots__ if name not in ("counts", "fault_fields")}
    row |= {name: getattr(sheet.counts, name) for name in _COUNTS}
    return row | {"fault_fields": _plain(sheet.fault_fields), "mapping": dict(sheet.mapping)}


def _sheet(row: Row[Any]) -> SheetOutcome:
    names = [name for name in SheetOutcome.__slots__ if name != "counts"]
    counts = RowCounts(**{name: getattr(row, name) for name in _COUNTS})
    return SheetOutcome(**{name: getattr(row, name) for name in names}, counts=counts)


def _import(row: Row[Any]) -> Import:
    return Import(**{name: getattr(row, name) for name in Import.__slots__})


def _plain(fields: Mapping[str, object]) -> dict[str, object]:
    """Fields as JSON can carry them."""
    return {name: value if isinstance(value, int | float | bool) else str(value) for name, value in fields.items()}


def key_context(import_id: object) -> str:
    """What the key of an import is wrapped for."""
    return f"import:{import_id}"


def _record(connection: Connection, action: str, of: Import, actor: Actor, now: datetime) -> None:
    act = Act(
        action=action,
        object_kind="case",
        object_id=str(of.case_id),
        unit_path=of.unit_path,
        detail={"import": str(of.id), "rows": of.rows},
    )
    record(connection, act, actor, now)
