"""That an instance was restored from a backup, and what ends with it: sessions and links of before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Row, select, text, update

from fanzha.adapters.store.schema.evidence import statement_import
from fanzha.adapters.store.schema.people import login_link, session
from fanzha.adapters.store.schema.place import restoration
from fanzha.adapters.store.schema.work import work
from fanzha.adapters.store.work import Work, work_of
from fanzha.kernel.clock import utc
from fanzha.kernel.ids import ImportId

REVISION = text("SELECT version_num FROM alembic_version")


@dataclass(frozen=True, slots=True, kw_only=True)
class Restoration:
    """From `restored_at` on (wall time) the instance goes on from what it was at `backed_up_at`; `number` counts."""

    number: int
    restored_at: datetime
    backed_up_at: datetime


def note_restoration(connection: Connection, backed_up_at: datetime, wall: datetime) -> None:
    """Put on record that everything after the backup is lost here, and end every session and link that it held."""
    row = {"restored_at": utc(wall), "backed_up_at": utc(backed_up_at)}
    connection.execute(restoration.insert().values(row))
    connection.execute(update(session).where(session.c.ended_at.is_(None)).values(ended_at=utc(wall)))
    connection.execute(update(login_link).where(login_link.c.used_at.is_(None)).values(used_at=utc(wall)))


def last_restoration(connection: Connection) -> Restoration | None:
    """The newest one; None for an instance that never was restored."""
    row: Row[tuple[int, datetime, datetime]] | None = connection.execute(
        select(restoration).order_by(restoration.c.number.desc()).limit(1)
    ).one_or_none()
    return None if row is None else Restoration(**row._mapping)


def open_work(connection: Connection, kinds: Sequence[str]) -> Sequence[Work]:
    """Every row of these kinds that is not over."""
    wanted = select(work).where(work.c.kind.in_(kinds), work.c.state.in_(("waiting", "running", "stuck")))
    return [work_of(row) for row in connection.execute(wanted)]


def whole_imports(connection: Connection) -> list[ImportId]:
    """Imports that are done and not erased: each has its files."""
    wanted = select(statement_import.c.id).where(
        statement_import.c.state == "done", statement_import.c.wrapped_key.is_not(None)
    )
    return list(connection.scalars(wanted))
