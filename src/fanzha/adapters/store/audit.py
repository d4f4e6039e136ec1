"""What was done and by whom: one entry an effect or reveal, written in the effect's own transaction (law 9)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, bindparam, select

from fanzha.adapters.store.schema.audit import audit_entry, audit_unsealed
from fanzha.kernel.clock import utc
from fanzha.kernel.errors import invariant
from fanzha.kernel.ids import UserId, uuid7
from fanzha.kernel.units import Actor, UnitPath

_CODE = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*")
_WORD = re.compile(r"[A-Za-z0-9_.:+-]{0,80}")
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
"""One of ours may happen to be all digits at its end."""
_NUMBER_OF_SOMEBODY = re.compile(r"(?<![0-9A-Fa-f])[0-9]{11,19}[0-9Xx]?(?![0-9A-Fa-f])")

_NOTE = audit_unsealed.insert().values(entry_id=bindparam("noted")).cte("note")
_RECORD = (
    audit_entry.insert()
    .values({each.name: bindparam(each.name, type_=each.type) for each in audit_entry.c if each.identity is None})
    .add_cte(_NOTE)
)


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
    """Write the entries of several acts, in their order; entry and note for the sealer are one statement."""
    rows = [_row(uuid7(now), each, actor, now) for each in acts]
    connection.execute(_RECORD, [row | {"noted": row["id"]} for row in rows])
    return [row["id"] for row in rows]


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


def _row(entry_id: UUID, act: Act, actor: Actor, now: datetime) -> dict[str, Any]:
    invariant(_CODE.fullmatch(act.action) is not None, "audit.bad_action", action=act.action)
    for value in (act.object_id, act.purpose, act.detail):
        _no_values(value, act.action)
    return {
        "id": entry_id,
        "at": utc(now),
        "actor_id": actor.user_id,
        "actor_name": actor.name,
        "action": act.action,
        "object_kind": act.object_kind,
        "object_id": act.object_id,
        "unit_path": act.unit_path,
        "purpose": act.purpose,
        "detail": dict(act.detail),
    }


def _no_values(value: object, action: str) -> None:
    """`Broken` when a detail could be somebody's name, number or words: the audit is kept when they are erased."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            _no_values(key, action)
            _no_values(inner, action)
    elif isinstance(value, str):
        words = _WORD.fullmatch(value) is not None and _NUMBER_OF_SOMEBODY.search(value) is None
        plain = words or _UUID.fullmatch(value) is not None
        invariant(plain, "audit.value_in_detail", action=action)
    elif isinstance(value, Sequence):
        for inner in value:
            _no_values(inner, action)
    else:
        invariant(value is None or isinstance(value, bool | int), "audit.value_in_detail", action=action)
