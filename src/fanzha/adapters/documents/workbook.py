"""Tables as a workbook of text, numbers and dates: no formula, no link, ready to be filtered and printed."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Literal

import xlsxwriter

from fanzha.i18n import Language, text
from fanzha.kernel.clock import SHANGHAI, utc
from fanzha.kernel.errors import Invalid
from fanzha.kernel.money import FEN_PER_YUAN

MOST_ROWS = 1_048_576
"""Rows of one sheet that a spreadsheet can hold, its heading among them."""
MOST_CHARACTERS = 32_767
"""Characters of one cell; a longer text would silently be left out of the file."""

Kind = Literal["text", "long", "money", "moment", "day", "span", "count", "share"]

_FORMATS: Mapping[str, Mapping[str, object]] = {
    "text": {"num_format": "@"},
    "long": {"num_format": "@", "text_wrap": True},
    "money": {"num_format": "#,##0.00"},
    "moment": {"num_format": "yyyy-mm-dd hh:mm:ss"},
    "minute": {"num_format": "yyyy-mm-dd hh:mm"},
    "day": {"num_format": "yyyy-mm-dd"},
    "span": {"num_format": "[h]:mm:ss"},
    "count": {"num_format": "0"},
    "share": {"num_format": "0.0%"},
    "heading": {"bold": True, "text_wrap": True, "bg_color": "#E8ECF1", "bottom": 1},
    "label": {"bold": True},
}
_A4 = 9


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """An instant known to the `day`, `minute` or `second`."""

    at: datetime
    precision: str


Cell = str | int | float | date | datetime | timedelta | Told | None
Row = Mapping[str, Cell]


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column: its heading is `flow.column.<key>`; money is fen here and yuan in the cell, times are Shanghai's."""

    key: str
    kind: Kind = "text"
    width: int = 14


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A table, titled `flow.sheet.<key>`: `frozen` columns stay in sight, it is printed so many pages wide."""

    key: str
    columns: Sequence[Column]
    rows: Iterable[Row]
    frozen: int = 0
    pages_wide: int = 1


@dataclass(slots=True, kw_only=True)
class Book:
    """A workbook while it is written; the same tables give the same bytes, whenever they are written.

    `foot` stands below every printed page; `dated` is when its contents were last changed.
    """

    language: Language
    foot: str
    dated: datetime
    most_rows: int = MOST_ROWS
    _held: io.BytesIO = field(default_factory=io.BytesIO)
    _book: Any = None
    _formats: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """An empty workbook, whose rows are written out as they come."""
        options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        self._book = xlsxwriter.Workbook(self._held, options)
        self._book.set_properties({"created": _local(self.dated)})
        same = {"font_size": 10, "valign": "top"}
        self._formats = {name: self._book.add_format({**same, **told}) for name, told in _FORMATS.items()}

    def add_page(self, key: str, lines: Iterable[tuple[str, str]]) -> None:
        """A page of labelled text, titled `flow.sheet.<key>`."""
        sheet = self._sheet(key)
        sheet.set_column(0, 0, 16)
        sheet.set_column(1, 1, 80)
        for number, (label, line) in enumerate(lines):
            sheet.write_string(number, 0, label, self._formats["label"])
            sheet.write_string(number, 1, fitting(line), self._formats["long"])

    def add(self, told: Sheet) -> None:
        """A table under a heading that stays in sight and is printed on each page; `Invalid` when it is too long."""
        sheet = self._sheet(told.key, pages_wide=told.pages_wide)
        sheet.set_landscape()
        sheet.print_across()
        for place, column in enumerate(told.columns):
            sheet.set_column(place, place, column.width)
            heading = text(self.language, f"flow.column.{column.key}")
            sheet.write_string(0, place, heading, self._formats["heading"])
        number = 0
        for number, row in enumerate(told.rows, start=1):
            if number >= self.most_rows:
                raise Invalid("documents.too_many_rows", limit=self.most_rows - 1)
            for place, column in enumerate(told.columns):
                self._write(sheet, (number, place), column.kind, row.get(column.key))
        sheet.freeze_panes(1, told.frozen)
        sheet.autofilter(0, 0, number, len(told.columns) - 1)
        sheet.repeat_rows(0)
        if told.pages_wide > 1:
            sheet.repeat_columns(0)

    def finished(self) -> bytes:
        """The whole file."""
        self._book.close()
        return self._held.getvalue()

    def _sheet(self, key: str, pages_wide: int = 1) -> Any:
        sheet = self._book.add_worksheet(text(self.language, f"flow.sheet.{key}"))
        sheet.set_paper(_A4)
        sheet.fit_to_pages(pages_wide, 0)
        sheet.set_margins(left=0.4, right=0.4, top=0.6, bottom=0.6)
        sheet.set_footer(f"&L{self.foot.replace('&', '&&')}&C&A&R&P / &N")
        return sheet

    def _write(self, sheet: Any, place: tuple[int, int], kind: Kind, value: Cell) -> None:
        if value is None or value == "":
            return
        if isinstance(value, Told):
            kind_of = {"day": "day", "minute": "minute"}.get(value.precision, "moment")
            sheet.write_datetime(*place, _local(value.at), self._formats[kind_of])
        elif isinstance(value, datetime):
            sheet.write_datetime(*place, _local(value), self._formats["moment"])
        elif isinstance(value, date | timedelta):
            sheet.write_datetime(*place, value, self._formats[kind])
        elif isinstance(value, str):
            sheet.write_string(*place, fitting(value), self._formats[kind])
        else:
            number = value / FEN_PER_YUAN if kind == "money" else value
            sheet.write_number(*place, number, self._formats[kind])


def fitting(told: str) -> str:
    """The text as far as one cell holds it, with `…` where it was cut."""
    return told if len(told) <= MOST_CHARACTERS else told[: MOST_CHARACTERS - 1] + "…"


def _local(at: datetime) -> datetime:
    """The instant as Shanghai's clocks show it, for a cell that knows no zones."""
    return utc(at).astimezone(SHANGHAI).replace(tzinfo=None)
