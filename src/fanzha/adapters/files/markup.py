"""Tables saved as HTML or as XML 2003 under a spreadsheet's name (banks do) become rows; nothing in them is run."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

from fanzha.adapters.files.encodings import Encoding, Oddities, blocks, decide_encoding
from fanzha.adapters.files.faults import Fault, Report
from fanzha.adapters.files.limits import MIB, ReadLimits
from fanzha.adapters.files.packages import Leaf
from fanzha.kernel.errors import Invalid
from fanzha.records.statements.sheet import ROWS_PER_BATCH, RowBatch, Sheet

_TAG = re.compile(r"<!--|-->|<(/?)([A-Za-z][\w:.-]*)([^<>]*)>")
_SPAN = re.compile(r"(?:colspan|MergeAcross)\s*=\s*[\"']?(\d{1,4})", re.IGNORECASE)
_INDEX = re.compile(r"\bss:Index\s*=\s*[\"'](\d{1,7})", re.IGNORECASE)
_NAME = re.compile(r"\bss:Name\s*=\s*[\"']([^\"']*)")
_ROWS, _CELLS, _UNSEEN = {"tr", "row"}, {"td", "th", "cell"}, {"script", "style", "head"}
_SPACE = re.compile(r"[ \t\r\n\f]+")


def read_markup(leaf: Leaf, limits: ReadLimits, report: Report) -> Iterator[Sheet]:
    """Every table of the page, numbered in order or by its worksheet's name."""
    place = leaf.path_in_package
    if leaf.size > limits.markup_bytes:
        raise Invalid("files.too_big", place=place, limit_mib=limits.markup_bytes // MIB)
    encoding, mark_bytes = decide_encoding(leaf.file, place)
    oddities = Oddities()
    parts = blocks(leaf.file, encoding, mark_bytes, limits.markup_bytes, oddities)
    tables = _Tables(limits, place)
    tables.read("".join(part.text for part in parts))
    if not tables.found:
        raise Invalid("files.no_table", place=place)
    if len(tables.found) > limits.sheets:
        report(Fault(code="files.too_many_sheets", place=place, fields={"limit": limits.sheets}))
    for name, rows in list(tables.found.items())[: limits.sheets]:
        where = f"{place}#{name}"
        if not rows:
            report(Fault(code="files.empty_sheet", place=where, lost=False))
            continue
        yield Sheet(path=where, sha256=leaf.sha256, encoding=_label(encoding), batches=_batches(rows, limits))


def _label(encoding: Encoding) -> str:
    return "utf-16" if encoding.startswith("utf-16") else str(encoding)


def _batches(rows: list[tuple[int, list[str]]], limits: ReadLimits) -> Iterator[RowBatch]:
    for at in range(0, len(rows), ROWS_PER_BATCH):
        kept: list[list[str]] = []
        batch = RowBatch(rows=kept, numbers=[])
        for number, row in rows[at : at + ROWS_PER_BATCH]:
            if len(row) > limits.columns:
                batch.faults.append((number, "too_many_columns"))
            elif max(map(len, row)) > limits.cell_chars:
                batch.faults.append((number, "too_long"))
            else:
                kept.append(row)
                batch.numbers.append(number)
        yield batch


class _Tables:
    """Collects rows from tags in the order they stand; unclosed tags end where the next one begins."""

    def __init__(self, limits: ReadLimits, place: str = "") -> None:
        self._limits = limits
        self._place = place
        self._blanks = 0
        self._blank_after = 0
        self.found: dict[str, list[tuple[int, list[str]]]] = {}
        self._rows: list[tuple[int, list[str]]] = []
        self._row_number = 0
        self._row: list[str] | None = None
        self._cell: list[str] | None = None
        self._name = ""

    def read(self, text: str) -> None:
        """Take every table of `text`, in time linear in its length."""
        at, unseen = 0, ""
        for tag in _TAG.finditer(text):
            if self._cell is not None and not unseen:
                self._cell.append(text[at : tag.start()])
            at = tag.end()
            word = tag[0] if tag[2] is None else tag[2].lower().rpartition(":")[2]
            if unseen:
                unseen = "" if word == unseen and (tag[1] or word == "-->") else unseen
            elif word == "<!--":
                unseen = "-->"
            elif word in _UNSEEN and not tag[1]:
                unseen = word
            elif word != "-->":
                self._tag(word, bool(tag[1]), tag[3])
        self._end_row()

    def _tag(self, word: str, is_end: bool, attributes: str) -> None:
        if word == "worksheet" and not is_end:
            name = _NAME.search(attributes)
            self._name = html.unescape(name[1]) if name else ""
        elif word == "table":
            self._end_row()
            if not is_end:
                self._begin_table()
        elif word in _ROWS:
            self._end_row()
            if not is_end:
                self._begin_row(attributes)
        elif word in _CELLS:
            self._end_cell()
            if not is_end:
                self._begin_cell(attributes)
        elif word == "br" and self._cell is not None:
            self._cell.append(" ")

    def _begin_table(self) -> None:
        name = self._name if self._name and self._name not in self.found else str(len(self.found) + 1)
        self._rows = self.found.setdefault(name, [])
        self._row_number = 0

    def _begin_row(self, attributes: str) -> None:
        index = _INDEX.search(attributes)
        self._row_number = int(index[1]) if index else self._row_number + 1
        self._row = []
        if not self.found:
            self._begin_table()
            self._row_number = 1

    def _end_row(self) -> None:
        self._end_cell()
        if self._row and any(self._row):
            self._rows.append((self._row_number, self._row))
        self._row = None

    def _begin_cell(self, attributes: str) -> None:
        if self._row is None:
            self._begin_row("")
        index = _INDEX.search(attributes)
        if index:
            self._blank(int(index[1]) - 1 - len(self._row or []))
        span = _SPAN.search(attributes)
        self._blank_after = int(span[1]) - span[0].lower().startswith("colspan") if span else 0
        self._cell = []

    def _end_cell(self) -> None:
        if self._cell is None or self._row is None:
            return
        self._row.append(_SPACE.sub(" ", html.unescape("".join(self._cell))).strip(" "))
        self._blank(self._blank_after)
        self._cell = None

    def _blank(self, count: int) -> None:
        """Add blank cells that attributes claim, up to where the row is too wide anyway."""
        if self._row is not None and count > 0:
            count = min(count, max(0, self._limits.columns + 1 - len(self._row)))
            self._blanks += count
            if self._blanks > self._limits.sheet_cells:
                raise Invalid("files.too_many_cells", place=self._place, limit=self._limits.sheet_cells)
            self._row.extend([""] * count)
