"""Where the header of a sheet lies: one row of names, or two where cells were merged."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest

from fanzha.kernel.identifiers.text import tidy
from fanzha.records.statements.formats import Fit, Format, FormatBook, fit_of
from fanzha.records.statements.headers import read_header
from fanzha.records.statements.sheet import RowBatch

HEADER_WITHIN_ROWS = 200
"""A header is looked for this far down."""
SURE_ENOUGH = 0.5
"""The share of headers a format must understand to be believed at once."""
BARELY = 0.25
"""Below this share no format fits."""
_LONGEST_PROSE = 100
_COLUMN_BREAK = re.compile(r"[,;|\t]|\s{2,}")
_FEW_PIECES = 3
_LONG_NUMBER = re.compile(r"\d{5}|\d{4}\D{1,2}\d")


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A header from row `first` to row `last` (places in the batch, −1 for none), its names, and how they are read."""

    first: int
    last: int
    names: tuple[str, ...]
    fit: Fit


def find_header(first: RowBatch, book: FormatBook, mapping: Format | None) -> Found | None:
    """The first row that a format surely understands, else the best understood; two rows where cells were merged."""
    best: Found | None = None
    rows = first.rows[:HEADER_WITHIN_ROWS]
    for at, row in enumerate(rows):
        if not names_columns(row):
            continue
        found = _read(at, at, row, book, mapping)
        if at + 1 < len(rows) and looks_like_header(rows[at + 1]):
            merged = _read(at, at + 1, merge(row, rows[at + 1]), book, mapping)
            if merged and (found is None or len(merged.fit.columns) > len(found.fit.columns)):
                found = merged
        if found is None or found.fit.score < BARELY:
            continue
        if found.fit.score >= SURE_ENOUGH:
            return found
        if best is None or found.fit.rank > best.fit.rank:
            best = found
    return best


def _read(first: int, last: int, names: Sequence[str], book: FormatBook, mapping: Format | None) -> Found | None:
    fit = book.best_fit(names) if mapping is None else fit_mapping(mapping, names, book)
    return Found(first=first, last=last, names=tuple(names), fit=fit) if fit else None


def fit_mapping(mapping: Format, row: Sequence[str], book: FormatBook) -> Fit | None:
    """How a confirmed mapping reads a row of names."""
    return fit_of(mapping, row, [read_header(cell, book.words) for cell in row], book.words)


def merge(above: Sequence[str], below: Sequence[str]) -> list[str]:
    """Two rows of names as one: a name that spans several columns stands before each name below it."""
    names: list[str] = []
    spanning = ""
    for upper, lower in zip_longest(above, below, fillvalue=""):
        if upper.strip():
            spanning = upper.strip()
        elif not lower.strip():
            spanning = ""
        lower = lower.strip()
        names.append(upper.strip() if not lower or lower == upper.strip() else spanning + lower)
    return names


def names_columns(row: Sequence[str]) -> bool:
    """Whether a row could be headers at all: at least two cells, and no long number in them."""
    return sum(bool(cell.strip()) for cell in row) >= 2 and not any(map(_LONG_NUMBER.search, row))


def looks_like_header(row: Sequence[str]) -> bool:
    """Whether a row's cells are names of columns: several, different, and hardly a digit among them."""
    told = [tidy(cell) for cell in row if cell.strip()]
    digits = sum(sum(each.isdigit() for each in cell) >= 3 for cell in told)
    return len(told) >= 2 and len(set(told)) * 10 >= len(told) * 8 and digits == 0 and max(map(len, told)) <= 40


def is_prose(first: RowBatch) -> bool:
    """Whether a short sheet is sentences, not a table: one cell a row, in words, and no columns of figures in it."""
    rows = [[cell for cell in map(tidy, row) if cell] for row in first.rows]
    told = [row[0] for row in rows if len(row) == 1]
    if not told or len(rows) > _LONGEST_PROSE or any(len(row) > 1 for row in rows):
        return False
    figures = sum(sum(each.isdigit() or each in ".,:-/|\t" for each in text) * 2 > len(text) for text in told)
    tabular = sum(len(_COLUMN_BREAK.split(text)) > _FEW_PIECES for text in told)
    return not figures and not tabular and sum(not text.isascii() for text in told) * 2 > len(told)
