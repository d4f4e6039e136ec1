"""Account numbers as small whole numbers: an open hash table over the bytes of the texts."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fanzha.kernel.compiled import inlined, lean

EMPTY = -1
NAMELESS = -1
AHEAD = 64
"""Texts that are looked up together."""


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
def number_texts(
    texts: Texts, table: NDArray[np.int64], known: Texts, count: int, told: tuple[NDArray[np.int32], NDArray[np.int64]]
) -> int:
    """Fill every text's number, adding to `known` what is new while `count` ≥ 0; how many are known then.

    `told`: the numbers, and room for as many hashes. An entry of the table is the upper half of the hash, then the
    number. `NAMELESS` for an empty text, and for one that is not known when nothing may be added (`count` < 0). Table
    and `known` must have room.
    """
    numbers, hashes = told
    for begin in range(0, len(numbers), AHEAD):
        end = min(begin + AHEAD, len(numbers))
        _fetch(texts, table, known, (begin, end), told)
        for place in range(begin, end):
            if texts.offsets[place] == texts.offsets[place + 1]:
                numbers[place] = NAMELESS
                continue
            at, number = _find(texts, place, table, known, hashes[place])
            numbers[place] = number
            if number == NAMELESS and count >= 0:
                numbers[place], table[at] = count, hashes[place] >> 31 << 32 | count
                count = _add(texts, place, known, count)
    return count


@inlined
def _fetch(
    texts: Texts,
    table: NDArray[np.int64],
    known: Texts,
    span: tuple[int, int],
    told: tuple[NDArray[np.int32], NDArray[np.int64]],
) -> None:
    """Hash some texts and touch what each will be compared with, so that memory brings it for all of them at once."""
    (begin, end), (numbers, hashes), mask = span, told, len(table) - 1
    for place in range(begin, end):
        hashes[place] = hash_of(texts, place)
        numbers[place] = np.int32(table[hashes[place] & mask] & 0xFFFFFFFF)
    for place in range(begin, end):
        if numbers[place] >= 0:
            numbers[place] = known.data[known.offsets[numbers[place]]]


@inlined
def _find(texts: Texts, place: int, table: NDArray[np.int64], known: Texts, told: int) -> tuple[int, int]:
    """Where in the table a text of this hash stands or would stand, and its number."""
    mask = len(table) - 1
    tag, at = told >> 31 << 32, told & mask
    while table[at] != EMPTY:
        number = table[at] & 0xFFFFFFFF
        if table[at] - number == tag and is_same(texts, place, known, number):
            return at, number
        at = (at + 1) & mask
    return at, NAMELESS


@inlined
def _add(texts: Texts, place: int, known: Texts, count: int) -> int:
    """Write a new text behind the known ones; how many are known then."""
    begin = known.offsets[count]
    for index in range(texts.offsets[place], texts.offsets[place + 1]):
        known.data[begin] = texts.data[index]
        begin += 1
    known.offsets[count + 1] = begin
    return count + 1


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
