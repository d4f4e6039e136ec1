"""Which units out of sight hold a case with somebody: whom to call, and nothing else; each look goes on record."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select, text

from fanzha.adapters.store.audit import Act, record
from fanzha.adapters.store.keys import Keys
from fanzha.adapters.store.schema.place import unit
from fanzha.adapters.store.subjects import guessed
from fanzha.cases.purposes import CASE_WORK, purpose_code
from fanzha.kernel.ids import SubjectId
from fanzha.kernel.units import Actor, UnitPath, covers

_SIGHTINGS = text("SELECT DISTINCT unit_path FROM subject_sightings(CAST(:ids AS bigint[]))")


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitToCall:
    """Another unit that holds a case with what was looked for: whom to call, and nothing else."""

    path: UnitPath
    name_zh: str
    name_en: str
    contact: str


def units_with(connection: Connection, ids: Sequence[SubjectId]) -> list[UnitPath]:
    """The units, in sight or not, that hold a case with one of the subjects; nothing else is told of it."""
    return sorted(connection.scalars(_SIGHTINGS, {"ids": list(ids)}))


def find_elsewhere(
    connection: Connection, keys: Keys, typed: str, actor: Actor, now: datetime, purpose: str = CASE_WORK
) -> list[UnitToCall]:
    """The units out of the actor's sight whose cases mention it; who looked, and what for, is written in the audit."""
    ids = guessed(keys, typed)
    paths = [path for path in units_with(connection, ids) if not covers(actor.scope, path)]
    found = [
        UnitToCall(path=row.path, name_zh=row.name_zh, name_en=row.name_en, contact=row.contact)
        for row in connection.execute(select(unit).where(unit.c.path.in_(paths)).order_by(unit.c.path))
    ]
    act = Act(
        action="subject.looked_for",
        object_kind="unit",
        object_id=actor.scope,
        unit_path=actor.scope,
        purpose=purpose_code(purpose),
        detail={"subjects": ids, "units": [each.path for each in found]},
    )
    record(connection, act, actor, now)
    return found
