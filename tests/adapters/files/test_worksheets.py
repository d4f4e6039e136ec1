"""Reading plain worksheets ourselves gives exactly what calamine gives, or leaves them to calamine."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any
from unittest.mock import patch
from zipfile import ZIP_DEFLATED, ZipFile

import openpyxl
import pytest
import xlsxwriter
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from fanzha.adapters.files import workbooks
from fanzha.adapters.files.limits import ReadLimits
from fanzha.adapters.files.reader import FileReader
from fanzha.adapters.files.worksheets import plain_book
from fanzha.kernel.errors import Invalid
from tests.adapters.files.reading import Read, first_sheet, read

FEW = settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
NAMESPACE = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
AT = dt.datetime(2024, 1, 2, 3, 4, 5)  # noqa: DTZ001  (a spreadsheet's times have no zone)


def _found(path: Path, limits: ReadLimits) -> Read | tuple[str, dict[str, object]]:
    try:
        return read(path, limits)
    except Invalid as error:
        return error.code, dict(error.fields)


def is_plain(path: Path, limits: ReadLimits = ReadLimits()) -> bool:
    """Whether every sheet is read without calamine."""
    with FileReader(limits, path.parent) as reader:
        (leaf,) = reader.leaves(path)
        book = plain_book(leaf, limits)
        return book is not None and all(book.read(name) is not None for name in book.names)


def same_both_ways(path: Path, limits: ReadLimits = ReadLimits()) -> Read | tuple[str, dict[str, object]]:
    """What is read, which is the same when calamine alone reads it."""
    found = _found(path, limits)
    with patch.object(workbooks, "plain_book", lambda *_: None):
        assert found == _found(path, limits)
    return found


def _book(path: Path, sheet: str | bytes, strings: str | None = None) -> Path:
    """A workbook whose only sheet is given as XML."""
    buffer = BytesIO()
    with xlsxwriter.Workbook(buffer) as book:
        formats = ("yyyy-mm-dd", "hh:mm:ss", "[h]:mm:ss", "0.00", '"第"0"笔"')
        sheet1 = book.add_worksheet()
        for column, each in enumerate(formats):
            sheet1.write(0, column, 1, book.add_format({"num_format": each}))
    parts: dict[str, str | bytes] = {info.filename: ZipFile(buffer).read(info) for info in ZipFile(buffer).infolist()}
    parts["xl/worksheets/sheet1.xml"] = sheet
    if strings is not None:
        parts["xl/sharedStrings.xml"] = strings
    with ZipFile(path, "w", ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


def sheet_xml(rows: str, head: str = "", tail: str = "") -> str:
    return f'<worksheet xmlns="{NAMESPACE}">{head}<sheetData>{rows}</sheetData>{tail}</worksheet>'


TEXTS = st.text(st.sampled_from("测试甲A1 \u3000\u00a0\u2003_x000D\t\n\r&;<>'\"。《é😀\x85\x01"), max_size=8)
NUMBERS = (
    st.floats(allow_nan=False, allow_infinity=False)
    | st.integers(-(10**17), 10**17)
    | st.decimals(-(10**9), 10**9, places=2).map(float)
)
MOMENTS = st.datetimes(dt.datetime(1900, 1, 1), dt.datetime(2100, 1, 1))  # noqa: DTZ001  (as above)
VALUES = st.none() | TEXTS | NUMBERS | st.booleans() | MOMENTS
TABLES = st.lists(st.lists(VALUES, max_size=5), min_size=1, max_size=6)


def _legal(text: object) -> object:
    return "".join(each for each in text if each >= " " or each in "\t\n\r") if isinstance(text, str) else text


@given(TABLES)
@FEW
def test_books_of_openpyxl_read_the_same(tmp_path: Path, table: list[list[object]]) -> None:
    book = openpyxl.Workbook()
    for row in table:
        first_sheet(book).append([_legal(each) for each in row])
    book.save(tmp_path / "a.xlsx")
    same_both_ways(tmp_path / "a.xlsx")
    assert is_plain(tmp_path / "a.xlsx")


@given(TABLES, st.booleans(), st.booleans())
@FEW
def test_books_of_xlsxwriter_read_the_same(
    tmp_path: Path, table: list[list[object]], in_memory: bool, since_1904: bool
) -> None:
    options = {"constant_memory": in_memory, "date_1904": since_1904, "default_date_format": "yyyy-mm-dd hh:mm:ss.000"}
    with xlsxwriter.Workbook(str(tmp_path / "b.xlsx"), {**options, "strings_to_formulas": False}) as book:
        sheet = book.add_worksheet("流水")
        for at, row in enumerate(table, 3):
            for column, cell in enumerate(row, 2):
                if isinstance(cell, dt.datetime) and cell.year < 1905:
                    continue
                sheet.write(at, column, cell)
    same_both_ways(tmp_path / "b.xlsx")
    assert is_plain(tmp_path / "b.xlsx")


SPACE = st.sampled_from(["", "", "", " ", "\n  "])
RAW_TEXTS = st.sampled_from(
    ["", "a", " a", "a ", "\u3000a", "a\u00a0", "\u2003", "测试", "。", "《", "&amp;", "&#20013;", "&#x4e2d;",
     "&bad;", "&", "_x000D_", "_x4e2d_", "_x", "a\rb", "a\r\nb", "a\nb", "]]>", "\x01", "\ufffe", "\u0085", "'\""]
)  # fmt: skip
RAW_NUMBERS = st.sampled_from(
    ["0", "-0", "1", "-1", "12.5", "12.50", "012", "0.0001", "0.00012", "0.1234", "00.5", "+5", "5.", ".5", " 5", "5 ",
     "1e3", "1E-7", "1E+20", "123456789012345", "1234567890123456", "0.123456789012345", "48867.349999999999", "inf",
     "nan", "-", "", "45000", "45000.5", "45000.999999999", "0.5", "60", "59", "-3", "2958466", "1e9", "abc", "1_0"]
)  # fmt: skip
PLACES = st.sampled_from(["A1", "B1", "C1", "AA1", "A2", "C2", "B3", "A05", "a1", "$A$1", "A0", "1", "A", "AAAA1", ""])


@st.composite
def cells(draw: Callable[..., Any]) -> str:
    """One cell's XML, mostly plain."""
    kind = draw(st.sampled_from(["inlineStr", "str", "s", "n", "b", "e", "d", None, None, "z"]))
    raw = draw(RAW_TEXTS if kind in ("inlineStr", "str", "z") else RAW_NUMBERS)
    if kind == "b":
        raw = draw(st.sampled_from(["0", "1", "true", ""]))
    if kind == "e":
        raw = draw(st.sampled_from(["#N/A", "#DIV/0!", "#REF!", "#BAD!", ""]))
    if kind == "s":
        raw = draw(st.sampled_from(["0", "1", "2", "3", "7", "-1", "", " 1", "x"]))
    if kind == "d":
        raw = draw(st.sampled_from(["2024-01-02", "2024-01-02T03:04:05", "x", ""]))
    named = f' t="{kind}"' if kind else ""
    style = draw(
        st.sampled_from(["", "", ' s="0"', ' s="1"', ' s="2"', ' s="3"', ' s="4"', ' s="99"', ' s="9999"', ' s="x"'])
    )
    formula = draw(
        st.sampled_from(["", "", "", "<f>1+1</f>", '<f t="shared" si="0"/>', "<f>A1&amp;B1</f>", "<f><x/></f>"])
    )
    space = draw(SPACE)
    text = draw(st.sampled_from(["<t>{}</t>", '<t xml:space="preserve">{}</t>', '<t xml:space="default">{}</t>',
                                 "<r><t>{}</t></r>", "<t>{}</t><rPh><t>x</t></rPh>"]))  # fmt: skip
    shape = draw(
        st.sampled_from(["{f}{v}", "{f}{v}", "{f}{v}", "{v}{f}", "{f}", "<v/>", "<v></v>", "<x/>", "", "<v/>{f}"])
    )
    value = f"<is>{space}{text.format(raw)}</is>" if kind == "inlineStr" else f"<v>{raw}</v>"
    order = draw(st.sampled_from(["{r}{s}{t}", "{r}{s}{t}", "{r}{t}{s}", "{s}{t}", '{r}{s}{t} cm="1"', "{r}{r}{t}"]))
    attributes = order.format(r=f' r="{draw(PLACES)}"', s=style, t=named)
    inside = shape.format(f=formula, v=value)
    return f"<c{attributes}>{space}{inside}{space}</c>" if inside else f"<c{attributes}/>"


