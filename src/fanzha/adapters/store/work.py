"""Durable work: outbox, timer and job are rows of one table, written in the transaction that wants them done.

`due_at` and `not_before` decide when a row may run (business and wall time), `lease_until` (wall) who runs it:
a worker that dies loses its lease and another one goes on. Payloads hold ids only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, and_, or_, select, true
from sqlalchemy.dialects.postgresql import insert

from fanzha.adapters.store.schema.work import work
from fanzha.kernel.clock import utc
from fanzha.kernel.errors import NotFound, invariant
from fanzha.kernel.ids import uuid7
from fanzha.kernel.units import UnitPath


@dataclass(frozen=True, slots=True, kw_only=True)
class NewWork:
    """What is to be done: `kind` names the procedure, `key` makes a repeated wish the same wish.

    `large` work needs so much memory that not every worker takes it.
    """

    kind: str
    key: str
    unit_path: UnitPath
    due_at: datetime
    payload: Mapping[str, object] = field(default_factory=dict)
    large: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """A row of work as it stands; `state` is waiting, running, done or stuck."""

    id: UUID
    kind: str
    key: str
    unit_path: UnitPath
    state: str
    due_at: datetime
    lease_id: UUID | None
    attempts: int
    payload: Mapping[str, object]
    progress: Mapping[str, object]
    last_error: Mapping[str, object] | None
    finished_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Retries:
    """How often work is tried before a person must look, and its rests between: base × 2ⁿ up to `longest`."""

    attempts: int = 5
    base: timedelta = timedelta(seconds=5)
    longest: timedelta = timedelta(minutes=10)

    def rest(self, attempts: int) -> timedelta:
        """The pause after this many tries."""
        doubled: int = 2 ** min(attempts - 1, 20)
        return min(self.longest, self.base * doubled)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a worker takes at once: which kinds, large ones too, how many, for how long; when a row is given up."""

    kinds: Sequence[str]
    lease: timedelta
    large: bool = True
    limit: int = 20
    retries: Retries = Retries()


def enqueue(connection: Connection, new: NewWork, now: datetime) -> UUID:
    """The id of the row for this wish; the same kind and key again are the row that is there."""
    row = {
        "id": uuid7(now),
        "kind": new.kind,
        "key": new.key,
        "unit_path": new.unit_path,
        "large": new.large,
        "state": "waiting",
        "due_at": utc(new.due_at),
        "attempts": 0,
        "payload": dict(new.payload),
        "progress": {},
        "created_at": utc(now),
    }
    added: UUID | None = connection.scalar(insert(work).values(row).on_conflict_do_nothing().returning(work.c.id))
    if added is not None:
        return added
    there = select(work.c.id).where(work.c.kind == new.kind, work.c.key == new.key)
    found: UUID | None = connection.scalar(there)
    invariant(found is not None, "store.work_out_of_sight", kind=new.kind)
    return found  # type: ignore[return-value]  # the invariant says so


def take(connection: Connection, wanted: Wanted, now: datetime, wall: datetime) -> list[Work]:
    """Due rows, leased to the caller; rows that another worker holds are passed over, not waited for.

    A row whose lease ran out is taken again: whoever held it died. A try is counted when it begins, so that a
    row that kills its worker each time ends as stuck too.
    """
    lost = and_(work.c.kind.in_(wanted.kinds), work.c.state == "running", work.c.lease_until <= utc(wall))
    connection.execute(
        work.update()
        .where(lost, work.c.attempts >= wanted.retries.attempts)
        .values(state="stuck", lease_id=None, lease_until=None, last_error={"code": "store.worker_died"})
    )
    rested = or_(work.c.not_before.is_(None), work.c.not_before <= utc(wall))
    due = and_(work.c.kind.in_(wanted.kinds), work.c.state == "waiting", work.c.due_at <= utc(now), rested)
    fitting = true() if wanted.large else work.c.large.is_(False)
    free = select(work.c.id).where(or_(due, lost), fitting).order_by(work.c.due_at, work.c.id).limit(wanted.limit)
    mine = free.with_for_update(skip_locked=True).cte("mine")
    taken = (
        work.update()
        .where(work.c.id == mine.c.id)
        .values(
            state="running", lease_id=uuid7(wall), lease_until=utc(wall) + wanted.lease, attempts=work.c.attempts + 1
        )
        .returning(work)
    )
    return sorted((_work(row) for row in connection.execute(taken)), key=lambda each: (each.due_at, each.id))


