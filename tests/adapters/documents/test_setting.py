"""A document is the same bytes everywhere, and no text in it is ever more than text."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from fanzha.adapters.documents import setting
from fanzha.adapters.documents.blocks import (
    Block,
    Cell,
    Column,
    Document,
    Facts,
    Figure,
    Figures,
    Heading,
    Items,
    Paragraph,
    Picture,
    Signatures,
    Table,
    Title,
    Turn,
)
from fanzha.adapters.documents.setters import end_setters
from fanzha.adapters.documents.setting import LONGEST_TEXT, set_pdf
from fanzha.kernel.errors import Broken, Unavailable
from tests.adapters.documents.pdf_text import pages

HOSTILE = (
    '#read("/etc/passwd")',
    "*x* _y_ $z$ `code` @ref <label> // gone /* too */ \\ #",
    "= heading \\u{41} ~ -- --- https://example.test/x",
    '#eval("1+1") #sys.inputs #import "@preview/x:1.0.0": *',
    "测试·甲\n#pagebreak()\n= 乙",
)
SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 90 9"><text x="1" y="5" font-size="4">图中字</text></svg>'


def document(*texts: str) -> Document:
    """One of every block, with these texts in each place that holds data."""
    rows: list[list[Cell]] = [[each, ("1", each), "2.00"] for each in texts]
    return Document(
        language="zh",
        title="样张",
        head="样张 TEST-1",
        handling="内部资料",
        mark="演练数据",
        foot="指纹 0123",
        pages="第 {page} 页　共 {pages} 页",
        at=datetime(2026, 3, 1, 1, 2, 3, tzinfo=UTC),
        blocks=[
            Title(title="样张", subtitle="一案一研", name=texts[0]),
            Facts(rows=[("名称", each) for each in texts], paired=True),
            Figures(figures=[Figure(label="起点", value="1.00"), Figure(label="在账", value="0.50", note="50%")]),
            Heading(text="一、标题"),
            *(Paragraph(text=each) for each in texts),
            Items(rows=[("甲", each) for each in texts]),
            Picture(svg=SVG, alt="图"),
            Turn(landscape=True),
            Table(title="表 1", columns=[Column(head=each) for each in "甲乙丙"], rows=rows, sums=["合计", "", "9"]),
            Signatures(labels=["分析人：", "审核人："], date="日期："),
        ],
    )


def test_the_same_document_is_the_same_bytes_in_any_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here = set_pdf(document("测试·甲"))
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(str(Path(each).resolve()) for each in ("src", ".")))
    monkeypatch.chdir(tmp_path)
    for name, value in {"TZ": "America/St_Johns", "LC_ALL": "C", "PYTHONHASHSEED": "7", "HOME": str(tmp_path)}.items():
        monkeypatch.setenv(name, value)
    end_setters()
    assert set_pdf(document("测试·甲")) == here
    assert b"D:20260301010203" in here


@pytest.fixture(scope="module")
def hostile() -> list[str]:
    """The pages of a document whose every text is hostile."""
    return pages(set_pdf(document(*HOSTILE)))


def test_no_text_is_read_as_markup(hostile: list[str]) -> None:
    shown = "".join("".join(hostile).split())
    for each in HOSTILE:
        assert shown.count("".join(each.split())) >= 4
    assert "root:" not in shown and len(hostile) == 2


def test_every_page_is_numbered_and_says_that_it_is_an_exercise(hostile: list[str]) -> None:
    for number, page in enumerate(hostile, start=1):
        page = page.replace("\n", "")
        assert f"第 {number} 页　共 {len(hostile)} 页" in page and "演练数据" in page and "样张 TEST-1" in page


def test_a_character_that_cannot_be_shown_is_told_by_its_number() -> None:
    (first, second) = pages(set_pdf(document("张\U0001f642三", "李\u202e四", "王\x00五")))
    for told in ("张〔U+1F642〕三", "李〔U+202E〕四", "王〔U+0000〕五"):
        assert told in first.replace("\n", "") and told in second.replace("\n", "")


def test_long_texts_stay_on_the_page_and_say_what_they_leave_out() -> None:
    told = pages(set_pdf(document("9" * 40 + "x" * 3_000, "字" * 3_000)))
    assert any(f"(+{3_040 - LONGEST_TEXT})" in page.replace("\n", "") for page in told)
    assert all(len(line) < 120 for page in told for line in page.splitlines())


def test_a_tall_picture_stays_on_the_page_of_its_heading() -> None:
    tall = SVG.replace("0 0 90 9", "0 0 9 90")
    blocks: list[Block] = [
        Paragraph(text="甲"),
        Turn(landscape=True),
        Heading(text="附图"),
        Picture(svg=tall, alt="图"),
    ]
    (_, page) = pages(set_pdf(replace(document("甲"), blocks=blocks)))
    assert "附图" in page and "图中字" in page.replace("\n", "")


def test_a_long_table_repeats_its_head() -> None:
    rows = [[str(number), "9999 9990 0000 0000 017", "1,234,567,890.12"] for number in range(200)]
    table = Table(title="表", columns=[Column(head=each) for each in ("序号列", "账户列", "金额列")], rows=rows)
    told = pages(set_pdf(replace(document("甲"), blocks=[table])))
    assert len(told) > 3 and all("账户列" in page for page in told)
    assert [line for page in told for line in page.splitlines() if line.isdigit()] == [str(each) for each in range(200)]


def test_a_setter_that_takes_too_much_is_stopped_and_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(setting, "WALL_SECONDS", 0.001)
    with pytest.raises(Unavailable, match="too_much"):
        set_pdf(document("甲"))
    monkeypatch.undo()
    with pytest.raises(Broken, match="not_set"):
        set_pdf(replace(document("甲"), blocks=[Picture(svg="<svg", alt="")]))
