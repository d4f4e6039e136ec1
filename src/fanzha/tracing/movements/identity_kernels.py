"""Kernel that lists which payers' and payees' tellings of equal sums lie near each other."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fanzha.kernel.compiled import compiled
from fanzha.tracing.movements.agreement import apart_us
from fanzha.tracing.movements.pairing_kernels import by_side


@compiled
def near_tellings(
    bounds: NDArray[np.int64],
    members: NDArray[np.int64],
    is_right: NDArray[np.bool_],
    times: tuple[NDArray[np.int64], NDArray[np.int64]],
    window_us: int,
    most: int,
) -> NDArray[np.int64]:
    """All pairs of a left and a right telling of one group within the window, at most `most` a group: int64[k, 2].

    The group's members lie by time; `times` are at_us and width_us.
    """
    at_us, width_us = times
    members, splits = by_side(bounds, members, is_right)
    edges = np.empty((1024, 2), np.int64)
    count = 0
    for g in range(len(splits)):
        first = splits[g]
        room = most
        for left in members[bounds[g] : splits[g]]:
            while first < bounds[g + 1] and at_us[members[first]] < at_us[left] - window_us - 86_400_000_000:
                first += 1
            for right in members[first : bounds[g + 1]]:
                if at_us[right] > at_us[left] + width_us[left] + window_us or room == 0:
                    break
                if apart_us(at_us[left], width_us[left], at_us[right], width_us[right]) > window_us:
                    continue
                if count == len(edges):
                    edges = np.concatenate((edges, np.empty_like(edges)))
                edges[count, 0], edges[count, 1] = left, right
                count += 1
                room -= 1
    return edges[:count]
