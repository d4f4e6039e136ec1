"""Spreadsheets become rows of text through calamine, which runs nothing; sizes are judged before it allocates."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import islice
from zipfile import ZipFile, ZipInfo

import numpy as np
import pyarrow.compute as pc
from numpy.typing import NDArray
from python_calamine import CalamineSheet, CalamineWorkbook, SheetTypeEnum

from fanzha.adapters.files.cell_texts import Cell, cell_texts
from fanzha.adapters.files.contents import ZIP_TROUBLE, Kind, open_zip
from fanzha.adapters.files.faults import Fault, Report
from fanzha.adapters.files.limits import MIB, ReadLimits
from fanzha.adapters.files.packages import Leaf
from fanzha.adapters.files.reference_kernels import MOST_ROW_DIGITS, reach
from fanzha.adapters.files.sketches import calamine_errors
from fanzha.adapters.files.worksheets import SHEET_ROWS, Rows, plain_book
from fanzha.kernel.errors import Invalid
from fanzha.records.statements.cells import Cells, text_array
from fanzha.records.statements.sheet import ROWS_PER_BATCH, RowBatch, Sheet

_ROW_OF_CELL = re.compile(rb"r\s*=\s*[\"'][A-Za-z]*([0-9]+)[\"']")
_OVERLAP = 64
"""Bytes of one part read again with the next, so that no reference is cut in two."""


def read_workbook(leaf: Leaf, limits: ReadLimits, report: Report) -> Iterator[Sheet]:
    """Every sheet of a workbook that has rows, hidden ones too; a broken sheet does not lose the others."""
    place = leaf.path_in_package
    plain = plain_book(leaf, limits) if leaf.kind is Kind.XLSX else None
    first = plain.read(plain.names[0]) if plain else None
    if leaf.kind is Kind.XLSX:
        _check_unpacked(leaf, limits, judged=plain.member(plain.names[0]) if plain and first is not None else "")

    @cache
    def book() -> CalamineWorkbook:
        with calamine_errors(place):
            return CalamineWorkbook.from_path(str(leaf.file))

    listed = plain.names if plain else [s.name for s in book().sheets_metadata if s.typ == SheetTypeEnum.WorkSheet]
    if len(listed) > limits.sheets:
        report(Fault(code="files.too_many_sheets", place=place, fields={"limit": limits.sheets}))
    for at, name in enumerate(listed[: limits.sheets]):
        try:
            rows = first if at == 0 or not plain else plain.read(name)
            if rows is not None:
                yield from _plain_sheet(name, rows, leaf, limits, report)
                continue
            with calamine_errors(f"{place}#{name}"):
                sheet = book().get_sheet_by_name(name)
            yield from _sheet(sheet, leaf, limits, report)
        except Invalid as error:
            report(Fault.of(error))


def _plain_sheet(name: str, rows: list[Rows], leaf: Leaf, limits: ReadLimits, report: Report) -> Iterator[Sheet]:
    place = f"{leaf.path_in_package}#{name}"
    if rows:
        batches = _told(_batch(cells, numbers, limits) for cells, numbers in rows)
        yield Sheet(path=place, sha256=leaf.sha256, encoding=str(leaf.kind), batches=batches)
    else:
        report(Fault(code="files.empty_sheet", place=place, lost=False))


def _sheet(sheet: CalamineSheet, leaf: Leaf, limits: ReadLimits, report: Report) -> Iterator[Sheet]:
    place = f"{leaf.path_in_package}#{sheet.name}"
    if sheet.start is None:
        report(Fault(code="files.empty_sheet", place=place, lost=False))
    elif sheet.width > limits.columns:
        raise Invalid("files.too_many_columns", place=place, limit=limits.columns)
    else:
        batches = _told(_batches(sheet, place, limits))
        yield Sheet(path=place, sha256=leaf.sha256, encoding=str(leaf.kind), batches=batches)


def _batches(sheet: CalamineSheet, place: str, limits: ReadLimits) -> Iterator[RowBatch]:
    """Rows as text, numbered as the spreadsheet numbers them."""
    cells: Iterator[list[Cell]] = sheet.iter_rows()
    first = 1
    while part := _next_rows(cells, place):
        rows = Cells([text_array(cell_texts(column)) for column in zip(*part, strict=True)])
        yield _batch(rows, np.arange(first, first + len(part)), limits)
        first += len(part)


def _next_rows(cells: Iterator[list[Cell]], place: str) -> list[list[Cell]]:
    with calamine_errors(place):
        return list(islice(cells, ROWS_PER_BATCH))


def _batch(rows: Cells, numbers: NDArray[np.int64], limits: ReadLimits) -> RowBatch:
    """The rows that have any text, and none too long."""
    longest = np.zeros(len(rows), np.int32)
    for column in rows.columns:
        np.maximum(longest, pc.utf8_length(column).to_numpy(), out=longest)
    keep = (longest > 0) & (longest <= limits.cell_chars)
    faults = [(number, "too_long") for number in numbers[longest > limits.cell_chars].tolist()]
    return RowBatch(rows=rows.only(keep), numbers=numbers[keep].tolist(), faults=faults)


def _told(batches: Iterable[RowBatch]) -> Iterator[RowBatch]:
    return (batch for batch in batches if batch.numbers or batch.faults)


def _check_unpacked(leaf: Leaf, limits: ReadLimits, judged: str) -> None:
    """Inflate the book once, counting: calamine unpacks without limit and holds a sheet's whole used rectangle.

    The member `judged` was inflated and found harmless before, so its size is known to be true.
    """
    place = leaf.path_in_package
    left = min(limits.workbook_bytes, max(limits.ratio_from_bytes, leaf.size * limits.ratio))
    try:
        with open_zip(leaf.file, place, limits) as archive:
            for info in archive.infolist():
                if info.flag_bits & 0x1:
                    raise Invalid("files.encrypted", place=place)
                left -= info.file_size if info.filename == judged else _check_member(archive, info, place, limits, left)
        if left < 0:
            raise Invalid("files.bomb", place=place, limit=limits.ratio)
    except ZIP_TROUBLE as error:
        raise Invalid("files.corrupted", place=place) from error


def _check_member(archive: ZipFile, info: ZipInfo, place: str, limits: ReadLimits, left: int) -> int:
    """The member's true size; `Invalid` beyond what is `left`, or when a sheet spans too many cells."""
    is_sheet = info.filename.startswith("xl/worksheets/") and info.filename.endswith(".xml")
    size, width, digits = 0, 0, 0
    for part in _parts(archive, info):
        size += len(part) - _OVERLAP
        if size > left:
            raise Invalid("files.bomb", place=place, limit=limits.ratio)
        if is_sheet:
            width, digits = np.maximum((width, digits), reach(np.frombuffer(part, np.uint8))).tolist()
    if digits > MOST_ROW_DIGITS:
        raise Invalid("files.too_many_cells", place=place, limit=limits.sheet_cells)
    if width > limits.columns:
        raise Invalid("files.too_many_columns", place=place, limit=limits.columns)
    if width * SHEET_ROWS > limits.sheet_cells and width * _last_row(archive, info) > limits.sheet_cells:
        raise Invalid("files.too_many_cells", place=place, limit=limits.sheet_cells)
    return size


def _parts(archive: ZipFile, info: ZipInfo) -> Iterator[bytes]:
    tail = bytes(_OVERLAP)
    with archive.open(info) as stream:
        while part := stream.read(MIB):
            yield tail + part
            tail = part[-_OVERLAP:].rjust(_OVERLAP)


def _last_row(archive: ZipFile, info: ZipInfo) -> int:
    parts = (max(map(int, _ROW_OF_CELL.findall(part)), default=0) for part in _parts(archive, info))
    return max(parts, default=0)
