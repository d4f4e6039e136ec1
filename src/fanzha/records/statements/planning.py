"""How a sheet is to be read: its header found, its columns recognised, its sender's conventions decided."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from fanzha.kernel.errors import Invalid
from fanzha.kernel.identifiers.text import tidy
from fanzha.records.statements.conventions import decide_conventions
from fanzha.records.statements.drafting import DraftFormat, draft
from fanzha.records.statements.finding import (
    HEADER_WITHIN_ROWS,
    Found,
    find_header,
    find_unread_statement,
    fit_mapping,
    is_prose,
    looks_like_header,
)
from fanzha.records.statements.formats import Format, FormatBook
from fanzha.records.statements.plan import Conventions, OwnAccount, SheetPlan, Told, told_by
from fanzha.records.statements.preamble import own_from_path, read_preamble, with_prefix
from fanzha.records.statements.row_kinds import sort_rows
from fanzha.records.statements.sheet import RowBatch
from fanzha.records.statements.table import Table

SAMPLE_ROWS = 20_000
"""Conventions are decided on this many rows of the first batch."""


def plan_sheet(first: RowBatch, *, path: str, book: FormatBook, mapping: Format | None = None) -> SheetPlan:
    """How the sheet that begins with `first` is read, by the book's best format or by a confirmed `mapping`.

    `Invalid`: `statements.unrecognised_columns` with the headers when no format fits, `statements.no_header` when no
    row looks like headers (a mapping is needed), `statements.empty_sheet`.
    """
    found = _without_header(first, book, mapping) or find_header(first, book, mapping)
    if found is None and mapping is None and is_prose(first):
        return _prose_plan(first, path, book)
    if found is None:
        raise _unrecognised(first, path, book)
    if mapping is None and (unread := find_unread_statement(first, found, book)):
        raise _unknown_columns(unread, path)
    at, fit = found.last, found.fit
    own = read_preamble(first.rows[: max(found.first, 0)], book.words)
    if fit.format.own_account:
        own = replace(own, card="", account=fit.format.own_account)
    own = own or replace(own_from_path(path), name=own.name, id_number=own.id_number, currency=own.currency)
    plan = SheetPlan(
        path=path,
        book=book,
        format=fit.format,
        certainty=round(fit.score, 3),
        header_number=first.numbers[at] if at >= 0 else 0,
        header=found.names,
        header_rows=found.last - found.first + 1,
        columns=fit.columns,
        conventions=Conventions(told=told_by(fit.columns)),
        own=with_prefix(own, fit.format.own_prefix),
    )
    plan = replace(plan, above=_table_above(plan, found, first))
    sample = RowBatch(rows=first.rows[: at + SAMPLE_ROWS], numbers=first.numbers[: at + SAMPLE_ROWS])
    blocks = [block for block in sort_rows(plan, sample).blocks if block.rows and block.plan.format is fit.format]
    if not blocks or fit.format.kind != "transactions":
        return plan
    table = Table(plan, blocks[0], ends_batch=False)
    conventions, notes = decide_conventions(table)
    return replace(plan, conventions=conventions, notes=notes)


def _table_above(plan: SheetPlan, found: Found, first: RowBatch) -> SheetPlan | None:
    """How the table over a statement is read; None where it is the statement's head, which tells whose that is."""
    above = found.above
    if above is None or above.fit.format.kind == "transactions" or (plan.own and not plan.names_own):
        return None
    return replace(
        plan,
        format=above.fit.format,
        header=above.names,
        header_number=first.numbers[above.last],
        header_rows=above.last - above.first + 1,
        columns=above.fit.columns,
        conventions=Conventions(told=told_by(above.fit.columns)),
        own=OwnAccount(),
    )


def _prose_plan(first: RowBatch, path: str, book: FormatBook) -> SheetPlan:
    """A sheet of sentences (`说明`): all of it stands above a header that never comes."""
    return SheetPlan(
        path=path,
        book=book,
        format=Format(
            id="prose", version=1, kind="other", needs=(), without=frozenset(), telling=frozenset(), headers={}
        ),
        certainty=1.0,
        header_number=first.numbers[-1] + 1,
        header=(),
        columns=(),
        conventions=Conventions(told=Told.SIGN),
        own=OwnAccount(),
        notes=("not_a_statement",),
    )


def draft_format(first: RowBatch, *, path: str, book: FormatBook) -> DraftFormat:
    """The mapping file to confirm for the sheet at `path`: a field for each column, with how sure and why."""
    return draft(first, book, _header_like(first, book), name=path)


def _header_like(first: RowBatch, book: FormatBook) -> int | None:
    """The row of names that knows most of a statement, the first of equals."""
    rows = enumerate(first.rows[:HEADER_WITHIN_ROWS])
    named = {at: book.statement_names(row) for at, row in rows if looks_like_header(row)}
    return max(named, key=lambda at: (named[at], -at), default=None)


def _without_header(first: RowBatch, book: FormatBook, mapping: Format | None) -> Found | None:
    """A confirmed mapping of columns by their place, for a sheet that begins with data."""
    if mapping is None or not mapping.headerless:
        return None
    names = _places(first)
    fit = fit_mapping(mapping, names, book)
    return Found(first=-1, last=-1, names=tuple(names), fit=fit) if fit else None


def _places(first: RowBatch) -> list[str]:
    width = max(map(len, first.rows[:SAMPLE_ROWS]), default=0)
    return [str(place + 1) for place in range(width)]


def _unrecognised(first: RowBatch, path: str, book: FormatBook) -> Invalid:
    rows = [row for row in first.rows[:HEADER_WITHIN_ROWS] if any(cell.strip() for cell in row)]
    if not rows:
        return Invalid("statements.empty_sheet", place=path)
    header = _header_like(first, book)
    return (
        _unknown_columns(first.rows[header], path)
        if header is not None
        else Invalid("statements.no_header", place=path)
    )


def _unknown_columns(header: Sequence[str], path: str) -> Invalid:
    return Invalid(
        "statements.unrecognised_columns",
        place=path,
        headers=", ".join(tidy(cell)[:20] for cell in header[:40] if cell.strip()),
    )
