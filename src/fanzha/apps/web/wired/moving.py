"""Imports on their way, as the work table tells of them."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Connection

from fanzha.adapters.store.cases import case_of
from fanzha.adapters.store.work import Work, work_in
from fanzha.apps.web.views.imports import ImportProgress
from fanzha.cases.file_names import shown_name
from fanzha.kernel.ids import CaseId
from fanzha.wiring.house import House
from fanzha.wiring.uploads import IMPORT_WORK, uploaded_files

MOVING = ("waiting", "running")
SHOWN_AT_ONCE = 50


def moving_imports(house: House, connection: Connection) -> list[ImportProgress]:
    """Imports in sight that wait or run, newest first."""
    return [_progress(house, connection, each) for each in work_in(connection, MOVING, SHOWN_AT_ONCE, IMPORT_WORK)]


def _progress(house: House, connection: Connection, work: Work) -> ImportProgress:
    case = case_of(connection, CaseId(UUID(str(work.payload["case"]))))
    names = [each.name for each in uploaded_files(house, work)]
    file = _number(work, "file")
    return ImportProgress(
        id=str(work.id),
        case=case.ref,
        title=case.title,
        state=work.state,
        stage=str(work.progress.get("stage", "")) if work.state == "running" else "",
        done=_number(work, "done_bytes"),
        whole=_number(work, "whole_bytes"),
        rows=_number(work, "rows"),
        sheet=shown_name(names[file - 1]) if 0 < file <= len(names) else "",
        file=file,
        files=len(names),
        since=work.due_at,
    )


def _number(work: Work, name: str) -> int:
    told = work.progress.get(name, 0)
    return told if isinstance(told, int) else 0
