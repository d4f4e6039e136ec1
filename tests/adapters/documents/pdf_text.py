"""The text of a PDF that the house set, page by page, read back by its fonts' own maps to Unicode."""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping

_OBJECT = re.compile(rb"(?m)^(\d+) 0 obj\s(.*?)(?:stream\r?\n(.*?)\nendstream|endobj)", re.DOTALL)
_PLAIN = rb"(?:[^\\()]|\\.)*"
_STRING = (
    rb"\("
    + _PLAIN
    + rb"(?:\("
    + _PLAIN
    + rb"(?:\("
    + _PLAIN
    + rb"\)"
    + _PLAIN
    + rb")*\)"
    + _PLAIN
    + rb")*\)|<[0-9A-F]+>"
)
"""Brackets that are in pairs need no escape."""
_TOKEN = re.compile(rb"/([A-Z]\w*)(" + _STRING + rb")|/(f\d+) [\d.]+ Tf|(" + _STRING + rb")|\b(BT|ET|EMC)\b", re.DOTALL)
_ESCAPED = re.compile(rb"\\(?:([0-7]{1,3})|(.))", re.DOTALL)
_NAMED = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}


def pages(pdf: bytes) -> list[str]:
    """Each page's text, a line for each run."""
    objects = {int(found[1]): (found[2], found[3] or b"") for found in _OBJECT.finditer(pdf)}
    fonts = {number: _unicode(objects, head) for number, (head, _) in objects.items() if b"/ToUnicode" in head}
    leaves = sorted((number, head) for number, (head, _) in objects.items() if re.search(rb"/Type\s*/Page\b", head))
    return [_text(objects, head, fonts) for _, head in leaves]


def _text(objects: Mapping[int, tuple[bytes, bytes]], page: bytes, fonts: Mapping[int, Mapping[int, str]]) -> str:
    named = {
        name: fonts[int(number)]
        for name, number in re.findall(rb"/(f\d+) (\d+) 0 R", _resources(objects, page))
        if int(number) in fonts
    }
    contents = re.search(rb"/Contents (\d+) 0 R", page)
    assert contents is not None
    lines, line, font = list[str](), "", dict[int, str]()
    is_told = False
    for key, value, name, shown, mark in _TOKEN.findall(zlib.decompress(objects[int(contents[1])][1])):
        if key == b"ActualText":
            line, is_told = line + _actual(_bytes(value)), True
        elif name:
            font = dict(named[name])
        elif shown and not is_told:
            codes = _bytes(shown)
            line += "".join(font[high << 8 | low] for high, low in zip(codes[::2], codes[1::2], strict=True))
        elif mark == b"EMC":
            is_told = False
        elif mark == b"ET":
            lines, line = [*lines, line], ""
    return "\n".join(lines)


def _resources(objects: Mapping[int, tuple[bytes, bytes]], page: bytes) -> bytes:
    elsewhere = re.search(rb"/Resources (\d+) 0 R", page)
    return objects[int(elsewhere[1])][0] if elsewhere else page


def _actual(told: bytes) -> str:
    return told[2:].decode("utf-16-be") if told.startswith(b"\xfe\xff") else told.decode("latin-1")


def _bytes(string: bytes) -> bytes:
    if string.startswith(b"<"):
        return bytes.fromhex(string[1:-1].decode())

    def plain(found: re.Match[bytes]) -> bytes:
        return bytes([int(found[1], 8)]) if found[1] else _NAMED.get(found[2], found[2])

    return _ESCAPED.sub(plain, string[1:-1])


def _unicode(objects: Mapping[int, tuple[bytes, bytes]], font: bytes) -> dict[int, str]:
    """Glyph numbers to text."""
    told = re.search(rb"/ToUnicode (\d+) 0 R", font)
    assert told is not None
    pairs = re.findall(rb"<([0-9a-fA-F]{4})>\s*<([0-9a-fA-F]+)>", zlib.decompress(objects[int(told[1])][1]))
    return {int(code, 16): bytes.fromhex(text.decode()).decode("utf-16-be") for code, text in pairs}
