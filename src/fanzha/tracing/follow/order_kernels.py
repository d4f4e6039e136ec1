"""One order of all movements out of every account's own."""

from __future__ import annotations

from heapq import heappop, heappush

import numpy as np
from numpy.typing import NDArray

from fanzha.kernel.compiled import compiled

PROVEN, TOLD_BY_OTHERS = 0, 2
"""Columns of `after`: from here two for the ledgers' proven order, then two for the rest, payer's before payee's."""
COLUMNS = 4


@compiled
def total_order(
    at: NDArray[np.int64], after: NDArray[np.int64], before: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """The order of n movements, and which stand in circles: Kahn's algorithm, the earliest `at` first.

    `after`: int64[n, 4], the movement that follows in the payer's and payee's ledger, by own books and by others'
    telling; `before`: int64[n, 2], the one before by own books; −1 for none. What only others tell gives way first.
    """
    count = len(at)
    waits = _waits(after)
    placed, in_circle = np.zeros(count, np.bool_), np.zeros(count, np.bool_)
    ready, patient = [(at[0], 0) for _ in range(0)], [(at[0], 0) for _ in range(0)]
    for m in range(count):
        _offer(m, at, waits, ready, patient)
    by_time, first = np.argsort(at, kind="mergesort"), 0
    seen = np.full(count, -1, np.int64)
    order = np.empty(count, np.int64)
    for place in range(count):
        chosen = _earliest(ready, placed)
        if chosen < 0:
            chosen = _earliest(patient, placed)
        if chosen < 0:
            while placed[by_time[first]]:
                first += 1
            chosen = _of_circle(int(by_time[first]), place, at, before, placed, (seen, in_circle))
        placed[chosen] = True
        order[place] = chosen
        for column in range(COLUMNS):
            m = after[chosen, column]
            if m >= 0:
                waits[m, column // 2] -= 1
                if not placed[m]:
                    _offer(m, at, waits, ready, patient)
    return order, in_circle


@compiled
def _waits(after: NDArray[np.int64]) -> NDArray[np.int64]:
    """How many movements each one waits for: by own books, by others' telling."""
    waits = np.zeros((len(after), 2), np.int64)
    for m in range(len(after)):
        for column in range(COLUMNS):
            if after[m, column] >= 0:
                waits[after[m, column], column // 2] += 1
    return waits


@compiled
def _offer(
    m: int,
    at: NDArray[np.int64],
    waits: NDArray[np.int64],
    ready: list[tuple[int, int]],
    patient: list[tuple[int, int]],
) -> None:
    """Put a movement that own books no longer hold back where it will be found."""
    if waits[m, 0] == 0:
        heappush(ready if waits[m, 1] == 0 else patient, (at[m], m))


@compiled
def _earliest(heap: list[tuple[int, int]], placed: NDArray[np.bool_]) -> int:
    while len(heap) > 0:
        m = heappop(heap)[1]
        if not placed[m]:
            return m
    return -1


@compiled
def _of_circle(
    m: int,
    turn: int,
    at: NDArray[np.int64],
    before: NDArray[np.int64],
    placed: NDArray[np.bool_],
    marks: tuple[NDArray[np.int64], NDArray[np.bool_]],
) -> int:
    """The earliest movement of a circle that holds back `m`; `marks`: turn of the last visit, and who is in circles."""
    seen, in_circle = marks
    while seen[m] != turn:
        seen[m] = turn
        m = _held_back_by(m, before, placed)
    earliest, one = m, m
    while True:
        in_circle[one] = True
        if (at[one], one) < (at[earliest], earliest):
            earliest = one
        one = _held_back_by(one, before, placed)
        if one == m:
            return earliest


@compiled
def _held_back_by(m: int, before: NDArray[np.int64], placed: NDArray[np.bool_]) -> int:
    payer_side = before[m, 0]
    return int(payer_side if payer_side >= 0 and not placed[payer_side] else before[m, 1])
