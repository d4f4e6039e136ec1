"""Delimited text becomes rows: the delimiter is decided on consistency, and a stray quote swallows nothing."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import chain, islice

from fanzha.adapters.files.ahead import read_ahead
from fanzha.adapters.files.encodings import Block, Encoding, Oddities, blocks, decide_encoding
from fanzha.adapters.files.faults import Fault, Report
from fanzha.adapters.files.limits import ReadLimits
from fanzha.adapters.files.packages import Leaf
from fanzha.adapters.files.splitting import split_plain
from fanzha.kernel.errors import Invalid
from fanzha.records.statements.cells import joined
from fanzha.records.statements.sheet import ROWS_PER_BATCH, RowBatch, Sheet

_DELIMITERS = (",", "\t", ";", "|", "\uff0c", "\x01")
_SAMPLE_LINES = 200
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
"""The commas of `1,234,567.00`, which divide no cells where another delimiter does."""

_END = "\n"
_STRAY_QUOTES = 100
"""After so many stray quotes a file plainly does not quote records over lines: each line is then its own record."""


def read_text(leaf: Leaf, limits: ReadLimits, report: Report) -> Iterator[Sheet]:
    """The one table of a text file; rows come as the file is read."""
    encoding, mark_bytes = decide_encoding(leaf.file, leaf.path_in_package)
    oddities = Oddities()
    stream = blocks(leaf.file, encoding, mark_bytes, limits.line_bytes, oddities)
    first = next(stream, None)
    if first is None:
        raise Invalid("files.empty", place=leaf.path_in_package)
    layout = decide_layout(first.text)
    if layout.width > limits.columns:
        raise Invalid("files.too_many_columns", place=leaf.path_in_package, limit=limits.columns)
    table = _Table(layout, limits)
    rows = _batches(table, chain((first,), stream), leaf, report, oddities)
    yield Sheet(path=leaf.path_in_package, sha256=leaf.sha256, encoding=_plain_name(encoding), batches=read_ahead(rows))


def _plain_name(encoding: Encoding) -> str:
    return "utf-16" if encoding.startswith("utf-16") else str(encoding)


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """How the lines of a table are taken apart; `width` is the commonest number of columns."""

    delimiter: str
    width: int


_ONE_COLUMN = Layout(delimiter=",", width=1)


def decide_layout(text: str) -> Layout:
    """The delimiter under which most lines agree on most columns, judged on the first lines that are not blank."""
    lines = list(islice((line for line in io.StringIO(text, newline="\n") if line.strip()), _SAMPLE_LINES))
    plain = [_THOUSANDS.sub("", line) for line in lines]
    delimiter = max(_DELIMITERS, key=lambda each: _agreement(plain, each))
    agreeing, width = _agreement(lines, delimiter)
    return Layout(delimiter=delimiter, width=_record_width(lines, delimiter, width)) if agreeing else _ONE_COLUMN


def _agreement(lines: list[str], delimiter: str) -> tuple[int, int]:
    """(lines that agree × delimiters in them, their number of cells) for the width that makes it greatest."""
    widths = Counter(len(_split_line(line, delimiter)) for line in lines if delimiter in line)
    return max(((times * (width - 1), width) for width, times in widths.items()), default=(0, 1))


def _record_width(lines: list[str], delimiter: str, line_width: int) -> int:
    """The width of records over several lines, when nearly all agree on one that is more than a line's."""
    with suppress(csv.Error):
        widths = Counter(map(len, csv.reader(lines, delimiter=delimiter)))
        width, times = widths.most_common(1)[0]
        if times >= 0.9 * widths.total():
            return max(width, line_width)
    return line_width


def _split_line(line: str, delimiter: str, width: int = 0) -> list[str]:
    """The cells of one line by the rules of CSV, or plainly split when its quotes make no sense.

    A quote left open at the line's end makes sense only when it gives `width` cells.
    """
    if '"' not in line:
        return line.rstrip("\n").split(delimiter)
    with suppress(csv.Error):
        cells, *rest = csv.reader((line.rstrip("\n") + "\n", _END), delimiter=delimiter)
        if rest:
            return cells
        cells[-1] = cells[-1].rstrip("\n")
        if len(cells) == width:
            return cells
    return line.rstrip("\n").split(delimiter)


@dataclass(slots=True)
class _Taken:
    """Rows taken apart and not yet given on."""

    parts: list[Sequence[Sequence[str]]] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    faults: list[tuple[int, str]] = field(default_factory=list)

    def add(self, rows: Sequence[Sequence[str]], numbers: Sequence[int]) -> None:
        """Take more rows."""
        if rows:
            self.parts.append(rows)
            self.numbers += numbers

    def split(self, count: int) -> RowBatch:
        """Give the first `count` rows, and the faults up to them."""
        rows = joined(self.parts)
        batch_rows, self.parts = rows[:count], [rows[count:]] if len(rows) > count else []
        batch_numbers, self.numbers = self.numbers[:count], self.numbers[count:]
        until = self.numbers[0] if self.numbers else None
        now = [fault for fault in self.faults if until is None or fault[0] < until]
        self.faults = self.faults[len(now) :]
        return RowBatch(rows=batch_rows, numbers=batch_numbers, faults=now)


