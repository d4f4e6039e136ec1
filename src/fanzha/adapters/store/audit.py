"""What was done and by whom: one entry an effect or reveal, written in the effect's own transaction (law 9)."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, select, text

from fanzha.adapters.store.schema.audit import audit_entry
from fanzha.kernel.clock import utc
from fanzha.kernel.errors import invariant
from fanzha.kernel.ids import UserId, uuid7
from fanzha.kernel.units import Actor, UnitPath

_CODE = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*")
_WORD = re.compile(r"[A-Za-z0-9_.:+-]{0,80}")
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
"""One of ours may happen to be all digits at its end."""
_NUMBER_OF_SOMEBODY = re.compile(r"(?<![0-9A-Fa-f])[0-9]{11,19}[0-9Xx]?(?![0-9A-Fa-f])")

_ACTS = """
WITH acts AS (
  SELECT * FROM ROWS FROM (json_to_recordset(CAST(:acts AS json)) AS (
    id uuid, action text, object_kind text, object_id text, unit_path text, purpose text, detail jsonb
  )) WITH ORDINALITY
)"""
_NOTE = "INSERT INTO audit_unsealed (entry_id) SELECT id FROM acts"
_ENTER = """
INSERT INTO audit_entry (id, at, actor_id, actor_name, action, object_kind, object_id, unit_path, purpose, detail)
SELECT id, :acted_at, CAST(:acted_by AS uuid), :acted_name, action, object_kind, object_id, unit_path, purpose, detail
FROM acts ORDER BY ordinality"""
_RECORD = text(f"{_ACTS}, noted AS ({_NOTE}) {_ENTER}")
"""However many acts, one statement: entries in their order, and the notes for the sealer."""
ENTER_ACTS = f"noted AS ({_NOTE}), recorded AS ({_ENTER})"
"""Enters the acts that a statement of its own chooses as `acts`, with the parameters of `acted`."""
RECORDED = f"{_ACTS}, {ENTER_ACTS}"
"""With this begins the statement that has the effect and records it at once, with the parameters of `acted`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """What is worth an entry: `action` such as `case.opened`, on which object of which unit.

    `purpose` is the code a person gave for a reveal; `detail` holds ids, counts and codes, never values.
    """

    action: str
    object_kind: str
    object_id: str
    unit_path: UnitPath
    purpose: str = ""
    detail: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An act as it was recorded; `at` is business time, `seq` the order in which entries were written."""

    id: UUID
    seq: int
    at: datetime
    actor_id: UserId | None
    actor_name: str
    act: Act


def record(connection: Connection, act: Act, actor: Actor, now: datetime) -> UUID:
    """Write the entry of an act into the transaction that has its effect."""
    (entry_id,) = record_all(connection, [act], actor, now)
    return entry_id


def record_all(connection: Connection, acts: Sequence[Act], actor: Actor, now: datetime) -> list[UUID]:
    """Write the entries of several acts, in their order."""
    ids = [uuid7(now) for _ in acts]
    connection.execute(_RECORD, _acted(ids, acts, actor, now))
    return ids


def acted(acts: Sequence[Act], actor: Actor, now: datetime) -> dict[str, object]:
    """What `RECORDED` writes: entries of these acts, in their order."""
    return _acted([uuid7(now) for _ in acts], acts, actor, now)


def _acted(ids: Sequence[UUID], acts: Sequence[Act], actor: Actor, now: datetime) -> dict[str, object]:
    told = json.dumps([_told(*each) for each in zip(ids, acts, strict=True)], ensure_ascii=False)
    return {"acts": told, "acted_at": utc(now), "acted_by": actor.user_id, "acted_name": actor.name}


def entries_of(
    connection: Connection, object_kind: str, object_id: str, limit: int, before: int | None = None
) -> list[Entry]:
    """The newest entries about an object that the actor may see; `before` is the last `seq` of the page above."""
    about = (audit_entry.c.object_kind == object_kind) & (audit_entry.c.object_id == object_id)
    wanted = select(audit_entry).where(about).order_by(audit_entry.c.seq.desc()).limit(limit)
    if before is not None:
        wanted = wanted.where(audit_entry.c.seq < before)
    return [entry_of(row) for row in connection.execute(wanted)]


def entry_of(row: Row[*tuple[Any, ...]]) -> Entry:
    """The row as an entry."""
    act = Act(
        action=row.action,
        object_kind=row.object_kind,
        object_id=row.object_id,
        unit_path=row.unit_path,
        purpose=row.purpose,
        detail=row.detail,
    )
    return Entry(id=row.id, seq=row.seq, at=utc(row.at), actor_id=row.actor_id, actor_name=row.actor_name, act=act)


def _told(entry_id: UUID, act: Act) -> dict[str, object]:
    invariant(_CODE.fullmatch(act.action) is not None, "audit.bad_action", action=act.action)
    for value in (act.object_id, act.purpose, act.detail):
        _no_values(value, act.action)
    return {
        "id": str(entry_id),
        "action": act.action,
        "object_kind": act.object_kind,
        "object_id": act.object_id,
        "unit_path": act.unit_path,
        "purpose": act.purpose,
        "detail": dict(act.detail),
    }


def _no_values(value: object, action: str) -> None:
    """`Broken` when a detail could be somebody's name, number or words: the audit is kept when they are erased."""
    if isinstance(value, str):
        plain = _UUID.fullmatch(value) is not None or (
            _WORD.fullmatch(value) is not None and _NUMBER_OF_SOMEBODY.search(value) is None
        )
        invariant(plain, "audit.value_in_detail", action=action)
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            _no_values(key, action)
            _no_values(inner, action)
    elif isinstance(value, Sequence):
        for inner in value:
            _no_values(inner, action)
    else:
        invariant(value is None or isinstance(value, bool | int), "audit.value_in_detail", action=action)
