"""One table of text as it lay in a file: what readers give and recognition takes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from fanzha.kernel.errors import Invalid
from fanzha.records.statements.cells import joined

ROWS_PER_BATCH = 32_768
"""Rows read at a time: bounds memory, and is the sample that a sheet's conventions are decided on."""

_HOLDS_SHEETS = (".xlsx", ".xls", ".xlsm", ".xltx", ".et", ".htm", ".html", ".xml", ".csv", ".txt", ".tsv", ".dat")


def file_and_sheet(path: str) -> tuple[str, str]:
    """A place as the file's own path and the sheet's name, empty for files that are one table.

    A file's name may hold `#` too; it parts a sheet's name only behind the ending of a kind of file that has sheets
    (whatever the ending says: banks save pages and workbooks under any).
    """
    file, _, sheet = path.rpartition("#")
    return (file, sheet) if file.lower().endswith(_HOLDS_SHEETS) and "/" not in sheet else (path, "")


@dataclass(frozen=True, slots=True, kw_only=True)
class RowBatch:
    """Rows in file order; every cell is text, rows may be ragged (never those that come as `Cells`).

    `numbers[i]` is the 1-based place of `rows[i]` in its file: the physical line where the record starts
    (CSV, TSV, TXT) or the spreadsheet's row. A numeric spreadsheet cell beyond 15 significant digits comes in
    scientific notation (`6.22202123456789E+18`), because its last digits were never in the file.
    `faults` are rows the reader could not take apart: (number, reason code), e.g. `undecodable`, `too_long`.
    `ends_sheet`: no rows follow, so the last one may have been cut in mid-line.
    """

    rows: Sequence[Sequence[str]]
    numbers: list[int]
    faults: list[tuple[int, str]] = field(default_factory=list)
    ends_sheet: bool = False


def to_the_end(batches: Iterable[RowBatch]) -> Iterator[RowBatch]:
    """The same batches, the last one marked, which is also the last that a breaking file gives before its error."""
    held: RowBatch | None = None
    try:
        for batch in batches:
            if held is not None:
                yield held
            held = batch
    except Invalid:
        if held is not None:
            yield replace(held, ends_sheet=True)
        raise
    if held is not None:
        yield replace(held, ends_sheet=True)


def at_once(batches: Iterable[RowBatch]) -> Iterator[RowBatch]:
    """All rows as one batch, also those that a breaking file gives before its error."""
    held: list[RowBatch] = []
    broke: Invalid | None = None
    try:
        for batch in batches:
            held.append(batch)
    except Invalid as error:
        broke = error
    if held:
        yield RowBatch(
            rows=joined([batch.rows for batch in held]),
            numbers=[number for batch in held for number in batch.numbers],
            faults=[fault for batch in held for fault in batch.faults],
            ends_sheet=held[-1].ends_sheet,
        )
    if broke:
        raise broke


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """One table: where it lay, how it was read, and its rows batch by batch (readable once).

    `path` names the place as a person would: `feedback.zip/inner/detail.csv`, `book.xlsx#Sheet1`.
    `sha256` is of the leaf file's bytes (hex); `encoding` is `gb18030`, `utf-8`, … or `xlsx`, `xls`.
    """

    path: str
    sha256: str
    encoding: str
    batches: Iterator[RowBatch]
