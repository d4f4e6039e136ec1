"""How a sheet is to be read: its header found, its columns recognised, its sender's conventions decided."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from fanzha.kernel.errors import Invalid
from fanzha.kernel.identifiers.text import tidy
from fanzha.records.statements.conventions import decide_conventions
from fanzha.records.statements.drafting import DraftFormat, draft
from fanzha.records.statements.formats import Fit, Format, FormatBook, fit_of
from fanzha.records.statements.headers import read_header
from fanzha.records.statements.plan import Conventions, SheetPlan, told_by
from fanzha.records.statements.preamble import own_from_path, read_preamble
from fanzha.records.statements.row_kinds import sort_rows
from fanzha.records.statements.sheet import RowBatch
from fanzha.records.statements.table import Table

HEADER_WITHIN_ROWS = 200
"""A header is looked for this far down."""
SAMPLE_ROWS = 20_000
"""Conventions are decided on this many rows of the first batch."""
SURE_ENOUGH = 0.5
"""The share of headers a format must understand to be believed at once."""
_LONG_NUMBER = re.compile(r"\d{5}|\d{4}\D{1,2}\d")
BARELY = 0.25
"""Below this share no format fits."""


def plan_sheet(first: RowBatch, *, path: str, book: FormatBook, mapping: Format | None = None) -> SheetPlan:
    """How the sheet that begins with `first` is read, by the book's best format or by a confirmed `mapping`.

    `Invalid`: `statements.unrecognised_columns` with the headers when no format fits, `statements.no_header` when no
    row looks like headers (a mapping is needed), `statements.empty_sheet`.
    """
    found = _without_header(first, book, mapping) or _find_header(first, book, mapping)
    if found is None:
        raise _unrecognised(first, path)
    at, fit = found
    own = read_preamble(first.rows[: max(at, 0)], book.words)
    plan = SheetPlan(
        path=path,
        book=book,
        format=fit.format,
        certainty=round(fit.score, 3),
        header_number=first.numbers[at] if at >= 0 else 0,
        header=tuple(first.rows[at] if at >= 0 else _places(first)),
        columns=fit.columns,
        conventions=Conventions(told=told_by(fit.columns)),
        own=own or replace(own_from_path(path), name=own.name, id_number=own.id_number, currency=own.currency),
    )
    sample = RowBatch(rows=first.rows[: at + SAMPLE_ROWS], numbers=first.numbers[: at + SAMPLE_ROWS])
    blocks = [block for block in sort_rows(plan, sample).blocks if block.rows]
    if not blocks or fit.format.kind != "transactions":
        return plan
    table = Table(plan, blocks[0], ends_batch=False)
    conventions, notes = decide_conventions(table)
    return replace(plan, conventions=conventions, notes=notes)


def draft_format(first: RowBatch, *, path: str, book: FormatBook) -> DraftFormat:
    """The mapping file to confirm for the sheet at `path`: a field for each column, with how sure and why."""
    return draft(first, book, _header_like(first), name=path)


def _header_like(first: RowBatch) -> int | None:
    rows = first.rows[:HEADER_WITHIN_ROWS]
    return next((at for at, row in enumerate(rows) if looks_like_header(row)), None)


def _without_header(first: RowBatch, book: FormatBook, mapping: Format | None) -> tuple[int, Fit] | None:
    """A confirmed mapping of columns by their place, for a sheet that begins with data."""
    if mapping is None or not mapping.headerless:
        return None
    fit = _fit_mapping(mapping, _places(first), book)
    return (-1, fit) if fit else None


def _places(first: RowBatch) -> list[str]:
    width = max(map(len, first.rows[:SAMPLE_ROWS]), default=0)
    return [str(place + 1) for place in range(width)]


def _find_header(first: RowBatch, book: FormatBook, mapping: Format | None) -> tuple[int, Fit] | None:
    """The first row that a format surely understands, else the row understood best."""
    best: tuple[int, Fit] | None = None
    for at, row in enumerate(first.rows[:HEADER_WITHIN_ROWS]):
        if not names_columns(row):
            continue
        fit = book.best_fit(row) if mapping is None else _fit_mapping(mapping, row, book)
        if fit is None or fit.score < BARELY:
            continue
        if fit.score >= SURE_ENOUGH:
            return at, fit
        if best is None or fit.rank > best[1].rank:
            best = at, fit
    return best


def _fit_mapping(mapping: Format, row: Sequence[str], book: FormatBook) -> Fit | None:
    return fit_of(mapping, row, [read_header(cell, book.words) for cell in row], book.words)


def _unrecognised(first: RowBatch, path: str) -> Invalid:
    rows = [row for row in first.rows[:HEADER_WITHIN_ROWS] if any(cell.strip() for cell in row)]
    if not rows:
        return Invalid("statements.empty_sheet", place=path)
    header = next((row for row in rows if looks_like_header(row)), None)
    if header is None:
        return Invalid("statements.no_header", place=path)
    return Invalid(
        "statements.unrecognised_columns",
        place=path,
        headers=", ".join(tidy(cell)[:20] for cell in header[:40] if cell.strip()),
    )


def names_columns(row: Sequence[str]) -> bool:
    """Whether a row could be headers at all: at least two cells, and no long number in them."""
    return sum(bool(cell.strip()) for cell in row) >= 2 and not any(map(_LONG_NUMBER.search, row))


def looks_like_header(row: Sequence[str]) -> bool:
    """Whether a row's cells are names of columns: several, different, and hardly a digit among them."""
    told = [tidy(cell) for cell in row if cell.strip()]
    digits = sum(sum(each.isdigit() for each in cell) >= 3 for cell in told)
    return len(told) >= 2 and len(set(told)) * 10 >= len(told) * 8 and digits == 0 and max(map(len, told)) <= 40
