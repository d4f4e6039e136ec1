"""A table of reports (CSV, XLSX, XLS): columns told by their heads, a payment a row, rows of one number one report."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeVar
from unicodedata import normalize

from fanzha.adapters.files.limits import ReadLimits
from fanzha.adapters.files.reader import FileReader
from fanzha.apps.web.report_types import SHOWN, type_called
from fanzha.apps.web.views.tables import fen_of
from fanzha.cases.incident import Source
from fanzha.kernel.errors import FanzhaError, Invalid
from fanzha.kernel.identifiers import account
from fanzha.kernel.money import FEN_PER_YUAN
from fanzha.records.reports.amounts import typed_fen, unit_in
from fanzha.records.statements.formats import FormatBook
from fanzha.records.statements.rows import Precision
from fanzha.records.statements.sheet import RowBatch, Sheet
from fanzha.records.statements.times import read_time
from fanzha.records.statements.words import Words
from fanzha.registers.institutions import Institution, named_like
from fanzha.rulebook import load_formats, load_reports
from fanzha.wiring.incidents import is_later
from fanzha.wiring.report_words import live_reader

T = TypeVar("T")

MOST_HEAD_ROWS = 20
"""How far down a table's heads are looked for: above them stand titles and notes."""
_NOTE = re.compile(r"\(([^()]*)\)|\[([^\[\]]*)\]")
_BLANK = re.compile(r"[\s*:]")
_ROUNDED = re.compile(r"\d\.?\d*[eE]\+?\d+")
_PART = re.compile(r"\w+")
_LONGEST_NOTE = 60
_NO_UNIT = "?"
_HHMM = 4
"""Figures of a clock without marks, as tables have them that tell times to the minute (`0905`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TableReport:
    """The rows of one report: their numbers, and the report as a line of JSON or why it is none; `remarks` are what
    was not read word by word."""

    lines: Sequence[int]
    body: bytes = b""
    wrong: FanzhaError | None = None
    remarks: Sequence[FanzhaError] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportTable:
    """Every report of a file, and of each sheet beside them that is no table of reports that it was left out."""

    reports: Sequence[TableReport]
    left_out: Sequence[FanzhaError]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """By what rows are read: the institutions that are known, and the time than which no payment is later."""

    institutions: Sequence[Institution]
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class _Heads:
    """Of a table: the columns of each field, those with the plainest name first, how it calls them, and the unit that a
    head tells of every sum below it."""

    columns: Mapping[str, Sequence[int]]
    called: Mapping[str, str]
    units: Mapping[int, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    """`told` has the different texts of each field: of several where more than one column tells it."""

    place: str
    line: int
    told: Mapping[str, Sequence[str]]
    heads: Mapping[str, str]
    """How the table itself calls each column."""

    def cell(self, field: str) -> str:
        """What its plainest column tells; empty where none does."""
        return next(iter(self.told.get(field, ())), "")


@dataclass(slots=True, kw_only=True)
class _Found:
    """What was found in a table so far; more than `most` rows are not held."""

    place: str
    most: int
    tables: int = 0
    rows: list[_Row] = field(default_factory=list)
    wrong: list[TableReport] = field(default_factory=list)
    left_out: list[FanzhaError] = field(default_factory=list)

    def bound(self) -> None:
        """`Invalid` where there are too many rows, read or not."""
        if len(self.rows) + len(self.wrong) > self.most:
            raise Invalid("reports.too_many_rows", place=self.place, limit=self.most)


def reports_in(path: Path, ground: Ground, most_rows: int, limits: ReadLimits, scratch: Path | None) -> ReportTable:
    """Every report of a table; `Invalid` where it has no heads, no row, too many, or cannot be read."""
    found = _Found(place=path.name, most=most_rows)
    with FileReader(limits, scratch) as reader:
        for leaf in reader.leaves(path):
            for sheet in reader.sheets(leaf):
                _take(sheet, found)
    if not found.tables:
        raise _no_heads(path.name)
    if not len(found.rows) + len(found.wrong):
        raise Invalid("reports.no_rows", place=path.name)
    reports = [*found.wrong, *(_report(key, some, ground) for key, some in _together(found.rows))]
    return ReportTable(reports=sorted(reports, key=lambda each: each.lines[0]), left_out=found.left_out)


def _take(sheet: Sheet, found: _Found) -> None:
    """A sheet's rows, batch by batch: its heads stand in the first one."""
    heads, is_first = None, True
    for batch in sheet.batches:
        below = 0
        if is_first and len(batch.rows):
            is_first, (heads, below) = False, _heads(batch)
            found.tables += heads is not None
            if heads is None:
                _leave_out(sheet, batch, found)
        if heads is not None:
            found.wrong += _unread(sheet, batch)
            found.bound()
            for row in _rows(sheet, batch, heads, below):
                found.rows.append(row)
                found.bound()


def _together(rows: Iterable[_Row]) -> Iterator[tuple[str, Sequence[_Row]]]:
    """Rows of one number are one report, a row without a number is one by itself."""
    numbered: dict[str, list[_Row]] = {}
    for row in rows:
        if key := row.cell("key"):
            numbered.setdefault(key, []).append(row)
        else:
            yield _key(row), [row]
    yield from numbered.items()


