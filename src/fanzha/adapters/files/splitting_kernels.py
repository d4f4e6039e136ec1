"""Delimited text taken apart as bytes: where each cell lies, and all cells laid out column by column."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fanzha.kernel.compiled import compiled

_QUOTE, _NEWLINE = 34, 10


@compiled
def find_cells(text: NDArray[np.uint8], delimiter: int, starts: NDArray[np.int32], ends: NDArray[np.int32]) -> bool:
    """Fill where each cell of each line begins and ends, quotes around it left out; whether all lines are plain.

    Plain lines have one cell for each column of `starts`, end with a newline, and quote whole cells or none, without
    a quote or a newline inside.
    """
    rows, width = starts.shape
    at = 0
    for row in range(rows):
        for column in range(width):
            if at < len(text) and text[at] == _QUOTE:
                at += 1
                starts[row, column] = at
                while at < len(text) and text[at] != _QUOTE and text[at] != _NEWLINE:
                    at += 1
                ends[row, column] = at
                if at == len(text) or text[at] != _QUOTE:
                    return False
                at += 1
            else:
                starts[row, column] = at
                while at < len(text) and text[at] != delimiter and text[at] != _NEWLINE:
                    at += 1
                ends[row, column] = at
            if at == len(text) or text[at] != (_NEWLINE if column == width - 1 else delimiter):
                return False
            at += 1
    return at == len(text)


@compiled
def lay_out(
    text: NDArray[np.uint8],
    starts: NDArray[np.int32],
    ends: NDArray[np.int32],
    offsets: NDArray[np.int32],
    laid: NDArray[np.uint8],
) -> int:
    """Copy all cells column after column into `laid`, where `offsets` (columns × rows + 1) then finds them.

    Returns the length of the longest cell in bytes.
    """
    rows, width = starts.shape
    at, longest = 0, 0
    for column in range(width):
        for row in range(rows):
            offsets[column, row] = at
            longest = max(longest, ends[row, column] - starts[row, column])
            for place in range(starts[row, column], ends[row, column]):
                laid[at] = text[place]
                at += 1
        offsets[column, rows] = at
    return longest
