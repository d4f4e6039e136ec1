"""What balances prove about directions and about the order of rows."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fanzha.records.statements.rows import UNKNOWN_FEN

Ints = NDArray[np.int64]

NEIGHBOURS = 3
"""How far apart rows of one instant are looked at."""


def _changes(own: NDArray[np.int32], balance: Ints, newest_first: bool) -> Ints:
    """Each row's balance minus that of the row before it in the same account; `UNKNOWN_FEN` where not told."""
    order = np.argsort(own, kind="stable")
    if newest_first:
        order = order[::-1]
    sorted_own, sorted_balance = own[order], balance[order]
    changes = np.full(len(own), UNKNOWN_FEN, np.int64)
    known = (
        (sorted_own[1:] == sorted_own[:-1]) & (sorted_balance[1:] != UNKNOWN_FEN) & (sorted_balance[:-1] != UNKNOWN_FEN)
    )
    changes[order[1:][known]] = sorted_balance[1:][known] - sorted_balance[:-1][known]
    return changes


def proven_sides(own: NDArray[np.int32], amount: Ints, balance: Ints, newest_first: bool) -> NDArray[np.int8]:
    """+1 where the balance rose by exactly the amount, −1 where it fell by it, 0 where it proves nothing."""
    changes = _changes(own, balance, newest_first)
    size = np.abs(amount)
    proven = (changes != UNKNOWN_FEN) & (size > 0) & (np.abs(changes) == size)
    return np.where(proven, np.sign(changes), 0).astype(np.int8)


def fits_both_ways(own: NDArray[np.int32], signed: Ints, balance: Ints, at_us: Ints) -> NDArray[np.bool_]:
    """Where a row's opposite direction would fit another row of its account and instant, or the row before that.

    Rows of one instant may stand in any order, so there nothing is proven.
    """
    order = np.argsort(own, kind="stable")
    count = len(order)
    at = at_us[order]
    before_if_opposite = np.where(signed != 0, balance + signed, UNKNOWN_FEN)[order]
    both = np.zeros(count, np.bool_)
    for step in range(1, min(NEIGHBOURS, count - 1) + 1):
        first, second = order[:-step], order[step:]
        same = own[first] == own[second]
        together = same & (at[:-step] == at[step:])
        enters_second = same & (at[:-step] < at[step:]) & (at[1 : count - step + 1] == at[step:])
        enters_first = same & (at[:-step] > at[step:]) & (at[step - 1 : count - 1] == at[:-step])
        fits_second = (before_if_opposite[:-step] == balance[second]) & (signed[first] != 0)
        fits_first = (before_if_opposite[step:] == balance[first]) & (signed[second] != 0)
        both[first] |= (together | enters_first) & fits_second
        both[second] |= (together | enters_second) & fits_first
    return both


def runs_backwards(own: NDArray[np.int32], amount: Ints, balance: Ints, at_us: Ints) -> bool:
    """Whether the newest row comes first: by what balances prove, else by the times."""
    forwards = int((proven_sides(own, amount, balance, newest_first=False) != 0).sum())
    backwards = int((proven_sides(own, amount, balance, newest_first=True) != 0).sum())
    if forwards != backwards and max(forwards, backwards) >= 3:
        return backwards > forwards
    same = own[1:] == own[:-1]
    steps = np.sign(np.diff(at_us))[same]
    return int((steps < 0).sum()) > int((steps > 0).sum())
