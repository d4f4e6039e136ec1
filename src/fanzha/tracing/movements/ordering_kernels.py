"""Kernels that find which way a file runs and the order that balances prove."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fanzha.kernel.compiled import compiled

_UNTOLD = np.iinfo(np.int64).min


@compiled
def file_directions(
    order: NDArray[np.int64],
    file: NDArray[np.int32],
    own: NDArray[np.int32],
    at_us: NDArray[np.int64],
    balance: NDArray[np.int64],
    signed: NDArray[np.int64],
) -> NDArray[np.bool_]:
    """Which rows lie in an account's part of a file that runs from new to old; times decide, else balances.

    `order` sorts rows by (file, account, line).
    """
    descending = np.zeros(len(order), np.bool_)
    start = 0
    while start < len(order):
        end = start + 1
        first = order[start]
        later = earlier = onward = backward = 0
        while end < len(order) and file[order[end]] == file[first] and own[order[end]] == own[first]:
            a, b = order[end - 1], order[end]
            later += at_us[b] > at_us[a]
            earlier += at_us[b] < at_us[a]
            if balance[a] != _UNTOLD and balance[b] != _UNTOLD:
                onward += balance[b] - signed[b] == balance[a]
                backward += balance[a] - signed[a] == balance[b]
            end += 1
        if earlier > later or (earlier == later and backward > onward):
            for at in range(start, end):
                descending[order[at]] = True
        start = end
    return descending


MOST_CHAINED = 4_096
"""Rows of one instant that are chained piecewise where balances prove no single order."""


@compiled
def _breaks(order: NDArray[np.int64], before: NDArray[np.int64], after: NDArray[np.int64], previous: int) -> int:
    """How often a row in this order does not begin with the balance that the row before it left."""
    count = 0
    current = previous
    for at in order:
        count += current not in (_UNTOLD, before[at])
        current = after[at]
    return count


@compiled
def _starting_points(
    tail: NDArray[np.int64], values: NDArray[np.int64], before: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Rows by the balance they begin with, in default order: bounds[values + 1] and rows."""
    bounds = np.zeros(len(values) + 1, np.int64)
    for node in tail:
        bounds[node + 1] += 1
    bounds = np.cumsum(bounds)
    rows = np.empty(len(before), np.int64)
    filled = bounds[:-1].copy()
    for at in range(len(before)):
        rows[filled[tail[at]]] = at
        filled[tail[at]] += 1
    return bounds, rows


@compiled
def _trail(before: NDArray[np.int64], after: NDArray[np.int64], previous: int, following: int) -> NDArray[np.int64]:
    """The first order, by default order, in which every row begins with the balance the one before left.

    An Eulerian trail over balances (Hierholzer); empty where there is none. `previous` is the balance before the
    group and `following` the one that the next row begins with, where told.
    """
    values = np.unique(np.concatenate((before, after)))
    tail, head = np.searchsorted(values, before), np.searchsorted(values, after)
    bounds, rows = _starting_points(tail, values, before)
    surplus = np.diff(bounds)
    for node in head:
        surplus[node] -= 1
    start = int(tail[0])
    if np.any(surplus == 1):
        start = int(np.argmax(surplus == 1))
    else:
        for wanted in (following, previous):
            at = np.searchsorted(values, wanted)
            if wanted != _UNTOLD and at < len(values) and values[at] == wanted and bounds[at + 1] > bounds[at]:
                start = int(at)
    taken = bounds[:-1].copy()
    stack_node, stack_row = [start], [-1]
    backwards = np.empty(len(before), np.int64)
    count = 0
    while len(stack_node) > 0:
        node = stack_node[-1]
        if taken[node] < bounds[node + 1]:
            row = int(rows[taken[node]])
            taken[node] += 1
            stack_node.append(head[row])
            stack_row.append(row)
        else:
            stack_node.pop()
            row = stack_row.pop()
            if row >= 0:
                backwards[count] = row
                count += 1
    order = backwards[:count][::-1]
    if count < len(before) or _breaks(order, before, after, _UNTOLD) > 0:
        return order[:0]
    return order


