"""Rows that share a key, side by side."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fanzha.kernel.compiled import compiled


@compiled
def changed_pairs(a: NDArray[np.int32], b: NDArray[np.int32], most: int) -> NDArray[np.int64]:
    """Rows whose `a` (0 ≤ a < most; −1 rows are left out) comes with another `b` than the last time it came."""
    latest = np.full(most, -2, np.int32)
    rows = np.empty(len(a), np.int64)
    count = 0
    for at in range(len(a)):
        if a[at] >= 0 and latest[a[at]] != b[at]:
            latest[a[at]] = b[at]
            rows[count] = at
            count += 1
    return rows[:count].copy()


@compiled
def by_node(node: NDArray[np.int32], nodes: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The stable order by node, and bounds[nodes + 1] of each node's part."""
    bounds = np.zeros(nodes + 1, np.int64)
    for one in node:
        bounds[one + 1] += 1
    bounds = np.cumsum(bounds)
    filled = bounds[:-1].copy()
    order = np.empty(len(node), np.int64)
    for at in range(len(node)):
        order[filled[node[at]]] = at
        filled[node[at]] += 1
    return order, bounds


@compiled
def stirred(key: NDArray[np.uint64], column: NDArray[np.int64] | NDArray[np.int32] | NDArray[np.int8]) -> None:
    """Mix a column into keys by Stafford's mix of SplitMix64: every bit of both reaches every bit of the key."""
    for at in range(len(key)):
        one = (key[at] ^ np.uint64(np.int64(column[at]))) + np.uint64(0x9E3779B97F4A7C15)
        one = (one ^ (one >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        one = (one ^ (one >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        key[at] = one ^ (one >> np.uint64(31))


@compiled
def numbered(key: NDArray[np.int64]) -> tuple[NDArray[np.int32], int]:
    """int32[n] and how many: equal keys have equal numbers, in order of first appearance. Keys are well mixed."""
    size = 16
    while size < 2 * len(key):
        size *= 2
    slots = np.full(size, -1, np.int32)
    known = np.empty(len(key), np.int64)
    number = np.empty(len(key), np.int32)
    count = 0
    for at in range(len(key)):
        slot = key[at] & (size - 1)
        while slots[slot] >= 0 and known[slots[slot]] != key[at]:
            slot = (slot + 1) & (size - 1)
        if slots[slot] < 0:
            slots[slot] = count
            known[count] = key[at]
            count += 1
        number[at] = slots[slot]
    return number, count


@compiled
def packed(chosen: NDArray[np.int64], key: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Those of `chosen` whose key others share, group by group in the order given: members and bounds[groups + 1]."""
    number, count = numbered(key)
    rows = np.zeros(count, np.int64)
    for one in number:
        rows[one] += 1
    bounds = np.zeros(count + 1, np.int64)
    filled = np.full(count, -1, np.int64)
    groups = 0
    for one in range(count):
        if rows[one] > 1:
            filled[one] = bounds[groups]
            bounds[groups + 1] = bounds[groups] + rows[one]
            groups += 1
    members = np.empty(bounds[groups], np.int64)
    for at in range(len(chosen)):
        place = filled[number[at]]
        if place >= 0:
            members[place] = chosen[at]
            filled[number[at]] += 1
    return members, bounds[: groups + 1].copy()
