"""Kernel that finds the same entry of one account in several files."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fanzha.kernel.compiled import compiled
from fanzha.tracing.movements.agreement import CONTRADICTS, SAME, agreement, apart_us

_UNTOLD = np.iinfo(np.int64).min
SAME_ALL, SAME_SERIAL, SAME_BALANCE, SAME_PARTY, NOTHING_AGAINST = 0, 1, 2, 3, 4
SERIALS_APART = 1
BALANCES_APART = 2
ROUNDED_US = 1_000_000
"""How far rounding moves a time; believed where serial or balance agree."""


@compiled
def _shares_file(i: int, j: int, file: NDArray[np.int32], following: NDArray[np.int32]) -> bool:
    """Whether two growing entries already hold rows of one file."""
    a = i
    while a >= 0:
        b = j
        while b >= 0:
            if file[a] == file[b]:
                return True
            b = following[b]
        a = following[a]
    return False


@compiled
def _holds(i: int, of_file: int, file: NDArray[np.int32], following: NDArray[np.int32]) -> bool:
    """Whether a growing entry already holds a row of this file."""
    while i >= 0:
        if file[i] == of_file:
            return True
        i = following[i]
    return False


@compiled
def _could_join(tier: int, serial: int, balance: int) -> bool:
    """Whether a row tells what this tier of evidence needs of both."""
    if tier in (SAME_ALL, SAME_SERIAL) and serial < 0:
        return False
    return balance != _UNTOLD or tier not in (SAME_ALL, SAME_BALANCE)


@compiled
def _systems(a: int, b: int, pairs: NDArray[np.int64], apart: NDArray[np.int8]) -> int:
    """What two files are known not to share: serial numbers or balances of one system."""
    key = np.int64(min(a, b)) << 32 | np.int64(max(a, b))
    at = np.searchsorted(pairs, key)
    return apart[at] if at < len(pairs) and pairs[at] == key else 0


@compiled
def _compared(a: int, b: int, untold: int) -> int:
    """1 where both are told and equal, −1 where they differ, 0 where one is silent."""
    if a == untold or b == untold:
        return 0
    return 1 if a == b else -1


@compiled
def _joins(tier: int, serials: int, balances: int, party: int) -> bool:
    """Whether what two files tell of rows with equal amount and time makes them one entry on this tier of evidence."""
    if tier == SAME_ALL:
        return serials == 1 and balances == 1
    if tier == SAME_SERIAL:
        return serials == 1 and balances >= 0
    if tier == SAME_BALANCE:
        return balances == 1
    against = serials < 0 or balances < 0 or party == CONTRADICTS
    return not against and (tier == NOTHING_AGAINST or party == SAME)


@compiled
def _are_one(  # noqa: PLR0913
    tier: int,
    i: int,
    j: int,
    columns: tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int32], NDArray[np.int32]],
    reversal: NDArray[np.bool_],
    times: tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]],
    fits: tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.bool_], NDArray[np.bool_]],
    systems: tuple[NDArray[np.int64], NDArray[np.int8]],
    following: NDArray[np.int32],
) -> bool:
    """Whether `tier` says that two rows of one account, side and amount tell one entry."""
    file, other, book, serial = columns
    at_us, width_us, balance = times
    apart = apart_us(at_us[i], width_us[i], at_us[j], width_us[j])
    if apart > ROUNDED_US or (book[i] >= 0 and book[j] >= 0 and book[i] != book[j]):
        return False
    serials = _compared(serial[i], serial[j], -1)
    balances = _compared(balance[i], balance[j], _UNTOLD)
    if apart > 0 and max(serials, balances) < 1:
        return False
    if reversal[i] != reversal[j] and balances < 1:
        return False
    party = agreement(other[i], other[j], fits[0], fits[1], fits[2], fits[3])
    if file[i] == file[j]:
        same_moment = at_us[i] == at_us[j]
        return bool(tier == SAME_ALL and serials == 1 and balances == 1 and party == SAME and same_moment)
    known = _systems(file[i], file[j], systems[0], systems[1])
    serials = max(0, serials) if known & SERIALS_APART else serials
    balances = max(0, balances) if known & BALANCES_APART else balances
    return _joins(tier, serials, balances, party) and not _shares_file(i, j, file, following)


@compiled
def _link(first: int, added: int, root: NDArray[np.int32], following: NDArray[np.int32]) -> None:
    """Put a row and those that follow it behind the last row of an entry."""
    last = first
    while following[last] >= 0:
        last = following[last]
    following[last] = added
    while added >= 0:
        root[added] = first
        added = following[added]


@compiled
def same_entries(  # noqa: PLR0913
    tier: int,
    groups: NDArray[np.int64],
    members: NDArray[np.int64],
    columns: tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int32], NDArray[np.int32]],
    reversal: NDArray[np.bool_],
    times: tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]],
    fits: tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.bool_], NDArray[np.bool_]],
    systems: tuple[NDArray[np.int64], NDArray[np.int8]],
    root: NDArray[np.int32],
    following: NDArray[np.int32],
    comparisons: int,
) -> None:
    """Join rows of `members[groups[g]:groups[g + 1]]` (one account, side, amount) that `tier` says are one entry.

    `columns` are file, other, book, serial; `times` are at_us, width_us, balance.
    Writes `root` (first row of the entry) and `following` (next row of the entry).
    """
    file, serial, balance = columns[0], columns[3], times[2]
    for g in range(len(groups) - 1):
        start, of_file = groups[g], -1
        for x in range(groups[g] + 1, groups[g + 1]):
            i = members[x]
            if file[i] != of_file:
                start, of_file = groups[g], file[i]
            if root[i] != i or not _could_join(tier, serial[i], balance[i]):
                continue
            if tier != SAME_ALL:
                while start < x and (
                    root[members[start]] != members[start] or _holds(members[start], file[i], file, following)
                ):
                    start += 1
            looked = 0
            for y in range(start, x):
                j = members[y]
                if tier != SAME_ALL and file[j] == file[i]:
                    break
                if root[j] != j:
                    continue
                looked += 1
                if looked > comparisons:
                    break
                if _are_one(tier, i, j, columns, reversal, times, fits, systems, following):
                    _link(j, i, root, following)
                    break