ROW_TAGS = st.sampled_from(['<row r="1">', '<row r="2" ht="15" x14ac:dyDescent="0.2">', '<row r="3" spans="1:3">',
                            "<row>", '<row r="x">', "<row r='1'>", '<x:row r="1">', '<row r="1" r="2">'])  # fmt: skip


@given(st.lists(st.tuples(ROW_TAGS, st.lists(cells(), max_size=3)), max_size=3), SPACE)
@settings(FEW, max_examples=200)
def test_odd_cells_read_the_same_or_are_left_to_calamine(
    tmp_path: Path, rows: list[tuple[str, list[str]]], space: str
) -> None:
    written = space.join(tag + space.join(inside) + "</row>" for tag, inside in rows)
    third = "<si><r><t> 乙</t></r><r><t>丙_x000D_</t></r></si>"
    strings = f'<sst xmlns="{NAMESPACE}"><si><t>甲</t></si><si><t/></si>{third}</sst>'
    same_both_ways(_book(tmp_path / "odd.xlsx", sheet_xml(written), strings))


@given(cell=cells(), place=st.sampled_from(["A1", "C1"]))
@example(cell='<c r="A1" t="d"><v/></c>', place="A1")
@example(cell='<c r="A1" t="d"><v></v></c>', place="A1")
@settings(FEW, max_examples=200)
def test_one_odd_cell_among_plain_ones_reads_the_same(tmp_path: Path, cell: str, place: str) -> None:
    rows = (
        f'<row r="1">{cell}<c r="D1"><v>5</v></c></row><row r="2"><c r="B2" t="inlineStr"><is><t>x</t></is></c></row>'
    )
    strings = f'<sst xmlns="{NAMESPACE}"><si><t>甲</t></si><si><t> b </t></si></sst>'
    same_both_ways(_book(tmp_path / "one.xlsx", sheet_xml(rows), strings))


