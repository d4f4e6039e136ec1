"""Marks on the pictures of a case in the database: added, never edited, gone with their case."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select

from fanzha.adapters.store.audit import Act, record
from fanzha.adapters.store.cases import case_for_change
from fanzha.adapters.store.schema.pictures import picture_mark
from fanzha.kernel.clock import utc
from fanzha.kernel.ids import CaseId, uuid7
from fanzha.kernel.units import Actor
from fanzha.tracing.picture.marks import Mark, MarkKind, Marks, NewMark, marks_of, require_fitting, require_room


def picture_marks(connection: Connection, case_id: CaseId, picture: str) -> Marks:
    """What the marks of one picture come to."""
    of = (picture_mark.c.case_id == case_id) & (picture_mark.c.picture == picture)
    rows = connection.execute(select(picture_mark).where(of).order_by(picture_mark.c.entry))
    return marks_of([_mark(row) for row in rows])


def add_mark(
    connection: Connection, case_id: CaseId, picture: str, made: NewMark, actor: Actor, now: datetime
) -> Marks:
    """The marks with one more; errors as `require_fitting`, `require_room`, and where the case may not be changed."""
    case = case_for_change(connection, case_id, actor)
    marks = picture_marks(connection, case_id, picture)
    require_fitting(marks, made)
    require_room(_marks_of_case(connection, case_id))
    entry = made.after + 1
    row = {
        "id": uuid7(now),
        "case_id": case.id,
        "unit_path": case.unit_path,
        "picture": picture,
        "entry": entry,
        "at": utc(now),
        "actor_id": actor.user_id,
        "actor_name": actor.name,
        "kind": made.kind.value,
        "made": {"nodes": made.nodes, "places": made.places, "text": made.text, "of": made.of},
    }
    connection.execute(insert(picture_mark).values(row))
    act = Act(
        action="case.picture_marked",
        object_kind="case",
        object_id=str(case.id),
        unit_path=case.unit_path,
        detail={"value": made.kind.value, "entry": entry},
    )
    record(connection, act, actor, now)
    return marks_of([*marks.history, Mark(entry=entry, by=actor.name, at=utc(now), made=made)])


def _marks_of_case(connection: Connection, case_id: CaseId) -> int:
    """How many marks all pictures of a case have."""
    return connection.scalar(select(func.count()).where(picture_mark.c.case_id == case_id)) or 0


def erase_marks(connection: Connection, case_id: CaseId) -> None:
    """Take away all marks of a case that is being erased: notes may name people."""
    connection.execute(delete(picture_mark).where(picture_mark.c.case_id == case_id))


def _mark(row: Row[Any]) -> Mark:
    made = NewMark(
        kind=MarkKind(row.kind),
        after=row.entry - 1,
        nodes=tuple(row.made["nodes"]),
        places=tuple((x, y) for x, y in row.made["places"]),
        text=row.made["text"],
        of=row.made["of"],
    )
    return Mark(entry=row.entry, by=row.actor_name, at=utc(row.at), made=made)
