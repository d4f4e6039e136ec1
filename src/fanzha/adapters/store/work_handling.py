"""Work as people see and handle it: listed, tried again, handed to somebody, cancelled; each with who and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, delete, func, literal, select, union_all

from fanzha.adapters.store.audit import Act, record
from fanzha.adapters.store.people import Person
from fanzha.adapters.store.schema.work import work, work_entry
from fanzha.adapters.store.wakeups import wake
from fanzha.adapters.store.work import Work, work_of
from fanzha.cases.case import NOTE_CHARACTERS, text_of_person
from fanzha.kernel.clock import utc
from fanzha.kernel.errors import Illegal, NotFound
from fanzha.kernel.ids import UserId, uuid7
from fanzha.kernel.units import Actor

STATES = ("stuck", "running", "waiting", "cancelled", "done")
"""In the order in which a person looks at them."""
OVER = ("cancelled", "done")
COUNTED = 10_000
"""Rows beyond this are not counted: a list says that there are more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkEntry:
    """What somebody did about a row: `kind` is retried, handed_over (to `to_name`) or cancelled."""

    at: datetime
    actor_name: str
    kind: str
    to_name: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Wished:
    """Which rows a list shows: of these states, of one kind, handed to one person."""

    states: Sequence[str] = STATES
    kind: str = ""
    handler: UserId | None = None
    offset: int = 0
    limit: int = 50


def list_work(connection: Connection, wished: Wished) -> list[Work]:
    """Rows in sight, those first that wait for a person; open ones by when they are due, the others newest first.

    Each state is read by its own index and no further than the page, beside a million rows too.
    """
    parts = []
    for rank, state in enumerate(each for each in STATES if each in wished.states):
        order = [work.c.id.desc()] if state in OVER else [work.c.due_at, work.c.id]
        place = func.row_number().over(order_by=order)
        first = select(work, literal(rank).label("rank"), place.label("place")).where(*_fitting(wished, state))
        parts.append(select(first.order_by(*order).limit(wished.offset + wished.limit).subquery()))
    found = union_all(*parts).subquery()
    page = select(found).order_by(found.c.rank, found.c.place).offset(wished.offset).limit(wished.limit)
    return [work_of(row) for row in connection.execute(page)]


def count_work(connection: Connection, wished: Wished) -> int:
    """How many rows in sight fit, counted up to one more than `COUNTED`."""
    total = 0
    for state in wished.states:
        fitting = select(work.c.id).where(*_fitting(wished, state)).limit(COUNTED + 1 - total).subquery()
        total += connection.scalar(select(func.count()).select_from(fitting)) or 0
        if total > COUNTED:
            break
    return total


def entries_of_work(connection: Connection, work_id: UUID) -> list[WorkEntry]:
    """What people did about the row, oldest first."""
    rows = connection.execute(select(work_entry).where(work_entry.c.work_id == work_id).order_by(work_entry.c.number))
    return [WorkEntry(**{name: getattr(row, name) for name in WorkEntry.__slots__}) for row in rows]


def retry_work(connection: Connection, work_id: UUID, reason: str, actor: Actor, now: datetime) -> Work:
    """Try it again at once, tries counted anew; `Illegal` unless it is stuck or rests after a failure."""
    found = _locked(connection, work_id)
    resting = found.state == "waiting" and found.not_before is not None
    if not (found.state == "stuck" or resting):
        raise Illegal("work.not_failed", work=work_id)
    changed = {"state": "waiting", "attempts": 0, "not_before": None}
    connection.execute(work.update().where(work.c.id == work_id).values(**changed))
    wake(connection, {found.kind})
    _enter(connection, found, _entry("retried", reason, actor, now), actor)
    return found


def hand_over(connection: Connection, work_id: UUID, to: Person, reason: str, actor: Actor, now: datetime) -> Work:
    """From now on this person sees to the row; `Illegal` when it is over."""
    found = _locked(connection, work_id)
    if found.state in OVER:
        raise Illegal("work.over", work=work_id)
    connection.execute(work.update().where(work.c.id == work_id).values(handler_id=to.id, handler=to.login))
    _enter(connection, found, _entry("handed_over", reason, actor, now, to.login), actor)
    return found


def cancel_work(connection: Connection, work_id: UUID, reason: str, actor: Actor, now: datetime) -> Work:
    """It is not done any more; `Illegal` when it is over or being done at this moment."""
    found = _locked(connection, work_id)
    if found.state in (*OVER, "running"):
        raise Illegal("work.over" if found.state in OVER else "work.under_way", work=work_id)
    changed = {"state": "cancelled", "finished_at": utc(now), "not_before": None}
    connection.execute(work.update().where(work.c.id == work_id).values(**changed))
    _enter(connection, found, _entry("cancelled", reason, actor, now), actor)
    return found


def prune_work(connection: Connection, until: datetime, limit: int) -> int:
    """Forget rows that were over before this wall time, oldest first; how many. What a person did about a row stays.

    Only rows in sight: whoever prunes must see what people did, which the house itself does not.
    """
    by_person = select(work_entry.c.id).where(work_entry.c.work_id == work.c.id)
    old = select(work.c.id).where(
        work.c.state.in_([literal(each, literal_execute=True) for each in OVER]),
        work.c.finished_at < utc(until),
        ~by_person.exists(),
    )
    oldest = old.order_by(work.c.finished_at).limit(limit).with_for_update(skip_locked=True)
    return connection.execute(delete(work).where(work.c.id.in_(oldest))).rowcount


def _fitting(wished: Wished, state: str) -> list[ColumnElement[bool]]:
    fits = [work.c.state == literal(state, literal_execute=True)]  # the planner must see it to use the state's index
    if state == "waiting":
        fits.append(work.c.attempts >= literal(0, literal_execute=True))  # as are all; the list's own index says so
    if wished.kind:
        fits.append(work.c.kind == wished.kind)
    if wished.handler is not None:
        fits.append(work.c.handler_id == wished.handler)
    return fits


def _locked(connection: Connection, work_id: UUID) -> Work:
    row = connection.execute(select(work).where(work.c.id == work_id).with_for_update()).one_or_none()
    if row is None:
        raise NotFound("store.no_such_work", work=work_id)
    return work_of(row)


def _enter(connection: Connection, about: Work, entry: WorkEntry, actor: Actor) -> None:
    row = {name: getattr(entry, name) for name in WorkEntry.__slots__}
    made = {"id": uuid7(entry.at), "work_id": about.id, "unit_path": about.unit_path, "actor_id": actor.user_id}
    connection.execute(work_entry.insert().values(row | made))
    act = Act(action=f"work.{entry.kind}", object_kind="work", object_id=str(about.id), unit_path=about.unit_path)
    record(connection, act, actor, entry.at)


def _entry(kind: str, reason: str, actor: Actor, now: datetime, to_name: str = "") -> WorkEntry:
    said = text_of_person(reason, NOTE_CHARACTERS)
    return WorkEntry(at=utc(now), actor_name=actor.name, kind=kind, to_name=to_name, reason=said)