class _Table:
    """Takes blocks of text apart into rows; remembers a quoted record that a block leaves open."""

    def __init__(self, layout: Layout, limits: ReadLimits) -> None:
        self._delimiter = layout.delimiter
        self._width = layout.width
        self.limits = limits
        self._open = ""
        self._open_line = 0
        self._stray_quotes = 0
        self.taken = _Taken()

    def take(self, block: Block) -> None:
        """Add the rows of the next block."""
        taken = self.taken
        plain = None
        if not self._open:
            plain = split_plain(block.utf8, block.lines, self._delimiter, self._width, self.limits.cell_chars)
        if plain is not None:
            taken.add(plain, range(block.first_line, block.first_line + len(plain)))
        else:
            self._take_text(block.text, block.first_line)
        if block.faults:
            taken.faults = sorted(taken.faults + block.faults)

    def _take_text(self, text: str, first_line: int) -> None:
        if '"' in text or self._open:
            if self._open:
                text, first_line = self._open + text, self._open_line
                self._open = ""
            self._take_quoted(list(io.StringIO(text, newline="\n")), first_line, is_last=False)
        else:
            lines = text.split("\n")
            lines.pop()
            delimiter = self._delimiter
            self._add([line.split(delimiter) for line in lines], first_line, longest=max(map(len, lines)))

    def finish(self) -> None:
        """Take apart what the last block left open."""
        text, self._open = self._open, ""
        if text:
            self._take_quoted(list(io.StringIO(text, newline="\n")), self._open_line, is_last=True)

    def _take_quoted(self, lines: list[str], first_line: int, *, is_last: bool) -> None:
        if self._stray_quotes >= _STRAY_QUOTES:
            self._add(
                [_split_line(line, self._delimiter, self._width) for line in lines],
                first_line,
                longest=max(map(len, lines)),
            )
            return
        rows = self._simple_records(lines)
        if rows is not None:
            self._add(rows, first_line, longest=max(map(len, lines)))
            return
        at = 0
        while at < len(lines) and self._stray_quotes < _STRAY_QUOTES:
            at = self._take_records(lines, at, first_line, is_last=is_last)
        rest = [_split_line(line, self._delimiter, self._width) for line in lines[at:]]
        self._add(rows=rest, first_line=first_line + at, longest=max(map(len, lines)))

    def _simple_records(self, lines: list[str]) -> list[list[str]] | None:
        """The records when each is one line and none is left open, else None."""
        try:
            rows = list(csv.reader(chain(lines, (_END,)), delimiter=self._delimiter))
        except csv.Error:
            return None
        return rows[:-1] if len(rows) == len(lines) + 1 else None

    def _take_records(self, lines: list[str], at: int, first_line: int, *, is_last: bool) -> int:
        """Take records from line `at` until one runs away (its first line then stands alone); the line reached."""
        start = at
        reader = csv.reader(chain(islice(lines, at, None), (_END,)), delimiter=self._delimiter)
        while start < len(lines):
            try:
                row = next(reader)
            except csv.Error:
                break
            stop = at + reader.line_num
            is_open = stop > len(lines)
            record = lines[start:stop]
            if len(record) > 1 or is_open:
                if self._runs_away(record) or (is_open and is_last):
                    break
                if is_open:
                    self._open, self._open_line = "".join(record), first_line + start
                    return len(lines)
            self._add([row], first_line + start, longest=sum(map(len, record)))
            start = stop
        else:
            return len(lines)
        self._stray_quotes += 1
        self._add(
            [_split_line(lines[start], self._delimiter, self._width)], first_line + start, longest=len(lines[start])
        )
        return start + 1

    def _runs_away(self, record: list[str]) -> bool:
        """Whether a record over several lines swallowed others: two of its lines are as wide as whole records."""
        if len(record) > self.limits.record_lines or sum(map(len, record)) > csv.field_size_limit():
            return True
        whole = sum(line.count(self._delimiter) >= self._width - 1 for line in record)
        return self._width > 2 and whole > 1

    def _add(self, rows: list[list[str]], first_line: int, *, longest: int) -> None:
        """Add rows of consecutive lines (one row of several lines alone), blank lines and oversized rows apart."""
        taken, limits = self.taken, self.limits
        numbers: list[int] | range = range(first_line, first_line + len(rows))
        if [] in rows or [""] in rows:
            kept = [(row, number) for row, number in zip(rows, numbers, strict=True) if row and row != [""]]
            rows, numbers = [row for row, _ in kept], [number for _, number in kept]
        if longest > min(limits.cell_chars, limits.columns):
            rows, numbers = self._within_limits(rows, numbers)
        taken.add(rows, numbers)

    def _within_limits(
        self, rows: list[list[str]], numbers: list[int] | range
    ) -> tuple[list[list[str]], list[int] | range]:
        kept_rows, kept_numbers = [], []
        for row, number in zip(rows, numbers, strict=True):
            if len(row) > self.limits.columns:
                self.taken.faults.append((number, "too_many_columns"))
            elif max(map(len, row)) > self.limits.cell_chars:
                self.taken.faults.append((number, "too_long"))
            else:
                kept_rows.append(row)
                kept_numbers.append(number)
        return kept_rows, kept_numbers


def _batches(
    table: _Table, stream: Iterator[Block], leaf: Leaf, report: Report, oddities: Oddities
) -> Iterator[RowBatch]:
    taken, limits, given = table.taken, table.limits, 0
    for block in stream:
        table.take(block)
        while len(taken.numbers) >= ROWS_PER_BATCH or len(taken.faults) >= ROWS_PER_BATCH:
            given += ROWS_PER_BATCH
            yield taken.split(ROWS_PER_BATCH)
        if given >= limits.rows:
            report(Fault(code="files.too_many_rows", place=leaf.path_in_package, fields={"limit": limits.rows}))
            return
    table.finish()
    if taken.numbers or taken.faults:
        yield taken.split(len(taken.numbers))
    for code, (lines, first) in oddities.found.items():
        fields = {"rows": lines, "first": first}
        report(Fault(code=f"files.{code}", place=leaf.path_in_package, fields=fields, lost=False))
