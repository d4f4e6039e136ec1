"""Durable work: outbox, timer and job are rows of one table, written in the transaction that wants them done.

`due_at` and `not_before` decide when a row may run (business and wall time), `lease_until` (wall) who runs it:
a worker that dies loses its lease and another one goes on. Payloads hold ids only.

Each of the three times has an index by kind, so that looking costs the same beside ten rows and beside a million.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, TextClause, and_, select, text

from fanzha.adapters.store.schema.work import work
from fanzha.adapters.store.wakeups import wake
from fanzha.kernel.clock import utc
from fanzha.kernel.errors import NotFound, invariant
from fanzha.kernel.ids import UserId, uuid7
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
    """A row of work as it stands; `state` is waiting, running, done, stuck or cancelled.

    `not_before` is the end of its rest, `handler` the log-in name of the person it was handed to.
    """

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
    not_before: datetime | None = None
    handler_id: UserId | None = None
    handler: str | None = None


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
class Taken:
    """How many rows were taken, and whether more may be due."""

    rows: int
    more: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a worker takes at once: which kinds, large ones too, how many, for how long; when a row is given up."""

    kinds: Sequence[str]
    lease: timedelta
    large: bool = True
    limit: int = 20
    retries: Retries = Retries()


_WISH = """
INSERT INTO work (id, kind, key, unit_path, "large", state, due_at, attempts, payload, progress, created_at)
SELECT id, kind, key, unit_path, "large", 'waiting', due_at, 0, payload, '{}', :now
FROM json_to_recordset(CAST(:wishes AS json))
AS new (id uuid, kind text, key text, unit_path text, "large" boolean, due_at timestamptz, payload jsonb)
"""
WISH_ONCE = f"{_WISH} ON CONFLICT DO NOTHING"
"""Writes wishes, with the parameters of `as_wishes`, also within a statement that does more."""
_WISH_ONCE = text(WISH_ONCE)
_WISH_AGAIN = text(
    _WISH
    + """ON CONFLICT (kind, key) DO UPDATE SET state = 'waiting', due_at = excluded.due_at, not_before = NULL,
    attempts = 0, last_error = NULL, finished_at = NULL, progress = '{}' WHERE work.state IN ('done', 'stuck')"""
)

_FRESH = "state = 'waiting' AND not_before IS NULL"
_RESTING = "state = 'waiting' AND not_before IS NOT NULL"

_ALLOWED = "kind = wanted.kind AND (:large OR NOT large)"


def _first(which: str, by: str) -> str:
    """The rows of each wanted kind that come first by one of the indexes, locked unless somebody else holds them."""
    return f"""
      SELECT due.id, due.due_at FROM unnest(CAST(:kinds AS text[])) AS wanted(kind) CROSS JOIN LATERAL (
        SELECT id, due_at FROM work WHERE {_ALLOWED} AND {which} ORDER BY {by} LIMIT :limit FOR UPDATE SKIP LOCKED
      ) AS due"""


_TAKE = text(f"""
WITH died AS (
  UPDATE work SET state = 'stuck', lease_id = NULL, lease_until = NULL, last_error = '{{"code": "store.worker_died"}}'
  WHERE kind = ANY(:kinds) AND state = 'running' AND lease_until <= :wall AND attempts >= :attempts
),
fresh AS ({_first(f"{_FRESH} AND due_at <= :now", by="due_at, id")}),
rested AS ({_first(f"{_RESTING} AND not_before <= :wall AND due_at <= :now", by="not_before")}),
lost AS MATERIALIZED (
  SELECT id FROM work WHERE kind = ANY(:kinds) AND (:large OR NOT large)
  AND state = 'running' AND lease_until <= :wall AND attempts < :attempts
  ORDER BY lease_until LIMIT 1 FOR UPDATE SKIP LOCKED
),
free AS (
  SELECT id FROM (TABLE fresh UNION ALL TABLE rested) AS free WHERE NOT EXISTS (TABLE lost)
  ORDER BY due_at, id LIMIT :limit
),
mine AS (TABLE lost UNION ALL TABLE free)
UPDATE work SET state = 'running', lease_id = :lease, lease_until = :until, attempts = attempts + 1
FROM mine WHERE work.id = mine.id RETURNING work.*
""")

