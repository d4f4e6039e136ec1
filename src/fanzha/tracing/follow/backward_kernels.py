"""Arrivals of one account looked at one after the other, the latest first."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fanzha.kernel.compiled import compiled
from fanzha.tracing.follow.share_kernels import portion


class Arrivals(NamedTuple):
    """Money that came into an account: its key, its fen, and what lay there after it; earliest first."""

    key: NDArray[np.int64]
    fen: NDArray[np.int64]
    after: NDArray[np.int64]


@compiled
def last_below(before: NDArray[np.int64], signed: NDArray[np.int64], at: int, top: int) -> int:
    """The last arrival among the first `at` events that found less than `top` fen there; −1 when there is none."""
    for i in range(at - 1, -1, -1):
        if signed[i] > 0 and before[i] < top:
            return i
    return -1


@compiled
def newer_part(fen: int, newer: int, whole: int) -> int:
    """The newer money's part of some fen of the whole: by the largest remainder of two, ties to the older."""
    part, remainder = portion(fen, newer, whole)
    return part + (remainder > whole - remainder)


@compiled
def small_draws(
    arrivals: Arrivals, at: int, fen: int, until: tuple[int, int], drawn: NDArray[np.int64]
) -> tuple[int, int, int]:
    """Draw one label's fen out of arrivals from `at` down, as long as each has less than the floor of it.

    `until`: (key, floor), arrivals up to this key are not looked at. Fills `drawn` with their parts; the next arrival,
    the fen that are left, and how many were looked at.
    """
    count, (last_key, floor) = 0, until
    while at >= 0 and fen > 0 and count < len(drawn) and arrivals.key[at] > last_key:
        part = newer_part(fen, arrivals.fen[at], arrivals.after[at])
        if part >= floor:
            break
        drawn[count] = part
        at, fen, count = at - 1, fen - part, count + 1
    return at, fen, count
