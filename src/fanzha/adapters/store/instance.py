"""What this installation is: born live or as an exercise, once, with its keys and its business clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import Connection, select
from sqlalchemy.dialects.postgresql import insert

from fanzha.adapters.store.schema.place import business_clock, instance
from fanzha.kernel.clock import BusinessClock, utc
from fanzha.kernel.errors import Conflict, Illegal, Invalid, NotFound
from fanzha.kernel.ids import uuid7

Birth = Literal["live", "exercise"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Instance:
    """The installation's identity; `birth` never changes."""

    id: UUID
    birth: Birth
    keys_fingerprint: str
    created_at: datetime


def found_instance(connection: Connection, birth: Birth, keys_fingerprint: str, now: datetime) -> Instance:
    """Give the database its identity and a clock that runs with the wall.

    The same birth again is the instance that is there; another birth is `Conflict`.
    """
    row = {"single": 1, "id": uuid7(now), "birth": birth, "keys_fingerprint": keys_fingerprint, "created_at": utc(now)}
    connection.execute(insert(instance).values(row).on_conflict_do_nothing())
    clock = {"single": 1, "origin": utc(now), "epoch": utc(now), "speed": 1.0}
    connection.execute(insert(business_clock).values(clock).on_conflict_do_nothing())
    found = the_instance(connection)
    if found is None or found.birth != birth:
        raise Conflict("store.born_otherwise", birth=birth)
    return found


def the_instance(connection: Connection) -> Instance | None:
    """The identity of this database, None before it has one."""
    row = connection.execute(select(instance)).one_or_none()
    if row is None:
        return None
    return Instance(id=row.id, birth=row.birth, keys_fingerprint=row.keys_fingerprint, created_at=row.created_at)


def require_keys(connection: Connection, keys_fingerprint: str) -> None:
    """`Invalid` when the opened keys are not those this instance was born with: nothing it holds could be read."""
    found = the_instance(connection)
    if found is not None and found.keys_fingerprint != keys_fingerprint:
        raise Invalid("store.other_keys", expected=found.keys_fingerprint, found=keys_fingerprint)


def read_clock(connection: Connection) -> BusinessClock:
    """The business clock of this instance."""
    row = connection.execute(select(business_clock)).one_or_none()
    if row is None:
        raise NotFound("store.no_instance")
    return BusinessClock(origin=row.origin, epoch=row.epoch, speed=row.speed)


def set_clock(connection: Connection, *, wall: datetime, epoch: datetime, speed: float) -> BusinessClock:
    """From `wall` on business time is `epoch` and runs at `speed`; only an exercise does that, and never backwards."""
    found = the_instance(connection)
    if found is None or found.birth != "exercise":
        raise Illegal("store.live_clock_moved")
    row = connection.execute(select(business_clock).with_for_update()).one()
    if utc(epoch) < row.epoch + (utc(wall) - row.origin) * row.speed:
        raise Illegal("store.clock_backwards")
    connection.execute(business_clock.update().values(origin=utc(wall), epoch=utc(epoch), speed=speed))
    return read_clock(connection)