_UPCOMING = text(f"""
SELECT wanted.kind,
  (SELECT due_at FROM work WHERE {_ALLOWED} AND {_FRESH} ORDER BY due_at LIMIT 1) AS due_at,
  least(
    (SELECT not_before FROM work WHERE {_ALLOWED} AND {_RESTING} ORDER BY not_before LIMIT 1),
    (SELECT lease_until FROM work WHERE {_ALLOWED} AND state = 'running' ORDER BY lease_until LIMIT 1)
  ) AS wall_at
FROM unnest(CAST(:kinds AS text[])) AS wanted(kind)
""")


_MINE = """
SELECT work.id FROM work JOIN unnest(CAST(:ids AS uuid[]), CAST(:leases AS uuid[])) AS mine(id, lease)
ON work.id = mine.id AND work.lease_id = mine.lease ORDER BY work.id FOR UPDATE OF work"""
"""Rows whose lease still is the caller's, locked by id: two who lock some of the same never wait crosswise."""

_HOLD = text(_MINE)
_KEEP = text(
    f"WITH held AS ({_MINE} SKIP LOCKED) UPDATE work SET lease_until = :until FROM held WHERE work.id = held.id"
)
"""A row that is locked is being done by whoever has its lease: it needs none now, and holds up no other's."""

_FINISH = text("""
UPDATE work SET state = 'done', finished_at = :wall, progress = CAST(done.told AS jsonb), last_error = NULL,
  lease_id = NULL, lease_until = NULL
FROM unnest(CAST(:ids AS uuid[]), CAST(:told AS text[])) AS done(id, told) WHERE work.id = done.id
""")


@dataclass(frozen=True, slots=True, kw_only=True)
class Upcoming:
    """When the next row of a kind can be taken: at a business time, or at a wall time (a rest or a lease ends)."""

    kind: str
    due_at: datetime | None
    wall_at: datetime | None


def enqueue(connection: Connection, new: NewWork, now: datetime) -> UUID:
    """The id of the row for this wish; the same kind and key again are the row that is there."""
    enqueue_all(connection, [new], now)
    there = select(work.c.id).where(work.c.kind == new.kind, work.c.key == new.key)
    found: UUID | None = connection.scalar(there)
    invariant(found is not None, "store.work_out_of_sight", kind=new.kind)
    return found  # type: ignore[return-value]  # the invariant says so


def enqueue_all(connection: Connection, wishes: Sequence[NewWork], now: datetime) -> None:
    """Many wishes at once; those whose kind and key are there already change nothing."""
    _wish(connection, _WISH_ONCE, wishes, now)


def enqueue_again(connection: Connection, wishes: Sequence[NewWork], now: datetime) -> None:
    """The rows of these kinds and keys wait anew, from their due times on, whatever has become of them.

    Running ones stay.
    """
    _wish(connection, _WISH_AGAIN, wishes, now)


def _wish(connection: Connection, how: TextClause, wishes: Sequence[NewWork], now: datetime) -> None:
    """Write the wishes; whoever waits for those that are due is woken once they are committed."""
    if wishes:
        connection.execute(how, as_wishes(wishes, now))
        wake(connection, {each.kind for each in wishes if each.due_at <= now})


def as_wishes(wishes: Sequence[NewWork], now: datetime) -> dict[str, object]:
    """What a statement that writes wishes is told of them."""
    return {"wishes": json.dumps([_wished(each, now) for each in wishes], ensure_ascii=False), "now": utc(now)}


def _wished(new: NewWork, now: datetime) -> dict[str, object]:
    return {
        "id": str(uuid7(now)),
        "kind": new.kind,
        "key": new.key,
        "unit_path": new.unit_path,
        "large": new.large,
        "due_at": utc(new.due_at).isoformat(),
        "payload": dict(new.payload),
    }


def take(connection: Connection, wanted: Wanted, now: datetime, wall: datetime) -> list[Work]:
    """Due rows, leased to the caller; rows that another worker holds are passed over, not waited for.

    A row whose lease ran out is taken again: whoever held it died. A try is counted when it begins, so that a
    row that kills its worker each time ends as stuck too. What a dead worker held is taken up one row at a time, so
    that such a row takes nobody with it who was merely done beside it.
    """
    asked = {"kinds": list(wanted.kinds), "large": wanted.large, "limit": wanted.limit}
    times = {"now": utc(now), "wall": utc(wall), "until": utc(wall) + wanted.lease}
    lease = {"lease": uuid7(wall), "attempts": wanted.retries.attempts}
    taken = [work_of(row) for row in connection.execute(_TAKE, asked | times | lease)]
    return sorted(taken, key=lambda each: (each.due_at, each.id))


