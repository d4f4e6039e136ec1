"""Kernels over accounts' events: own clocks that never fall, and which departure spent which arrival."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fanzha.kernel.compiled import compiled

Parts = tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]


@compiled
def latest_so_far(bounds: NDArray[np.int64], at_s: NDArray[np.int64]) -> None:
    """Within each account no event's second before the one in front of it; in place."""
    for account in range(len(bounds) - 1):
        for event in range(bounds[account] + 1, bounds[account + 1]):
            at_s[event] = max(at_s[event], at_s[event - 1])


@compiled
def first_in_first_out(
    bounds: NDArray[np.int64], incoming: NDArray[np.bool_], fen: NDArray[np.int64], opening_fen: NDArray[np.int64]
) -> Parts:
    """Which arrival each departure spent, oldest first: events (arrival, departure) and the fen, by departure.

    What was there before the first event is spent before all; what an account pays beyond everything has no arrival.
    """
    arrival = np.empty(len(fen), np.int64)
    departure = np.empty(len(fen), np.int64)
    part = np.empty(len(fen), np.int64)
    count = 0
    for account in range(len(bounds) - 1):
        head, end = bounds[account], bounds[account + 1]
        old = max(opening_fen[account], 0)
        there = 0  # what is left of the arrival at `head`
        started = False
        for event in range(bounds[account], end):
            if incoming[event]:
                continue
            owed = fen[event] - min(fen[event], old)
            old -= min(fen[event], old)
            while owed > 0:
                if not started or there == 0:
                    head = head + 1 if started else head
                    while head < event and not incoming[head]:
                        head += 1
                    if head >= event:
                        started = False
                        break
                    started, there = True, fen[head]
                spent = min(owed, there)
                arrival[count], departure[count], part[count] = head, event, spent
                count += 1
                owed -= spent
                there -= spent
    return arrival[:count].copy(), departure[:count].copy(), part[:count].copy()
