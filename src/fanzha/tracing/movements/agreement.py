"""Kernels that say whether two told parties could be one account."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fanzha.kernel.compiled import compiled

CONTRADICTS = 0
UNTOLD = 1
MASKED = 2
SAME = 3


@compiled
def agreement(
    a: int,
    b: int,
    start: NDArray[np.int64],
    nodes: NDArray[np.int32],
    partial: NDArray[np.bool_],
    wide: NDArray[np.bool_],
) -> int:
    """How far nodes `a` and `b` (−1 where untold) could be one account: `CONTRADICTS` … `SAME`."""
    if a < 0 or b < 0:
        return UNTOLD
    if a == b:
        return SAME
    if not partial[a] and not partial[b]:
        return CONTRADICTS
    if partial[a] and partial[b]:
        return UNTOLD
    mask, complete = (a, b) if partial[a] else (b, a)
    candidates = nodes[start[mask] : start[mask + 1]]
    at = np.searchsorted(candidates, complete)
    if at < len(candidates) and candidates[at] == complete:
        return MASKED
    return UNTOLD if wide[mask] else CONTRADICTS


@compiled
def apart_us(at_a: int, width_a: int, at_b: int, width_b: int) -> int:
    """Microseconds between two spans of time, 0 where they touch or overlap."""
    return max(0, at_a - (at_b + width_b - 1), at_b - (at_a + width_a - 1))


@compiled
def distance_us(at_a: int, width_a: int, at_b: int, width_b: int) -> int:
    """How far two told times lie apart: between equal precisions the plain difference, else between the spans."""
    return abs(at_a - at_b) if width_a == width_b else apart_us(at_a, width_a, at_b, width_b)
