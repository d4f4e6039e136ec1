"""Spreadsheets become rows of text through calamine, which runs nothing; sizes are judged before it allocates."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import cast
from zipfile import ZipFile, ZipInfo

import numpy as np
import pyarrow.compute as pc
from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, PasswordError, SheetTypeEnum

from fanzha.adapters.files.contents import ZIP_TROUBLE, Kind, open_zip
from fanzha.adapters.files.faults import Fault, Report
from fanzha.adapters.files.limits import MIB, ReadLimits
from fanzha.adapters.files.packages import Leaf
from fanzha.adapters.files.reference_kernels import MOST_ROW_DIGITS, reach
from fanzha.kernel.errors import Invalid
from fanzha.records.statements.cells import Cells, text_array
from fanzha.records.statements.sheet import ROWS_PER_BATCH, RowBatch, Sheet

Cell = str | int | float | bool | datetime | date | time | timedelta
_EXACT_BELOW = 1e15
"""A spreadsheet keeps 15 significant digits; larger numbers have lost their last ones."""

_SURELY_EXACT_CHARS = 16
"""Fifteen digits and a point: no shorter text of a number can hold more."""

_SHEET_ROWS = 1_048_576
_ROW_OF_CELL = re.compile(rb"r\s*=\s*[\"'][A-Za-z]*([0-9]+)[\"']")
_OVERLAP = 64
"""Bytes of one part read again with the next, so that no reference is cut in two."""


def read_workbook(leaf: Leaf, limits: ReadLimits, report: Report) -> Iterator[Sheet]:
    """Every sheet of a workbook that has rows, hidden ones too; a broken sheet does not lose the others."""
    place = leaf.path_in_package
    if leaf.kind is Kind.XLSX:
        _check_unpacked(leaf, limits)
    with _calamine_errors(place):
        book = CalamineWorkbook.from_path(str(leaf.file))
        listed = [each for each in book.sheets_metadata if each.typ == SheetTypeEnum.WorkSheet]
    if len(listed) > limits.sheets:
        report(Fault(code="files.too_many_sheets", place=place, fields={"limit": limits.sheets}))
    for each in listed[: limits.sheets]:
        try:
            with _calamine_errors(f"{place}#{each.name}"):
                sheet = book.get_sheet_by_name(each.name)
            yield from _sheet(sheet, leaf, limits, report)
        except Invalid as error:
            report(Fault.of(error))


def _sheet(sheet: CalamineSheet, leaf: Leaf, limits: ReadLimits, report: Report) -> Iterator[Sheet]:
    place = f"{leaf.path_in_package}#{sheet.name}"
    if sheet.start is None:
        report(Fault(code="files.empty_sheet", place=place, lost=False))
    elif sheet.width > limits.columns:
        raise Invalid("files.too_many_columns", place=place, limit=limits.columns)
    else:
        yield Sheet(path=place, sha256=leaf.sha256, encoding=str(leaf.kind), batches=_batches(sheet, limits))


def _batches(sheet: CalamineSheet, limits: ReadLimits) -> Iterator[RowBatch]:
    """Rows as text, numbered as the spreadsheet numbers them; rows without any text are not given."""
    cells = sheet.iter_rows()
    first = 1
    while part := list(islice(cells, ROWS_PER_BATCH)):
        batch = _batch(part, first, limits)
        first += len(part)
        if batch.numbers or batch.faults:
            yield batch


def _batch(part: list[list[Cell]], first: int, limits: ReadLimits) -> RowBatch:
    rows = Cells([text_array(_texts(column)) for column in zip(*part, strict=True)])
    longest = np.zeros(len(part), np.int32)
    for column in rows.columns:
        np.maximum(longest, pc.utf8_length(column).to_numpy(), out=longest)
    keep = (longest > 0) & (longest <= limits.cell_chars)
    faults = [(first + at, "too_long") for at in np.flatnonzero(longest > limits.cell_chars).tolist()]
    return RowBatch(rows=rows.only(keep), numbers=(np.flatnonzero(keep) + first).tolist(), faults=faults)


def _texts(column: Sequence[Cell]) -> Sequence[str]:
    """A column's cells as text; most columns are text already."""
    kinds = set(map(type, column))
    if kinds == {str}:
        return cast(Sequence[str], column)
    return [cell if type(cell) is str else _WRITERS[type(cell)](cell) for cell in column]


def cell_text(cell: Cell) -> str:
    """A cell as the text a statement would show.

    Whole numbers exactly, others as the shortest decimal of 15 digits (what is beyond them is binary noise);
    from 1e15 on scientific with 15 digits, because the last ones were never in the file.
    """
    return _WRITERS[type(cell)](cell)


def _number(value: float) -> str:
    shortest = repr(value)
    if len(shortest) <= _SURELY_EXACT_CHARS and "e" not in shortest:
        return shortest.removesuffix(".0")
    if not abs(value) < _EXACT_BELOW:
        return f"{value:.14E}"
    shown = f"{value:.15g}"
    return shown if "e" not in shown else f"{value:.20f}".rstrip("0").rstrip(".")


def _whole(value: int) -> str:
    return str(value) if abs(value) < _EXACT_BELOW else f"{value:.14E}"


def _moment(value: datetime) -> str:
    """Date and time to the millisecond; a spreadsheet's day fractions are a microsecond off."""
    if not value.microsecond:
        return str(value)
    value = value.replace(microsecond=0) + timedelta(milliseconds=round(value.microsecond / 1000))
    return value.isoformat(" ", "milliseconds" if value.microsecond else "seconds")


def _time_of_day(value: time) -> str:
    return _moment(datetime.combine(date.min, value))[11:]


def _duration(value: timedelta) -> str:
    seconds = round(value.total_seconds())
    sign, seconds = "-" if seconds < 0 else "", abs(seconds)
    return f"{sign}{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"


_WRITERS: dict[type, Callable[..., str]] = {
    str: str,
    float: _number,
    int: _whole,
    bool: lambda value: "TRUE" if value else "FALSE",
    datetime: _moment,
    date: date.isoformat,
    time: _time_of_day,
    timedelta: _duration,
}


@contextmanager
def _calamine_errors(place: str) -> Iterator[None]:
    """Tell calamine's errors, and its panics on broken books, as `Invalid` at a place."""
    try:
        yield
    except PasswordError as error:
        raise Invalid("files.encrypted", place=place) from error
    except (CalamineError, OSError, ValueError, OverflowError) as error:
        raise Invalid("files.corrupted", place=place) from error
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # a Rust panic is not an Exception, nor importable
            raise
        raise Invalid("files.corrupted", place=place) from error


def _check_unpacked(leaf: Leaf, limits: ReadLimits) -> None:
    """Inflate the book once, counting: calamine unpacks without limit and holds a sheet's whole used rectangle."""
    place = leaf.path_in_package
    left = min(limits.workbook_bytes, max(limits.ratio_from_bytes, leaf.size * limits.ratio))
    try:
        with open_zip(leaf.file, place, limits) as archive:
            for info in archive.infolist():
                if info.flag_bits & 0x1:
                    raise Invalid("files.encrypted", place=place)
                left -= _check_member(archive, info, place, limits, left)
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
    if width * _SHEET_ROWS > limits.sheet_cells and width * _last_row(archive, info) > limits.sheet_cells:
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
