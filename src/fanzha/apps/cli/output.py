"""How commands give what they found: tables for people, JSON and CSV for programs, progress on a terminal only."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from enum import StrEnum
from itertools import chain, islice
from pathlib import Path
from typing import BinaryIO, TextIO
from unicodedata import east_asian_width

from fanzha.apps.cli.language import chosen, say
from fanzha.i18n import catalogue
from fanzha.kernel.clock import SHANGHAI, rfc3339, utc
from fanzha.kernel.errors import Invalid
from fanzha.kernel.money import yuan_text

Row = Mapping[str, object]
FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""A spreadsheet takes text that begins so for a formula and runs it."""


class Format(StrEnum):
    """The shapes of an answer."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"


AS_KEYED: Mapping[str, str] = {}
"""Headings are told by the columns' own keys."""


def give(
    rows: Iterable[Row],
    columns: Sequence[str],
    form: Format = Format.TABLE,
    to: TextIO | None = None,
    heads: Mapping[str, str] = AS_KEYED,
) -> None:
    """Write rows in the asked form: a headed table, a JSON list or CSV; `columns` are the keys, in order.

    `heads`: by column the key of its heading for people, where another than its own says what stands there. Nothing is
    written before the first row is known: what is refused leaves no heading behind.
    """
    to = to or sys.stdout
    waiting = iter(rows)
    rows = chain(list(islice(waiting, 1)), waiting)
    match form:
        case Format.JSON:
            to.writelines(_json_lines(rows, columns))
        case Format.CSV:
            writer = csv.writer(to, lineterminator="\r\n")
            writer.writerow(columns)
            writer.writerows([cell_for_csv(row.get(column)) for column in columns] for row in rows)
        case Format.TABLE:
            to.writelines(
                _table([[shown(column, row.get(column)) for column in columns] for row in rows], columns, heads)
            )


def worded(rows: Iterable[Row], form: Format, **sections: str) -> Iterator[Row]:
    """Rows whose codes a person reads as words: by column the section of `words.toml`; programs get the codes."""
    for row in rows:
        told = {column: _word(section, row.get(column)) for column, section in sections.items()}
        yield {**row, **told} if form is Format.TABLE else row


def _word(section: str, code: object) -> object:
    if isinstance(code, list):
        return [_word(section, each) for each in code]
    return catalogue(chosen()).get(f"words.{section}.{code}", code)


def give_one(
    record: Row, form: Format = Format.TABLE, to: TextIO | None = None, heads: Mapping[str, str] = AS_KEYED
) -> None:
    """Write one record: a line a field for people, one JSON object, or CSV of one row."""
    to = to or sys.stdout
    if form is Format.TABLE:
        headed = {key: heading(heads.get(key, key)) for key in record}
        width = max(map(_width, headed.values()), default=0)
        to.writelines(f"{_padded(headed[key], width)}  {shown(key, value)}\n" for key, value in record.items())
    elif form is Format.JSON:
        to.write(json.dumps(record, ensure_ascii=False, indent=2, default=plain) + "\n")
    else:
        give([record], list(record), form, to)


def plain(value: object) -> object:
    """A value as JSON and CSV carry it: times as RFC 3339, everything else that JSON lacks as its text."""
    if isinstance(value, datetime):
        return rfc3339(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, (set, frozenset, tuple)):
        return list(value)
    return value if value is None or isinstance(value, (bool, int, float, str, list, dict)) else str(value)


def cell_for_csv(value: object) -> object:
    """A value as CSV carries it: numbers stay numbers, text that a spreadsheet would run gets an apostrophe."""
    told = plain(value)
    if isinstance(told, (list, dict)):
        told = json.dumps(told, ensure_ascii=False, default=plain)
    if isinstance(told, str) and told.startswith(FORMULA):
        return "'" + told
    return "" if told is None else told


