"""The tree of units: paths are ours, division codes are none of them (law 12)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from fanzha.adapters.store.schema.place import unit
from fanzha.kernel.clock import utc
from fanzha.kernel.errors import Conflict, Invalid, NotFound
from fanzha.kernel.units import Level, UnitPath, unit_path

_BELOW = {"city": 1, "county": 2, "station": 3}


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """A unit of the centre; `contact` is whom other units call (a desk's number, not a person's)."""

    path: UnitPath
    level: Level
    name_zh: str
    name_en: str
    contact: str = ""


def add_unit(connection: Connection, new: Unit, now: datetime) -> None:
    """Put a unit below an existing one; `Invalid` when its level does not fit its depth."""
    path = unit_path(new.path)
    parent, _, _ = path.rpartition(".")
    if path.count(".") + 1 != _BELOW[new.level]:
        raise Invalid("access.unit_level", path=path, level=new.level)
    if parent and find_unit(connection, UnitPath(parent)) is None:
        raise NotFound("access.no_such_unit", path=parent)
    if find_unit(connection, path) is not None:
        raise Conflict("access.unit_exists", path=path)
    values = {"path": path, "level": new.level, "name_zh": new.name_zh, "name_en": new.name_en, "contact": new.contact}
    connection.execute(unit.insert().values(**values, created_at=utc(now)))


def find_unit(connection: Connection, path: UnitPath) -> Unit | None:
    """The unit at a path."""
    row = connection.execute(select(unit).where(unit.c.path == path)).one_or_none()
    return None if row is None else _unit(row)


def every_unit(connection: Connection) -> list[Unit]:
    """All units, in the order of the tree: names and desks are nobody's secret."""
    return [_unit(row) for row in connection.execute(select(unit).order_by(unit.c.path))]


def units_below(connection: Connection, scope: UnitPath) -> list[Unit]:
    """The unit and all below it, in the order of the tree."""
    below = (unit.c.path == scope) | unit.c.path.startswith(scope + ".", autoescape=True)
    return [_unit(row) for row in connection.execute(select(unit).where(below).order_by(unit.c.path))]


def rename_unit(connection: Connection, path: UnitPath, *, name_zh: str, name_en: str, contact: str) -> None:
    """Give the unit other names; its path and everything filed under it stay."""
    changes = unit.update().where(unit.c.path == path).values(name_zh=name_zh, name_en=name_en, contact=contact)
    if connection.execute(changes).rowcount == 0:
        raise NotFound("access.no_such_unit", path=path)


def _unit(row: Row[Any]) -> Unit:
    return Unit(path=row.path, level=row.level, name_zh=row.name_zh, name_en=row.name_en, contact=row.contact)
