"""Wishes for work that change: taken back because what they waited for has come, or made again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, select, update

from fanzha.adapters.store.schema.work import work
from fanzha.adapters.store.work import NewWork, enqueue
from fanzha.kernel.clock import utc


def take_back(connection: Connection, kind: str, keys: Sequence[str], why: str, wall: datetime) -> None:
    """What these rows wait for has come otherwise: they are done, and say why; a running one ends by itself."""
    waiting = update(work).where(
        work.c.kind == kind, work.c.key.in_(list(keys)), work.c.state.in_(("waiting", "stuck"))
    )
    connection.execute(waiting.values(state="done", finished_at=utc(wall), progress={"taken_back": why}))


def wish_again(connection: Connection, new: NewWork, now: datetime) -> None:
    """The row of this kind and key waits anew, from its due time on, whatever has become of it; a running one stays."""
    enqueue(connection, new, now)
    again = update(work).where(work.c.kind == new.kind, work.c.key == new.key, work.c.state.in_(("done", "stuck")))
    fresh = {"state": "waiting", "due_at": utc(new.due_at), "not_before": None, "attempts": 0, "last_error": None}
    connection.execute(again.values(**fresh, finished_at=None, progress={}))


def waiting_keys(connection: Connection, kind: str, prefix: str) -> list[str]:
    """The keys that begin so and whose rows still wait, in the order of their bytes."""
    wanted = select(work.c.key).where(
        work.c.kind == kind,
        work.c.key >= prefix,
        work.c.key < f"{prefix}\U0010ffff",
        work.c.state.in_(("waiting", "running")),
    )
    return sorted(connection.scalars(wanted))
