"""Imports that begin and are done in one transaction, many at once: what institutions told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Table

from fanzha.adapters.store.additions import add_all
from fanzha.adapters.store.audit import Act, record_all
from fanzha.adapters.store.cases import require_writable
from fanzha.adapters.store.imports import ImportResult, file_row, key_context, source_row
from fanzha.adapters.store.keys import Keys
from fanzha.adapters.store.schema.evidence import import_file, import_source, statement_import
from fanzha.cases.case import Case
from fanzha.kernel.clock import utc
from fanzha.kernel.ids import ImportId
from fanzha.kernel.units import Actor


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldImport:
    """What was read of one message, sealed under a key of its own."""

    id: ImportId
    case: Case
    key: bytes
    result: ImportResult


def keep_told(connection: Connection, keys: Keys, some: Sequence[ToldImport], actor: Actor, now: datetime) -> None:
    """Write the imports with the account of their files and sheets, each audited as begun and done."""
    if not some:
        return
    for each in some:
        require_writable(each.case, actor)
    add_all(connection, statement_import, [_row(keys, each, actor, now) for each in some])
    _insert(connection, import_file, [(each, map(file_row, each.result.files)) for each in some])
    _insert(connection, import_source, [(each, map(source_row, each.result.sheets)) for each in some])
    acts = [_act(f"import.{step}", each, rows) for each in some for step, rows in (("begun", 0), ("done", _rows(each)))]
    record_all(connection, acts, actor, now)


def _row(keys: Keys, told: ToldImport, actor: Actor, now: datetime) -> dict[str, object]:
    digest = told.result.digest
    return {
        "id": told.id,
        "case_id": told.case.id,
        "unit_path": told.case.unit_path,
        "at": utc(now),
        "finished_at": utc(now),
        "state": "done",
        "actor_id": actor.user_id,
        "actor_name": actor.name,
        "fault": "",
        "fault_fields": {},
        "excluded": False,
        "wrapped_key": keys.wrap(told.key, key_context(told.id)),
        "rows": digest.rows,
        "sha256": digest.sha256,
        "size": digest.size,
    }


def _insert(
    connection: Connection, table: Table, some: Sequence[tuple[ToldImport, Iterable[Mapping[str, object]]]]
) -> None:
    values = [
        {"import_id": of.id, "case_id": of.case.id, "unit_path": of.case.unit_path, "position": position, **row}
        for of, rows in some
        for position, row in enumerate(rows)
    ]
    add_all(connection, table, values)


def _rows(told: ToldImport) -> int:
    return told.result.digest.rows


def _act(action: str, told: ToldImport, rows: int) -> Act:
    return Act(
        action=action,
        object_kind="case",
        object_id=str(told.case.id),
        unit_path=told.case.unit_path,
        detail={"import": str(told.id), "rows": rows},
    )
