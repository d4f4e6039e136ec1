"""Clean rows of several blocks as one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from fanzha.records.statements.cleaning import RawColumns
from fanzha.records.statements.columns import only, silent
from fanzha.records.statements.rows import ABSENT, CODED_COLUMNS, NUMBER_COLUMNS, Coded, Source, StatementRows

_TYPES = {
    "row": np.int32, "side": np.int8, "at_us": np.int64, "precision": np.int8, "amount_fen": np.int64,
    "balance_fen": np.int64, "other_balance_fen": np.int64, "flags": np.uint16,
}  # fmt: skip


def empty_rows(source: Source) -> StatementRows:
    """No rows of a source."""
    numbers: dict[str, Any] = {name: np.empty(0, kind) for name, kind in _TYPES.items()}
    texts: dict[str, Any] = {name: silent(0) for name in CODED_COLUMNS}
    return StatementRows(sources=(source,), source=np.empty(0, np.int32), **numbers, **texts)


def join_rows(parts: Sequence[StatementRows], source: Source) -> StatementRows:
    """All rows of parts of one source, in order."""
    if len(parts) <= 1:
        return parts[0] if parts else empty_rows(source)
    numbers: dict[str, Any] = {name: np.concatenate([getattr(part, name) for part in parts]) for name in NUMBER_COLUMNS}
    texts: dict[str, Any] = {name: join_coded([getattr(part, name) for part in parts]) for name in CODED_COLUMNS}
    return StatementRows(sources=(source,), source=np.concatenate([part.source for part in parts]), **numbers, **texts)


def join_coded(parts: Sequence[Coded]) -> Coded:
    """One column of several, with one set of values in order of first appearance; the first's codes stay."""
    index = {value: code for code, value in enumerate(parts[0].values)}
    codes = [parts[0].codes]
    for part in parts[1:]:
        if not part.values:  # it tells nothing
            codes.append(part.codes)
            continue
        places = np.array([*(index.setdefault(value, len(index)) for value in part.values), ABSENT], np.int32)
        codes.append(places[part.codes])
    return Coded(np.concatenate(codes), tuple(index))


def merge_rows(parts: Sequence[StatementRows]) -> StatementRows:
    """The rows of parts of different sources as one, in (source, row) order.

    Texts are coded in the order of the parts, not of first appearance, so that a case's rows grow by one more answer
    without being sorted out anew. Currencies alone are coded as files read together are: movements keep their codes.
    """
    sources = [source for part in parts for source in part.sources]
    ranked = sorted(range(len(sources)), key=lambda at: (sources[at].key, sources[at].import_id))
    rank = np.empty(len(sources), np.int32)
    rank[ranked] = np.arange(len(sources), dtype=np.int32)
    before = np.cumsum([0, *(len(part.sources) for part in parts)])
    source = rank[np.concatenate([part.source + first for part, first in zip(parts, before, strict=False)])]
    numbers: dict[str, Any] = {name: np.concatenate([getattr(part, name) for part in parts]) for name in NUMBER_COLUMNS}
    order = np.argsort(source.astype(np.int64) << 32 | numbers["row"], kind="stable")
    texts: dict[str, Any] = {}
    for name in CODED_COLUMNS:
        column = join_coded([getattr(part, name) for part in parts])
        texts[name] = Coded(column.codes[order], column.values)
    texts["currency"] = only(texts["currency"], np.ones(len(order), np.bool_))
    return StatementRows(
        sources=tuple(sources[at] for at in ranked),
        source=source[order],
        **{name: column[order] for name, column in numbers.items()},
        **texts,
    )


def join_raw(parts: Sequence[RawColumns], header: tuple[str, ...], faults: Sequence[tuple[int, str]]) -> RawColumns:
    """Data rows of several blocks under the union of their headers, in order; rows the reader lost have no cells."""
    if faults:
        return _in_order(join_raw([*parts, _without_cells(header, faults)], header, []))
    if len(parts) <= 1:
        return parts[0] if parts else RawColumns(header=header, row=[], reason=[], columns=[[] for _ in header])
    names = list(dict.fromkeys(name for part in parts for name in _numbered(part.header)))
    columns: dict[tuple[str, int], list[str]] = {name: [] for name in names}
    for part in parts:
        told = dict(zip(_numbered(part.header), part.columns, strict=True))
        for name in names:
            columns[name].extend(told[name] if name in told else [""] * len(part.row))
    return RawColumns(
        header=tuple(name for name, _ in names),
        row=[row for part in parts for row in part.row],
        reason=[reason for part in parts for reason in part.reason],
        columns=list(columns.values()),
    )


def _in_order(raw: RawColumns) -> RawColumns:
    order = sorted(range(len(raw.row)), key=raw.row.__getitem__)
    return RawColumns(
        header=raw.header,
        row=[raw.row[at] for at in order],
        reason=[raw.reason[at] for at in order],
        columns=[[column[at] for at in order] for column in raw.columns],
    )


def _without_cells(header: tuple[str, ...], faults: Sequence[tuple[int, str]]) -> RawColumns:
    return RawColumns(
        header=header,
        row=[row for row, _ in faults],
        reason=[why for _, why in faults],
        columns=[[""] * len(faults) for _ in header],
    )


def _numbered(header: Sequence[str]) -> list[tuple[str, int]]:
    """Each name with how often it stood before, so that columns of the same name stay apart."""
    seen: dict[str, int] = {}
    found = []
    for name in header:
        seen[name] = seen.get(name, -1) + 1
        found.append((name, seen[name]))
    return found
