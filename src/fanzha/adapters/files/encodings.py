"""Bytes become lines of text: the encoding is decided on content, and lines that break it are tried in the other."""

from __future__ import annotations

import codecs
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray

from fanzha.adapters.files.limits import KIB, MIB
from fanzha.adapters.files.transcoding import plain_gb18030
from fanzha.kernel.errors import Invalid

BLOCK_BYTES = MIB
_SAMPLE_BYTES = 256 * KIB
_PROBES = 8
"""Places of a long file that are sampled: its head may be plain ASCII for megabytes."""

_SHAPES = bytes(0x4C if 0xE4 <= byte <= 0xE9 else 0x43 if 0x80 <= byte <= 0xBF else 0x2E for byte in range(256))
_TWO_HANZI = b"LCCLCC"
"""Two Chinese characters in UTF-8 after `translate(_SHAPES)`: they also decode as GB18030, into nonsense."""

_CUT_SHORT = re.compile('(?<=[^\x00-\x7f\ufffd])\ufffd(?=[\\s,;|"\uff0c\x01]|$)')
"""Half a character at the end of a cell: old systems cut Chinese text at a number of bytes."""


class Encoding(StrEnum):
    """The encodings that Chinese institutions write."""

    UTF_8 = "utf-8"
    GB18030 = "gb18030"
    UTF_16_LE = "utf-16-le"
    UTF_16_BE = "utf-16-be"


_BOMS = (
    (codecs.BOM_UTF8, Encoding.UTF_8),
    (b"\x84\x31\x95\x33", Encoding.GB18030),
    (codecs.BOM_UTF16_LE, Encoding.UTF_16_LE),
    (codecs.BOM_UTF16_BE, Encoding.UTF_16_BE),
)


@dataclass(slots=True)
class Oddities:
    """What was mended on the way, by code: how many lines, and the first."""

    found: dict[str, tuple[int, int]] = field(default_factory=dict)

    def note(self, code: str, line: int) -> None:
        """Count one more line."""
        times, first = self.found.get(code, (0, line))
        self.found[code] = (times + 1, first)


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Whole lines of a file, each ended by one newline; `first_line` is 1-based, `faults` are lines left blank."""

    utf8: NDArray[np.uint8]
    lines: int
    first_line: int
    faults: list[tuple[int, str]] = field(default_factory=list)

    @property
    def text(self) -> str:
        """The lines as Python has them."""
        return self.utf8.tobytes().decode("utf-8")


def decide_encoding(file: Path, place: str) -> tuple[Encoding, int]:
    """The file's encoding and the length of its byte order mark; `Invalid` when its bytes are no text."""
    with file.open("rb") as stream:
        sample = _sample(stream)
    for mark, encoding in _BOMS:
        if sample.startswith(mark):
            return encoding, len(mark)
    wide = _unmarked_utf16(sample[:_SAMPLE_BYTES])
    if wide is not None:
        return wide, 0
    return _narrow_encoding(sample, place), 0


def _sample(stream: IO[bytes]) -> bytes:
    """The head, and for long files whole lines from places spread over the rest."""
    head = stream.read(_SAMPLE_BYTES)
    size = stream.seek(0, 2)
    parts = [head]
    for probe in range(1, _PROBES + 1):
        at = size * probe // _PROBES - 64 * KIB
        if at > _SAMPLE_BYTES:
            stream.seek(at)
            parts.append(stream.read(64 * KIB).partition(b"\n")[2])
    return b"\n".join(parts)


