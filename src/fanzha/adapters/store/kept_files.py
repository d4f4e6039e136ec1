"""Files kept with a case in the database: what each is, by whom, and its key, which dies with the case."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, delete, select, text

from fanzha.adapters.store.audit import Act, record_all
from fanzha.adapters.store.keys import Keys
from fanzha.adapters.store.schema.kept_files import kept_file, kept_file_key
from fanzha.kernel.clock import utc
from fanzha.kernel.errors import NotFound
from fanzha.kernel.ids import CaseId
from fanzha.kernel.units import Actor, UnitPath


class FileKind(StrEnum):
    """Why a file is kept: evidence that somebody saw or showed, a paper that was issued, what somebody said."""

    SNAPSHOT = "snapshot"
    PAPER = "paper"
    WORDS = "words"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptFile:
    """A file of a case by the SHA-256 of its bytes; `at` is business time."""

    id: UUID
    case_id: CaseId
    unit_path: UnitPath
    kind: FileKind
    sha256: str
    size: int
    media_type: str
    at: datetime
    by: str


_NEW = """
WITH new AS (
  SELECT * FROM ROWS FROM (json_to_recordset(CAST(:files AS json)) AS (
    id uuid, case_id uuid, unit_path text, kind text, sha256 text, size bigint, media_type text, at timestamptz,
    actor_name text, wrapped_key text
  )) WITH ORDINALITY
),
entered AS (
  INSERT INTO kept_file (id, case_id, unit_path, kind, sha256, size, media_type, at, actor_id, actor_name)
  SELECT id, case_id, unit_path, kind, sha256, size, media_type, at, CAST(:actor_id AS uuid), actor_name
  FROM new ORDER BY ordinality
  ON CONFLICT DO NOTHING RETURNING id, case_id, unit_path
)"""
_KEYS = """
INSERT INTO kept_file_key (file_id, case_id, unit_path, wrapped_key)
SELECT id, entered.case_id, entered.unit_path, decode(new.wrapped_key, 'hex') FROM entered JOIN new USING (id)"""
ENTER_FILES = f"{_NEW}, keyed AS ({_KEYS})"
"""Enters the `new` files with what opens them, unless their case has these bytes already; those that were not there are
`entered`. With it begins a statement that enters more, with the parameters of `entering`."""
_ENTER = text(f"{_NEW} {_KEYS} RETURNING file_id")


def enter_file(connection: Connection, keys: Keys, new: KeptFile, key: bytes, actor: Actor) -> KeptFile:
    """Write a file whose sealed bytes lie there already; the same bytes of the same case again are the first ones."""
    return new if enter_files(connection, keys, [(new, key)], actor) else file_of(connection, new.case_id, new.sha256)


def enter_files(
    connection: Connection, keys: Keys, some: Sequence[tuple[KeptFile, bytes]], actor: Actor
) -> list[KeptFile]:
    """The same for several files, each with its key; those that were not there."""
    if not some:
        return []
    entered = set(connection.scalars(_ENTER, entering(keys, some, actor)))
    fresh = [new for new, _ in some if new.id in entered]
    if fresh:
        record_all(connection, [kept(each) for each in fresh], actor, fresh[0].at)
    return fresh


def entering(keys: Keys, some: Sequence[tuple[KeptFile, bytes]], actor: Actor) -> dict[str, object]:
    """What `ENTER_FILES` enters: these files, each with its key."""
    told = json.dumps([_row(keys, new, key) for new, key in some], ensure_ascii=False)
    return {"files": told, "actor_id": actor.user_id}


def _row(keys: Keys, new: KeptFile, key: bytes) -> dict[str, object]:
    return {
        "id": str(new.id),
        "case_id": str(new.case_id),
        "unit_path": new.unit_path,
        "kind": new.kind.value,
        "sha256": new.sha256,
        "size": new.size,
        "media_type": new.media_type,
        "at": utc(new.at).isoformat(),
        "actor_name": new.by,
        "wrapped_key": keys.wrap(key, _context(new.id)).hex(),
    }


def kept(new: KeptFile) -> Act:
    """What the audit tells of a file that is kept."""
    return Act(
        action="evidence.kept",
        object_kind="case",
        object_id=str(new.case_id),
        unit_path=new.unit_path,
        detail={"file": new.kind.value, "sha256": new.sha256, "bytes": new.size},
    )


def file_if_any(connection: Connection, case_id: CaseId, sha256: str) -> KeptFile | None:
    """The case's file of this hash."""
    wanted = select(kept_file).where(kept_file.c.case_id == case_id, kept_file.c.sha256 == sha256)
    row = connection.execute(wanted).one_or_none()
    return None if row is None else _file(row)


def file_of(connection: Connection, case_id: CaseId, sha256: str) -> KeptFile:
    """The case's file of this hash; `NotFound` when it has none."""
    found = file_if_any(connection, case_id, sha256)
    if found is None:
        raise NotFound("evidence.none")
    return found


def key_of(connection: Connection, keys: Keys, file: KeptFile) -> bytes:
    """What opens a file; `NotFound` when it was erased with its case."""
    wrapped = connection.scalar(select(kept_file_key.c.wrapped_key).where(kept_file_key.c.file_id == file.id))
    if wrapped is None:
        raise NotFound("evidence.erased")
    return keys.unwrap(wrapped, _context(file.id))


def living_files(connection: Connection) -> Sequence[tuple[CaseId, UUID, str]]:
    """Every file that can be opened, by case, id and hash."""
    rows = connection.execute(select(kept_file).join(kept_file_key, kept_file_key.c.file_id == kept_file.c.id))
    return [(CaseId(row.case_id), row.id, row.sha256) for row in rows]


def destroy_files(connection: Connection, case_id: CaseId) -> None:
    """Destroy the keys of a case's files; that they were there stays known."""
    connection.execute(delete(kept_file_key).where(kept_file_key.c.case_id == case_id))


def _file(row: Row[Any]) -> KeptFile:
    return KeptFile(
        id=row.id,
        case_id=CaseId(row.case_id),
        unit_path=UnitPath(row.unit_path),
        kind=FileKind(row.kind),
        sha256=row.sha256,
        size=row.size,
        media_type=row.media_type,
        at=utc(row.at),
        by=row.actor_name,
    )


def _context(file_id: UUID) -> str:
    return f"kept_file:{file_id}"
