"""Kernel that adds up each account's own rows."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fanzha.kernel.compiled import compiled

_UNTOLD = np.iinfo(np.int64).min

IN_FEN, OUT_FEN, IN_COUNT, OUT_COUNT, CASH_IN_FEN, CASH_OUT_FEN, NIGHT, TIMED, OPENING, CLOSING = range(10)
SUMS = 10


@compiled
def add_up(
    bounds: NDArray[np.int64],
    incoming: NDArray[np.bool_],
    amount: NDArray[np.int64],
    marks: tuple[NDArray[np.bool_], NDArray[np.bool_], NDArray[np.bool_], NDArray[np.int8]],
    balances: tuple[NDArray[np.int64], NDArray[np.int64]],
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Sums of each account's rows `bounds[a]:bounds[a + 1]`: int64[accounts, SUMS], and fen by hour, in and out.

    `marks` are moving, cash, night and Shanghai hour (−1 where untold); `balances` are signed fen and balance after.
    """
    moving, cash, night, hour = marks
    signed, balance = balances
    accounts = len(bounds) - 1
    sums = np.zeros((accounts, SUMS), np.int64)
    hourly = np.zeros((accounts, 2, 24), np.int64)
    for a in range(accounts):
        since = np.int64(0)
        sums[a, OPENING] = sums[a, CLOSING] = _UNTOLD
        for at in range(bounds[a], bounds[a + 1]):
            since += signed[at]
            if balance[at] != _UNTOLD:
                if sums[a, OPENING] == _UNTOLD:
                    sums[a, OPENING] = balance[at] - since
                sums[a, CLOSING] = balance[at]
                since = np.int64(0)
            if not moving[at]:
                continue
            out = 0 if incoming[at] else 1
            sums[a, IN_FEN + out] += amount[at]
            sums[a, IN_COUNT + out] += 1
            if cash[at]:
                sums[a, CASH_IN_FEN + out] += amount[at]
            if hour[at] >= 0:
                hourly[a, out, hour[at]] += amount[at]
                sums[a, TIMED] += 1
                sums[a, NIGHT] += night[at]
        if sums[a, CLOSING] != _UNTOLD:
            sums[a, CLOSING] += since
    return sums, hourly
