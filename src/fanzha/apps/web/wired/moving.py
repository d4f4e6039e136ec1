"""Imports on their way, as the work table tells of them."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Connection

from fanzha.adapters.store.cases import case_of
from fanzha.adapters.store.work import Work, work_in
from fanzha.apps.web.views.imports import ImportProgress
from fanzha.apps.web.wired.masks import hide_numbers
from fanzha.kernel.ids import CaseId
from fanzha.wiring.uploads import IMPORT_WORK

MOVING = ("waiting", "running")
SHOWN_AT_ONCE = 50


def moving_imports(connection: Connection) -> list[ImportProgress]:
    """Imports in sight that wait or run, newest first."""
    return [_progress(connection, each) for each in work_in(connection, MOVING, SHOWN_AT_ONCE, IMPORT_WORK)]


def _progress(connection: Connection, work: Work) -> ImportProgress:
    case = case_of(connection, CaseId(UUID(str(work.payload["case"]))))
    rows, sheet = work.progress.get("rows", 0), work.progress.get("sheet", "")
    return ImportProgress(
        id=str(work.id),
        case=case.ref,
        title=case.title,
        state=work.state,
        stage="reading",
        rows=rows if isinstance(rows, int) else 0,
        sheet=hide_numbers(str(sheet)),
    )
