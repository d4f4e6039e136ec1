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


def packed(chosen: NDArray[np.int64], key: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Those of `chosen` whose key others share, group by group in the order given: members and bounds[groups + 1]."""
    if not len(chosen):
        return chosen, np.zeros(1, np.int64)
    order = np.argsort(key, kind="stable")
    ordered = key[order]
    starts = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]]))
    lengths = np.diff(np.append(starts, len(order)))
    shared = lengths > 1
    starts, lengths = starts[shared], lengths[shared]
    bounds = np.zeros(len(starts) + 1, np.int64)
    np.cumsum(lengths, out=bounds[1:])
    inside = np.repeat(starts - bounds[:-1], lengths) + np.arange(bounds[-1])
    return chosen[order[inside]], bounds
