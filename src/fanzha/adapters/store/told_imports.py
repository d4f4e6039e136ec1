"""What institutions told, many messages at once: imports that begin and are done in one transaction, messages as parts
of their cases, facts, and everybody whom they mention."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, text

from fanzha.adapters.store.additions import added, as_rows
from fanzha.adapters.store.audit import RECORDED, Act, acted
from fanzha.adapters.store.case_messages import SAY, Told, keep_said, said_rows
from fanzha.adapters.store.cases import require_writable
from fanzha.adapters.store.imports import ImportResult, file_row, key_context, source_row
from fanzha.adapters.store.keys import Keys
from fanzha.adapters.store.mentions import MENTION, Mentioned, mention_rows
from fanzha.adapters.store.schema.evidence import import_file, import_source, statement_import
from fanzha.adapters.store.subjects import ASK_KNOWN, keep_subjects
from fanzha.cases.case import Case
from fanzha.cases.subjects import Mention
from fanzha.kernel.ids import ImportId
from fanzha.kernel.units import Actor


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldImport:
    """What was read of one message, sealed under a key of its own."""

    id: ImportId
    case: Case
    key: bytes
    result: ImportResult


@dataclass(frozen=True, slots=True, kw_only=True)
class AllTold:
    """What messages told: imports that their lists became, whom these mention, and the messages with their facts."""

    imports: Sequence[ToldImport]
    mentions: Mapping[Mentioned, Collection[Mention]]
    said: Told


def keep_told(connection: Connection, keys: Keys, told: AllTold, actor: Actor, now: datetime) -> None:
    """Write it all, imports with the account of their files and sheets, each audited as begun and done."""
    if not told.imports:
        return keep_said(connection, told.said, now)
    for each in told.imports:
        require_writable(each.case, actor)
    ids, whom = mention_rows(keys, told.mentions)
    rows = {
        "imports": as_rows([_row(keys, each, actor, now) for each in told.imports]),
        "files": _placed([(each, map(file_row, each.result.files)) for each in told.imports]),
        "sources": _placed([(each, map(source_row, each.result.sheets)) for each in told.imports]),
    }
    counted = [(each, (("begun", 0), ("done", _rows(each)))) for each in told.imports]
    acts = [_act(f"import.{step}", each, many) for each, steps in counted for step, many in steps]
    asked = rows | whom | said_rows(told.said, now) | acted(acts, actor, now)
    keep_subjects(connection, keys, ids, now, connection.execute(_KEEP, asked).all())


_KEEP = text(
    f"{RECORDED}, imports AS ({added(statement_import, 'imports')}), files AS ({added(import_file, 'files')}),"
    f" sources AS ({added(import_source, 'sources')}), {SAY}, mentioned AS ({MENTION}) {ASK_KNOWN}"
)


def _row(keys: Keys, told: ToldImport, actor: Actor, now: datetime) -> dict[str, object]:
    digest = told.result.digest
    return {
        "id": told.id,
        "case_id": told.case.id,
        "unit_path": told.case.unit_path,
        "at": now,
        "finished_at": now,
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


def _placed(some: Sequence[tuple[ToldImport, Iterable[Mapping[str, object]]]]) -> str:
    rows = [
        {"import_id": of.id, "case_id": of.case.id, "unit_path": of.case.unit_path, "position": position, **row}
        for of, placed in some
        for position, row in enumerate(placed)
    ]
    return as_rows(rows)


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
