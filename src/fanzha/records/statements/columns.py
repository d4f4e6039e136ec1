"""Cleaning a column at a time: each distinct value once, and everyday numbers straight from bytes."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from fanzha.kernel.money import MAX_FEN
from fanzha.records.statements import number_kernels
from fanzha.records.statements.rows import ABSENT, Coded

Column = Sequence[str]
_SILENT = ABSENT


def encode(column: Column) -> tuple[NDArray[np.int32], list[str]]:
    """Codes into the column's distinct values, in order of first appearance."""
    index = {value: code for code, value in enumerate(dict.fromkeys(column))}
    return np.fromiter(map(index.__getitem__, column), np.int32, len(column)), list(index)


def clean_distinct(column: Column, clean: Callable[[str], str]) -> Coded:
    """The column with every distinct value cleaned once; what cleans to nothing is `ABSENT`."""
    codes, raw = encode(column)
    return recode(codes, [clean(value) for value in raw])


def recode(codes: NDArray[np.int32], cleaned: Sequence[str]) -> Coded:
    """Codes into raw values turned into codes into distinct clean ones."""
    index: dict[str, int] = {}
    places = np.fromiter(
        (index.setdefault(text, len(index)) if text else ABSENT for text in cleaned), np.int32, len(cleaned)
    )
    return Coded(places[codes] if len(cleaned) else codes, tuple(index))


def silent(count: int) -> Coded:
    """A column that tells nothing."""
    return Coded(np.full(count, ABSENT, np.int32), ())


def coalesce(first: Coded, second: Coded) -> Coded:
    """The first column, and the second where the first is silent."""
    gaps = first.codes == ABSENT
    if not gaps.any() or not second.values:
        return first
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
    first[-1] = len(codes)
    order = np.argsort(first[:-1], kind="stable")
    used = order[: int((first[:-1] < len(codes)).sum())]
    places = np.full(len(column.values) + 1, ABSENT, np.int32)
    places[used] = np.arange(len(used), dtype=np.int32)
    return Coded(places[codes], tuple(column.values[code] for code in used.tolist()))


def as_bytes(column: Column) -> NDArray[np.uint8] | None:
    """The column as one buffer of lines, or None when a cell itself holds a line break."""
    joined = "\n".join(column)
    if joined.count("\n") != max(len(column) - 1, 0):
        return None
    return np.frombuffer(joined.encode("utf-8", "surrogatepass"), np.uint8)


class Fen:
    """Money read from a column: `fen` per row, `reason` code per row (0 for none) into `reasons`."""

    def __init__(self, fen: NDArray[np.int64], told: NDArray[np.bool_], reasons: dict[int, str]) -> None:
        self.fen, self.told, self.reasons = fen, told, reasons


def read_amounts(column: Column, fen_per_unit: int, careful: Callable[[str], int | str]) -> Fen:
    """Every amount of a column in fen; rows that tell none keep their reason in `reasons`, by row."""
    count = len(column)
    fen, done = np.zeros(count, np.int64), np.zeros(count, np.bool_)
    text = as_bytes(column)
    if text is not None and count:
        number_kernels.amounts(text, fen_per_unit, MAX_FEN, fen, done)
    seen: dict[str, int | str] = {}
    reasons: dict[int, str] = {}
    for row in np.flatnonzero(~done).tolist():
        value = column[row]
        result = seen[value] if value in seen else seen.setdefault(value, careful(value))
        if isinstance(result, int):
            fen[row], done[row] = result, True
        else:
            reasons[row] = result
    return Fen(fen, done, reasons)


def read_times(
    column: Column, careful: Callable[[str], tuple[int, int] | str]
) -> tuple[NDArray[np.int64], NDArray[np.int8], dict[int, str]]:
    """Every time of a column (UTC microseconds) and its precision; rows that tell none keep their reason, by row."""
    count = len(column)
    at_us, precision = np.zeros(count, np.int64), np.zeros(count, np.int8)
    done = np.zeros(count, np.bool_)
    text = as_bytes(column)
    if text is not None and count:
        number_kernels.times(text, at_us, precision, done)
    seen: dict[str, tuple[int, int] | str] = {}
    reasons: dict[int, str] = {}
    for row in np.flatnonzero(~done).tolist():
        value = column[row]
        result = seen[value] if value in seen else seen.setdefault(value, careful(value))
        if isinstance(result, tuple):
            at_us[row], precision[row] = result
        else:
            reasons[row] = result
    return at_us, precision, reasons
