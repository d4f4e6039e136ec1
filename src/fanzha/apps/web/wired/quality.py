"""What arrived and what is wrong with it, as the console shows it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fanzha.adapters.files.faults import Fault
from fanzha.adapters.store.imports import Import, faults_of, list_imports, sheets_of
from fanzha.adapters.store.keys import Keys
from fanzha.apps.web.names import shown_fields
from fanzha.apps.web.views.imports import (
    DuplicateLine,
    FaultLine,
    QualityView,
    RejectedLine,
    RowAccount,
    SourceLine,
)
from fanzha.apps.web.views.tables import Listing, Page, Query
from fanzha.apps.web.wired.house_parts import HouseParts
from fanzha.apps.web.wired.masks import masked_name, masked_place, source_mark
from fanzha.apps.web.wired.opening import opened, sealed_import
from fanzha.apps.web.wired.rejected import RejectedRows, rejected_rows
from fanzha.apps.web.wired.shown_ledger import ShownLedger
from fanzha.kernel.units import Actor
from fanzha.tracing.movements.movements import NO_MOVEMENT, Fate
from fanzha.wiring.ledgers import DUPLICATES_OF, case_ledger
from fanzha.workflows.case_ledger import DUPLICATES, SheetFates, movement_id
from fanzha.workflows.import_statements import SheetOutcome


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
            sources=tuple(self._source_line(each, sheet, fates) for each, sheet in sheets),
            reasons=dict(reasons),
            faults=tuple(fault_line(self.house.keys, each) for each in faults),
        )

    def _source_line(self, each: Import, sheet: SheetOutcome, fates: dict[str, SheetFates]) -> SourceLine:
        understood = bool(sheet.format_id)
        state = "read" if understood else "unrecognised" if sheet.draft else "failed"
        return SourceLine(
            key=source_mark(sheet.key),
            import_id=str(each.id),
            path=masked_name(self.house.keys, sheet.path),
            state=state,
            format_id=sheet.format_id,
            certainty=round(100 * sheet.certainty),
            encoding=sheet.encoding,
            rows=account_of(sheet, {} if each.excluded else fates),
            notes=sheet.notes,
            unread=sheet.unread_rows,
            excluded=each.excluded,
            fault=sheet.fault,
            fault_fields=shown_fields(sheet.fault_fields),
        )

    def rejected(self, actor: Actor, ref: str, query: Query) -> Page[RejectedLine]:
        """Rejected rows, import after import in file order unless sorted otherwise."""
        found = self._rejected(actor, ref, query)
        page = found.order[query.offset : query.offset + query.size]
        rows = [self._rejected_line(found, int(place)) for place in page]
        return Page(rows=rows, total=len(found.order), page=query.page, size=query.size)

    def every_rejected(self, actor: Actor, ref: str, query: Query) -> Listing[RejectedLine]:
        """All of them: the imports are read once, lines made as they are asked for."""
        found = self._rejected(actor, ref, query)
        return Listing(total=len(found.order), rows=(self._rejected_line(found, int(place)) for place in found.order))

    def _rejected(self, actor: Actor, ref: str, query: Query) -> RejectedRows:
        with opened(self.house, actor, ref) as (connection, case):
            imports = [each for each in list_imports(connection, case.id) if _shows_rows(each, query)]
            sealed = [sealed_import(self.house, connection, each) for each in imports]
        return rejected_rows(sealed, query)

    def _rejected_line(self, found: RejectedRows, place: int) -> RejectedLine:
        row = found.at(place)
        path = masked_name(self.house.keys, row.source.path)
        return RejectedLine(path=path, row=row.row, column=row.column, reason=row.reason)

    def duplicates(self, actor: Actor, ref: str, query: Query) -> Page[DuplicateLine]:
        """Rows that repeat another, and which."""
        shown, rows = self._duplicates(actor, ref, query)
        page = rows[query.offset : query.offset + query.size]
        lines = [_duplicate_line(shown, int(row)) for row in page]
        return Page(rows=lines, total=len(rows), page=query.page, size=query.size)

    def every_duplicate(self, actor: Actor, ref: str, query: Query) -> Listing[DuplicateLine]:
        """All of them, made as they are asked for."""
        shown, rows = self._duplicates(actor, ref, query)
        return Listing(total=len(rows), rows=(_duplicate_line(shown, int(row)) for row in rows))

    def _duplicates(self, actor: Actor, ref: str, query: Query) -> tuple[ShownLedger, NDArray[np.intp]]:
        with opened(self.house, actor, ref) as (connection, case):
            shown = self.shown(case_ledger(self.house, connection, case))
        rows = _duplicate_rows(shown, query)
        by: dict[str, NDArray[Any]] = {"row": shown.ledger.rows.row, "fate": shown.ledger.found.fate}
        order = np.argsort(by.get(query.sort, shown.ledger.rows.source)[rows], kind="stable")
        return shown, rows[order[::-1] if query.descending else order]


def fault_line(keys: Keys, fault: Fault) -> FaultLine:
    """A file or sheet that was not read, and why."""
    fields = shown_fields({**fault.fields, "place": fault.place})
    return FaultLine(path=masked_name(keys, fault.place), code=fault.code, fields=fields)


def rows_of_sheets(each: Import, sheets: Sequence[SheetOutcome], counts: Mapping[str, int]) -> RowAccount:
    """The row account of one import, its duplicates as the case's `counts` tell them."""
    told = _sum(account_of(sheet, {}) for sheet in sheets)
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
        path=masked_name(shown.keys, place.source.path),
        row=place.row,
        fate=place.fate.name.lower(),
        repeats=masked_place(shown.keys, other.source.path, other.row),
        movement=None if number == NO_MOVEMENT else movement_id(int(found.movements.id[number])),
    )
