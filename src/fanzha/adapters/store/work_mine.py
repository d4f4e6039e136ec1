"""The end of work that was done while nothing locked its rows: written where their leases still are the caller's."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, text

from fanzha.adapters.store.work import Work
from fanzha.kernel.clock import utc

_MINE = """
WITH held AS (
  SELECT work.id, mine.due_at, mine.told FROM work JOIN unnest(
    CAST(:ids AS uuid[]), CAST(:leases AS uuid[]), CAST(:due AS timestamptz[]), CAST(:told AS text[])
  ) AS mine(id, lease, due_at, told)
  ON work.id = mine.id AND work.lease_id = mine.lease ORDER BY work.id FOR UPDATE OF work
)"""
"""Rows whose lease still is the caller's, locked by id: two who lock some of the same never wait crosswise."""
_END = text(f"""{_MINE}
UPDATE work SET state = CASE WHEN held.due_at IS NULL THEN 'done' ELSE 'waiting' END,
  finished_at = CASE WHEN held.due_at IS NULL THEN CAST(:wall AS timestamptz) END,
  due_at = coalesce(held.due_at, work.due_at),
  not_before = CASE WHEN held.due_at IS NULL THEN work.not_before END,
  attempts = CASE WHEN held.due_at IS NULL THEN work.attempts ELSE 0 END,
  progress = CAST(held.told AS jsonb), last_error = NULL, lease_id = NULL, lease_until = NULL
FROM held WHERE work.id = held.id
""")


def end_mine(
    connection: Connection, some: Sequence[tuple[Work, datetime | None, Mapping[str, object]]], wall: datetime
) -> None:
    """Each row waits for its next business time, as if it were new, or is done where it has none, and says how far it
    is; rows that somebody else took over meanwhile stay as they are."""
    if some:
        asked = {
            "ids": [row.id for row, _, _ in some],
            "leases": [row.lease_id for row, _, _ in some],
            "due": [None if due_at is None else utc(due_at) for _, due_at, _ in some],
            "told": [json.dumps(progress, ensure_ascii=False) for _, _, progress in some],
        }
        connection.execute(_END, asked | {"wall": utc(wall)})