PLAIN_CELL = '<c r="A1" t="inlineStr"><is><t>测试</t></is></c>'
PLAIN_ROW = f'<row r="1">{PLAIN_CELL}</row>'


@pytest.mark.parametrize(
    "sheet",
    [
        sheet_xml(PLAIN_ROW.replace("<row", "<x:row").replace("</row", "</x:row"), head="<x:sheetPr/>"),
        f'<x:worksheet xmlns:x="{NAMESPACE}"><x:sheetData></x:sheetData></x:worksheet>',
        "<!DOCTYPE worksheet [<!ENTITY a 'b'>]>" + sheet_xml(PLAIN_ROW),
        sheet_xml(PLAIN_ROW, head="<!-- <sheetData> -->"),
        sheet_xml(PLAIN_ROW, head='<x a=">"y"/>'),
        sheet_xml("<!-- a -->" + PLAIN_ROW),
        sheet_xml(PLAIN_ROW.replace("测试", "<![CDATA[</sheetData>]]>")),
        sheet_xml(PLAIN_ROW.replace("测试", "a<!-- b -->c")),
        sheet_xml(PLAIN_ROW.replace("<t>测试</t>", "<r><t>测</t></r><r><t>试</t></r>")),
        sheet_xml(PLAIN_ROW.replace("<t>测试</t>", "<t>测</t><rPh sb='0' eb='1'><t>ce</t></rPh>")),
        sheet_xml(PLAIN_ROW.replace(' r="A1"', "")),
        sheet_xml(f'<row r="2"><c r="A2"><v>1</v></c></row>{PLAIN_ROW}'),
        sheet_xml('<row r="1"><c r="B1"><v>1</v></c><c r="A1"><v>2</v></c></row>'),
        sheet_xml('<row r="1"><c r="B1"><v>1</v></c><c r="B1"><v>2</v></c></row>'),
        sheet_xml('<row r="1"><c r="A1"><v>1</v></c><c r="A2"><v>2</v></c></row>'),
        sheet_xml('<row r="1"><c r="A2"><v>1</v></c></row>'),
        sheet_xml('<row r="1"><c r="A1" t="s"><v>3</v></c></row>'),
        sheet_xml('<row r="1"><c r="A1" t="n"><v>abc</v></c></row>'),
        sheet_xml('<row r="1"><c r="A1" t="str"><v>&nosuch;</v></c></row>'),
        sheet_xml(PLAIN_ROW).replace("</sheetData>", ""),
        sheet_xml(PLAIN_ROW)[:-60],
        sheet_xml(PLAIN_ROW + "text"),
        sheet_xml(PLAIN_ROW + "\x00"),
        "\ufeff" + sheet_xml(PLAIN_ROW),
        b'<?xml version="1.0" encoding="GBK"?>' + sheet_xml(PLAIN_ROW).encode("gbk"),
        sheet_xml(PLAIN_ROW).encode("utf-16"),
        sheet_xml(PLAIN_ROW).encode().replace("测".encode(), b"\xb2\xe2"),
        "",
        "<chartsheet/>",
    ],
)
def test_what_is_not_plain_is_left_to_calamine(tmp_path: Path, sheet: str | bytes) -> None:
    path = _book(tmp_path / "left.xlsx", sheet)
    assert not is_plain(path)
    same_both_ways(path)


