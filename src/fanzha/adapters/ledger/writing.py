"""Writing the rows of an import: every data row of every sheet into one sealed Parquet file."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from fanzha.adapters.ledger.layout import (
    CELLS,
    CODED,
    CODED_NAMES,
    MAY_BE_UNTOLD,
    NUMBER_TYPES,
    ROWS_PER_GROUP,
    SCHEMA,
    Contents,
    schema_of,
)
from fanzha.adapters.ledger.memory import give_back
from fanzha.adapters.ledger.sealed import SealedWriter
from fanzha.kernel.errors import invariant
from fanzha.records.statements.cleaning import CleanBatch, RawColumns, Rejection
from fanzha.records.statements.rows import ABSENT, CODED_COLUMNS, UNKNOWN_FEN, Coded, Source, StatementRows


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportDigest:
    """What was written: rows, and the size and SHA-256 (hex) of the sealed file as it lies on disk."""

    rows: int
    sha256: str
    size: int


class ImportRowsWriter:
    """Takes clean batches in file order; `close` publishes the file, leaving without it leaves nothing.

    Packing and sealing are another processor's work while the caller cleans the next batch.
    """

    def __init__(self, path: Path, key: bytes) -> None:
        self._name = path.name
        self._out = SealedWriter(path.parent, key)
        self._parquet: pq.ParquetWriter | None = None
        self._sources: dict[Source, int] = {}
        self._headers: dict[tuple[str, ...], int] = {}
        self._sealer: ThreadPoolExecutor | None = None
        self._sealing: Future[None] | None = None
        self._waiting: list[pa.Table] = []
        self._rows = 0

    def write(self, batch: CleanBatch) -> None:
        """Add the data rows of one batch: accepted and rejected, clean and as they lay."""
        raw = _with_unread_rows(batch.raw, batch.rejections)
        if not raw.row:
            return
        source = self._sources.setdefault(batch.rows.sources[0], len(self._sources))
        header = self._headers.setdefault(raw.header, len(self._headers))
        columns = _place_columns(raw, batch.rejections, source, header)
        columns += _clean_columns(batch.rows, np.asarray(raw.row, np.int32))
        columns += _cell_columns(raw)
        self._waiting.append(pa.Table.from_arrays(columns, schema=schema_of(len(raw.columns))))
        self._rows += len(raw.row)
        if sum(map(len, self._waiting)) >= ROWS_PER_GROUP // 4:
            self._flush()

    def close(self) -> ImportDigest:
        """Publish what was written; what is no more than an answer tells is packed in this thread, and sealed whole."""
        few = pa.BufferOutputStream() if self._sealing is None else None
        self._sealed()
        if self._waiting:
            self._seal(self._waiting, few)
        contents = Contents(sources=tuple(self._sources), headers=tuple(self._headers))
        parquet = self._begun(few)
        parquet.add_key_value_metadata(contents.to_metadata())
        parquet.close()
        if few is not None:
            self._out.write(few.getvalue())
        sealed = self._out.publish(self._name)
        self._out.close()
        give_back(self._rows)  # the batches are gone; whoever reckons with the rows needs the room
        return ImportDigest(rows=self._rows, sha256=sealed.sha256, size=sealed.size)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._sealer is not None:
            self._sealer.shutdown()
        self._out.discard()

    def _flush(self) -> None:
        """Hand over what waits, once what was handed over before is sealed: memory holds two groups at most."""
        self._sealed()
        self._sealer = self._sealer or ThreadPoolExecutor(1, thread_name_prefix="seal")
        self._sealing = self._sealer.submit(self._seal, self._waiting)
        self._waiting = []

    def _sealed(self) -> None:
        """Wait until what was handed over is sealed."""
        if self._sealing is not None:
            self._sealing.result()

    def _seal(self, tables: list[pa.Table], where: pa.NativeFile | None = None) -> None:
        schema = SCHEMA if where is None else max((each.schema for each in tables), key=len)
        table = pa.concat_tables([_widened(each, schema) for each in tables]).unify_dictionaries().combine_chunks()
        self._begun(where, schema).write_table(table, row_group_size=2 * ROWS_PER_GROUP)

    def _begun(self, where: pa.NativeFile | None = None, schema: pa.Schema = SCHEMA) -> pq.ParquetWriter:
        """The file, begun in a buffer of the caller's or, group by group, under the seal."""
        self._parquet = self._parquet or pq.ParquetWriter(
            where or pa.PythonFile(self._out, "w"),
            schema,
            # Each of the columns makes a new packer: zstd's costs more than packing the few rows of an answer.
            compression="zstd" if where is None else "snappy",
            compression_level=1 if where is None else None,
            use_dictionary=list(CODED_NAMES),  # raw text packs better, and faster, without
            write_statistics=["source", "row"],
        )
        return self._parquet


