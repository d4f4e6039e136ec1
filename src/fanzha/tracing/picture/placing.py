"""Where nodes stand on the paper: near the money they share, in their order, and never over one another."""

from __future__ import annotations

import numpy as np

from fanzha.tracing.picture.ordering import Floats, Ints

SWEEPS = 6


def tops(layer: Ints, place: Ints, pitch: Floats, ends: Ints, weight: Ints) -> Floats:
    """The upper end of each node's room, 0 for the uppermost.

    `place`: int64[n], the order within layers; `pitch`: float64[n], the room a node takes; `ends`: int64[2, e] and
    `weight`: int64[e] as in `ordered`. Each layer moves as close to its neighbours' middles as its order allows (least
    squares, tall nodes first), from the left and from the right in turn.
    """
    columns = [np.flatnonzero(layer == each) for each in np.unique(layer)]
    columns = [nodes[np.argsort(place[nodes])] for nodes in columns]
    top = np.zeros(len(layer))
    for nodes in columns:
        top[nodes] = np.cumsum(pitch[nodes]) - pitch[nodes]
    sides = [(ends[1], ends[0]), (ends[0], ends[1])]
    for sweep in range(SWEEPS):
        mine, others = sides[sweep % 2]
        for nodes in columns if sweep % 2 == 0 else columns[::-1]:
            middle = _middles(top + pitch / 2, mine, others, weight)
            top[nodes] = _stacked(middle[nodes] - pitch[nodes] / 2, pitch[nodes])
    return top - top.min() if len(top) else top


def _middles(middle: Floats, mine: Ints, others: Ints, weight: Ints) -> Floats:
    """The weighted middle of each node's neighbours on one side; its own where it has none."""
    size = len(middle)
    total = np.bincount(mine, weights=weight, minlength=size)
    pull = np.bincount(mine, weights=weight * middle[others], minlength=size)
    return np.where(total > 0, pull / np.maximum(total, 1), middle)


def _stacked(wished: Floats, pitch: Floats) -> Floats:
    """Tops as near to the wished ones as their order and room allow: pools of neighbours move as one."""
    before = np.cumsum(pitch) - pitch
    pools: list[tuple[float, float, int]] = []
    for wish, heavy in zip((wished - before).tolist(), pitch.tolist(), strict=True):
        total, weight, count = wish * heavy, heavy, 1
        while pools and pools[-1][0] / pools[-1][1] > total / weight:
            other = pools.pop()
            total, weight, count = total + other[0], weight + other[1], count + other[2]
        pools.append((total, weight, count))
    starts = np.repeat([total / weight for total, weight, _ in pools], [count for *_, count in pools])
    found: Floats = starts + before
    return found
