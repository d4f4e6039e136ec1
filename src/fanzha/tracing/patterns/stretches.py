"""Items of one stretch side by side."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

Places = NDArray[np.int64]


def grouped(key: NDArray[np.int64]) -> Iterator[Places]:
    """The places of each key that is not negative, keys rising, places of one key in their order."""
    some = np.flatnonzero(key >= 0)
    order = some[np.argsort(key[some], kind="stable")]
    cuts = np.flatnonzero(np.diff(key[order])) + 1
    if len(order):
        yield from np.split(order, cuts)


def in_order(*dealings: NDArray[np.int64]) -> tuple[NDArray[np.int64], ...]:
    """Each column of dealings once, in the order in which money moved."""
    return tuple(np.unique(each) for each in dealings)


def by_size(who: NDArray[np.int32], fen: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Each of `who` once with their fen, most first, equal ones by number."""
    each, place = np.unique(who, return_inverse=True)
    total = np.zeros(len(each), np.int64)
    np.add.at(total, place, fen)
    order = np.lexsort((each, -total))
    return each[order].astype(np.int64), total[order]