def _widened(table: pa.Table, schema: pa.Schema) -> pa.Table:
    """The table with all columns of a schema: cells that its sheet does not have are null."""
    if len(table.schema) == len(schema):
        return table
    nulls, known = pa.nulls(len(table), pa.string()), set(table.schema.names)
    columns = [table[name] if name in known else nulls for name in schema.names]
    return pa.Table.from_arrays(columns, schema=schema)


def _with_unread_rows(raw: RawColumns, rejections: list[Rejection]) -> RawColumns:
    """Rows the reader could not take apart have no cells, but they are accounted for like every other."""
    known = set(raw.row)
    unread = {each.row: each.reason for each in rejections if each.row not in known}
    if not unread:
        return raw
    rows = [*raw.row, *unread]
    order = sorted(range(len(rows)), key=rows.__getitem__)

    def merge(present: Sequence[str], added: list[str]) -> list[str]:
        both = [*present, *added]
        return [both[each] for each in order]

    return RawColumns(
        header=raw.header,
        row=[rows[each] for each in order],
        reason=merge(raw.reason, list(unread.values())),
        columns=[merge(column, [""] * len(unread)) for column in raw.columns],
    )


def _place_columns(raw: RawColumns, rejections: list[Rejection], source: int, header: int) -> list[pa.Array]:
    count = len(raw.row)
    named = {each.row: each.column for each in rejections}
    return [
        pa.array(np.full(count, source, np.int32)),
        pa.array(raw.row, pa.int32()),
        pa.array(np.full(count, header, np.int32)),
        pa.array(raw.reason, pa.string()).dictionary_encode(),
        pa.array([named.get(row, "") for row in raw.row], pa.string()).dictionary_encode(),
    ]


def _clean_columns(rows: StatementRows, places: NDArray[np.int32]) -> list[pa.Array]:
    """The accepted rows spread over all data rows, null between."""
    at = np.searchsorted(places, rows.row)
    found = bool(np.all(np.diff(places) > 0)) and bool(np.all(places[np.minimum(at, len(places) - 1)] == rows.row))
    invariant(found, "ledger.rows_without_evidence", place=rows.sources[0].key)
    told = np.zeros(len(places), np.bool_)
    told[at] = True
    return [_numbers(rows, name, at, told) for name in NUMBER_TYPES] + [
        _texts(getattr(rows, name), at, len(places)) for name in CODED_COLUMNS
    ]


def _numbers(rows: StatementRows, name: str, at: NDArray[np.intp], told: NDArray[np.bool_]) -> pa.Array:
    spread = np.zeros(len(told), NUMBER_TYPES[name])
    spread[at] = getattr(rows, name)
    untold = ~told | (spread == UNKNOWN_FEN) if name in MAY_BE_UNTOLD else ~told
    return pa.array(spread, mask=untold)


def _texts(column: Coded, at: NDArray[np.intp], count: int) -> pa.Array:
    if not column.values:
        return pa.nulls(count, CODED)
    codes = np.full(count, ABSENT, np.int32)
    codes[at] = column.codes
    return pa.DictionaryArray.from_arrays(pa.array(codes, mask=codes == ABSENT), pa.array(column.values, pa.string()))


def _cell_columns(raw: RawColumns) -> list[pa.Array]:
    count = len(raw.row)
    cells = [pa.array(column, pa.string()) for column in raw.columns[:CELLS]]
    beyond = list(zip(*raw.columns[CELLS:], strict=True))
    return [*cells, pa.array(beyond, pa.list_(pa.string())) if beyond else pa.nulls(count, pa.list_(pa.string()))]
