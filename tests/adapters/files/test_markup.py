"""Tables saved as HTML or XML under a spreadsheet's name."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fanzha.adapters.files.limits import ReadLimits
from fanzha.adapters.files.markup import _Tables
from fanzha.kernel.errors import Invalid
from tests.adapters.files.reading import read_bytes

PAGE = """<html><head><meta charset="gbk"><style>td{color:red}</style><title>明细</title></head><body>
<!-- <table><tr><td>not this</td></tr></table> -->
<script>document.write("<table><tr><td>nor this</td></tr></table>")</script>
<TABLE border=1><tr><th colspan="2">交易&nbsp;明细</th><th>x</th></tr>
<tr><td style="mso-number-format:'\\@'">9999991234</td><td>1,234.50<br>元</td><td> a &lt; b </td></tr>
<tr><td><b>9</b>99<td>unclosed<td>cells
<tr></tr>
<tr><td>last</td></tr></TABLE>
<table></table><table><tr><td>second</td></tr></table></body></html>"""


@pytest.mark.parametrize("codec", ["gb18030", "utf-8", "utf-16"])
def test_a_page_saved_as_xls_gives_its_tables(tmp_path: Path, codec: str) -> None:
    found = read_bytes(tmp_path, PAGE.encode(codec), "明细.xls")
    assert found.rows == {
        "明细.xls#1": [
            ["交易\xa0明细", "", "x"],
            ["9999991234", "1,234.50 元", "a < b"],
            ["999", "unclosed", "cells"],
            ["last"],
        ],
        "明细.xls#3": [["second"]],
    }
    assert found.numbers["明细.xls#1"] == [1, 2, 3, 5]
    assert found.codes() == {"明细.xls#2": "files.empty_sheet"}


def test_xml_of_2003(tmp_path: Path) -> None:
    xml = """<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?>
    <Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"
              xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet">
    <Worksheet ss:Name="流水"><Table>
    <Row ss:Index="3"><Cell><Data ss:Type="String">a</Data></Cell>
      <Cell ss:Index="4"><Data ss:Type="Number">1</Data></Cell></Row>
    <Row><Cell ss:MergeAcross="1"><Data ss:Type="String">b</Data></Cell><Cell/><Cell><Data>c</Data></Cell></Row>
    </Table></Worksheet></Workbook>"""
    found = read_bytes(tmp_path, xml.encode(), "a.xls")
    assert found.rows == {"a.xls#流水": [["a", "", "", "1"], ["b", "", "", "c"]]}
    assert found.only_numbers() == [3, 4]


TAGS = st.sampled_from(
    ["<table>", "</table>", "<tr>", "<td>", "</td>", "<td colspan=9999>", "<!--", "-->", "<script>", "<", ">",
     "&#x110000;", '<Row ss:Index="9">', '<Cell ss:Index="9999999">', "text", "&amp", "<td <td <td"]
)  # fmt: skip


@given(st.lists(TAGS, max_size=60))
def test_no_arrangement_of_tags_breaks_the_reader(tags: list[str]) -> None:
    tables = _Tables(ReadLimits(columns=50))
    tables.read("".join(tags))
    for rows in tables.found.values():
        assert all(number >= 1 and len(row) <= 51 + len(tags) for number, row in rows)


def test_rows_too_wide_are_faults_and_claimed_blanks_are_bounded(tmp_path: Path) -> None:
    page = b"<table><tr><td colspan=5000>a</tr><tr><td>b</td></tr></table>"
    found = read_bytes(tmp_path, page)
    assert found.only() == [["b"]]
    assert found.only_row_faults() == [(1, "too_many_columns")]
    with pytest.raises(Invalid) as refused:
        read_bytes(tmp_path, b"<table>" + b"<tr><td colspan=2000>a" * 30, limits=ReadLimits(sheet_cells=50_000))
    assert refused.value.code == "files.too_many_cells"
