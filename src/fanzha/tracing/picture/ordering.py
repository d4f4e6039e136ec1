"""The order of nodes within their layers: few crossings, and big money together."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

SWEEPS = 10


def ordered(layer: Ints, rank: Ints, ends: Ints, weight: Ints) -> Ints:
    """Each node's place within its layer, counted from the top.

    `layer`, `rank`: int64[n]; nodes of a lower rank stand above. Nodes come in the order they have before anything is
    known of edges. `ends`: int64[2, e], from one layer to the next; `weight`: int64[e] of money. Source: barycentre
    sweeps after Sugiyama, Tagawa and Toda (1981), weighted by money; the order of the fewest crossings is kept.
    """
    sides = [(ends[0], ends[1]), (ends[1], ends[0])]
    place = _placed(layer, rank, np.arange(len(layer), dtype=np.float64))
    best, fewest = place, crossings(layer, place, ends)
    for sweep in range(SWEEPS):
        here, there = sides[sweep % 2]
        steps = np.unique(layer) if sweep % 2 == 0 else np.unique(layer)[::-1]
        for each in steps:
            place = _swept(place, layer, rank, (there, here, weight), int(each))
        now = crossings(layer, place, ends)
        if now < fewest:
            best, fewest = place, now
    return best


def _swept(place: Ints, layer: Ints, rank: Ints, edges: tuple[Ints, Ints, Ints], each: int) -> Ints:
    """The places once the nodes of one layer stand at the weighted middle of their neighbours on one side."""
    mine, others, weight = edges
    some = layer[mine] == each
    if not some.any():
        return place
    nodes = np.flatnonzero(layer == each)
    size = len(place)
    total = np.bincount(mine[some], weights=weight[some], minlength=size)[nodes]
    pull = np.bincount(mine[some], weights=weight[some] * place[others[some]].astype(np.float64), minlength=size)[nodes]
    room = max(int(place[others[some]].max()), 1)
    stay = place[nodes] * (room / max(len(nodes) - 1, 1))
    wished = np.where(total > 0, pull / np.maximum(total, 1), stay)
    found = place.copy()
    found[nodes] = _ranked(rank[nodes], wished, place[nodes])
    return found


def _placed(layer: Ints, rank: Ints, wished: Floats) -> Ints:
    found = np.empty(len(layer), np.int64)
    for each in np.unique(layer):
        nodes = np.flatnonzero(layer == each)
        found[nodes] = _ranked(rank[nodes], wished[nodes], nodes)
    return found


def _ranked(rank: Ints, wished: Floats, before: Ints) -> Ints:
    found = np.empty(len(rank), np.int64)
    found[np.lexsort((before, wished, rank))] = np.arange(len(rank))
    return found


def crossings(layer: Ints, place: Ints, ends: Ints) -> int:
    """How many pairs of edges cross."""
    source, target = ends
    order = np.lexsort((place[target], place[source], layer[source]))
    return sum(
        inversions(place[target][order][layer[source][order] == each]) for each in np.unique(layer[source]).tolist()
    )


def inversions(values: Ints) -> int:
    """Pairs in which a larger value stands before a smaller one; sorted halves are merged, all of a width at once."""
    count, width, places = 0, 1, np.arange(len(values))
    while width < len(values):
        block, is_right = places // (2 * width), (places // width) % 2
        order = np.lexsort((is_right, values, block))
        left = np.cumsum(1 - is_right[order])
        of_block = left[np.searchsorted(block, block, side="right") - 1]
        count += int(((of_block - left) * is_right[order]).sum())
        values, width = values[order], 2 * width
    return count
