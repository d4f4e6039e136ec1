"""Leases on running imports: who lets one lapse has died, and what it left can be cleared away.

An import is finished in the transaction that ends its lease, so that nobody finishes what was given up.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, select, update
from sqlalchemy.dialects.postgresql import insert

from fanzha.adapters.store.schema.evidence import case_file, import_lease
from fanzha.kernel.clock import utc
from fanzha.kernel.ids import CaseId, ImportId
from fanzha.kernel.units import UnitPath


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """A running import and the unit whose work it is."""

    import_id: ImportId
    unit_path: UnitPath


def begin_lease(connection: Connection, lease: Lease, until: datetime) -> None:
    """Hold an import that begins in this transaction until this wall time."""
    row = {"import_id": lease.import_id, "unit_path": lease.unit_path, "until": utc(until)}
    connection.execute(insert(import_lease).values(row))


def keep_lease(connection: Connection, import_id: ImportId, until: datetime) -> bool:
    """Hold it longer; false when it was given up or has ended, and the caller must stop."""
    longer = update(import_lease).where(import_lease.c.import_id == import_id).values(until=utc(until))
    return connection.execute(longer).rowcount == 1


def end_lease(connection: Connection, import_id: ImportId) -> bool:
    """Hold it no longer, in the transaction that ends the import; false when it was given up before."""
    return connection.execute(delete(import_lease).where(import_lease.c.import_id == import_id)).rowcount == 1


def a_lapsed_lease(connection: Connection, wall: datetime) -> Lease | None:
    """The lease that lapsed first, locked; one that somebody ends or clears away at this moment is passed over."""
    lapsed = select(import_lease).where(import_lease.c.until <= utc(wall)).order_by(import_lease.c.until)
    row = connection.execute(lapsed.limit(1).with_for_update(skip_locked=True)).one_or_none()
    return None if row is None else Lease(import_id=row.import_id, unit_path=row.unit_path)


def take_case(connection: Connection, case_id: CaseId) -> bool:
    """Lock the case until the transaction ends; false, at once, when somebody works on it or it is out of sight."""
    free = select(case_file.c.id).where(case_file.c.id == case_id).with_for_update(skip_locked=True)
    return connection.execute(free).one_or_none() is not None