@compiled
def _chains(before: NDArray[np.int64], after: NDArray[np.int64], previous: int) -> NDArray[np.int64]:
    """An order with few breaks where rows are missing: follow balances while they lead on, then begin afresh."""
    values = np.unique(np.concatenate((before, after)))
    tail, head = np.searchsorted(values, before), np.searchsorted(values, after)
    arrivals = np.zeros(len(values), np.int64)
    for node in head:
        arrivals[node] += 1
    used = np.zeros(len(before), np.bool_)
    order = np.empty(len(before), np.int64)
    current = previous
    for count in range(len(before)):
        chosen = fresh = first = -1
        for at in range(len(before)):
            if used[at]:
                continue
            first = at if first < 0 else first
            if before[at] == current:
                chosen = at
                break
            if fresh < 0 and arrivals[tail[at]] == 0:
                fresh = at
        if chosen < 0:
            chosen = fresh if fresh >= 0 else first
        used[chosen] = True
        arrivals[head[chosen]] -= 1
        order[count] = chosen
        current = after[chosen]
    return order


@compiled
def order_by_balances(
    bounds: NDArray[np.int64],
    at_us: NDArray[np.int64],
    width_us: NDArray[np.int64],
    balance: NDArray[np.int64],
    signed: NDArray[np.int64],
    most: int,
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The proven order of rows that lie by time in runs `bounds[r]:bounds[r + 1]` (one account's book each).

    Only rows whose times overlap change places, and only where balances disprove the order given.
    Returns places in order and the instant each row's group begins.
    """
    order = np.arange(len(at_us))
    instant = at_us.copy()
    for r in range(len(bounds) - 1):
        start = bounds[r]
        previous = _UNTOLD
        while start < bounds[r + 1]:
            end = start + 1
            reach = at_us[start] + width_us[start]
            told = balance[start] != _UNTOLD
            while end < bounds[r + 1] and at_us[end] < reach:
                reach = max(reach, at_us[end] + width_us[end])
                told = told and balance[end] != _UNTOLD
                instant[end] = instant[start]
                end += 1
            if end - start > 1 and told and end - start <= most:
                after = balance[start:end]
                before = after - signed[start:end]
                default = np.arange(end - start)
                wrong = _breaks(default, before, after, previous)
                if wrong > 0:
                    following = _UNTOLD
                    if end < bounds[r + 1] and balance[end] != _UNTOLD:
                        following = balance[end] - signed[end]
                    better = _trail(before, after, previous, following)
                    if len(better) == 0 and end - start <= MOST_CHAINED:
                        better = _chains(before, after, previous)
                    if len(better) > 0 and _breaks(better, before, after, previous) < wrong:
                        order[start:end] = start + better
            last = order[end - 1]
            previous = balance[last] if balance[last] != _UNTOLD or previous == _UNTOLD else previous + signed[last]
            start = end
    return order, instant


@compiled
def prove(
    bounds: NDArray[np.int64], balance: NDArray[np.int64], signed: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], NDArray[np.uint8]]:
    """Walk each run in order and compare told balances with what the rows between them did.

    Returns the places before and after each break with the fen that are missing there, and for each run
    whether nothing could be compared (0), all agrees (1), something breaks (2), all told agrees (3).
    """
    places_before, places_after, missing = [0][:0], [0][:0], [np.int64(0)][:0]
    verdict = np.zeros(len(bounds) - 1, np.uint8)
    for r in range(len(bounds) - 1):
        last = -1
        expected = np.int64(0)
        compared = broken = untold = 0
        for at in range(bounds[r], bounds[r + 1]):
            expected += signed[at]
            if balance[at] == _UNTOLD:
                untold += 1
                continue
            if last >= 0:
                compared += 1
                if balance[at] != expected:
                    broken += 1
                    places_before.append(last)
                    places_after.append(at)
                    missing.append(balance[at] - expected)
            last = at
            expected = balance[at]
        if compared:
            verdict[r] = 2 if broken else (3 if untold else 1)
    return np.array(places_before), np.array(places_after), np.array(missing), verdict
