"""Rows that share a key, side by side."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def packed(chosen: NDArray[np.int64], key: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Those of `chosen` whose key others share, group by group in the order given: members and bounds[groups + 1]."""
    if not len(chosen):
        return chosen, np.zeros(1, np.int64)
    order = np.argsort(key, kind="stable")
    ordered = key[order]
    starts = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]]))
    lengths = np.diff(np.append(starts, len(order)))
    shared = lengths > 1
    starts, lengths = starts[shared], lengths[shared]
    bounds = np.zeros(len(starts) + 1, np.int64)
    np.cumsum(lengths, out=bounds[1:])
    inside = np.repeat(starts - bounds[:-1], lengths) + np.arange(bounds[-1])
    return chosen[order[inside]], bounds
