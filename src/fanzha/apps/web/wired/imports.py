"""Imports of a case: listed, started in the background, excluded, mapped."""

from __future__ import annotations

import shutil
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID

import tomli_w
from sqlalchemy import Connection

from fanzha.adapters.ledger.originals import open_original
from fanzha.adapters.store.imports import (
    Import,
    faults_of,
    files_of,
    import_key,
    import_of,
    list_imports,
    set_excluded,
    sheets_of,
    standings_of,
)
from fanzha.adapters.store.work import Work, find_work, work_in
from fanzha.adapters.store.work_handling import retry_work
from fanzha.apps.web.names import shown_fields
from fanzha.apps.web.views.imports import (
    ConfirmedMapping,
    ImportLine,
    ImportProgress,
    MappingColumn,
    MappingDraft,
    RowAccount,
    UploadedFile,
)
from fanzha.apps.web.views.shown import Masked
from fanzha.apps.web.wired.house_parts import HouseParts
from fanzha.apps.web.wired.masks import masked_name, source_mark
from fanzha.apps.web.wired.moving import moving_imports
from fanzha.apps.web.wired.opening import opened
from fanzha.apps.web.wired.order_told import Told, said_by
from fanzha.apps.web.wired.quality import fault_line, rows_of_sheets
from fanzha.cases.case import Case
from fanzha.cases.file_names import hide_numbers
from fanzha.kernel.errors import Invalid, NotFound
from fanzha.kernel.ids import ImportId
from fanzha.kernel.units import Actor
from fanzha.rulebook import load_formats
from fanzha.wiring.ledgers import case_counts, places, reconcile_and_keep
from fanzha.wiring.uploads import IMPORT_WORK, enqueue_import, uploaded_files
from fanzha.workflows.import_statements import SheetOutcome

SHOWN_AT_ONCE = 50
AGAIN = "statements.retry"
"""The reason on record of whoever pressed the button beside a failed import: a code, for it asks for no words."""


class WiredImports(HouseParts):
    """Imports of a case."""

    def imports(self, actor: Actor, ref: str) -> Sequence[ImportLine]:
        """Imports of the case, newest first, and imports that ended before they could begin."""
        with opened(self.house, actor, ref) as (connection, case):
            counts = case_counts(self.house, connection, case)
            imports = [each for each in list_imports(connection, case.id) if each.state != "running"]
            told = said_by(connection, [each.id for each in imports])
            lines = [self._line(connection, each, counts, told.get(each.id)) for each in imports]
            stuck = [each for each in work_in(connection, ("stuck",), SHOWN_AT_ONCE, IMPORT_WORK) if _is_of(each, case)]
        shown = [self._stuck(each) for each in stuck if uploaded_files(self.house, each) or not _has_import(each)]
        return sorted([*lines, *shown], key=lambda line: line.at, reverse=True)

    def _stuck(self, work: Work) -> ImportLine:
        error, files = dict(work.last_error or {}), uploaded_files(self.house, work)
        return ImportLine(
            id=str(work.id),
            at=work.due_at,
            by="",
            state="failed",
            files=tuple(masked_name(self.house.keys, each.name) for each in files),
            bytes=sum(each.stat().st_size for each in files),
            rows=RowAccount(),
            retry=bool(files),
            error=str(error.pop("code", "")),
            error_fields=shown_fields(error),
        )

    def _line(self, connection: Connection, each: Import, counts: Mapping[str, int], told: Told | None) -> ImportLine:
        files, sheets, keys = files_of(connection, each.id), sheets_of(connection, each.id), self.house.keys
        latest = standings_of(connection, each.id)[-1:] if each.excluded else []
        return ImportLine(
            id=str(each.id),
            at=each.at,
            by=each.actor_name,
            state=each.state,
            files=tuple(masked_name(keys, file.name) for file in files),
            bytes=sum(file.size for file in files),
            rows=rows_of_sheets(each, sheets, counts),
            excluded=each.excluded,
            exclusion_reason="".join(standing.reason for standing in latest),
            exclusion_by="".join(standing.actor_name for standing in latest),
            error=each.fault,
            error_fields=shown_fields(each.fault_fields),
            lost=tuple(fault_line(keys, fault) for fault in faults_of(connection, each.id) if fault.lost),
            unread=sum(bool(sheet.draft) for sheet in sheets),
            order="" if told is None else told.order,
            institution=None if told is None else told.institution,
        )

    def start_import(self, actor: Actor, ref: str, files: Sequence[UploadedFile]) -> str:
        """The id of the background work that imports the files; they are moved out of their batch first."""
        return str(enqueue_import(self.house, actor, ref, [(each.name, each.path) for each in files]))

    def retry_import(self, actor: Actor, ref: str, work: str) -> None:
        """Try again an import that could not begin."""
        with opened(self.house, actor, ref, "statements.import") as (connection, case):
            retry_work(connection, _stuck_import(connection, work, case), AGAIN, actor, self.house.now())

    def progress(self, actor: Actor) -> Sequence[ImportProgress]:
        """Imports of the actor's units that wait or run."""
        if not actor.may("cases.read"):
            return ()
        with self.house.act(actor) as connection:
            return moving_imports(self.house, connection)

    def set_excluded(self, actor: Actor, ref: str, imports: Sequence[str], excluded: bool, reason: str) -> None:
        """Exclude imports, or bring them back: all or none, and the case's ledger anew in the same transaction."""
        with opened(self.house, actor, ref, "statements.import") as (connection, case):
            for each in [_import_in(connection, case, import_id) for import_id in imports]:
                set_excluded(connection, each.id, excluded, reason, actor, self.house.now())
            reconcile_and_keep(self.house, connection, case.id)

    def mapping_draft(self, actor: Actor, ref: str, import_id: str, source: str) -> MappingDraft:
        """What the columns of an unrecognised sheet are guessed to be."""
        with opened(self.house, actor, ref, "statements.import") as (connection, case):
            sheet = _sheet(connection, _import_in(connection, case, import_id), source)
        draft = tomllib.loads(sheet.draft)
        return MappingDraft(
            import_id=import_id,
            source=source,
            path=masked_name(self.house.keys, sheet.path),
            columns=tuple(_columns(draft)),
            fields=fields_known(),
            notes=tuple(draft.get("notes", ())),
            asks_own="own_account" in draft,
        )

    def confirm_mapping(self, actor: Actor, ref: str, import_id: str, source: str, told: ConfirmedMapping) -> str:
        """The id of the background work that reads the import's files again by the confirmed columns."""
        with TemporaryDirectory(dir=self.house.uploads, prefix="again-") as folder:
            with opened(self.house, actor, ref, "statements.import") as (connection, case):
                each = _import_in(connection, case, import_id)
                table = confirmed(tomllib.loads(_sheet(connection, each, source).draft), told)
                files = self._copies(connection, each, Path(folder))
            return str(enqueue_import(self.house, actor, ref, files, tomli_w.dumps(table)))

    def _copies(self, connection: Connection, each: Import, folder: Path) -> list[tuple[str, Path]]:
        """The import's originals, opened into a folder."""
        key, found = import_key(connection, self.house.keys, each.id), []
        for number, file in enumerate(files_of(connection, each.id)):
            copy = folder / str(number)
            originals = places(self.house).originals(each.id)
            with open_original(originals, key, file.sha256) as source, copy.open("wb") as target:
                shutil.copyfileobj(source, target)
            found.append((file.name, copy))
        return found


