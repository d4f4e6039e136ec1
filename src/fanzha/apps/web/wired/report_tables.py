"""A table of reports (CSV, XLSX, XLS): columns told by their heads, a payment a row, rows of one number one report."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any
from unicodedata import normalize

from fanzha.adapters.files.limits import ReadLimits
from fanzha.adapters.files.reader import FileReader
from fanzha.apps.web.views.tables import fen_of
from fanzha.cases.incident import Source
from fanzha.i18n import catalogue
from fanzha.kernel.errors import FanzhaError, Invalid
from fanzha.records.statements.formats import FormatBook
from fanzha.records.statements.rows import Precision
from fanzha.records.statements.sheet import RowBatch, Sheet, at_once
from fanzha.records.statements.times import read_time
from fanzha.records.statements.words import Words
from fanzha.registers.institutions import Institution, named_like
from fanzha.rulebook import load_formats, load_reports

MOST_HEAD_ROWS = 20
"""How far down a table's heads are looked for: above them stand titles and notes."""
_BESIDE = re.compile(r"\(.*?\)|\[.*?\]|[\s*:]")
_ROUNDED = re.compile(r"\d\.?\d*[eE]\+?\d+")
_TYPES = "words.scam_type."


@dataclass(frozen=True, slots=True, kw_only=True)
class TableReport:
    """The rows of one report: their numbers, and the report as a line of JSON or why it is none."""

    lines: Sequence[int]
    body: bytes = b""
    wrong: FanzhaError | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    place: str
    line: int
    cells: Mapping[str, str]
    heads: Mapping[str, str]
    """How the table itself calls each column."""


def reports_in(
    path: Path, known: Sequence[Institution], most_rows: int, limits: ReadLimits, scratch: Path | None
) -> list[TableReport]:
    """Every report of a table; `Invalid` where it has no heads, no row, too many, or cannot be read."""
    rows: list[_Row] = []
    wrong: list[TableReport] = []
    headless: list[TableReport] = []
    tables = 0
    with FileReader(limits, scratch) as reader:
        for sheet, batch in _batches(reader, path):
            heads, first = _heads(batch)
            if not heads:
                headless += _headless(sheet, batch)
                continue
            tables += 1
            wrong += _unread(sheet, batch)
            rows += _rows(sheet, batch, heads, first)
    if not tables:
        raise _no_heads(path.name)
    if not len(rows) + len(wrong):
        raise Invalid("reports.no_rows", place=path.name)
    if len(rows) > most_rows:
        raise Invalid("reports.too_many_rows", place=path.name, limit=most_rows)
    found = [*wrong, *headless, *(_report(key, some, known) for key, some in _together(rows))]
    return sorted(found, key=lambda each: each.lines[0])


def _batches(reader: FileReader, path: Path) -> Iterator[tuple[Sheet, RowBatch]]:
    for leaf in reader.leaves(path):
        for sheet in reader.sheets(leaf):
            for batch in at_once(sheet.batches):
                yield sheet, batch


def _together(rows: Iterable[_Row]) -> Iterator[tuple[str, Sequence[_Row]]]:
    """Rows of one number are one report, a row without a number is one by itself."""
    numbered: dict[str, list[_Row]] = {}
    for row in rows:
        if row.cells.get("key"):
            numbered.setdefault(row.cells["key"], []).append(row)
        else:
            yield _key(row), [row]
    yield from numbered.items()


def _no_heads(place: str) -> Invalid:
    return Invalid("reports.no_heads", place=place, needed=",".join(_columns()["needed"]), rows=MOST_HEAD_ROWS)


def _headless(sheet: Sheet, batch: RowBatch) -> Iterator[TableReport]:
    """A sheet with something in it, but no heads, beside one that has them: nobody is to think that it was taken."""
    filled = [line for cells, line in zip(batch.rows, batch.numbers, strict=True) if any(map(str.strip, cells))]
    if filled:
        yield TableReport(lines=filled[:1], wrong=_no_heads(sheet.path))


@cache
def _columns() -> Mapping[str, Any]:
    return load_reports()["columns"]


@cache
def _field_of() -> Mapping[str, str]:
    return {_plain(head): field for field, heads in _columns()["heads"].items() for head in heads}


@cache
def _words() -> Words:
    return FormatBook.from_tables(load_formats()).words