def extend(connection: Connection, mine: Work, until: datetime, progress: Mapping[str, object]) -> bool:
    """Keep the lease and say how far it is; false when it was lost, and the caller must stop."""
    return _mine(connection, mine, lease_until=utc(until), progress=dict(progress))


def release(connection: Connection, mine: Work) -> bool:
    """Give it back undone, as if it had never been taken: this worker was asked to end."""
    return _mine(connection, mine, state="waiting", attempts=mine.attempts - 1, lease_id=None, lease_until=None)


def finish(connection: Connection, mine: Work, wall: datetime, progress: Mapping[str, object]) -> bool:
    """Done, in the transaction that has the effect; false when the lease was lost, and the effect must not happen."""
    return _mine(
        connection, mine, state="done", finished_at=utc(wall), progress=dict(progress), lease_id=None, lease_until=None
    )


def fail(
    connection: Connection, mine: Work, wall: datetime, error: Mapping[str, object], retries: Retries | None
) -> bool:
    """Put it back to rest, or aside as stuck when tries are used up or `retries` is None (trying again is useless).

    `error` is a code with its fields; it is shown to a person and holds no personal data.
    """
    again = retries is not None and mine.attempts < retries.attempts
    rest = utc(wall) + retries.rest(mine.attempts) if retries is not None and again else None
    state = "waiting" if again else "stuck"
    return _mine(
        connection, mine, state=state, not_before=rest, lease_id=None, lease_until=None, last_error=dict(error)
    )


def retry_stuck(connection: Connection, work_id: UUID) -> None:
    """A person says try again: tries are counted anew."""
    again = work.update().where(work.c.id == work_id, work.c.state == "stuck")
    changed = connection.execute(again.values(state="waiting", attempts=0, not_before=None))
    if changed.rowcount == 0:
        raise NotFound("store.no_stuck_work", work=work_id)


def find_work(connection: Connection, work_id: UUID) -> Work:
    """The row; `NotFound` where it is not in sight."""
    row = connection.execute(select(work).where(work.c.id == work_id)).one_or_none()
    if row is None:
        raise NotFound("store.no_such_work", work=work_id)
    return _work(row)


def work_in(connection: Connection, states: Sequence[str], limit: int, kind: str | None = None) -> list[Work]:
    """Rows in sight in these states, newest first; `stuck` is what a person must look at."""
    wanted = select(work).where(work.c.state.in_(states)).order_by(work.c.created_at.desc(), work.c.id.desc())
    if kind is not None:
        wanted = wanted.where(work.c.kind == kind)
    return [_work(row) for row in connection.execute(wanted.limit(limit))]


def _mine(connection: Connection, mine: Work, **changes: object) -> bool:
    """Change the row only while this caller's lease on it holds."""
    held = and_(work.c.id == mine.id, work.c.lease_id == mine.lease_id)
    return connection.execute(work.update().where(held).values(**changes)).rowcount == 1


def _work(row: Row[Any]) -> Work:
    return Work(
        id=row.id,
        kind=row.kind,
        key=row.key,
        unit_path=row.unit_path,
        state=row.state,
        due_at=row.due_at,
        lease_id=row.lease_id,
        attempts=row.attempts,
        payload=row.payload,
        progress=row.progress,
        last_error=row.last_error,
        finished_at=row.finished_at,
    )
