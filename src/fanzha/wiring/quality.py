"""The row account of a case as it stands now: what cleaning said of each sheet, and what reconciling made of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from fanzha.adapters.files.faults import Fault
from fanzha.adapters.ledger.reading import SealedImport
from fanzha.adapters.ledger.rejections import all_rejections
from fanzha.adapters.store.cases import case_by_ref
from fanzha.adapters.store.imports import faults_of, import_key, included_imports, sheets_of
from fanzha.kernel.errors import Invalid
from fanzha.kernel.ids import ImportId
from fanzha.kernel.units import Actor
from fanzha.records.statements.sheet import file_and_sheet
from fanzha.wiring.house import House
from fanzha.wiring.ledgers import case_ledger, places
from fanzha.workflows.case_ledger import DUPLICATES, CaseLedger, SheetFates
from fanzha.workflows.import_statements import SheetOutcome

Listed = Literal["rejected", "duplicates"]
ACCOUNTED = ("data", "accepted", "duplicates", "rejected", "preamble", "header", "blank", "total")
"""What a row account counts, also one of no sheet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetAccount:
    """A sheet's row account: data rows = accepted + duplicates + rejected."""

    import_id: ImportId
    sheet: SheetOutcome
    fates: SheetFates

    def as_row(self) -> dict[str, int]:
        """The account in numbers."""
        counts = self.sheet.counts
        return {
            "data": counts.data,
            "accepted": counts.accepted - self.fates.duplicates,
            "duplicates": self.fates.duplicates,
            "rejected": counts.rejected,
            "preamble": counts.preamble,
            "header": counts.header,
            "blank": counts.blank,
            "total": counts.total,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseQuality:
    """Every sheet of the imports that count, and what of their files was not read."""

    sheets: Sequence[SheetAccount]
    faults: Sequence[Fault]

    def totals(self) -> dict[str, int]:
        """The account of the whole case."""
        rows = [each.as_row() for each in self.sheets]
        return {name: sum(row[name] for row in rows) for name in ACCOUNTED}


def case_quality(house: House, actor: Actor, ref: str) -> CaseQuality:
    """The row account of a case."""
    with house.act(actor) as connection:
        case = case_by_ref(connection, ref)
        fates = case_ledger(house, connection, case).fates()
        imports = included_imports(connection, case.id)
        sheets = [(each.id, sheet) for each in imports for sheet in sheets_of(connection, each.id)]
        faults = [fault for each in imports for fault in faults_of(connection, each.id)]
    return CaseQuality(
        sheets=[
            SheetAccount(import_id=import_id, sheet=sheet, fates=fates.get(sheet.key, SheetFates()))
            for import_id, sheet in sheets
        ],
        faults=faults,
    )


def listed_rows(house: House, actor: Actor, ref: str, which: str) -> Iterator[dict[str, object]]:
    """The rejected or the duplicate rows of a case: file, row, and column and reason, or the row that is repeated."""
    if which not in get_args(Listed):
        raise Invalid("statements.bad_rows_choice", given=which)
    if which == "duplicates":
        yield from _duplicates(_ledger(house, actor, ref))
    else:
        for each in _sealed_imports(house, actor, ref):
            yield from _rejections(each)


def _ledger(house: House, actor: Actor, ref: str) -> CaseLedger:
    """Read at once: rows leave as slowly as a browser takes them, and no transaction may wait for that."""
    with house.act(actor) as connection:
        return case_ledger(house, connection, case_by_ref(connection, ref))


def _sealed_imports(house: House, actor: Actor, ref: str) -> list[SealedImport]:
    with house.act(actor) as connection:
        imports = included_imports(connection, case_by_ref(connection, ref).id)
        return [
            SealedImport(path=places(house).rows(each.id), key=import_key(connection, house.keys, each.id))
            for each in imports
        ]


def _rejections(sealed: SealedImport) -> Iterator[dict[str, object]]:
    found = all_rejections(sealed)
    for each in map(found.at, range(len(found))):
        file, sheet = file_and_sheet(each.source.path)
        yield {"file": file, "sheet": sheet, "row": each.row, "column": each.column, "reason": each.reason}


def _duplicates(ledger: CaseLedger) -> Iterator[dict[str, object]]:
    found = ledger.found
    for row in np.flatnonzero(np.isin(found.fate, [int(fate) for fate in DUPLICATES])):
        place, same = ledger.place(int(row)), ledger.place(int(found.same_as[row]))
        file, sheet = file_and_sheet(place.source.path)
        yield {
            "file": file,
            "sheet": sheet,
            "row": place.row,
            "column": "",
            "reason": place.fate.name.lower(),
            "same_as_file": same.source.path,
            "same_as_row": same.row,
        }