def _unmarked_utf16(head: bytes) -> Encoding | None:
    """UTF-16 without a mark shows in digits and commas: a zero in every second byte and none between."""
    even, odd = head[0::2].count(0), head[1::2].count(0)
    half = max(1, len(head) // 2)
    if odd > 0.2 * half and even < 0.02 * half:
        return Encoding.UTF_16_LE
    if even > 0.2 * half and odd < 0.02 * half:
        return Encoding.UTF_16_BE
    return None


def _narrow_encoding(sample: bytes, place: str) -> Encoding:
    """UTF-8 or GB18030, whichever more lines are written in; a file whose lines are mostly neither is no text."""
    votes = Counter(_vote(line) for line in sample.replace(b"\r", b"\n").split(b"\n") if line)
    if votes[None] * 2 > votes.total():
        raise Invalid("files.not_text", place=place)
    return Encoding.GB18030 if votes[Encoding.GB18030] > votes[Encoding.UTF_8] else Encoding.UTF_8


def _vote(line: bytes) -> Encoding | str | None:
    """What one line is written in, a few broken characters allowed; `""` for plain ASCII, None for no text."""
    if len(line.translate(None, _CONTROLS)) < len(line):
        return None
    if line.isascii():
        return ""
    broken = line.decode("utf-8", "replace").count("\ufffd")
    if broken == 0 or (broken <= _FEW and _may_hide_utf8(line)):
        return Encoding.UTF_8
    broken = line.decode("gb18030", "replace").count("\ufffd")
    return Encoding.GB18030 if broken <= max(_FEW, len(line) // 50) and broken * 4 <= len(line) else None


_FEW = 3
_CONTROLS = bytes(set(range(32)) - set(b"\t\n\r\x00\x1a\x0c\x0b\x01\x02\x03"))
"""Control characters that no text file has (NUL, padding and old field marks apart)."""


def _decodes(line: bytes, encoding: Encoding) -> bool:
    try:
        line.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def blocks(file: Path, encoding: Encoding, mark_bytes: int, line_bytes: int, oddities: Oddities) -> Iterator[Block]:
    """The file as text, block by block in order; line ends of every kind become one newline."""
    narrow = Encoding.UTF_8 if encoding in (Encoding.UTF_16_LE, Encoding.UTF_16_BE) else encoding
    other = {Encoding.UTF_8: Encoding.GB18030, Encoding.GB18030: Encoding.UTF_8}[narrow]
    decoder = _Decoder(narrow, other if narrow is encoding else None, oddities)
    with file.open("rb") as raw:
        raw.seek(mark_bytes)
        stream = raw if narrow is encoding else _Narrowed(raw, encoding)
        line = 1
        for part, is_whole in _whole_lines(stream, line_bytes):
            block = _block(part, line, decoder) if is_whole else _spoken("\n", line, [(line, "too_long")])
            yield block
            line += block.lines


def _block(part: bytes, line: int, decoder: _Decoder) -> Block:
    if decoder.encoding is Encoding.GB18030 and (plain := plain_gb18030(part)):
        return Block(utf8=plain[0], lines=plain[1], first_line=line)
    text, faults = decoder.decode(_normal(part), line)
    return _spoken(text, line, faults)


def _spoken(text: str, line: int, faults: list[tuple[int, str]]) -> Block:
    raw = np.frombuffer(text.encode("utf-8", "replace"), np.uint8)
    return Block(utf8=raw, lines=text.count("\n"), first_line=line, faults=faults)


class _Narrowed:
    """A UTF-16 stream read as UTF-8; halves of characters stay what they are and fail as lines later."""

    def __init__(self, raw: IO[bytes], encoding: Encoding) -> None:
        self._raw = raw
        self._decoder = codecs.getincrementaldecoder(encoding)("surrogatepass")

    def read(self, size: int) -> bytes:
        while part := self._raw.read(size):
            if text := self._decoder.decode(part):
                return text.encode("utf-8", "surrogatepass")
        return b""


def _whole_lines(stream: IO[bytes] | _Narrowed, line_bytes: int) -> Iterator[tuple[bytes, bool]]:
    """Parts that end with a line end; (b"", False) stands for one line beyond the limit."""
    rest, skipping = b"", False
    while part := stream.read(BLOCK_BYTES):
        part = rest + part
        cut = part.rfind(b"\n") + 1 or part.rfind(b"\r", 0, -1) + 1
        whole, rest = part[:cut], part[cut:]
        if skipping and whole:
            whole = _after_first_line(whole)
            skipping = False
            yield b"", False
        if whole:
            yield whole, True
        if len(rest) > line_bytes:
            rest, skipping = b"", True
    if skipping:
        yield b"", False
    elif rest:
        yield rest if rest.endswith((b"\r", b"\n")) else rest + b"\n", True


def _normal(lines: bytes) -> bytes:
    return lines.replace(b"\r\n", b"\n").replace(b"\r", b"\n") if b"\r" in lines else lines


def _after_first_line(lines: bytes) -> bytes:
    return lines.partition(b"\n" if b"\n" in lines else b"\r")[2]


class _Decoder:
    """Decodes blocks at once, and line by line where a block is not all in the file's encoding."""

    def __init__(self, encoding: Encoding, other: Encoding | None, oddities: Oddities) -> None:
        self.encoding = encoding
        self._other = other
        self._oddities = oddities

    def decode(self, raw: bytes, first_line: int) -> tuple[str, list[tuple[int, str]]]:
        """The text of whole lines, and the lines (left blank) that are in neither encoding."""
        if b"\x00" in raw:
            raw = self._without_nul(raw, first_line)
        if self.encoding is not Encoding.GB18030 or not _may_hide_utf8(raw):
            try:
                return raw.decode(self.encoding), []
            except UnicodeDecodeError:
                pass
        texts: list[str] = []
        faults: list[tuple[int, str]] = []
        for number, line in enumerate(raw[:-1].split(b"\n"), first_line):
            text = line.decode("ascii") if line.isascii() else self._line(line, number)
            if text is None:
                faults.append((number, "undecodable"))
            texts.append(text or "")
        return "\n".join(texts) + "\n", faults

    def _line(self, line: bytes, number: int) -> str | None:
        """The text of one line: in the file's encoding, cut short, or in the other one; None when it is in neither."""
        is_utf8_inside = _may_hide_utf8(line)
        if is_utf8_inside and self._other is Encoding.UTF_8 and (text := self._in_other(line, number)):
            return text
        if _decodes(line, self.encoding):
            return line.decode(self.encoding)
        if not (is_utf8_inside and self._other is Encoding.GB18030) and (text := self._in_other(line, number)):
            return text
        return self._cut_short(line, number)

    def _in_other(self, line: bytes, number: int) -> str | None:
        if self._other is None or not _decodes(line, self._other):
            return None
        self._oddities.note("mixed_encodings", number)
        return line.decode(self._other)

    def _cut_short(self, line: bytes, number: int) -> str | None:
        """The line with half characters at cell ends shown as U+FFFD; None when more than those is broken."""
        text = line.decode(self.encoding, "replace")
        if "\ufffd" in _CUT_SHORT.sub("", text):
            return None
        self._oddities.note("cut_characters", number)
        return text

    def _without_nul(self, raw: bytes, first_line: int) -> bytes:
        for number, line in enumerate(raw[:-1].split(b"\n"), first_line):
            if b"\x00" in line:
                self._oddities.note("nul_bytes", number)
        return raw.replace(b"\x00", b"")


def _may_hide_utf8(raw: bytes) -> bool:
    """Whether two neighbouring UTF-8 Chinese characters may be in a GB18030 block (rarely true of honest GB18030)."""
    return _TWO_HANZI in raw.translate(_SHAPES)
