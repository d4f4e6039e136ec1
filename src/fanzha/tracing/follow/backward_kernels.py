"""Looking for the arrival on which money that lay at some height of an account came."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fanzha.kernel.compiled import compiled


@compiled
def last_below(before: NDArray[np.int64], signed: NDArray[np.int64], at: int, top: int) -> int:
    """The last arrival among the first `at` events that found less than `top` fen there; −1 when there is none."""
    for i in range(at - 1, -1, -1):
        if signed[i] > 0 and before[i] < top:
            return i
    return -1
