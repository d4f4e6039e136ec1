"""The typeface of documents: carried along, so that no machine's fonts change a page, and known for what it lacks."""

from __future__ import annotations

import struct
import unicodedata
from collections.abc import Iterable
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent / "fonts"
FAMILY = "Noto Sans CJK SC"
REGULAR = FOLDER / "NotoSansCJKsc-Regular.otf"
BOLD = FOLDER / "NotoSansCJKsc-Bold.otf"

_WHOLE_UNICODE = 12
"""The format of a character map that tells characters beyond the first 65,536, as those of rare names are."""
_UNSEEN = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Mc", "Me", "Mn", "Zl", "Zp"})
"""Categories that a page does not show as a character of its own: marks, controls, directions, private use."""
_LINES = {ord(each): " " for each in "\t\r\n"}


@cache
def coverage(font: Path = REGULAR) -> frozenset[int]:
    """The code points that an OpenType font has glyphs for; source: OpenType specification, `cmap` format 12."""
    data = font.read_bytes()
    tables = struct.iter_unpack(">4sIII", data[12 : 12 + 16 * struct.unpack(">H", data[4:6])[0]])
    start = next(place for tag, _, place, _ in tables if tag == b"cmap")
    found: set[int] = set()
    for at in range(start + 4, start + 4 + 8 * struct.unpack(">H", data[start + 2 : start + 4])[0], 8):
        here = start + struct.unpack(">I", data[at + 4 : at + 8])[0]
        if struct.unpack(">H", data[here : here + 2])[0] == _WHOLE_UNICODE:
            groups = struct.unpack(">I", data[here + 12 : here + 16])[0]
            for first, last, _ in struct.iter_unpack(">III", data[here + 16 : here + 16 + 12 * groups]):
                found.update(range(first, last + 1))
    return frozenset(found)


def lacking(texts: Iterable[str]) -> tuple[str, ...]:
    """The characters of these texts that a page cannot show as they are, in the order of their code points."""
    told = list(texts)
    if _is_plain("".join(told)):  # as most are: asked once and not of each
        return ()
    unseen = [each for each in told if not _is_plain(each)]
    return tuple(sorted(each for each in set().union(*map(_composed, unseen)) if not _is_shown(each)))


def visible(text: str) -> str:
    """The text with every character that cannot be shown as its code point: never a box, never nothing."""
    if _is_plain(text):
        return text
    return "".join(each if _is_shown(each) else code_point(each) for each in _composed(text))


_SEEN: set[str] = set()
"""Characters that were found to be shown."""


def _is_plain(text: str) -> bool:
    """Whether a page shows the text as it is told, as it does most: composed, on one line, of characters it has."""
    if not _SEEN.issuperset(text):
        _SEEN.update(filter(_is_shown, text))
    return _SEEN.issuperset(text) and unicodedata.is_normalized("NFC", text)


def code_point(character: str) -> str:
    """A character by its number: `〔U+2B7F7〕`."""
    return f"\u3014U+{ord(character):04X}\u3015"


def _composed(text: str) -> str:
    """Letters with their accents as one character each, on one line."""
    return unicodedata.normalize("NFC", text.translate(_LINES))


@cache
def _is_shown(character: str) -> bool:
    return ord(character) in coverage() and unicodedata.category(character) not in _UNSEEN