def _no_heads(place: str) -> Invalid:
    return Invalid("reports.no_heads", place=place, needed=",".join(_columns()["needed"]), rows=MOST_HEAD_ROWS)


def _leave_out(sheet: Sheet, batch: RowBatch, found: _Found) -> None:
    """A sheet with something in it, but not the heads, beside one that has them: nobody is to think that it was taken.

    One that has some of the needed heads side by side is a table that lacks others, and wrong; else it explains.
    """
    filled = [line for cells, line in zip(batch.rows, batch.numbers, strict=True) if any(map(str.strip, cells))]
    if filled and any(len(_needed_in(cells)) > 1 for cells in batch.rows[:MOST_HEAD_ROWS]):
        found.wrong.append(TableReport(lines=filled[:1], wrong=_no_heads(sheet.path)))
    elif filled:
        found.left_out.append(Invalid("reports.no_table", place=sheet.path))


def _needed_in(cells: Sequence[str]) -> set[str]:
    """The needed fields of which a row has the heads."""
    return {_field_of().get(_plain(each), ("", 0))[0] for each in cells} & set(_columns()["needed"])


@cache
def _columns() -> Mapping[str, Any]:
    return load_reports()["columns"]


@cache
def _field_of() -> Mapping[str, tuple[str, int]]:
    """By a head without blanks and notes: its field, and how plain a name of it this is, 0 the plainest."""
    heads = _columns()["heads"].items()
    return {_plain(head): (name, rank) for name, names in heads for rank, head in enumerate(names)}


@cache
def _columns_pattern(name: str) -> re.Pattern[str]:
    return re.compile(_columns()[name])


@cache
def _words() -> Words:
    return FormatBook.from_tables(load_formats()).words


def _plain(head: str) -> str:
    return _BLANK.sub("", _NOTE.sub("", normalize("NFKC", head))).lower()


def _unit(head: str) -> str:
    """The unit that a head's notes tell and a bare number would not have: a multiple of a yuan, or what makes no sum of
    anything, where they tell parts of a yuan, another currency, several units or more than is read."""
    note = " ".join("".join(each) for each in _NOTE.findall(normalize("NFKC", head)))
    if len(note) > _LONGEST_NOTE or _columns_pattern("other_unit").search(note):
        return _NO_UNIT
    units = {unit for each in _PART.findall(note) if (unit := unit_in(each, live_reader()))}
    fen = [typed_fen(f"1{each}", live_reader()) for each in units]
    if len(units) > 1 or None in fen:
        return _NO_UNIT
    return "" if fen == [FEN_PER_YUAN] else "".join(units)


def _heads(batch: RowBatch) -> tuple[_Heads | None, int]:
    """What the columns tell, and the place behind the row of heads; None where there is none."""
    for at, cells in enumerate(batch.rows[:MOST_HEAD_ROWS]):
        ranked: dict[str, list[tuple[int, int]]] = {}
        for column, head in enumerate(cells):
            name, rank = _field_of().get(_plain(head), ("", 0))
            if name:
                ranked.setdefault(name, []).append((rank, column))
        if set(_columns()["needed"]) <= set(ranked):
            columns = {name: [column for _, column in sorted(some)] for name, some in ranked.items()}
            called = {name: ", ".join(cells[each].strip() for each in some) for name, some in columns.items()}
            units = {each: unit for each in columns["amount"] if (unit := _unit(cells[each]))}
            return _Heads(columns=columns, called=called, units=units), at + 1
    return None, 0


def _unread(sheet: Sheet, batch: RowBatch) -> list[TableReport]:
    return [
        TableReport(lines=[line], wrong=Invalid("reports.row_unread", place=sheet.path, line=line))
        for line, _ in batch.faults
    ]


def _rows(sheet: Sheet, batch: RowBatch, heads: _Heads, first: int) -> Iterator[_Row]:
    for cells, line in zip(batch.rows[first:], batch.numbers[first:], strict=True):
        told = {
            name: [*dict.fromkeys(filter(None, (_told_in(cells, each, heads) for each in some)))]
            for name, some in heads.columns.items()
        }
        if any(told.values()):
            yield _Row(place=sheet.path, line=line, told=told, heads=heads.called)


def _told_in(cells: Sequence[str], column: int, heads: _Heads) -> str:
    """A cell's text; a bare number has the unit that its head tells, and one in words alone no other beside it."""
    text = cells[column].strip() if column < len(cells) else ""
    unit = heads.units.get(column, "")
    has_own = any(map(str.isdecimal, text)) and not text[-1:].isdecimal() and unit != _NO_UNIT
    return text if not text or has_own else f"{text}{unit}"


def _key(row: _Row) -> str:
    """What a row without a number tells: the same row again is the same report."""
    told = {name: texts[0] if texts else "" for name, texts in row.told.items()}
    return sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


