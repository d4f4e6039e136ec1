"""Which dealing nearly repeats another one account further on, and the chains and circles that this makes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fanzha.kernel.compiled import compiled

NONE = -1


@compiled
def equal_links(
    bounds: NDArray[np.int64],
    columns: tuple[NDArray[np.int64], NDArray[np.bool_], NDArray[np.int64], NDArray[np.int64]],
    parties: tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.bool_]],
    least: NDArray[np.int64],
    window_s: int,
    most: int,
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """For each dealing the one by which its payee paid nearly the same on, −1 for none; and accounts not read out.

    `columns`: of events dealing, incoming, at_s, fen; `parties`: of dealings payer, payee, usable. A departure takes
    the earliest arrival within the window that is not taken, is no smaller, of which it is at least `least` (by
    dealing), and that its payee did not make. At most `most` arrivals are compared with one departure.
    """
    dealing, incoming, at_s, fen = columns
    payer, payee, usable = parties
    then = np.full(len(payer), NONE, np.int64)
    cut = np.zeros(len(bounds) - 1, np.bool_)
    taken = np.zeros(len(dealing), np.bool_)
    for account in range(len(bounds) - 1):
        head = bounds[account]
        for event in range(bounds[account], bounds[account + 1]):
            if incoming[event] or not usable[dealing[event]]:
                continue
            while head < event and (
                taken[head] or not incoming[head] or not usable[dealing[head]] or at_s[event] - at_s[head] > window_s
            ):
                head += 1
            compared = 0
            for came in range(head, event):
                if taken[came] or not incoming[came] or not usable[dealing[came]]:
                    continue
                if compared == most:
                    cut[account] = True
                    break
                compared += 1
                if fen[came] < fen[event] or fen[event] < least[dealing[came]]:
                    continue
                if payer[dealing[came]] == payee[dealing[event]]:
                    continue
                then[dealing[came]] = dealing[event]
                taken[came] = True
                break
    return then, cut


@compiled
def chains(then: NDArray[np.int64]) -> NDArray[np.int64]:
    """int64[m]: the first dealing of each one's chain, −1 for those that are in none."""
    first = np.full(len(then), NONE, np.int64)
    for dealing in range(len(then)):
        if then[dealing] >= 0:
            if first[dealing] < 0:
                first[dealing] = dealing
            first[then[dealing]] = first[dealing]
    return first


@compiled
def circles(
    then: NDArray[np.int64], payer: NDArray[np.int32], payee: NDArray[np.int32], fewest: int, most: int
) -> NDArray[np.int64]:
    """int64[m]: the first dealing of the circle each one closes or is in, −1 for none.

    Along a chain a circle is closed by the earliest dealing that pays an account which paid one of the last `most`;
    the shortest one counts, if it has `fewest` dealings, and no dealing is in two.
    """
    circle = np.full(len(then), NONE, np.int64)
    before = np.full(len(then), NONE, np.int64)
    for dealing in range(len(then)):
        if then[dealing] >= 0:
            before[then[dealing]] = dealing
    for dealing in range(len(then)):
        at, length = dealing, 1
        while length < most and before[at] >= 0 and circle[before[at]] < 0:
            at, length = before[at], length + 1
            if payer[at] == payee[dealing]:
                if length >= fewest:
                    here = dealing
                    while here != at:
                        circle[here] = at
                        here = before[here]
                    circle[at] = at
                break
    return circle
