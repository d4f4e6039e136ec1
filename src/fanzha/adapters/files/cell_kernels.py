"""What the characters of a cell say: numbers, references, and texts that show themselves.

Every text here ends in NUL bytes, as in `worksheet_kernels`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fanzha.kernel.compiled import compiled

_MOST_DIGITS = 7
_EXACT_DIGITS = 15


@compiled
def digits(text: NDArray[np.uint8], at: int, end: int) -> int:
    """The number from `at` to `end`, or -1."""
    if end == at or end - at > _MOST_DIGITS:
        return -1
    value = 0
    for place in range(at, end):
        if not 48 <= text[place] <= 57:
            return -1
        value = value * 10 + text[place] - 48
    return value


@compiled
def reference(text: NDArray[np.uint8], at: int, end: int) -> tuple[int, int]:
    """Row (from 1) and column (from 0) of a reference such as `AB12`; the row is -1 when it is none."""
    column, start = 0, at
    while 65 <= text[at] <= 90:
        column = column * 26 + text[at] - 64
        at += 1
    if not 1 <= at - start <= 3 or text[at] == 48:
        return -1, 0
    return digits(text, at, end), column - 1


@compiled
def run_of_text(text: NDArray[np.uint8], at: int) -> tuple[int, bool]:
    """Where the text ends at the next tag, and whether it has nothing (`&`, a carriage return, `_x`) to be undone."""
    as_it_stands = True
    while text[at] != 60 and text[at] != 0:
        as_it_stands &= text[at] != 38 and text[at] != 13 and not (text[at] == 95 and text[at + 1] == 120)
        at += 1
    return at, as_it_stands


@compiled
def may_be_trimmed(text: NDArray[np.uint8], start: int, end: int) -> bool:
    """Whether the text may begin or end with a space of any kind (in UTF-8 those begin with C2, E1, E2 or E3)."""
    if text[start] <= 32 or text[end - 1] <= 32 or text[start] == 0xC2 or 0xE1 <= text[start] <= 0xE2:
        return True
    if text[start] == 0xE3 and text[start + 1] == 0x80:
        return True
    if end - start >= 2 and text[end - 2] == 0xC2:
        return True
    lead = text[end - 3] if end - start >= 3 else 0
    return 0xE1 <= lead <= 0xE2 or (lead == 0xE3 and text[end - 2] == 0x80)


@compiled
def shows_itself(text: NDArray[np.uint8], at: int, end: int) -> bool:
    """Whether a number is written as it is shown: at most 15 digits, no exponent, no needless zero, 0.0001 or more."""
    at += text[at] == 45
    first = at
    while 48 <= text[at] <= 57:
        at += 1
    written = at - first
    if written == 0 or (written > 1 and text[first] == 48):
        return False
    if at < end:
        if text[at] != 46 or text[end - 1] == 48 or text[end - 1] == 46:
            return False
        at += 1
        if text[first] == 48 and end - at > 3 and text[at] == 48 and text[at + 1] == 48 and text[at + 2] == 48:
            return False
        fraction = at
        while 48 <= text[at] <= 57:
            at += 1
        written += at - fraction
    elif text[first] == 48 and text[first - 1] == 45:
        return False
    return at == end and written <= _EXACT_DIGITS
