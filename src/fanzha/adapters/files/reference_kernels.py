"""How far the cell references of a worksheet reach, found in its XML before anybody allocates for them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fanzha.kernel.compiled import compiled

_MOST_LETTERS = 8
MOST_ROW_DIGITS = 7
"""No spreadsheet has a row of more digits."""

_R, _EQUALS, _DOUBLE, _SINGLE = 114, 61, 34, 39


@compiled
def reach(xml: NDArray[np.uint8]) -> tuple[int, int]:
    """The highest column (A is 1) of all references `r="AB12"`, and the most digits of a row in them."""
    width, digits = 0, 0
    for at in range(len(xml)):
        if xml[at] != _R:
            continue
        place = _skip_space(xml, at + 1)
        if place >= len(xml) or xml[place] != _EQUALS:
            continue
        place = _skip_space(xml, place + 1)
        if place >= len(xml) or (xml[place] != _DOUBLE and xml[place] != _SINGLE):
            continue
        column, letters, place = 0, 0, place + 1
        while place < len(xml) and 65 <= (xml[place] & 0xDF) <= 90:
            if letters < _MOST_LETTERS:
                column = column * 26 + (xml[place] & 0xDF) - 64
            letters, place = letters + 1, place + 1
        start = place
        while place < len(xml) and 48 <= xml[place] <= 57:
            place += 1
        if place > start:
            width, digits = max(width, column), max(digits, place - start)
    return width, digits


@compiled
def _skip_space(xml: NDArray[np.uint8], at: int) -> int:
    while at < len(xml) and (xml[at] == 32 or 9 <= xml[at] <= 13):
        at += 1
    return at
