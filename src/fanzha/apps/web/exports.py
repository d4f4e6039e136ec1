"""Tables as files: masked like the pages, and no cell that a spreadsheet would run."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator
from datetime import date, datetime

import xlsxwriter

from fanzha.apps.web.rendering import day, exact, percent
from fanzha.apps.web.views.shown import BankNames, Choice
from fanzha.apps.web.views.tables import Column, Table, exactness
from fanzha.i18n import Language, catalogue, text
from fanzha.i18n.measures import duration, layers_text
from fanzha.kernel.clock import rfc3339
from fanzha.kernel.money import yuan_plain

_RUNNING_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")


def csv_lines(table: Table, rows: Iterable[object], language: Language) -> Iterator[str]:
    """The table as CSV text (UTF-8 with BOM, because Excel in Chinese would guess GBK), line by line."""
    yield "\ufeff" + _csv_line(heading(language, column) for column in table.told)
    for row in rows:
        yield _csv_line(harmless(cell(row, column, language)) for column in table.told)


def json_lines(table: Table, rows: Iterable[object]) -> Iterator[str]:
    """The table as one JSON list of objects by column: fen as whole numbers, codes as they are, times with offset."""
    before = "[\n"
    for row in rows:
        cells = {column.key: _told(getattr(row, column.key)) for column in table.told}
        yield before + json.dumps(cells, ensure_ascii=False)
        before = ",\n"
    yield "[]\n" if before == "[\n" else "\n]\n"


def _told(value: object) -> object:
    if isinstance(value, datetime):
        return rfc3339(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple):
        return [_told(each) for each in value]
    return value if isinstance(value, str | int | float | None) else str(value)


def xlsx_file(table: Table, rows: Iterable[object], language: Language) -> bytes:
    """The table as a workbook of strings and numbers; nothing is written as formula or link."""
    held = io.BytesIO()
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(held, options) as book:
        sheet = book.add_worksheet(table.name[:31])
        money = book.add_format({"num_format": "#,##0.00"})
        for place, column in enumerate(table.told):
            sheet.write_string(0, place, heading(language, column))
            sheet.set_column(place, place, 14 if column.kind == "money" else 22)
        for number, row in enumerate(rows, start=1):
            for place, column in enumerate(table.told):
                value = cell(row, column, language)
                if column.kind == "money" and value:
                    sheet.write_number(number, place, float(value), money)
                elif column.kind in ("count", "size") and value:
                    sheet.write_number(number, place, int(value))
                else:
                    sheet.write_string(number, place, value)
        sheet.freeze_panes(1, 0)
    return held.getvalue()


def heading(language: Language, column: Column) -> str:
    """The column's heading."""
    return text(language, f"web.column.{column.key}")


def harmless(told: str) -> str:
    """The text with an apostrophe before it where a spreadsheet would take it for a formula; numbers stay numbers."""
    if told.startswith(_RUNNING_STARTS) and not _is_number(told):
        return "'" + told
    return told


def _is_number(told: str) -> bool:
    unsigned = told.removeprefix("-")
    return unsigned.replace(".", "", 1).isdigit() and unsigned.isascii()


def cell(row: object, column: Column, language: Language) -> str:
    """A row's cell as text for files, its moments no more exact than they are told."""
    shown = "institution" if column.kind == "institution" else column.key  # sorted by its code, told by its names
    value = getattr(row, shown)
    return exact(value, exactness(row, column.key)) if isinstance(value, datetime) else plain(value, column, language)


def plain(value: object, column: Column, language: Language) -> str:
    """A cell as text for files: money as yuan, times exact, codes as words, personal values masked."""
    if value is None:
        return ""
    if column.kind == "money" and isinstance(value, int):
        return yuan_plain(value)
    if column.kind == "share" and isinstance(value, float):
        return percent(value)
    if column.kind == "span" and isinstance(value, int):
        return duration(language, value)
    if column.kind == "layers" and isinstance(value, tuple):
        return layers_text(language, value)
    if isinstance(value, date):
        return day(value)
    if isinstance(value, Choice | BankNames):
        return value.zh if language == "zh" else value.en
    if isinstance(value, tuple):
        return ("; " if column.kind == "files" else " ").join(plain(each, column, language) for each in value)
    if column.words and isinstance(value, str):
        return catalogue(language).get(f"{column.words}.{value}", value)
    return str(value)


def _csv_line(cells: Iterable[str]) -> str:
    held = io.StringIO()
    csv.writer(held, lineterminator="\r\n").writerow(cells)
    return held.getvalue()
