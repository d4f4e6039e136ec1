"""Kernel that finds the entry that a reversal takes back."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fanzha.kernel.compiled import compiled
from fanzha.tracing.movements.agreement import CONTRADICTS, agreement


@compiled
def originals(  # noqa: PLR0913
    pass_: tuple[bool, bool],
    bounds: NDArray[np.int64],
    members: NDArray[np.int64],
    reversal: NDArray[np.bool_],
    columns: tuple[NDArray[np.int8], NDArray[np.int32], NDArray[np.int32], NDArray[np.int32], NDArray[np.int32]],
    times: tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int32]],
    fits: tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.bool_], NDArray[np.bool_]],
    limits: tuple[int, int],
    taken_back: NDArray[np.int64],
    original: NDArray[np.int64],
) -> None:
    """For reversals without one find the nearest earlier original in `members[bounds[g]:bounds[g + 1]]`.

    A group holds one account's rows of one amount by time. `pass_`: whether serials must be equal, and whether
    the signs must be opposite (else equal: red ink). `columns` are side, other and its name, serial, book;
    `times` are at_us, width_us, file; `limits` are the window in microseconds and the comparisons of one row. Writes
    `original[reversal]` and `taken_back[original]`.
    """
    by_serial, opposite = pass_
    side, other, name, serial, book = columns
    for g in range(len(bounds) - 1):
        for x in range(bounds[g], bounds[g + 1]):
            z = members[x]
            if not reversal[z] or original[z] >= 0 or (by_serial and serial[z] < 0):
                continue
            for y in _candidates(x, bounds[g], bounds[g + 1], members, times, limits):
                o = members[y]
                if reversal[o] or taken_back[o] >= 0 or (by_serial and serial[o] != serial[z]):
                    continue
                if (side[o] == -side[z] and side[z] != 0) != opposite:
                    continue
                if book[o] >= 0 and book[z] >= 0 and book[o] != book[z]:
                    continue
                same_name = name[o] >= 0 and name[o] == name[z]
                contradicts = agreement(other[o], other[z], fits[0], fits[1], fits[2], fits[3]) == CONTRADICTS
                if contradicts and not by_serial and not same_name:
                    continue
                original[z], taken_back[o] = o, z
                break


@compiled
def _candidates(
    x: int,
    start: int,
    end: int,
    members: NDArray[np.int64],
    times: tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int32]],
    limits: tuple[int, int],
) -> list[int]:
    """Places of rows before `members[x]`, nearest first, then those of other files that its time may lie after."""
    at_us, width_us, file = times
    z = members[x]
    places = [x][:0]
    for y in range(x - 1, max(start, x - limits[1]) - 1, -1):
        if at_us[z] - at_us[members[y]] > limits[0]:
            break
        places.append(y)
    for y in range(x + 1, min(end, x + limits[1])):
        if at_us[members[y]] >= at_us[z] + width_us[z]:
            break
        if file[members[y]] != file[z]:
            places.append(y)
    return places
