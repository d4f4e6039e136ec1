"""What arrived and what is wrong with it, as the console shows it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from fanzha.adapters.ledger.reading import Rejected, read_rejections
from fanzha.adapters.store.imports import Import, faults_of, list_imports, sheets_of
from fanzha.apps.web.views.imports import (
    DuplicateLine,
    FaultLine,
    QualityView,
    RejectedLine,
    RowAccount,
    SourceLine,
)
from fanzha.apps.web.views.shown import Place
from fanzha.apps.web.views.tables import Page, Query
from fanzha.apps.web.wired.house_parts import HouseParts
from fanzha.apps.web.wired.masks import hide_numbers, source_mark
from fanzha.apps.web.wired.opening import opened, sealed_import
from fanzha.apps.web.wired.shown_ledger import ShownLedger
from fanzha.kernel.units import Actor
from fanzha.tracing.movements.movements import NO_MOVEMENT, Fate
from fanzha.wiring.ledgers import DUPLICATES_OF, case_ledger
from fanzha.workflows.case_ledger import DUPLICATES, SheetFates, movement_id
from fanzha.workflows.import_statements import SheetOutcome

REJECTIONS_READ = 1_000_000
"""Rejected rows of one import that a filter looks through."""


class WiredQuality(HouseParts):
    """Quality reports and the rows behind their numbers."""

    def quality(self, actor: Actor, ref: str, import_id: str | None) -> QualityView:
        """The quality report of a case or of one of its imports; excluded imports are shown, and not added up."""
        with opened(self.house, actor, ref) as (connection, case):
            imports = [each for each in list_imports(connection, case.id) if import_id in (None, str(each.id))]
            fates = case_ledger(self.house, connection, case).fates()
            sheets = [(each, sheet) for each in imports for sheet in sheets_of(connection, each.id)]
            faults = [fault for each in imports for fault in faults_of(connection, each.id) if fault.lost]
        counted = [sheet for each, sheet in sheets if not each.excluded]
        reasons: Counter[str] = Counter()
        for sheet in counted:
            reasons.update(sheet.reasons)
        return QualityView(
            rows=_sum(account_of(sheet, fates) for sheet in counted),
            sources=tuple(_source_line(each, sheet, fates) for each, sheet in sheets),
            reasons=dict(reasons),
            faults=tuple(
                FaultLine(path=hide_numbers(f.place), code=f.code, fields={**f.fields, "place": hide_numbers(f.place)})
                for f in faults
            ),
        )

    def rejected(self, actor: Actor, ref: str, query: Query) -> Page[RejectedLine]:
        """Rejected rows, import after import in file order."""
        with opened(self.house, actor, ref) as (connection, case):
            imports = [each for each in list_imports(connection, case.id) if _shows_rows(each, query)]
            found = [row for each in imports for row in self._rejected_of(connection, each, query)]
        if query.descending:
            found.reverse()
        page = found[query.offset : query.offset + query.size]
        rows = [
            RejectedLine(path=hide_numbers(r.source.path), row=r.row, column=r.column, reason=r.reason) for r in page
        ]
        return Page(rows=rows, total=len(found), page=query.page, size=query.size)

    def _rejected_of(self, connection: Connection, each: Import, query: Query) -> list[Rejected]:
        sealed = sealed_import(self.house, connection, each)
        _, found = read_rejections(sealed, offset=0, limit=REJECTIONS_READ)
        source, reason = query.word("source"), query.word("reason")
        return [
            row
            for row in found
            if (not source or source_mark(row.source.key) == source) and (not reason or row.reason == reason)
        ]

    def duplicates(self, actor: Actor, ref: str, query: Query) -> Page[DuplicateLine]:
        """Rows that repeat another, and which."""
        with opened(self.house, actor, ref) as (connection, case):
            shown = self.shown(case_ledger(self.house, connection, case))
        rows = _duplicate_rows(shown, query)
        rows = rows[::-1] if query.descending else rows
        page = rows[query.offset : query.offset + query.size]
        lines = [_duplicate_line(shown, int(row)) for row in page]
        return Page(rows=lines, total=len(rows), page=query.page, size=query.size)


def rows_of_case(connection: Connection, imports: Sequence[Import], counts: Mapping[str, int]) -> RowAccount:
    """The row account of a case: its imports that count."""
    counted = [each for each in imports if each.state == "done" and not each.excluded]
    return _sum(rows_of_import(connection, each, counts) for each in counted)


def rows_of_import(connection: Connection, each: Import, counts: Mapping[str, int]) -> RowAccount:
    """The row account of one import, its duplicates as the case's `counts` tell them."""
    told = _sum(account_of(sheet, {}) for sheet in sheets_of(connection, each.id))
    repeated = 0 if each.excluded else counts.get(f"{DUPLICATES_OF}{each.id}", 0)
    return replace(told, accepted=told.accepted - repeated, duplicates=repeated)


