"""Where events crowd: stretches in which windows of a set length hold enough different parties."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fanzha.kernel.compiled import compiled


@compiled
def crowded(
    group: NDArray[np.int64], at_s: NDArray[np.int64], who: NDArray[np.int64], window_s: int, least: int
) -> NDArray[np.int64]:
    """int64[n]: the stretch each event belongs to, −1 for none. Events come by group, then time; `who` ≥ 0.

    An event is in a stretch when some window of `window_s` (both ends included) holds it and `least` different `who`
    of its group; windows that share an event are one stretch.
    """
    stretch = np.full(len(group), -1, np.int64)
    there = np.zeros(who.max() + 1 if len(who) else 1, np.int64)
    found = -1
    left = covered = different = 0
    for event in range(len(group)):
        while group[left] != group[event] or at_s[event] - at_s[left] > window_s:
            there[who[left]] -= 1
            different -= there[who[left]] == 0
            left += 1
        different += there[who[event]] == 0
        there[who[event]] += 1
        if different >= least:
            if covered <= left:
                found += 1
            for each in range(max(left, covered), event + 1):
                stretch[each] = found
            covered = event + 1
    return stretch
