"""Marks of an SVG file: whatever text comes in, what comes out is well-formed and runs nothing."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;"}
_ESCAPED = str.maketrans(_ESCAPES)
WIDE, NARROW = 1.0, 0.58
"""Widths of a Chinese and of any other character, in font sizes."""


def escaped(text: str) -> str:
    """Text as SVG carries it, in an element or an attribute; characters that XML has no place for become U+FFFD."""
    return _NOT_XML.sub("\ufffd", text).translate(_ESCAPED)


def mark(name: str, inside: str = "", /, **attributes: object) -> str:
    """An element; `_` in an attribute's name is `-`, a number has at most two decimals, `inside` is markup."""
    told = "".join(f' {key.strip("_").replace("_", "-")}="{_value(value)}"' for key, value in attributes.items())
    return f"<{name}{told}>{inside}</{name}>" if inside else f"<{name}{told}/>"


def words(text: str, x: float, y: float, attributes: Mapping[str, object] | None = None) -> str:
    """A line of text that begins at a place on its baseline."""
    return mark("text", escaped(text), x=x, y=y, **(attributes or {}))


def _value(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.2f}".rstrip("0").rstrip(".")
    return escaped(str(value))


def width(text: str, size: float) -> float:
    """About how wide a line is."""
    return size * sum(WIDE if unicodedata.east_asian_width(each) in "WF" else NARROW for each in text)


def shortened(text: str, size: float, room: float) -> str:
    """The text, or its beginning and `…` where it is wider than its room."""
    if width(text, size) <= room:
        return text
    kept = ""
    for each in text:
        if width(f"{kept}{each}…", size) > room:
            break
        kept += each
    return f"{kept}…"
