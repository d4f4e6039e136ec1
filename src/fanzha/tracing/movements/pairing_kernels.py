"""Kernels that lay the payer's and the payee's tellings of equal transfers side by side."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fanzha.kernel.compiled import compiled
from fanzha.tracing.movements.agreement import CONTRADICTS, MASKED, SAME, UNTOLD, agreement, distance_us

MOST_CELLS = 4_000_000
"""Largest table of the exact alignment; beyond it both sides are walked once, earliest fit first."""
MOST_EDGES = 1_000_000
"""Pairs of equal fen that are looked at in one group; beyond it each telling meets those of about its own rank."""

EXACT_MASKED, MASKED_BOTH, EXACT_NAMED, EXACT_UNTOLD, MASKED_UNTOLD, NAMED_UNTOLD = 0, 1, 2, 3, 4, 5
KINDS_OF_EVIDENCE = 6
NO_EDGE, TOLD_IN_FULL = -1, 6
NAMES_ONE = (TOLD_IN_FULL, EXACT_MASKED, EXACT_NAMED, EXACT_UNTOLD)
"""Evidence of which one telling at least names the other's account."""


@compiled
def _align(
    left: NDArray[np.int64],
    right: NDArray[np.int64],
    at_us: NDArray[np.int64],
    width_us: NDArray[np.int64],
    window_us: int,
    partner: NDArray[np.int64],
) -> None:
    """Match two rows of tellings without crossing: as many as possible, then the least total distance."""
    n, m = len(left), len(right)
    if (n + 1) * (m + 1) > MOST_CELLS:
        i = j = 0
        while i < n and j < m:
            a, b = left[i], right[j]
            if distance_us(at_us[a], width_us[a], at_us[b], width_us[b]) <= window_us:
                partner[a], partner[b] = b, a
                i += 1
                j += 1
            elif at_us[a] < at_us[b]:
                i += 1
            else:
                j += 1
        return
    one_more = (window_us + 1) * (min(n, m) + 1)
    best = np.zeros((n + 1, m + 1), np.int64)
    for i in range(n):
        for j in range(m):
            a, b = left[i], right[j]
            value = max(best[i, j + 1], best[i + 1, j])
            far = distance_us(at_us[a], width_us[a], at_us[b], width_us[b])
            if far <= window_us:
                value = max(value, best[i, j] + one_more - far)
            best[i + 1, j + 1] = value
    i, j = n, m
    while i > 0 and j > 0:
        if best[i, j] == best[i - 1, j]:
            i -= 1
        elif best[i, j] == best[i, j - 1]:
            j -= 1
        else:
            i -= 1
            j -= 1
            partner[left[i]], partner[right[j]] = right[j], left[i]


@compiled
def align_groups(  # noqa: PLR0913
    bounds: NDArray[np.int64],
    members: NDArray[np.int64],
    is_right: NDArray[np.bool_],
    at_us: NDArray[np.int64],
    width_us: NDArray[np.int64],
    window_us: int,
    partner: NDArray[np.int64],
) -> None:
    """Match left and right tellings of each group `members[bounds[g]:bounds[g + 1]]`, by time; writes `partner`."""
    for g in range(len(bounds) - 1):
        start = bounds[g]
        while start < bounds[g + 1]:
            end = start
            reach = at_us[members[start]]
            rights = 0
            while end < bounds[g + 1] and at_us[members[end]] <= reach + window_us:
                reach = max(reach, at_us[members[end]] + width_us[members[end]])
                rights += is_right[members[end]]
                end += 1
            if 0 < rights < end - start:
                cluster = members[start:end]
                of_right = is_right[cluster]
                _align(cluster[~of_right], cluster[of_right], at_us, width_us, window_us, partner)
            start = end