def _report(key: str, rows: Sequence[_Row], ground: Ground) -> TableReport:
    """One report of all its rows: where one of them is wrong, none is taken, for what is sent again is not added."""
    lines = [each.line for each in rows]
    try:
        if _ROUNDED.fullmatch(rows[0].cell("key")):  # many numbers are rounded to one, and many reports would be one
            raise _wrong("rounded", rows[0], "key")
        typed, remarks = _typed(rows)
        told = {**_told(rows, ground), **typed, "key": key, "payments": [_payment(each, ground) for each in rows]}
    except Invalid as error:
        return TableReport(lines=lines, wrong=error)
    return TableReport(lines=lines, body=json.dumps(told, ensure_ascii=False).encode(), remarks=remarks)


def _told(rows: Sequence[_Row], ground: Ground) -> dict[str, object]:
    """What all rows of a report tell of it together, but for its type and words: one thing each."""
    told: dict[str, object] = {"source": Source.FILE.value}
    for name, read in _ONE_OF_A_REPORT.items():
        if telling := [each for each in rows if each.cell(name)]:
            told[name] = _agreed(telling, name, partial(read, ground))
    return told


def _typed(rows: Sequence[_Row]) -> tuple[dict[str, object], list[FanzhaError]]:
    """A report's type and words: a type's name that is not ours stays among the words, and is told."""
    words, remarks, told = [each.cell("words") for each in rows], list[FanzhaError](), dict[str, object]()
    if telling := [each for each in rows if each.cell("scam_type")]:
        kind = _agreed(telling, "scam_type", lambda row, name: type_called(row.cell(name)))
        told["scam_type"] = kind.code
        for row in telling:
            word = row.cell("scam_type")
            if code := type_called(word).remark:
                where = {"place": row.place, "line": row.line, "column": row.heads["scam_type"]}
                remarks.append(Invalid(f"reports.{code}", **where, word=word[:SHOWN], type=kind.code))
                words.append(f"{row.heads['scam_type']}: {word}")
    if kept := [*dict.fromkeys(filter(None, words))]:
        told["words"] = "\n".join(kept)
    return told, remarks


def _agreed(rows: Sequence[_Row], name: str, read: Callable[[_Row, str], T]) -> T:
    """What every row tells; `Invalid` where one tells something else: they may be of two reports."""
    found = read(rows[0], name)
    differs = next((each for each in rows if read(each, name) != found), None)
    if differs is not None:
        here = {"place": differs.place, "line": differs.line, "column": differs.heads[name]}
        raise Invalid("reports.rows_differ", **here, first=rows[0].line)
    return found


def _payment(row: _Row, ground: Ground) -> dict[str, object]:
    for name in _columns()["needed"]:
        if not row.cell(name):
            raise _wrong("empty_cell", row, name)
    if any(map(_ROUNDED.fullmatch, row.told["payee"])):  # a stop would go out for another account, or for none
        raise _wrong("rounded", row, "payee")
    told = {each: row.cell(each) for each in ("payee", "payee_name", "payer")}
    _one(row, "payee", account.clean)
    return {
        **told,
        "institution": _one(row, "institution", lambda bank: _institution(row, bank, ground.institutions)),
        "amount_fen": _one(row, "amount", lambda sum_: _fen(row, sum_)),
        "at": _one(row, "at", lambda at: _moment_of(row, "at", at, ground)),
    }


def _one(row: _Row, name: str, read: Callable[[str], T]) -> T:
    """What all columns of a field tell; `Invalid` where they tell different things: nobody knows which is meant."""
    first, *others = map(read, row.told[name])
    if any(each != first for each in others):
        raise _wrong("columns_differ", row, name)
    return first


def _fen(row: _Row, told: str) -> int:
    try:
        return fen_of("amount", told)
    except Invalid:
        raise _wrong("bad_cell", row, "amount") from None


def _institution(row: _Row, bank: str, known: Sequence[Institution]) -> str:
    fits = next((each for each in known if bank in {each.name, each.code}), None) or named_like(known, bank)
    if fits is None:
        raise _wrong("bad_cell", row, "institution")
    return fits.name


def _moment(ground: Ground, row: _Row, name: str) -> str:
    return _moment_of(row, name, row.cell(name), ground)


def _moment_of(row: _Row, name: str, text: str, ground: Ground) -> str:
    told = read_time(text, _words(), clock_digits=_HHMM)
    if isinstance(told, str) or told[1] is Precision.DAY or _columns_pattern("hour_only").search(text):
        raise _wrong("bad_cell", row, name)  # midnight would stand before money had come
    at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=told[0])
    if is_later(at, ground.now):
        raise _wrong("later", row, name)
    return at.isoformat()


def _victim(ground: Ground, row: _Row, name: str) -> str:
    return row.cell(name)


def _is_checked(ground: Ground, row: _Row, name: str) -> bool:
    return row.cell(name).lower() in _columns()["checked"]


def _wrong(code: str, row: _Row, name: str) -> Invalid:
    return Invalid(f"reports.{code}", place=row.place, line=row.line, column=row.heads[name])


_ONE_OF_A_REPORT: Mapping[str, Callable[[Ground, _Row, str], object]] = {
    "victim": _victim,
    "reported_at": _moment,
    "identity_checked": _is_checked,
}
