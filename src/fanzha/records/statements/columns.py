"""Cleaning a column at a time: each distinct value once, and everyday numbers straight from bytes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import overload

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from fanzha.kernel.money import MAX_FEN
from fanzha.records.statements import number_kernels
from fanzha.records.statements.cells import ROWS_AT_ONCE, Cells, text_array
from fanzha.records.statements.rows import ABSENT, Coded


class Column(Sequence[str]):
    """A column of rows of text; its distinct values are found when asked for, once.

    pyarrow takes it as the array it already is.
    """

    def __init__(self, array: pa.StringArray) -> None:
        self._array = array

    @classmethod
    def of(cls, cells: Iterable[str]) -> Column:
        """A column that stands alone."""
        return cls(text_array(list(cells)))

    def __len__(self) -> int:
        return len(self._array)

    @overload
    def __getitem__(self, row: int) -> str: ...
    @overload
    def __getitem__(self, row: slice) -> Sequence[str]: ...
    def __getitem__(self, row: int | slice) -> str | Sequence[str]:
        found = self._array[row]
        text: str | Sequence[str] = found.to_pylist() if isinstance(row, slice) else found.as_py()
        return text

    def __iter__(self) -> Iterator[str]:
        return iter(self._array.to_pylist())

    def __arrow_array__(self, type: pa.DataType | None = None) -> pa.StringArray:
        return self._array

    @cached_property
    def encoded(self) -> tuple[NDArray[np.int32], list[str]]:
        """Codes into the distinct values, which are in order of first appearance."""
        found = self._array.dictionary_encode()
        return found.indices.to_numpy(), found.dictionary.to_pylist()

    @property
    def buffers(self) -> tuple[NDArray[np.uint8], NDArray[np.int32]]:
        """All cells as UTF-8 bytes, and where each begins; one more offset tells where the last one ends."""
        _, offsets, data = self._array.buffers()
        first = self._array.offset
        where = np.frombuffer(offsets, np.int32)[first : first + len(self) + 1] if len(self) else np.zeros(1, np.int32)
        return np.frombuffer(data, np.uint8) if data is not None and data.size else np.empty(0, np.uint8), where

    def only(self, keep: NDArray[np.bool_]) -> Column:
        """The kept cells."""
        return Column(self._array.filter(pa.array(keep)))

    @property
    def is_blank(self) -> bool:
        """Whether no cell holds anything."""
        return not len(self) or int(self.buffers[1][-1]) == int(self.buffers[1][0])


def transposed(rows: Sequence[Sequence[str]], width: int) -> list[Column]:
    """The columns of rows that are all `width` wide; a few rows at a time, so that each cell is fetched once."""
    if isinstance(rows, Cells):
        return [Column(column) for column in rows.columns]
    pieces: list[list[pa.StringArray]] = [[] for _ in range(width)]
    for start in range(0, len(rows), ROWS_AT_ONCE) or (0,):
        part = rows[start : start + ROWS_AT_ONCE]
        for at in range(width):
            pieces[at].append(text_array([row[at] for row in part]))
    return [Column(pa.concat_arrays(each)) for each in pieces]


def clean_distinct(column: Column, clean: Callable[[str], str]) -> Coded:
    """The column with every distinct value cleaned once; what cleans to nothing is `ABSENT`."""
    if column.is_blank:
        return silent(len(column))
    codes, raw = column.encoded
    return recode(codes, map(clean, raw), len(raw))


def recode(codes: NDArray[np.int32], cleaned: Iterable[str], count: int) -> Coded:
    """Codes into raw values turned into codes into distinct clean ones."""
    index: dict[str, int] = {}
    found = (index.setdefault(text, len(index)) if text else ABSENT for text in cleaned)
    places = np.fromiter(found, np.int32, count)
    return Coded(places[codes], tuple(index))


def silent(count: int) -> Coded:
    """A column that tells nothing."""
    return Coded(np.full(count, ABSENT, np.int32), ())


def constant(text: str, count: int) -> Coded:
    """A column that says the same in every row, or nothing."""
    return Coded(np.zeros(count, np.int32), (text,)) if text else silent(count)


def coalesce(first: Coded, second: Coded) -> Coded:
    """The first column, and the second where the first is silent."""
    gaps = first.codes == ABSENT
    if not second.values or not gaps.any():
        return first
    if not first.values:
        return second
    index = {value: code for code, value in enumerate(first.values)}
    places = np.array([index.setdefault(value, len(index)) for value in second.values], np.int32)
    filled = np.where(gaps & (second.codes != ABSENT), places[second.codes], first.codes)
    return Coded(filled.astype(np.int32), tuple(index))


def only(column: Coded, keep: NDArray[np.bool_]) -> Coded:
    """The kept rows, their values again in order of first appearance and none unused."""
    codes = column.codes[keep]
    if not column.values:
        return Coded(codes, ())
    first = np.full(len(column.values) + 1, len(codes), np.int64)
    first[codes[::-1]] = np.arange(len(codes) - 1, -1, -1)
    told = first[:-1]
    if (told < len(codes)).all() and (np.diff(told) > 0).all():
        return Coded(codes, column.values)
    used = np.argsort(told, kind="stable")[: int((told < len(codes)).sum())]
    places = np.full(len(column.values) + 1, ABSENT, np.int32)
    places[used] = np.arange(len(used), dtype=np.int32)
    return Coded(places[codes], tuple(column.values[code] for code in used.tolist()))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Fen:
    """Money read from a column: `fen` per row, whether it was `told`, and by row why it was not."""

    fen: NDArray[np.int64]
    told: NDArray[np.bool_]
    reasons: dict[int, str]


def read_amounts(column: Column, fen_per_unit: int, careful: Callable[[str], int | str]) -> Fen:
    """Every amount of a column in fen: everyday ones from their bytes, each other spelling by the careful reader."""
    fen, done = np.zeros(len(column), np.int64), np.zeros(len(column), np.bool_)
    number_kernels.amounts(*column.buffers, fen_per_unit, MAX_FEN, fen, done)
    reasons: dict[int, str] = {}
    for rows, value in _left(column, done):
        result = careful(value)
        if isinstance(result, int):
            fen[rows], done[rows] = result, True
        else:
            reasons.update(dict.fromkeys(rows.tolist(), result))
    return Fen(fen=fen, told=done, reasons=reasons)


def read_times(
    column: Column, careful: Callable[[str], tuple[int, int] | str]
) -> tuple[NDArray[np.int64], NDArray[np.int8], dict[int, str]]:
    """Every time of a column (UTC microseconds) and its precision; rows that tell none keep their reason, by row."""
    at_us, precision = np.zeros(len(column), np.int64), np.zeros(len(column), np.int8)
    done = np.zeros(len(column), np.bool_)
    number_kernels.times(*column.buffers, at_us, precision, done)
    reasons: dict[int, str] = {}
    for rows, value in _left(column, done):
        result = careful(value)
        if isinstance(result, tuple):
            at_us[rows], precision[rows] = result
        else:
            reasons.update(dict.fromkeys(rows.tolist(), result))
    return at_us, precision, reasons


def _left(column: Column, done: NDArray[np.bool_]) -> Iterator[tuple[NDArray[np.intp], str]]:
    """Each spelling among the cells that are not done, and the rows that hold it."""
    codes, values = column.only(~done).encoded
    rows = np.flatnonzero(~done)[np.argsort(codes, kind="stable")]
    ends = np.cumsum(np.bincount(codes, minlength=len(values)))
    return (
        (rows[end - count : end], value)
        for end, count, value in zip(ends, np.diff(ends, prepend=0), values, strict=True)
    )
