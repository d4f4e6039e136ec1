"""Tables to bytes: CSV, TSV, TXT, XLSX, XLS and ZIPs, each telling the physical row of every line."""

import io
import random
import zipfile
from collections.abc import Sequence
from datetime import datetime

import xlsxwriter
import xlwt

from tests.packages.table import Cell, Line, Table

Written = tuple[bytes, list[tuple[int, Line]]]  # rows are numbered from 1 as an editor or spreadsheet shows them


def write(table: Table, rng: random.Random) -> Written:
    """The file of a table."""
    if table.ending == "xlsx":
        return _xlsx(table)
    if table.ending == "xls":
        return _xls(table)
    return _text(table, rng)


def _cells(table: Table, line: Line) -> list[Cell]:
    if line.kind == "data" or line.kind == "other":
        return [line.cells.get(name) for name in table.fields]
    return list(line.free)


def _plain(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return f"{cell:%Y-%m-%d %H:%M:%S}"
    return str(cell)


def _quote(text: str, delimiter: str) -> str:
    if delimiter == "," and (delimiter in text or '"' in text or "\n" in text):
        return '"' + text.replace('"', '""') + '"'
    return text.replace(delimiter, " ") if delimiter != "," else text


def _text(table: Table, rng: random.Random) -> Written:
    delimiter = {"csv": ",", "tsv": "\t", "txt": rng.choice(("\t", "\t", "|"))}[table.ending]
    if table.layout == "wechat":
        delimiter = "\t"
    always = delimiter == "," and rng.random() < 0.15
    rows: list[tuple[int, Line]] = []
    out: list[str] = []
    number = 1
    for line in table.lines:
        texts = [_plain(cell) for cell in _cells(table, line)]
        if always and line.kind == "data":
            text = ",".join('"' + value.replace('"', '""') + '"' for value in texts)
        else:
            text = delimiter.join(_quote(value, delimiter) for value in texts)
        rows.append((number, line))
        out.append(text)
        number += 1 + text.count("\n")
    whole = table.newline.join(out) + (table.newline if rng.random() < 0.9 and not table.truncate else "")
    if table.truncate:
        whole = whole[: len(whole) - len(out[-1])] + _cut(table, out[-1], delimiter, rng)
    return whole.encode(table.encoding), rows


def _cut(table: Table, text: str, delimiter: str, rng: random.Random) -> str:
    """The last line, cut so that a needed cell is damaged and at least one whole column is gone."""
    needed = [
        place for place, name in enumerate(table.fields) if name in ("time", "amount", "dir", "date", "debit", "credit")
    ]
    first = min(min(needed) + 1, len(table.fields) - 1)
    pieces = text.split(delimiter)[:first]
    keep = pieces[: rng.randint(1, len(pieces))]
    keep[-1] = keep[-1][: max(1, len(keep[-1]) // 2)].replace('"', "")
    return delimiter.join(keep) if len(keep[-1]) or len(keep) > 1 else keep[0] + "9"


def _xlsx(table: Table) -> Written:
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True, "strings_to_formulas": False, "strings_to_numbers": False})
    if table.cover_sheet:
        book.add_worksheet("说明").write_string(0, 0, "本文件由测试银行提供，仅供查询。")
    sheet = book.add_worksheet("Sheet1")
    moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
    rows = []
    for place, line in enumerate(table.lines):
        rows.append((place + 1, line))
        for column, cell in enumerate(_cells(table, line)):
            if isinstance(cell, datetime):
                sheet.write_datetime(place, column, cell, moment)
            elif isinstance(cell, (int, float)):
                sheet.write_number(place, column, cell)
            elif cell:
                sheet.write_string(place, column, cell)
    book.close()
    return buffer.getvalue(), rows


def _xls(table: Table) -> Written:
    book = xlwt.Workbook(encoding="utf-8")
    if table.cover_sheet:
        book.add_sheet("说明").write(0, 0, "本文件由测试银行提供，仅供查询。")
    sheet = book.add_sheet("Sheet1")
    moment = xlwt.XFStyle()
    moment.num_format_str = "yyyy-mm-dd hh:mm:ss"
    rows = []
    for place, line in enumerate(table.lines):
        rows.append((place + 1, line))
        for column, cell in enumerate(_cells(table, line)):
            if isinstance(cell, datetime):
                sheet.write(place, column, cell, moment)
            elif cell is not None and cell != "":
                sheet.write(place, column, cell)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue(), rows


class _GbkName(zipfile.ZipInfo):
    """A member whose name is GBK without the UTF-8 flag, as Windows tools in China write it."""

    def _encodeFilenameFlags(self) -> tuple[bytes, int]:
        return self.filename.encode("gb18030"), self.flag_bits & ~0x800


def archive(members: Sequence[tuple[str, bytes]], *, gbk_names: bool) -> bytes:
    """A ZIP of the members."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as out:
        for name, body in members:
            info = (_GbkName if gbk_names else zipfile.ZipInfo)(name, (2024, 4, 1, 9, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            out.writestr(info, body)
    return buffer.getvalue()