def shown(key: str, value: object) -> str:
    """A value as a person reads it: money in yuan, times in Shanghai's clock, yes and no in words."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return say("yes") if value else say("no")
    if key.endswith("_fen") and isinstance(value, int):
        return yuan_text(value)
    if isinstance(value, datetime):
        return utc(value).astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(value, (list, tuple, set, frozenset)):
        return ", ".join(shown("", each) for each in value)
    return f"{value:,}" if isinstance(value, int) else str(plain(value)).replace("\n", " ")


def heading(key: str) -> str:
    """The heading of a column in the chosen language; a key of a statement's own file reads as it is."""
    return say(f"columns.{key}") if f"cli.columns.{key}" in catalogue("en") else key


def _json_lines(rows: Iterable[Row], columns: Sequence[str]) -> Iterator[str]:
    lead = "[\n"
    for row in rows:
        yield lead + json.dumps({column: row.get(column) for column in columns}, ensure_ascii=False, default=plain)
        lead = ",\n"
    yield "[]\n" if lead == "[\n" else "\n]\n"


def _table(cells: list[list[str]], columns: Sequence[str], heads: Mapping[str, str]) -> Iterator[str]:
    """Numbers to the right, the rest to the left, two spaces between, wide characters counted as two."""
    headings = [heading(heads.get(column, column)) for column in columns]
    right = [all(_is_number(row[place]) for row in cells) and bool(cells) for place in range(len(columns))]
    widths = [max(_width(row[place]) for row in [headings, *cells]) for place in range(len(columns))]
    for row in [headings, *cells]:
        line = "  ".join(_padded(cell, width, side) for cell, width, side in zip(row, widths, right, strict=True))
        yield line.rstrip() + "\n"


def _is_number(cell: str) -> bool:
    return not cell or cell.replace(",", "").replace(".", "", 1).lstrip("-").isdigit()


def _width(cell: str) -> int:
    return sum(2 if east_asian_width(character) in "WF" else 1 for character in cell)


def _padded(cell: str, width: int, right: bool = False) -> str:
    space = " " * (width - _width(cell))
    return space + cell if right else cell + space


@contextmanager
def readable(path: str) -> Iterator[BinaryIO]:
    """The bytes of a file, or of standard input for `-`."""
    if path == "-":
        yield sys.stdin.buffer
    else:
        with Path(path).open("rb") as file:
            yield file


@contextmanager
def writable(path: str) -> Iterator[BinaryIO]:
    """A file to write, or standard output for `-`."""
    if path == "-":
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
    else:
        with Path(path).open("wb") as file:
            yield file


@contextmanager
def text_to(path: str) -> Iterator[TextIO]:
    """A file to write words in, as UTF-8, or standard output for `-`."""
    if path == "-":
        yield sys.stdout
    else:
        with Path(path).open("w", encoding="utf-8", newline="") as file:
            yield file


def require_place(path: str, *, is_text: bool) -> None:
    """`Invalid` for a file of bytes that would land on a person's terminal."""
    if path == "-" and not is_text and sys.stdout.isatty():
        raise Invalid("cli.binary_to_terminal")


def give_file(pieces: Iterable[bytes], path: str) -> None:
    """Write a file, or to standard output for `-`; what is refused before its first piece leaves no file behind."""
    waiting = iter(pieces)
    first = next(waiting, b"")
    with writable(path) as target:
        target.writelines(chain([first], waiting))


class Progress:
    """A line on standard error that is written over as work goes on; silent unless a person looks on."""

    def __init__(self, label: str) -> None:
        self._label = label
        self._alive = sys.stderr.isatty()
        self._last = ""

    def show(self, done: int, total: int | None = None, note: str = "") -> None:
        """Tell how far the work is; without a total only the count."""
        if not self._alive:
            return
        share = f" {'█' * (20 * done // total):░<20} {100 * done // total:3d} %" if total else ""
        line = f"{self._label}{share} {done:,}{f'/{total:,}' if total else ''} {note}".rstrip()
        if line != self._last:
            sys.stderr.write("\r" + _padded(line, _width(self._last)))
            sys.stderr.flush()
            self._last = line

    def end(self) -> None:
        """Leave the line free for what is said next."""
        if self._last:
            sys.stderr.write("\r" + " " * _width(self._last) + "\r")
            self._last = ""


@contextmanager
def progress(label: str) -> Iterator[Progress]:
    """A progress line for the length of the block."""
    line = Progress(label)
    try:
        yield line
    finally:
        line.end()