@pytest.mark.parametrize(
    "sheet",
    [
        sheet_xml(PLAIN_ROW),
        f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n{sheet_xml(PLAIN_ROW)}',
        sheet_xml(PLAIN_ROW, head='<dimension ref="A1:ZZ1048576"/><cols><col min="1" max="2"/></cols>'),
        sheet_xml(PLAIN_ROW, tail='<mergeCells><mergeCell ref="A1:B1"/></mergeCells><x a="'),
        sheet_xml(PLAIN_ROW.replace("测试", "a&lt;b&#13;&amp;_x000D_")),
        sheet_xml('<row r="2"/><row r="3"><c r="C3" s="1"/><c r="D3" s="1"><v>45000.5</v></c></row><row r="5"/>'),
        sheet_xml('<row r="1"><c r="A1"><f>1+1</f><v>2</v></c><c r="B1" t="str"><f>"a"</f><v>a</v></c></row>'),
        sheet_xml('<row r="1"><c r="A1"><f>1+1</f><v></v></c><c r="B1" t="e"><v>#N/A</v></c></row>'),
        sheet_xml("").replace("<sheetData></sheetData>", "<sheetData/>"),
        sheet_xml(""),
    ],
)
def test_what_offices_write_is_plain(tmp_path: Path, sheet: str) -> None:
    path = _book(tmp_path / "plain.xlsx", sheet)
    assert is_plain(path)
    same_both_ways(path)


def _row_of(cells: list[str]) -> str:
    return "".join(f'<c r="{chr(65 + at)}1" {cell}</c>' for at, cell in enumerate(cells)).join(
        ('<row r="1">', "</row>")
    )


