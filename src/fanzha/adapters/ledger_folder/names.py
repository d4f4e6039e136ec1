"""The account numbers of a ledger, each with the small number that stands for it in the index."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from fanzha.adapters.ledger_folder.name_kernels import EMPTY, NAMELESS, Texts, fill_table, number_texts

_FIRST = 1 << 12
_USUAL = 24
"""Bytes of a usual account number."""


class Names:
    """Texts numbered from 0 in the order in which they were first seen."""

    def __init__(self, table: NDArray[np.int64], known: Texts, count: int) -> None:
        self._table, self._known, self._count = table, known, count
        self._begun = count

    @classmethod
    def none(cls) -> Self:
        """No text yet."""
        known = Texts(np.zeros(_FIRST, np.int64), np.empty(_FIRST, np.uint8))
        return cls(np.full(2 * _FIRST, EMPTY, np.int64), known, 0)

    def __len__(self) -> int:
        return self._count

    @property
    def added(self) -> int:
        """How many texts were new since these were kept."""
        return self._count - self._begun

    def __getitem__(self, number: int) -> str:
        """A text by its number; empty for nobody's."""
        if number == NAMELESS:
            return ""
        begin, end = self._known.offsets[number : number + 2].tolist()
        return self._known.data[begin:end].tobytes().decode()

    def number(self, text: str) -> int:
        """The number of a text; `NAMELESS` when it was never seen."""
        told = np.empty(1, np.int32), np.empty(1, np.int64)
        number_texts(_texts(pa.array([text], pa.large_string())), self._table, self._known, -1, told)
        return int(told[0][0])

    def add(self, column: pa.Array) -> NDArray[np.int32]:
        """The numbers of a column of large strings, new ones included; `NAMELESS` where it is null or empty."""
        return self._number(_texts(column))

    def arrays(self, spare: int) -> Mapping[str, NDArray[Any]]:
        """What `kept` needs, with room for so many more texts of usual length."""
        self._make_room(spare, spare * _USUAL)
        used = self._count + spare + 1
        size = int(self._known.offsets[self._count]) + spare * _USUAL
        return {
            "name_table": self._table,
            "name_offsets": self._known.offsets[:used],
            "name_bytes": self._known.data[:size],
        }

    @classmethod
    def kept(cls, arrays: Mapping[str, NDArray[Any]], count: int) -> Self:
        """The names, so many, that `arrays` told of."""
        return cls(arrays["name_table"], Texts(arrays["name_offsets"], arrays["name_bytes"]), count)

    def since(self, number: int) -> Mapping[str, NDArray[Any]]:
        """The texts from a number on, which `take` can add."""
        offsets = self._known.offsets[number : self._count + 1]
        return {"name_offsets": offsets - offsets[0], "name_bytes": self._known.data[offsets[0] : offsets[-1]]}

    def take(self, offsets: NDArray[np.int64], data: NDArray[np.uint8]) -> None:
        """Add texts that `since` told of, in their order."""
        self._number(Texts(offsets, data))
        self._begun = self._count

    def _number(self, texts: Texts) -> NDArray[np.int32]:
        count = len(texts.offsets) - 1
        self._make_room(count, int(texts.offsets[-1] - texts.offsets[0]))
        numbers = np.empty(count, np.int32)
        told = numbers, np.empty(count, np.int64)
        self._count = number_texts(texts, self._table, self._known, self._count, told)
        return numbers

    def _make_room(self, texts: int, size: int) -> None:
        """Room for so many more texts of so many bytes together, at least doubled when there is none."""
        offsets, data, needed = *self._known, self._count + texts
        if len(offsets) <= needed:
            offsets = _longer(offsets, needed + 1, self._count + 1)
        used = int(offsets[self._count])
        if len(data) < used + size:
            data = _longer(data, used + size, used)
        self._known = Texts(offsets, data)
        if len(self._table) < 2 * needed:
            self._table = np.full(1 << (4 * needed - 1).bit_length() - 1, EMPTY, np.int64)
            fill_table(self._known, self._count, self._table)


def _longer(array: NDArray[Any], least: int, used: int) -> NDArray[Any]:
    longer = np.empty(max(least, 2 * len(array)), array.dtype)
    longer[:used] = array[:used]
    return longer


def _texts(column: pa.Array) -> Texts:
    """A column of large strings as it lies in memory; null texts become empty ones."""
    if column.null_count:
        column = column.fill_null("")
    _, raw_offsets, raw_data = column.buffers()
    offsets = np.frombuffer(raw_offsets, np.int64)[column.offset : column.offset + len(column) + 1]
    first, last = int(offsets[0]), int(offsets[-1])
    data = np.frombuffer(raw_data, np.uint8)[first:last] if last > first else np.empty(0, np.uint8)
    return Texts(offsets - first, np.array(data))  # a copy, because kernels are compiled for arrays that may be written
