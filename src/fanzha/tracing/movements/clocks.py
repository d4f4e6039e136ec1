"""How far two accounts' banks' clocks usually differ, learnt from transfers that leave no choice."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fanzha.tracing.movements.movements import DAY_US
from fanzha.tracing.movements.tellings import Tellings


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Clocks:
    """For pairs of accounts (lower node « 32 | higher, sorted): how far the higher one's clock is ahead."""

    pairs: NDArray[np.int64]
    ahead_us: NDArray[np.int64]

    @staticmethod
    def unknown() -> Clocks:
        """Nothing learnt: all clocks agree."""
        none = np.zeros(0, np.int64)
        return Clocks(pairs=none, ahead_us=none)

    def between(self, a: NDArray[np.int32], b: NDArray[np.int32]) -> NDArray[np.int64]:
        """How far the clocks of `b` are ahead of those of `a`; 0 where nothing is learnt."""
        if not len(self.pairs):
            return np.zeros(len(a), np.int64)
        key = _pair_key(a, b)
        at = np.minimum(np.searchsorted(self.pairs, key), len(self.pairs) - 1)
        return np.where(self.pairs[at] == key, np.where(a < b, self.ahead_us[at], -self.ahead_us[at]), 0)


def clocks_of(rows: Tellings, left: NDArray[np.int64], right: NDArray[np.int64]) -> Clocks:
    """The median difference for each pair of accounts."""
    told = (rows.width_us[left] < DAY_US) & (rows.width_us[right] < DAY_US) & (rows.own[left] != rows.own[right])
    left, right = left[told], right[told]
    if not len(left):
        return Clocks.unknown()
    a, b = rows.own[left], rows.own[right]
    ahead = np.where(a < b, 1, -1) * (rows.at_us[right] - rows.at_us[left])
    key = _pair_key(a, b)
    order = np.lexsort((ahead, key))
    pairs, first, count = np.unique(key[order], return_index=True, return_counts=True)
    return Clocks(pairs=pairs, ahead_us=ahead[order][first + (count - 1) // 2])


def _pair_key(a: NDArray[np.int32], b: NDArray[np.int32]) -> NDArray[np.int64]:
    return np.minimum(a, b).astype(np.int64) << 32 | np.maximum(a, b)
