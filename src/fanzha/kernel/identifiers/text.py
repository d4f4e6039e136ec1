"""Text as it lies in cells, made plain: full-width to half, nothing invisible, no glue at the edges."""

from __future__ import annotations

import re
from unicodedata import normalize

_INVISIBLE = dict.fromkeys([0xAD, 0xFEFF, *range(0x200B, 0x2010), *range(0x2028, 0x202F), *range(0x2060, 0x2065)])
_CONTROL: dict[int, int | None] = dict.fromkeys([*range(0, 9), *range(14, 32), 127])
_PLAIN_TABLE: dict[int, int | None] = {**_INVISIBLE, **_CONTROL, 0x2212: 0x2D, 0x2013: 0x2D, 0x2014: 0x2D}
_EDGE = " '\"`\u00b4\u2018\u2019\u201c\u201d\u2032"
_RUN_OF_SPACE = re.compile(r"\s+")


def tidy(text: str) -> str:
    """The text in half width (NFKC) without invisible characters, and without spaces, quotes or `=` glued around it."""
    if text.isascii():
        if text.isalnum():
            return text
    else:
        text = normalize("NFKC", text)
    text = _RUN_OF_SPACE.sub(" ", text.translate(_PLAIN_TABLE)).strip(_EDGE)
    return text.lstrip("=").strip(_EDGE) if text.startswith("=") else text


def squeeze(text: str) -> str:
    """`tidy` without any space inside either."""
    return tidy(text).replace(" ", "")