def taken_of(rows: Sequence[Work], limit: int) -> Taken:
    """What rows that were taken tell of those that were not: where as many came as could more may be due, and where
    one came whose worker died, for it comes alone."""
    return Taken(rows=len(rows), more=len(rows) >= limit or any(each.attempts > 1 for each in rows))


def upcoming(connection: Connection, kinds: Sequence[str], *, large: bool = True) -> list[Upcoming]:
    """For each kind when its next row can be taken, as far as is known now."""
    rows = connection.execute(_UPCOMING, {"kinds": list(kinds), "large": large})
    return [Upcoming(kind=row.kind, due_at=row.due_at, wall_at=row.wall_at) for row in rows]


def extend(connection: Connection, mine: Work, until: datetime, progress: Mapping[str, object]) -> bool:
    """Keep the lease and say how far it is; false when it was lost, and the caller must stop."""
    return _mine(connection, mine, lease_until=utc(until), progress=dict(progress))


def extend_all(connection: Connection, mine: Sequence[Work], until: datetime) -> None:
    """Keep the leases of these rows, as far as they are still the caller's."""
    connection.execute(_KEEP, _leases(mine) | {"until": utc(until)})


def release(connection: Connection, mine: Work) -> bool:
    """Give it back undone, as if it had never been taken: this worker was asked to end."""
    return _mine(connection, mine, state="waiting", attempts=mine.attempts - 1, lease_id=None, lease_until=None)


def finish(connection: Connection, mine: Work, wall: datetime, progress: Mapping[str, object]) -> bool:
    """Done, in the transaction that has the effect; false when the lease was lost, and the effect must not happen.

    What failed before is no news of work that is done.
    """
    done = {"state": "done", "finished_at": utc(wall), "progress": dict(progress), "last_error": None}
    return _mine(connection, mine, **done, lease_id=None, lease_until=None)


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


def hold(connection: Connection, taken: Sequence[Work]) -> list[Work]:
    """Those of the rows whose lease still holds, locked until this transaction ends: nobody takes them meanwhile."""
    held = set(connection.scalars(_HOLD, _leases(taken)))
    return [each for each in taken if each.id in held]


def finish_all(connection: Connection, done: Sequence[tuple[Work, Mapping[str, object]]], wall: datetime) -> None:
    """Done, all of them and at once, in the transaction that holds them (`hold`) and has the effects."""
    if done:
        told = [json.dumps(progress, ensure_ascii=False) for _, progress in done]
        connection.execute(_FINISH, {"ids": [row.id for row, _ in done], "told": told, "wall": utc(wall)})


def postpone(connection: Connection, mine: Work, due_at: datetime, progress: Mapping[str, object]) -> bool:
    """Put it back until another business time, as if it were new; false when the lease was lost."""
    new = {"state": "waiting", "due_at": utc(due_at), "not_before": None, "attempts": 0, "last_error": None}
    return _mine(connection, mine, **new, progress=dict(progress), lease_id=None, lease_until=None)


def _leases(mine: Sequence[Work]) -> dict[str, object]:
    return {"ids": [each.id for each in mine], "leases": [each.lease_id for each in mine]}


def find_work(connection: Connection, work_id: UUID) -> Work:
    """The row; `NotFound` where it is not in sight."""
    row = connection.execute(select(work).where(work.c.id == work_id)).one_or_none()
    if row is None:
        raise NotFound("store.no_such_work", work=work_id)
    return work_of(row)


def work_in(connection: Connection, states: Sequence[str], limit: int, kind: str | None = None) -> list[Work]:
    """Rows in sight in these states, newest first; `stuck` is what a person must look at."""
    wanted = select(work).where(work.c.state.in_(states)).order_by(work.c.created_at.desc(), work.c.id.desc())
    if kind is not None:
        wanted = wanted.where(work.c.kind == kind)
    return [work_of(row) for row in connection.execute(wanted.limit(limit))]


def _mine(connection: Connection, mine: Work, **changes: object) -> bool:
    """Change the row only while this caller's lease on it holds."""
    held = and_(work.c.id == mine.id, work.c.lease_id == mine.lease_id)
    return connection.execute(work.update().where(held).values(**changes)).rowcount == 1


def work_of(row: Row[Any]) -> Work:
    """The row as work."""
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
        not_before=row.not_before,
        handler_id=None if row.handler_id is None else UserId(row.handler_id),
        handler=row.handler,
    )
