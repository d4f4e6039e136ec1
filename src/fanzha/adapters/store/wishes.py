"""Wishes for work that change: taken back because what they waited for has come, or made again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from fanzha.adapters.store.schema.work import work
from fanzha.adapters.store.work import NewWork, new_row, wake_for
from fanzha.kernel.clock import utc

LAST = "\U0010ffff"
"""After every character of a key."""


def take_back(connection: Connection, kind: str, keys: Sequence[str], why: str, wall: datetime) -> None:
    """What these rows wait for has come otherwise: they are done, and say why; a running one ends by itself."""
    if not keys:
        return
    waiting = update(work).where(
        work.c.kind == kind, work.c.key.in_(list(keys)), work.c.state.in_(("waiting", "stuck"))
    )
    connection.execute(waiting.values(state="done", finished_at=utc(wall), progress={"taken_back": why}))


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """Rows of a kind whose key begins so, and that are due by a business time."""

    kind: str
    prefixes: Sequence[str]
    by: datetime


def take_back_due(connection: Connection, due: Due, why: str, wall: datetime) -> None:
    """What these rows ask for is being done already: they are done, and say why; those under way end by themselves."""
    begins = or_(*(and_(work.c.key >= each, work.c.key < f"{each}{LAST}") for each in due.prefixes))
    waiting = update(work).where(work.c.kind == due.kind, begins, work.c.state == "waiting", work.c.due_at <= due.by)
    connection.execute(waiting.values(state="done", finished_at=utc(wall), progress={"taken_back": why}))


def wish_again(connection: Connection, new: NewWork, now: datetime) -> None:
    """The row of this kind and key waits anew, from its due time on, whatever has become of it; a running one stays."""
    fresh = {"state": "waiting", "due_at": utc(new.due_at), "not_before": None, "attempts": 0, "last_error": None}
    wished = insert(work).values(new_row(new, now))
    again = wished.on_conflict_do_update(
        index_elements=["kind", "key"],
        set_=fresh | {"finished_at": None, "progress": {}},
        where=work.c.state.in_(("done", "stuck")),
    )
    connection.execute(again)
    wake_for(connection, [new], now)


def waiting_keys(connection: Connection, kind: str, prefix: str) -> list[str]:
    """The keys that begin so and whose rows still wait, in the order of their bytes."""
    wanted = select(work.c.key).where(
        work.c.kind == kind,
        work.c.key >= prefix,
        work.c.key < f"{prefix}{LAST}",
        work.c.state.in_(("waiting", "running")),
    )
    return sorted(connection.scalars(wanted))