@pytest.mark.parametrize(
    "space", [" ", "\t", "\n", "\r", "\u0085", "\u00a0", "\u1680", "\u2003", "\u2028", "\u205f", "\u3000"]
)
def test_spaces_around_a_text_are_kept_or_lost_the_same(tmp_path: Path, space: str) -> None:
    texts = [f"{space}a", f"a{space}", space, f"测{space}", f"{space}试", f"a{space}b", f"a{space}bc"]
    bare = [f't="inlineStr"><is><t>{text}</t></is>' for text in texts]
    kept = [each.replace("<t>", '<t xml:space="preserve">') for each in bare]
    formulas = [f't="str"><v>{text}</v>' for text in texts]
    path = _book(tmp_path / "spaces.xlsx", sheet_xml(_row_of(bare + kept + formulas)))
    assert is_plain(path)
    same_both_ways(path)


@pytest.mark.parametrize("style", range(7))
def test_numbers_of_every_style_are_shown_the_same(tmp_path: Path, style: int) -> None:
    numbers = re.findall(
        r"\S+",
        """0 -0 7 -7.25 0.5 0.001 0.0001 0.00001 12.50 007 1e3 45000 45000.5 60 48867.349999999999 +5 5. .5
        0.123456789012345""",
    )
    if style not in (1, 2, 3):  # no moment is so far away: calamine gives up, also alone
        numbers += ["123456789012345", "1234567890123456", "12345678901234.5", "-12345678901234.5", "999999999999999"]
    path = _book(tmp_path / "numbers.xlsx", sheet_xml(_row_of([f's="{style}"><v>{each}</v>' for each in numbers])))
    assert is_plain(path)
    same_both_ways(path)


def test_rows_come_in_the_same_batches_whatever_is_missing_between_them(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(str(tmp_path / "long.xlsx")) as book:
        sheet = book.add_worksheet()
        for row in (*range(5, 9_000), *range(32_700, 40_000), 150_000):
            sheet.write(row, 1 + row % 3, f"第{row}笔" if row % 7 else row / 7)
        sheet.write(150_000, 5, "合计")
    with FileReader(scratch=tmp_path) as reader:
        (leaf,) = reader.leaves(tmp_path / "long.xlsx")
        (ours,) = ([(batch.numbers, list(batch.rows)) for batch in sheet.batches] for sheet in reader.sheets(leaf))
        with patch.object(workbooks, "plain_book", lambda *_: None):
            (theirs,) = ([(each.numbers, list(each.rows)) for each in sheet.batches] for sheet in reader.sheets(leaf))
    assert ours == theirs
    assert len(ours) == 3
    assert is_plain(tmp_path / "long.xlsx")


def test_a_harmful_second_sheet_is_refused_before_a_row_of_the_first_is_given(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    first_sheet(book).append(["a"])
    book.create_sheet("宽").cell(1, 16_000, "b")
    book.save(tmp_path / "wide.xlsx")
    assert same_both_ways(tmp_path / "wide.xlsx") == (
        "files.too_many_columns",
        {"place": "wide.xlsx", "limit": ReadLimits().columns},
    )


def test_limits_hold_both_ways(tmp_path: Path) -> None:
    long = PLAIN_ROW.replace("测试", "字" * 40) + '<row r="2"><c r="B2"><v>1</v></c></row>'
    path = _book(tmp_path / "long.xlsx", sheet_xml(long))
    found = same_both_ways(path, ReadLimits(cell_chars=39))
    assert isinstance(found, Read)
    assert found.only_row_faults() == [(1, "too_long")]
    same_both_ways(path, ReadLimits(columns=1))
    same_both_ways(path, ReadLimits(workbook_bytes=100))
    same_both_ways(path, ReadLimits(sheets=0))


def test_a_broken_table_of_strings_is_told_also_by_a_book_that_uses_none(tmp_path: Path) -> None:
    path = _book(tmp_path / "broken.xlsx", sheet_xml(PLAIN_ROW), "<sst><si><t>a</b></sst>")
    assert same_both_ways(path) == ("files.corrupted", {"place": "broken.xlsx"})