def account_of(sheet: SheetOutcome, fates: dict[str, SheetFates]) -> RowAccount:
    """A sheet's row account: duplicates are known once the whole case is reconciled."""
    counts = sheet.counts
    repeated = fates[sheet.key].duplicates if sheet.key in fates else 0
    return RowAccount(
        accepted=counts.accepted - repeated,
        duplicates=repeated,
        rejected=counts.rejected,
        preamble=counts.preamble,
        header=counts.header,
        blank=counts.blank,
        total=counts.total,
    )


def _sum(accounts: Iterable[RowAccount]) -> RowAccount:
    sums: Counter[str] = Counter()
    for each in accounts:
        sums.update({name: getattr(each, name) for name in RowAccount.__slots__})
    return RowAccount(**sums)


def _source_line(each: Import, sheet: SheetOutcome, fates: dict[str, SheetFates]) -> SourceLine:
    understood = bool(sheet.format_id)
    state = "read" if understood else "unrecognised" if sheet.draft else "failed"
    return SourceLine(
        key=source_mark(sheet.key),
        import_id=str(each.id),
        path=hide_numbers(sheet.path),
        state=state,
        format_id=sheet.format_id,
        certainty=round(100 * sheet.certainty),
        encoding=sheet.encoding,
        rows=account_of(sheet, {} if each.excluded else fates),
        notes=sheet.notes,
        unread=sheet.unread_rows,
        excluded=each.excluded,
    )


def _shows_rows(each: Import, query: Query) -> bool:
    wished = query.word("import")
    if each.state != "done" or each.erased_at is not None:
        return False
    return str(each.id) == wished if wished else not each.excluded


def _duplicate_rows(shown: ShownLedger, query: Query) -> NDArray[np.intp]:
    rows, found = shown.ledger.rows, shown.ledger.found
    fate = query.word("fate")
    keep = found.fate == Fate[fate.upper()] if fate else np.isin(found.fate, [int(each) for each in DUPLICATES])
    for wished, mark in (("source", lambda each: source_mark(each.key)), ("import", lambda each: each.import_id)):
        if asked := query.word(wished):
            keep &= np.isin(rows.source, list(_numbers(shown, mark, asked)))
    return np.flatnonzero(keep)


def _numbers(shown: ShownLedger, mark: Callable[..., str], asked: str) -> Iterator[int]:
    return (number for number, each in enumerate(shown.ledger.rows.sources) if mark(each) == asked)


def _duplicate_line(shown: ShownLedger, row: int) -> DuplicateLine:
    found = shown.ledger.found
    place, other = shown.ledger.place(row), shown.ledger.place(int(found.same_as[row]))
    number = int(found.movement[row])
    return DuplicateLine(
        path=hide_numbers(place.source.path),
        row=place.row,
        fate=place.fate.name.lower(),
        repeats=Place(path=hide_numbers(other.source.path), row=other.row),
        movement=None if number == NO_MOVEMENT else movement_id(int(found.movements.id[number])),
    )
