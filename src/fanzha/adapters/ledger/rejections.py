"""The rejected rows of an import, read in one pass and held column by column."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from fanzha.adapters.ledger.layout import SCHEMA, contents_of
from fanzha.adapters.ledger.reading import Rejected, SealedImport
from fanzha.adapters.ledger.sealed import open_sealed
from fanzha.records.statements.rows import ABSENT, Coded, Source

_COLUMNS = ["source", "row", "column", "reason"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rejections:
    """Every rejected row of one import in file order, about 16 bytes a row; `source` indexes `sources`."""

    sources: tuple[Source, ...]
    source: NDArray[np.int32]
    row: NDArray[np.int32]
    column: Coded
    reason: Coded

    def __len__(self) -> int:
        return len(self.row)

    def at(self, place: int) -> Rejected:
        """One of them, by its place in file order."""
        return Rejected(
            source=self.sources[self.source[place]],
            row=int(self.row[place]),
            column=_text(self.column, place),
            reason=_text(self.reason, place),
        )


def all_rejections(sealed: SealedImport) -> Rejections:
    """The import's rejected rows; a group of rows in memory at a time besides the answer."""
    with open_sealed(sealed.path, sealed.key) as source:
        file = pq.ParquetFile(pa.PythonFile(source, "r"), read_dictionary=["column", "reason"])
        sources = contents_of(file.metadata.metadata).sources
        groups = [_rejected(file.read_row_group(number, columns=_COLUMNS)) for number in range(file.num_row_groups)]
    empty = pa.schema([SCHEMA.field(name) for name in _COLUMNS]).empty_table()
    table = pa.concat_tables([empty, *groups], promote_options="permissive").unify_dictionaries()
    return Rejections(
        sources=sources,
        source=table["source"].to_numpy(),
        row=table["row"].to_numpy(),
        column=_coded(table["column"]),
        reason=_coded(table["reason"]),
    )


def _rejected(group: pa.Table) -> pa.Table:
    return group.filter(pc.not_equal(group["reason"].cast(pa.string()), ""))


def _coded(column: pa.ChunkedArray) -> Coded:
    whole = column.combine_chunks()
    codes: NDArray[np.int32] = whole.indices.fill_null(ABSENT).to_numpy(zero_copy_only=False)
    return Coded(codes=codes, values=tuple(whole.dictionary.to_pylist()))


def _text(column: Coded, place: int) -> str:
    code = int(column.codes[place])
    return "" if code == ABSENT else column.values[code]
