"""Rows of equal width as columns: how large files travel from reader to ledger without an object for each cell."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, repeat
from typing import overload

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

ROWS_AT_ONCE = 2048
"""Rows turned into lists at a time, so that their text fits the processor's cache."""


class Cells(Sequence[Sequence[str]]):
    """Rows of text that are all as wide as there are `columns`; a row becomes a list when somebody asks for it."""

    def __init__(self, columns: Sequence[pa.StringArray]) -> None:
        self.columns = columns

    @property
    def width(self) -> int:
        """Cells in every row."""
        return len(self.columns)

    def __len__(self) -> int:
        return len(self.columns[0])

    @overload
    def __getitem__(self, place: int) -> list[str]: ...
    @overload
    def __getitem__(self, place: slice) -> Cells: ...
    def __getitem__(self, place: int | slice) -> list[str] | Cells:
        if isinstance(place, slice):
            start, stop, _ = place.indices(len(self))
            return Cells([column.slice(start, max(0, stop - start)) for column in self.columns])
        return [column[place].as_py() for column in self.columns]

    def __iter__(self) -> Iterator[list[str]]:
        for start in range(0, len(self), ROWS_AT_ONCE):
            parts = (column.slice(start, ROWS_AT_ONCE).to_pylist() for column in self.columns)
            yield from map(list, zip(*parts, strict=True))

    def only(self, keep: NDArray[np.bool_]) -> Cells:
        """The kept rows."""
        if keep.all():
            return self
        kept = pa.array(keep)
        return Cells([column.filter(kept) for column in self.columns])


def text_array(cells: Sequence[str]) -> pa.StringArray:
    """Texts as one array."""
    try:
        return pa.array(cells, pa.string())
    except UnicodeEncodeError:  # half a character that a broken encoding left
        return pa.array([cell.encode("utf-8", "replace").decode() for cell in cells], pa.string())


def joined(parts: Sequence[Sequence[Sequence[str]]]) -> Sequence[Sequence[str]]:
    """The rows of all parts: columns where all parts are columns, lists where one is not."""
    if len(parts) == 1:
        return parts[0]
    cells = [part for part in parts if isinstance(part, Cells)]
    if len(cells) < len(parts) or not parts:
        return list(chain.from_iterable(parts))
    return Cells([pa.concat_arrays(column) for column in zip(*(each.columns for each in cells), strict=True)])


def widths(rows: Sequence[Sequence[str]]) -> Iterable[int]:
    """How wide each row is."""
    return repeat(rows.width, len(rows)) if isinstance(rows, Cells) else map(len, rows)