def _plain(head: str) -> str:
    return _BESIDE.sub("", normalize("NFKC", head)).lower()


def _heads(batch: RowBatch) -> tuple[dict[str, int], int]:
    """Which column tells each field, and the place behind the row of heads; empty where there is none."""
    for at, cells in enumerate(batch.rows[:MOST_HEAD_ROWS]):
        found: dict[str, int] = {}
        for column, head in enumerate(cells):
            field = _field_of().get(_plain(head))
            if field:
                found.setdefault(field, column)
        if set(_columns()["needed"]) <= set(found):
            return found, at + 1
    return {}, 0


def _unread(sheet: Sheet, batch: RowBatch) -> list[TableReport]:
    return [
        TableReport(lines=[line], wrong=Invalid("reports.row_unread", place=sheet.path, line=line))
        for line, _ in batch.faults
    ]


def _rows(sheet: Sheet, batch: RowBatch, heads: Mapping[str, int], first: int) -> Iterator[_Row]:
    called = {field: batch.rows[first - 1][at].strip() for field, at in heads.items()}
    for cells, line in zip(batch.rows[first:], batch.numbers[first:], strict=True):
        told = {field: cells[at].strip() if at < len(cells) else "" for field, at in heads.items()}
        if any(told.values()):
            yield _Row(place=sheet.path, line=line, cells=told, heads=called)


def _key(row: _Row) -> str:
    """What a row without a number tells: the same row again is the same report."""
    return sha256(json.dumps(row.cells, sort_keys=True).encode()).hexdigest()


def _report(key: str, rows: Sequence[_Row], known: Sequence[Institution]) -> TableReport:
    """One report of all its rows: where one of them is wrong, none is taken, for what is sent again is not added."""
    lines = [each.line for each in rows]
    try:
        told = {**_told(rows[0]), "key": key, "payments": [_payment(each, known) for each in rows]}
    except Invalid as error:
        return TableReport(lines=lines, wrong=error)
    return TableReport(lines=lines, body=json.dumps(told, ensure_ascii=False).encode())


def _told(row: _Row) -> dict[str, object]:
    cells = row.cells
    told: dict[str, object] = {"source": Source.FILE.value, "identity_checked": _is_checked(cells)}
    told |= {each: cells[each] for each in ("victim", "words") if cells.get(each)}
    if cells.get("reported_at"):
        told["reported_at"] = _moment(row, "reported_at")
    if cells.get("scam_type"):
        told["scam_type"] = _scam_type(row)
    return told


def _is_checked(cells: Mapping[str, str]) -> bool:
    return cells.get("identity_checked", "").lower() in _columns()["checked"]


def _payment(row: _Row, known: Sequence[Institution]) -> dict[str, object]:
    for field in _columns()["needed"]:
        if not row.cells[field]:
            raise _bad(row, field)
    if _ROUNDED.fullmatch(row.cells["payee"]):  # a stop would go out for another account, or for none
        raise Invalid("reports.rounded", place=row.place, line=row.line, column=row.heads["payee"])
    try:
        fen = fen_of("amount", row.cells["amount"])
    except Invalid:
        raise _bad(row, "amount") from None
    bank = row.cells["institution"]
    fits = next((each for each in known if bank in {each.name, each.code}), None) or named_like(known, bank)
    if fits is None:
        raise _bad(row, "institution")
    told = {each: row.cells.get(each, "") for each in ("payee", "payee_name", "payer")}
    return {**told, "institution": fits.name, "amount_fen": fen, "at": _moment(row, "at")}


def _moment(row: _Row, field: str) -> str:
    told = read_time(row.cells[field], _words())
    if isinstance(told, str) or told[1] is Precision.DAY:  # midnight would stand before money had come
        raise _bad(row, field)
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=told[0])).isoformat()


def _scam_type(row: _Row) -> str:
    given = row.cells["scam_type"]
    codes = {
        name: path.removeprefix(_TYPES)
        for language in ("zh", "en")
        for path, title in catalogue(language).items()
        if path.startswith(_TYPES)
        for name in (title, path.removeprefix(_TYPES))
    }
    if given not in codes:
        raise _bad(row, "scam_type")
    return codes[given]


def _bad(row: _Row, field: str) -> Invalid:
    return Invalid("reports.bad_cell", place=row.place, line=row.line, column=row.heads[field])
