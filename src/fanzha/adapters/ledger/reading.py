"""Reading the rows of imports: clean rows of many at once, and any single row as it lay."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from fanzha.adapters.ledger.layout import (
    CELL_NAMES,
    CODED_NAMES,
    MAY_BE_UNTOLD,
    MORE,
    NUMBER_TYPES,
    SCHEMA,
    Contents,
    contents_of,
)
from fanzha.adapters.ledger.results import SMALL_BYTES
from fanzha.adapters.ledger.sealed import open_sealed
from fanzha.kernel.errors import NotFound
from fanzha.records.statements.columns import silent
from fanzha.records.statements.rows import ABSENT, CODED_COLUMNS, UNKNOWN_FEN, Coded, Source, StatementRows


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedImport:
    """Where the rows of one import lie and what opens them."""

    path: Path
    key: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One data row as it lay: its place, what became of it, and every cell beside its header.

    `reason` and `column` (as its header reads) say why it was rejected; both are empty for accepted rows.
    """

    source: Source
    row: int
    reason: str
    column: str
    cells: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected:
    """A data row that was not accepted: where it lies, which column (as its header reads) and why."""

    source: Source
    row: int
    column: str
    reason: str


ROWS_AT_ONCE = 2_000
"""Files of so few rows are read at once: taking each column by itself costs more than all of them."""


@contextmanager
def _opened(sealed: SealedImport) -> Iterator[tuple[pq.ParquetFile, Contents]]:
    with open_sealed(sealed.path, sealed.key) as source:
        whole = pa.BufferReader(source.read()) if source.size() <= SMALL_BYTES else pa.PythonFile(source, "r")
        file = pq.ParquetFile(whole, read_dictionary=list(CODED_NAMES))
        yield file, contents_of(file.metadata.metadata)


def read_rows(imports: Sequence[SealedImport]) -> StatementRows:
    """The accepted rows of all the imports, ordered by source key, then row, whatever the order of `imports`."""
    with ExitStack() as stack:
        opened = [stack.enter_context(_opened(each)) for each in imports]
        accepted = [_accepted(file) for file, _ in opened]
        sources = [source for _, contents in opened for source in contents.sources]
        before = [0, *accumulate(len(contents.sources) for _, contents in opened)]
        ranked = sorted(range(len(sources)), key=lambda index: (sources[index].key, sources[index].import_id))
        rank = np.empty(len(sources), np.int32)
        rank[ranked] = np.arange(len(sources), dtype=np.int32)
        numbered = [_column([each], "source").to_numpy() + first for each, first in zip(accepted, before, strict=False)]
        source = rank[np.concatenate([np.empty(0, np.int32), *numbered])]
        row = _column(accepted, "row").to_numpy()
        order = _order(source, row)
        clean: dict[str, Any] = {name: _number(_column(accepted, name), name)[order] for name in NUMBER_TYPES}
        clean |= {name: _coded(_column(accepted, name), order) for name in CODED_COLUMNS}
    in_order = tuple(sources[index] for index in ranked)
    return StatementRows(sources=in_order, source=source[order], row=row[order], **clean)


def _accepted(file: pq.ParquetFile) -> Callable[[str], pa.ChunkedArray]:
    """Reads columns of the accepted rows of a file: of a small one, which an answer is, all at once."""
    if file.metadata.num_rows <= ROWS_AT_ONCE:
        whole = file.read(columns=[*NUMBER_TYPES, *CODED_COLUMNS, "source", "row"], use_threads=False)
        return whole.filter(pc.is_valid(whole["side"])).column  # type: ignore[no-any-return]  # pyarrow has no types
    accepted = pc.is_valid(file.read(columns=["side"])["side"])

    def column(name: str) -> pa.ChunkedArray:
        told = file.read(columns=[name])[name]
        return told if pc.all(accepted).as_py() else told.filter(accepted)

    return column


def _column(files: Sequence[Callable[[str], pa.ChunkedArray]], name: str) -> pa.ChunkedArray:
    """One column of the accepted rows of all files, so that memory holds the answer and one column of large ones."""
    chunks = [chunk for read in files for chunk in read(name).chunks]
    return pa.chunked_array(chunks, type=SCHEMA.field(name).type)