def _has_import(work: Work) -> bool:
    """Whether a failed import tells more of this work than its row may."""
    return bool((work.last_error or {}).get("import"))


def _stuck_import(connection: Connection, work: str, case: Case) -> UUID:
    """The id of this case's import that could not begin."""
    try:
        found = find_work(connection, UUID(work))
    except (ValueError, NotFound):
        raise NotFound("web.no_such_import") from None
    if found.kind != IMPORT_WORK or found.state != "stuck" or not _is_of(found, case):
        raise NotFound("web.no_such_import")
    return found.id


def _is_of(work: Work, case: Case) -> bool:
    return work.payload.get("case") == str(case.id)


def _import_in(connection: Connection, case: Case, import_id: str) -> Import:
    """The import, when it is the case's."""
    try:
        found = import_of(connection, ImportId(UUID(import_id)))
    except ValueError:
        raise NotFound("cases.import_not_found") from None
    if found.case_id != case.id:
        raise NotFound("cases.import_not_found")
    return found


def _sheet(connection: Connection, each: Import, source: str) -> SheetOutcome:
    for sheet in sheets_of(connection, each.id):
        if source_mark(sheet.key) == source and sheet.draft:
            return sheet
    raise NotFound("web.no_such_sheet")


def _columns(draft: Mapping[str, Any]) -> Iterator[MappingColumn]:
    headerless = draft.get("headerless", False)
    for index, each in enumerate(draft.get("columns", ())):
        guess = "" if each["field"] == "ignored" else each["field"]
        yield MappingColumn(
            index=index,
            header="" if headerless else hide_numbers(each["headers"][0]),
            samples=tuple(Masked(sample) for sample in each.get("samples", ())),
            guess=guess,
            certainty=round(100 * each["certainty"]),
            why="" if each["why"] == "nothing" else each["why"],
        )


def fields_known() -> tuple[str, ...]:
    """The fields that a column of transactions may be, as the rulebook's formats name them, in their order."""
    tables = [table for name, table in load_formats().items() if name != "words" and table["kind"] == "transactions"]
    named = [column["field"] for table in tables for column in table.get("columns", ())]  # type: ignore[attr-defined]
    return tuple(dict.fromkeys(name for name in named if name != "ignored"))


def confirmed(draft: dict[str, Any], told: ConfirmedMapping) -> dict[str, Any]:
    """The drafted mapping with a person's corrections, confirmed; `Invalid` when it could not be read by it."""
    known, fields = set(fields_known()), told.fields
    if not set(fields.values()) <= known:
        raise Invalid("web.bad_filter", name="column")
    chosen = set(fields.values())
    sides = ["debit", "credit"] if {"debit", "credit"} <= chosen else ["amount"]
    if not set(sides) <= chosen or not chosen & {"time", "date"}:
        raise Invalid("web.mapping_needs")
    columns = [
        {**each, "field": fields.get(index, "ignored"), "certainty": 1.0, "why": "person"}
        for index, each in enumerate(draft["columns"])
    ]
    own = {"own_account": told.own_account} if "own_account" in draft else {}
    return {**draft, **own, "needs": [*sides, "time|date"], "confirmed": True, "columns": columns}
