"""How the rows of an import lie in Parquet: place and fate, clean columns, then every cell as it lay.

A row is found by `source` (index into the file's list of sources) and `row` (its place in that source, from 1).
Clean columns are null for rows that are no movement; a null balance or text is one that the file does not tell.
Cell `k` of a row is column `k` of its sheet (a small file has as many as its widest sheet); `header` says which of the
file's headers names the cells. By position, not by name, because sheets come one after the other and nobody knows the
last header at the first row.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from functools import cache

import numpy as np
import pyarrow as pa

from fanzha.records.statements.rows import CODED_COLUMNS, Source

ROWS_PER_GROUP = 65_536
"""Rows that are written, and read back for one row of evidence, at once."""

CELLS = 64
"""Cells with a column of their own; those of wider sheets follow in one list (`MORE`)."""

NUMBER_TYPES = {
    "side": np.int8,
    "at_us": np.int64,
    "precision": np.int8,
    "amount_fen": np.int64,
    "balance_fen": np.int64,
    "other_balance_fen": np.int64,
    "flags": np.uint16,
}
MAY_BE_UNTOLD = ("balance_fen", "other_balance_fen")

CODED = pa.dictionary(pa.int32(), pa.string())
PLACE = (
    ("source", pa.int32()),
    ("row", pa.int32()),
    ("header", pa.int32()),
    ("reason", CODED),
    ("column", CODED),
)
CLEAN = (
    *((name, pa.from_numpy_dtype(dtype)) for name, dtype in NUMBER_TYPES.items()),
    *((name, CODED) for name in CODED_COLUMNS),
)
CELL_NAMES = tuple(f"cell_{place:02d}" for place in range(CELLS))
MORE = "cells_beyond"


@cache
def schema_of(cells: int) -> pa.Schema:
    """The columns of a file whose sheets have so many cells at most; a small file has none for the others."""
    told = [(name, pa.string()) for name in CELL_NAMES[:cells]]
    return pa.schema([*PLACE, *CLEAN, *told, (MORE, pa.list_(pa.string()))])


SCHEMA = schema_of(CELLS)
CODED_NAMES = ("reason", "column", *CODED_COLUMNS)

_CONTENTS = b"fanzha.contents"


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """What the numbers in `source` and `header` stand for."""

    sources: tuple[Source, ...]
    headers: tuple[tuple[str, ...], ...]

    def to_metadata(self) -> dict[bytes, str]:
        """As key-value metadata of the Parquet file."""
        return {_CONTENTS: json.dumps({"sources": [asdict(each) for each in self.sources], "headers": self.headers})}


def contents_of(metadata: dict[bytes, bytes]) -> Contents:
    """The contents that a Parquet file's metadata tell."""
    found = json.loads(metadata[_CONTENTS])
    return Contents(
        sources=tuple(Source(**each) for each in found["sources"]),
        headers=tuple(tuple(each) for each in found["headers"]),
    )
