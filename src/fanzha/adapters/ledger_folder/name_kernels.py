"""Account numbers as small whole numbers: an open hash table over the bytes of the texts."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fanzha.kernel.compiled import inlined, lean

EMPTY = -1
NAMELESS = -1


class Texts(NamedTuple):
    """Texts one after the other: text i is `data[offsets[i] : offsets[i + 1]]`, uint8."""

    offsets: NDArray[np.int64]
    data: NDArray[np.uint8]


@inlined
def hash_of(texts: Texts, place: int) -> int:
    """FNV-1a of a text, folded to 62 bits so that it is never negative."""
    found = np.uint64(0xCBF29CE484222325)
    for at in range(texts.offsets[place], texts.offsets[place + 1]):
        found = (found ^ np.uint64(texts.data[at])) * np.uint64(0x100000001B3)
    return int(np.int64((found ^ (found >> np.uint64(29))) >> np.uint64(2)))


@inlined
def is_same(one: Texts, place: int, other: Texts, number: int) -> bool:
    """Whether two texts have the same bytes."""
    begin, other_begin = one.offsets[place], other.offsets[number]
    length = one.offsets[place + 1] - begin
    if other.offsets[number + 1] - other_begin != length:
        return False
    at = 0
    while at < length and one.data[begin + at] == other.data[other_begin + at]:
        at += 1
    return bool(at == length)


@lean
def number_texts(texts: Texts, table: NDArray[np.int64], known: Texts, count: int, numbers: NDArray[np.int32]) -> int:
    """Fill every text's number, adding to `known` what is new while `count` ≥ 0; how many are known then.

    An entry of the table is the upper half of the hash, then the number. `NAMELESS` for an empty text, and for one
    that is not known when nothing may be added (`count` < 0). Table and `known` must have room.
    """
    mask = len(table) - 1
    for place in range(len(texts.offsets) - 1):
        numbers[place] = NAMELESS
        if texts.offsets[place] == texts.offsets[place + 1]:
            continue
        told = hash_of(texts, place)
        tag, at = told >> 31 << 32, told & mask
        while True:
            entry = table[at]
            if entry == EMPTY:
                break
            if entry >> 32 << 32 == tag and is_same(texts, place, known, entry & 0xFFFFFFFF):
                numbers[place] = entry & 0xFFFFFFFF
                break
            at = (at + 1) & mask
        if entry == EMPTY and count >= 0:
            table[at] = tag | count
            numbers[place] = count
            begin = known.offsets[count]
            for index in range(texts.offsets[place], texts.offsets[place + 1]):
                known.data[begin] = texts.data[index]
                begin += 1
            count += 1
            known.offsets[count] = begin
    return count


@lean
def fill_table(known: Texts, count: int, table: NDArray[np.int64]) -> None:
    """Enter the first `count` known texts into an empty table."""
    mask = len(table) - 1
    for number in range(count):
        told = hash_of(known, number)
        at = told & mask
        while table[at] != EMPTY:
            at = (at + 1) & mask
        table[at] = told >> 31 << 32 | number
