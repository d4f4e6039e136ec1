"""Spreadsheets: cells as text, exact rows, every sheet, nothing run, sizes bounded."""

from __future__ import annotations

import datetime as dt
import math
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import openpyxl
import pytest
import xlwt
from hypothesis import given
from hypothesis import strategies as st

from fanzha.adapters.files.cell_texts import cell_text
from fanzha.adapters.files.limits import ReadLimits
from fanzha.kernel.errors import Invalid
from tests.adapters.files.reading import first_sheet, read

AT = dt.datetime(2024, 1, 2, 3, 4, 5)  # noqa: DTZ001  (a spreadsheet's times have no zone)


def test_cells_are_what_a_statement_would_show(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = first_sheet(book)
    cells: dict[str | float | dt.datetime | dt.date | dt.time | dt.timedelta, str] = {
        "\t9999991234": "\t9999991234",
        "9999990000000000001": "9999990000000000001",
        12: "12",
        1234.5: "1234.5",
        -0.01: "-0.01",
        0.00001234: "0.00001234",
        1234.5600000000001: "1234.56",
        999999999999999: "999999999999999",
        6222021234567890123: "6.22202123456789E+18",
        1000000000000000: "1.00000000000000E+15",
        True: "TRUE",
        AT: "2024-01-02 03:04:05",
        AT.replace(second=59): "2024-01-02 03:04:59",
        AT.replace(microsecond=120_000): "2024-01-02 03:04:05.120",
        dt.date(2024, 1, 2): "2024-01-02",
        dt.time(3, 4, 5): "03:04:05",
        dt.timedelta(hours=30, minutes=1): "30:01:00",
    }
    for row, cell in enumerate(cells, 3):
        sheet.cell(row, 2, cell)
    sheet.cell(40, 1, "合计")
    book.save(tmp_path / "book.xlsx")
    found = read(tmp_path / "book.xlsx")
    assert [row[1] for row in found.only()[:-1]] == list(cells.values())
    assert found.only_numbers() == [*range(3, 3 + len(cells)), 40]
    assert found.encodings == {"book.xlsx#Sheet": "xlsx"}


@given(st.floats(allow_nan=True, allow_infinity=True) | st.integers(-(2**70), 2**70))
def test_numbers_below_a_quadrillion_keep_fifteen_digits_and_larger_ones_say_that_they_are_rounded(
    value: float,
) -> None:
    text = cell_text(value)
    if math.isfinite(value) and abs(value) < 1e15:
        assert "E" not in text.upper()
        assert math.isclose(float(text), value, rel_tol=1e-14, abs_tol=1e-19)
        assert not text.endswith(".0")
    elif math.isfinite(value):
        assert "E+" in text


def test_every_amount_in_fen_survives_being_a_float() -> None:
    for fen in (*range(1, 100_000, 7), 10**15 - 1, 10**15 - 7, 123456789012345):
        yuan, rest = divmod(fen, 100)
        assert cell_text(fen / 100) == f"{yuan}.{rest:02d}".rstrip("0").rstrip(".")


def test_every_sheet_is_read_hidden_ones_too_and_empty_ones_are_told(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    first_sheet(book).append(["a"])
    hidden = book.create_sheet("隐藏")
    hidden.sheet_state = "veryHidden"
    hidden.append(["b"])
    book.create_sheet("空")
    book.save(tmp_path / "book.xlsx")
    found = read(tmp_path / "book.xlsx")
    assert found.rows == {"book.xlsx#Sheet": [["a"]], "book.xlsx#隐藏": [["b"]]}
    assert found.codes() == {"book.xlsx#空": "files.empty_sheet"}
    assert not found.faults[0].lost


def test_xls_by_content_under_any_name(tmp_path: Path) -> None:
    book = xlwt.Workbook()
    sheet = book.add_sheet("流水")
    date = xlwt.easyxf(num_format_str="yyyy-mm-dd hh:mm:ss")
    sheet.write(1, 0, "测试·甲")
    sheet.write(1, 1, 1234.5)
    sheet.write(1, 2, AT, date)
    book.save(str(tmp_path / "really.csv"))
    found = read(tmp_path / "really.csv")
    assert found.rows == {"really.csv#流水": [["测试·甲", "1234.5", "2024-01-02 03:04:05"]]}
    assert found.only_numbers() == [2]
    assert found.encodings == {"really.csv#流水": "xls"}


def test_formulas_give_their_kept_values_and_are_never_run(tmp_path: Path) -> None:
    import xlsxwriter

    with xlsxwriter.Workbook(str(tmp_path / "book.xlsm")) as book:
        sheet = book.add_worksheet()
        sheet.write_formula(0, 0, '=HYPERLINK("http://host.example","x")', None, "kept")
        sheet.write_formula(0, 1, "=1+1", None, 41)
    assert read(tmp_path / "book.xlsm").only() == [["kept", "41"]]


def _with_sheet_xml(path: Path, xml: str) -> Path:
    book = openpyxl.Workbook()
    first_sheet(book).append(["x"])
    book.save(path)
    with ZipFile(path) as old:
        parts = {info.filename: old.read(info) for info in old.infolist()}
    head = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    parts["xl/worksheets/sheet1.xml"] = (head + xml + "</sheetData></worksheet>").encode()
    with ZipFile(path, "w", ZIP_DEFLATED) as new:
        for name, content in parts.items():
            new.writestr(name, content)
    return path


@pytest.mark.parametrize(
    ("xml", "code"),
    [
        ('<row r="1"><c r="A1"><v>1</v></c><c r="XFD1"><v>1</v></c></row>', "files.too_many_columns"),
        ('<row r="1"><c\tr = "ZZZZZZZ1"><v>1</v></c></row>', "files.too_many_columns"),
        (
            '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="ZZ1048576"><v>1</v></c></row>',
            "files.too_many_cells",
        ),
        (
            '<row r="1"><c r="A1"><v>1</v></c></row><row r="4000000000"><c r="A4000000000"/></row>',
            "files.too_many_cells",
        ),
    ],
)
def test_a_few_bytes_cannot_claim_a_vast_sheet(tmp_path: Path, xml: str, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        read(_with_sheet_xml(tmp_path / "vast.xlsx", xml))
    assert refused.value.code == code
    assert refused.value.fields["place"] == "vast.xlsx"


def test_a_workbook_that_unpacks_beyond_the_limit_is_refused_before_it_is_loaded(tmp_path: Path) -> None:
    path = _with_sheet_xml(tmp_path / "bomb.xlsx", " " * (40 * 2**20))
    with pytest.raises(Invalid) as refused:
        read(path)
    assert refused.value.code == "files.bomb"


def test_too_many_sheets_are_told_and_the_first_ones_read(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    first_sheet(book).append(["a"])
    book.create_sheet("b").append(["b"])
    book.create_sheet("c").append(["c"])
    book.save(tmp_path / "book.xlsx")
    with ZipFile(tmp_path / "package.zip", "w") as package:
        package.write(tmp_path / "book.xlsx", "book.xlsx")
    found = read(tmp_path / "package.zip", ReadLimits(sheets=2))
    assert len(found.rows) == 2
    assert found.codes() == {"package.zip/book.xlsx": "files.too_many_sheets"}
