"""Where the header of a sheet lies: one row of names, or two where cells were merged."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest

from fanzha.kernel.identifiers.text import tidy
from fanzha.records.statements.formats import GUESSED, Fit, Format, FormatBook, fit_of
from fanzha.records.statements.headers import read_header
from fanzha.records.statements.sheet import RowBatch

HEADER_WITHIN_ROWS = 200
"""A header is looked for this far down."""
STATEMENT_WITHIN_ROWS = 2000
"""A statement is looked for this far below another table's header."""
SURE_ENOUGH = 0.5
"""The share of headers a format must understand to be believed at once."""
BARELY = 0.25
"""Below this share no format fits."""
_LONGEST_PROSE = 100
_FEW_NAMES = 3
_TIMES, _MONEY = frozenset({"time", "date"}), frozenset({"amount", "debit", "credit"})
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
    above: Found | None = None


def find_header(first: RowBatch, book: FormatBook, mapping: Format | None) -> Found | None:
    """The first row that a format surely understands, else the best understood; two rows where cells were merged.

    A statement's head may itself be a small table: where a header below surely is a statement's, that one is found,
    and `above` is the table over it.
    """
    best: Found | None = None
    for at in range(min(len(first.rows), HEADER_WITHIN_ROWS)):
        found = _header_at(at, first, book, mapping)
        if found is None:
            continue
        if found.fit.score >= SURE_ENOUGH:
            best = found
            break
        if best is None or found.fit.rank > best.fit.rank:
            best = found
    if best is None or mapping is not None or _is_statement(best.fit):
        return best
    return _statement_below(first, best, book) or best


def find_unread_statement(first: RowBatch, found: Found, book: FormatBook) -> Sequence[str] | None:
    """A row below another table's header that names columns of a statement, though no format understands it."""
    if found.fit.format.kind == "transactions":
        return None
    below = first.rows[found.last + 1 : found.last + 1 + STATEMENT_WITHIN_ROWS]
    return next((row for row in below if looks_like_header(row) and _is_like_a_statement(row, book)), None)


def _is_like_a_statement(row: Sequence[str], book: FormatBook) -> bool:
    known = book.statement_names(row)
    return known >= _FEW_NAMES and known * 2 >= sum(bool(cell.strip()) for cell in row)


def _header_at(at: int, first: RowBatch, book: FormatBook, mapping: Format | None) -> Found | None:
    """How row `at` is read as a header, alone or with the row below it; None when hardly anything is understood."""
    row = first.rows[at]
    if not names_columns(row):
        return None
    found = _read(at, at, row, book, mapping)
    if at + 1 < len(first.rows) and looks_like_header(first.rows[at + 1]):
        merged = _read(at, at + 1, merge(row, first.rows[at + 1]), book, mapping)
        if merged and (found is None or len(merged.fit.columns) > len(found.fit.columns)):
            found = merged
    return found if found and found.fit.score >= BARELY else None


def _is_statement(fit: Fit) -> bool:
    """Whether time and money stand under names that a format spells out, so that the rows are transactions."""
    spelled = {each.field for each in fit.columns if each.status != GUESSED}
    return fit.format.kind == "transactions" and bool(spelled & _TIMES) and bool(spelled & _MONEY)


def _statement_below(first: RowBatch, above: Found, book: FormatBook) -> Found | None:
    start = above.last + 1
    for at, row in enumerate(first.rows[start : start + STATEMENT_WITHIN_ROWS], start):
        found = _header_at(at, first, book, None) if looks_like_header(row) else None
        if found and _is_statement(found.fit) and found.fit.score >= SURE_ENOUGH:
            return replace(found, above=above)
    return None


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
