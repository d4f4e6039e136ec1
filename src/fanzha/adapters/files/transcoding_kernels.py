"""GB18030 bytes turned into UTF-8 in one pass that keeps no interpreter waiting."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fanzha.kernel.compiled import compiled

NOT_PLAIN = -1
FIRST_LEAD, FIRST_TRAIL, TRAILS = 0x81, 0x40, 191
_NEWLINE, _RETURN = 10, 13
_HIDDEN_LENGTH = 6
"""Bytes of two Chinese characters in UTF-8, which would decode as GB18030 into nonsense."""


@compiled
def to_utf8(raw: NDArray[np.uint8], table: NDArray[np.uint16], out: NDArray[np.uint8]) -> tuple[int, int]:
    """Write `raw` as UTF-8 into `out` (3 bytes for each 2), every line end as one newline; (bytes, newlines) written.

    `table` gives the character of each two-byte code, 0 where there is none. Bytes written are `NOT_PLAIN` when `raw`
    holds a NUL, a code of four bytes, a broken one, or what may be two characters of UTF-8.
    """
    at, to, lines, hidden = 0, 0, 0, 0
    while at < len(raw):
        byte = raw[at]
        if byte < 0x80:
            hidden = 0
            if byte == 0:
                return NOT_PLAIN, 0
            if byte == _RETURN:
                if at + 1 < len(raw) and raw[at + 1] == _NEWLINE:
                    at += 1
                byte = _NEWLINE
            if byte == _NEWLINE:
                lines += 1
            out[to] = byte
            at, to = at + 1, to + 1
            continue
        if at + 1 == len(raw):
            return NOT_PLAIN, 0
        trail = raw[at + 1]
        hidden = _after(_after(hidden, byte), trail)
        if byte < FIRST_LEAD or byte == 0xFF or trail < FIRST_TRAIL or trail == 0xFF or hidden >= _HIDDEN_LENGTH:
            return NOT_PLAIN, 0
        char = table[(byte - FIRST_LEAD) * TRAILS + trail - FIRST_TRAIL]
        if char == 0:
            return NOT_PLAIN, 0
        if char >= 0x800:
            out[to] = 0xE0 | (char >> 12)
            out[to + 1] = 0x80 | ((char >> 6) & 0x3F)
            to += 2
        else:
            out[to] = 0xC0 | (char >> 6)
            to += 1
        out[to] = 0x80 | (char & 0x3F)
        at, to = at + 2, to + 1
    return to, lines


@compiled
def _after(hidden: int, byte: int) -> int:
    """How many bytes of two characters in UTF-8 stand behind us once `byte` does; six and more stay."""
    if hidden >= _HIDDEN_LENGTH:
        return hidden
    if hidden % 3 == 0:
        return hidden + 1 if 0xE4 <= byte <= 0xE9 else 0
    if 0x80 <= byte <= 0xBF:
        return hidden + 1
    return 1 if 0xE4 <= byte <= 0xE9 else 0
