"""Blocks of plain GB18030, which nearly all are, become UTF-8 at once; the others are left to the careful way."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from fanzha.adapters.files import transcoding_kernels as kernels


def plain_gb18030(raw: bytes) -> tuple[NDArray[np.uint8], int] | None:
    """The block in UTF-8, each line end one newline, and the number of newlines; None unless every byte is plain.

    Codes of four bytes, NULs, broken characters and anything that may be UTF-8 inside are not plain.
    """
    out = np.empty(len(raw) + len(raw) // 2 + 1, np.uint8)
    written, lines = kernels.to_utf8(np.frombuffer(raw, np.uint8), _characters(), out)
    return None if written == kernels.NOT_PLAIN else (out[:written], lines)


@cache
def _characters() -> NDArray[np.uint16]:
    """The character of each code of two bytes, 0 where the codec knows none."""
    leads, trails = range(kernels.FIRST_LEAD, 0xFF), range(kernels.FIRST_TRAIL, 0xFF)
    found = [bytes((lead, trail)).decode("gb18030", "replace") for lead in leads for trail in trails]
    return np.array([ord(each) if len(each) == 1 and each != "\ufffd" else 0 for each in found], np.uint16)