def _order(source: NDArray[np.int32], row: NDArray[np.int32]) -> NDArray[np.intp]:
    """Indexes in (source, row) order; most often the rows lie so already."""
    place = source.astype(np.int64) << 32 | row
    return np.arange(len(place)) if np.all(place[1:] > place[:-1]) else np.argsort(place, kind="stable")


def _number(column: pa.ChunkedArray, name: str) -> NDArray[Any]:
    numbers: NDArray[Any] = (column.fill_null(UNKNOWN_FEN) if name in MAY_BE_UNTOLD else column).to_numpy()
    return numbers


def _coded(column: pa.ChunkedArray, order: NDArray[np.intp]) -> Coded:
    """Codes anew, so that values stand in order of first appearance and none is unused."""
    whole = column.unify_dictionaries().combine_chunks()
    if not len(whole.dictionary):
        return silent(len(order))
    codes = whole.indices.fill_null(ABSENT).to_numpy()[order]
    told = codes[codes != ABSENT]
    first = np.full(len(whole.dictionary), len(told), np.int32)
    first[told[::-1]] = np.arange(
        len(told) - 1, -1, -1, dtype=np.int32
    )  # of repeated places the last assignment stands
    values = np.argsort(first, kind="stable")[: int(np.count_nonzero(first < len(told)))]
    anew = np.full(len(first) + 1, ABSENT, np.int32)
    anew[values] = np.arange(len(values), dtype=np.int32)
    texts = whole.dictionary.take(pa.array(values)).to_numpy(zero_copy_only=False)
    return Coded(codes=anew[codes], values=tuple(texts))


def read_rejections(sealed: SealedImport, *, offset: int, limit: int) -> tuple[int, list[Rejected]]:
    """How many rows were rejected, and a page of them in file order."""
    with _opened(sealed) as (file, contents):
        table = file.read(columns=["source", "row", "column", "reason"])
    table = table.filter(pc.not_equal(table["reason"].cast(pa.string()), ""))
    page = [
        Rejected(source=contents.sources[each["source"]], row=each["row"], column=each["column"], reason=each["reason"])
        for each in table.slice(offset, limit).to_pylist()
    ]
    return len(table), page


def read_evidence(sealed: SealedImport, places: Sequence[tuple[str, int]]) -> list[Evidence]:
    """The rows at the places (source key, row) as they lay, in the order asked; `NotFound` when one is not there."""
    with _opened(sealed) as (file, contents):
        number = {source.key: index for index, source in enumerate(contents.sources)}
        wanted = [(number.get(key, ABSENT), row) for key, row in places]
        found: dict[tuple[int, int], Evidence] = {}
        for group, at in _located(file, set(wanted)).items():
            for each in file.read_row_group(group, columns=_EVIDENCE).take(at).to_pylist():
                found[each["source"], each["row"]] = _evidence(each, contents)
    for place, asked in zip(wanted, places, strict=True):
        if place not in found:
            raise NotFound("ledger.no_such_row", row=asked[1])
    return [found[place] for place in wanted]


_EVIDENCE = ["source", "row", "header", "reason", "column", *CELL_NAMES, MORE]


def _located(file: pq.ParquetFile, wanted: set[tuple[int, int]]) -> dict[int, list[int]]:
    """Row group → indexes in it, of the wanted (source number, row) that the file holds."""
    found: dict[int, list[int]] = defaultdict(list)
    places = np.array([source << 32 | row for source, row in wanted if source != ABSENT], np.int64)
    for group in range(file.num_row_groups):
        held = file.read_row_group(group, columns=["source", "row"])
        keys = held["source"].to_numpy().astype(np.int64) << 32 | held["row"].to_numpy()
        at = np.flatnonzero(np.isin(keys, places))
        if len(at):
            found[group] = at.tolist()
    return found


def _evidence(held: dict[str, Any], contents: Contents) -> Evidence:
    cells = [held.get(name, "") for name in CELL_NAMES] + (held[MORE] or [])
    return Evidence(
        source=contents.sources[held["source"]],
        row=held["row"],
        reason=held["reason"],
        column=held["column"],
        cells=tuple(zip(contents.headers[held["header"]], cells, strict=False)),
    )