@compiled
def by_side(
    bounds: NDArray[np.int64], members: NDArray[np.int64], is_right: NDArray[np.bool_]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The members of each group, left ones first, each side in the order given; and where the right ones begin."""
    ordered = np.empty_like(members)
    splits = np.empty(len(bounds) - 1, np.int64)
    for g in range(len(bounds) - 1):
        place = bounds[g]
        for right in (False, True):
            for x in range(bounds[g], bounds[g + 1]):
                if is_right[members[x]] == right:
                    ordered[place] = members[x]
                    place += 1
            if not right:
                splits[g] = place
    return ordered, splits


@compiled
def _first_from(others: NDArray[np.int64], at_us: NDArray[np.int64], least_us: int) -> int:
    """The first place in `others`, which lie by time, that is not before `least_us`."""
    low, high = 0, len(others)
    while low < high:
        middle = (low + high) // 2
        if at_us[others[middle]] < least_us:
            low = middle + 1
        else:
            high = middle
    return low


@compiled
def _widest(some: NDArray[np.int64], width_us: NDArray[np.int64]) -> int:
    """How long the least exactly told time of some tellings lasts."""
    widest = 0
    for one in some:
        widest = max(widest, width_us[one])
    return widest


@compiled
def _near(
    a: int,
    others: NDArray[np.int64],
    at_us: NDArray[np.int64],
    width_us: NDArray[np.int64],
    reach_us: int,
    widest_us: int,
) -> tuple[int, int]:
    """Which places of `others`, which lie by time and are no wider than `widest_us`, may be within reach of `a`."""
    start = _first_from(others, at_us, at_us[a] - reach_us - widest_us)
    return start, _first_from(others, at_us, at_us[a] + width_us[a] + reach_us)


@compiled
def lone_pairs(  # noqa: PLR0913
    bounds: NDArray[np.int64],
    members: NDArray[np.int64],
    is_right: NDArray[np.bool_],
    at_us: NDArray[np.int64],
    width_us: NDArray[np.int64],
    window_us: int,
    partner: NDArray[np.int64],
) -> None:
    """Match only where a left and a right telling have nobody else of the other side within the window."""
    members, splits = by_side(bounds, members, is_right)
    for g in range(len(splits)):
        lefts, rights = members[bounds[g] : splits[g]], members[splits[g] : bounds[g + 1]]
        if len(lefts) == 0 or len(rights) == 0:
            continue
        wide_left, wide_right = _widest(lefts, width_us), _widest(rights, width_us)
        for a in lefts:
            only = _only_one(a, rights, at_us, width_us, window_us, wide_right)
            if only >= 0 and _only_one(only, lefts, at_us, width_us, window_us, wide_left) == a:
                partner[a], partner[only] = only, a


@compiled
def _only_one(
    a: int,
    others: NDArray[np.int64],
    at_us: NDArray[np.int64],
    width_us: NDArray[np.int64],
    window_us: int,
    widest_us: int,
) -> int:
    """The single one of `others` within the window of `a`, −1 for none or several."""
    found = -1
    start, end = _near(a, others, at_us, width_us, window_us, widest_us)
    for b in others[start:end]:
        if distance_us(at_us[a], width_us[a], at_us[b], width_us[b]) <= window_us:
            if found >= 0:
                return -1
            found = b
    return found


@compiled
def _evidence(payers: int, payees: int, named: bool, barred: bool) -> int:
    """What kind of evidence joins two tellings whose payers and payees agree so far, `NO_EDGE` for none."""
    low, high = min(payers, payees), max(payers, payees)
    if low == CONTRADICTS or (low == UNTOLD and barred):
        return NO_EDGE
    if low == SAME:
        return TOLD_IN_FULL
    if low == MASKED:
        return EXACT_MASKED if high == SAME else MASKED_BOTH
    if high == SAME:
        return EXACT_NAMED if named else EXACT_UNTOLD
    if high == MASKED:
        return MASKED_UNTOLD
    return NAMED_UNTOLD if named else NO_EDGE


@compiled
def _names(a: int, b: int, same: bool) -> int:
    """1 where two names are told and equal, −1 where they contradict, 0 else (also for accounts known the `same`)."""
    if a < 0 or b < 0:
        return 0
    if a == b:
        return 1
    return 0 if same else -1


@compiled
def clock_of(a: int, b: int, keys: NDArray[np.int64], ahead_us: NDArray[np.int64]) -> int:
    """How far account `b`'s clock is ahead of `a`'s, as far as known (0)."""
    key = np.int64(min(a, b)) << 32 | np.int64(max(a, b))
    at = np.searchsorted(keys, key)
    if at == len(keys) or keys[at] != key:
        return 0
    ahead = int(ahead_us[at])
    return ahead if a < b else -ahead


@compiled
def _edge(  # noqa: PLR0913
    left: int,
    right: int,
    parties: tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int32], NDArray[np.int32], NDArray[np.int32]],
    barred: NDArray[np.bool_],
    times: tuple[NDArray[np.int64], NDArray[np.int64]],
    fits: tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.bool_], NDArray[np.bool_]],
    clocks: tuple[NDArray[np.int64], NDArray[np.int64]],
    window_us: int,
    by_serial: bool,
) -> tuple[int, int]:
    """What joins two tellings of equal fen, `NO_EDGE` for nothing, and how far apart their times are."""
    payer, payee, payer_name, payee_name, own = parties
    at_us, width_us = times
    ahead = clock_of(own[left], own[right], clocks[0], clocks[1])
    far = distance_us(at_us[left] + ahead, width_us[left], at_us[right], width_us[right])
    if far > window_us:
        return NO_EDGE, far
    payers = agreement(payer[left], payer[right], fits[0], fits[1], fits[2], fits[3])
    payees = agreement(payee[left], payee[right], fits[0], fits[1], fits[2], fits[3])
    name_a = _names(payer_name[left], payer_name[right], payers == SAME)
    name_b = _names(payee_name[left], payee_name[right], payees == SAME)
    if name_a < 0 or name_b < 0:
        return NO_EDGE, far
    if by_serial:
        contradicts = min(payers, payees) == CONTRADICTS
        return (NO_EDGE if contradicts else KINDS_OF_EVIDENCE - max(payers, payees)), far
    told = (name_a > 0 and payers == UNTOLD) or (name_b > 0 and payees == UNTOLD)
    return _evidence(payers, payees, told, barred[left] or barred[right]), far


@compiled
def _chosen(start: int, end: int, centre: int, most: int) -> tuple[int, int]:
    """At most so many places of a range, those around `centre`."""
    if end - start <= most:
        return start, end
    start = min(max(start, centre - most // 2), end - most)
    return start, start + most


@compiled
def loose_edges(  # noqa: PLR0913
    bounds: NDArray[np.int64],
    splits: NDArray[np.int64],
    members: NDArray[np.int64],
    parties: tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int32], NDArray[np.int32], NDArray[np.int32]],
    barred: NDArray[np.bool_],
    times: tuple[NDArray[np.int64], NDArray[np.int64]],
    fits: tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.bool_], NDArray[np.bool_]],
    clocks: tuple[NDArray[np.int64], NDArray[np.int64]],
    window_us: int,
    modes: tuple[bool, bool],
) -> NDArray[np.int64]:
    """All pairs of a left and a right telling of a group that could be one transfer: int64[k, 4].

    Groups are as `by_side` gives them, each side by time; of more than `MOST_EDGES` a group those of equal rank stay.
    Columns are left, right, kind of evidence, distance in microseconds. `parties` are payer, payee, their names,
    and own. `barred` rows are never joined by a missing counterparty. `modes`: whether serials are equal, and whether
    tellings that name each other in full are wanted too.
    """
    by_serial, in_full = modes
    at_us, width_us = times
    reach_us = window_us + (np.abs(clocks[1]).max() if len(clocks[1]) else 0)
    edges = np.empty((1024, 4), np.int64)
    count = 0
    for g in range(len(splits)):
        lefts, rights = members[bounds[g] : splits[g]], members[splits[g] : bounds[g + 1]]
        if len(lefts) == 0 or len(rights) == 0:
            continue
        most, widest_us = max(1, MOST_EDGES // len(lefts)), _widest(rights, width_us)
        for x in range(len(lefts)):
            left = lefts[x]
            start, end = _near(left, rights, at_us, width_us, reach_us, widest_us)
            start, end = _chosen(start, end, x * len(rights) // len(lefts), most)
            for right in rights[start:end]:
                kind, far = _edge(left, right, parties, barred, times, fits, clocks, window_us, by_serial)
                if kind == NO_EDGE or (kind == TOLD_IN_FULL and not in_full):
                    continue
                if count == len(edges):
                    edges = np.concatenate((edges, np.empty_like(edges)))
                edges[count, 0], edges[count, 1], edges[count, 2], edges[count, 3] = left, right, kind, far
                count += 1
    return edges[:count]


@compiled
def _one_or_many(known: int, account: int) -> int:
    """The only account met so far, −2 once there are several."""
    return account if known == account or known == -1 else -2


@compiled
def take_edges(
    edges: NDArray[np.int64], only_between: NDArray[np.bool_], own: NDArray[np.int32], partner: NDArray[np.int64]
) -> None:
    """Accept edges of one kind of evidence in the order given, each telling once; writes `partner`.

    Where `only_between[kind]`, a telling is matched only if all its edges lead to one account, both ways.
    """
    if len(edges) == 0:
        return
    towards = np.full(len(partner), -1, np.int64)
    if only_between[edges[0, 2]]:
        for e in range(len(edges)):
            left, right = edges[e, 0], edges[e, 1]
            if partner[left] >= 0 or partner[right] >= 0:
                continue
            towards[left] = _one_or_many(towards[left], int(own[right]))
            towards[right] = _one_or_many(towards[right], int(own[left]))
    for e in range(len(edges)):
        left, right = edges[e, 0], edges[e, 1]
        if partner[left] < 0 and partner[right] < 0 and towards[left] != -2 and towards[right] != -2:
            partner[left], partner[right] = right, left


@compiled
def augment(edges: NDArray[np.int64], partner: NDArray[np.int64]) -> None:
    """Pair as many tellings as edges allow, changing partners where that lets two more find one; writes `partner`.

    `edges` are rows (left, right, …) sorted by left. Each left telling without partner looks for a path to a free
    right one, over pairs that may part because both find another.
    """
    starts = np.searchsorted(edges[:, 0], np.append(np.unique(edges[:, 0]), np.iinfo(np.int64).max))
    came_from = np.full(len(partner), -1, np.int64)
    for first in range(len(starts) - 1):
        if partner[edges[starts[first], 0]] >= 0:
            continue
        waiting = [first]
        met = [0][:0]
        end = turn = -1
        while end < 0 and turn + 1 < len(waiting):
            turn += 1
            at = waiting[turn]
            for e in range(starts[at], starts[at + 1]):
                right = edges[e, 1]
                if came_from[right] >= 0:
                    continue
                came_from[right] = edges[e, 0]
                met.append(right)
                if partner[right] < 0:
                    end = right
                    break
                place = np.searchsorted(edges[:, 0], partner[right])
                if place < len(edges) and edges[place, 0] == partner[right]:
                    waiting.append(int(np.searchsorted(starts, place)))
        while end >= 0:
            left = came_from[end]
            before = partner[left]
            partner[left], partner[end] = end, left
            end = before
        for right in met:
            came_from[right] = -1
