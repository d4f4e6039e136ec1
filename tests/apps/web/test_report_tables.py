"""A table of reports: what may mean two things makes no sum and stops no account, and says which row and column."""

from __future__ import annotations

import json
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from fanzha.adapters.files.limits import ReadLimits
from fanzha.apps.web.wired import report_tables
from fanzha.apps.web.wired.report_tables import Ground, TableReport, reports_in
from fanzha.i18n import catalogue
from fanzha.kernel.clock import SHANGHAI
from fanzha.kernel.errors import Invalid
from tests.registers.institutions import BANK

PAYEE, OTHER = "9999990000000088011", "9999990000000088012"
HEADS = ("编号", "收款机构", "收款账号", "金额", "付款时间")
AT = "2026-03-02 09:05"
GROUND = Ground(institutions=[BANK], now=datetime(2026, 3, 2, 12, tzinfo=SHANGHAI))


def read(tmp_path: Path, *rows: tuple[str, ...], most: int = 100) -> list[TableReport]:
    path = tmp_path / "reports.csv"
    path.write_text("\n".join("\t".join(each) for each in rows), encoding="utf-8")
    return [*reports_in(path, GROUND, most, ReadLimits(), tmp_path).reports]


def only(reports: list[TableReport]) -> dict[str, Any]:
    assert [each.wrong for each in reports] == [None]
    told: dict[str, Any] = json.loads(reports[0].body)
    return told


def refused(reports: list[TableReport], code: str, line: int, column: str) -> Invalid:
    """The one report's error; in both languages it names the row and the column."""
    (report,) = reports
    assert isinstance(report.wrong, Invalid) and report.wrong.code == code and not report.body
    for language in ("zh", "en"):
        words = catalogue(language)[f"errors.{code}"].format(**report.wrong.fields)
        assert str(line) in words and column in words
    return report.wrong


def row(key: str = "w", payee: str = PAYEE, amount: str = "100", at: str = AT) -> tuple[str, ...]:
    return key, BANK.name, payee, amount, at


@pytest.mark.parametrize(
    ("head", "cell", "yuan"),
    [
        ("金额(万元)", "3.2", 32_000),
        ("金额（单位：万元）", "3", 30_000),
        ("金额(万元)(必填)", "3", 30_000),
        ("金额(万元)", "3.2万", 32_000),
        ("金额(万元)", "30000元", 30_000),
        ("金额(万元)", "三", 30_000),
        ("金额(元)", "1,234.50", 1_234.5),
        ("金额(人民币元)", "500", 500),
        ("金额(元,精确到分)", "500.05", 500.05),
        ("金额(元/笔)", "3万", 30_000),
        ("金额(必填)", "500", 500),
    ],
)
def test_a_bare_number_has_the_unit_of_its_head(tmp_path: Path, head: str, cell: str, yuan: float) -> None:
    told = only(read(tmp_path, (*HEADS[:3], head, HEADS[4]), row(amount=cell)))
    assert told["payments"][0]["amount_fen"] == round(yuan * 100)


@pytest.mark.parametrize(
    ("head", "cell"),
    [
        ("金额(分)", "10000"),
        ("金额(单位:角)", "10000"),
        ("金额(fen)", "10000"),
        ("金额(美元)", "100"),
        ("金额(美元)", "3万"),
        ("金额(10k yuan)", "3"),
        ("金额(元/万元)", "3"),
        ("金额(万元)", "三万"),
        (f"金额({'写' * 61})", "3"),
    ],
)
def test_a_unit_that_cannot_be_told_makes_no_sum(tmp_path: Path, head: str, cell: str) -> None:
    refused(read(tmp_path, (*HEADS[:3], head, HEADS[4]), row(amount=cell)), "reports.bad_cell", 2, head)


DOUBLE = [
    ("开户行", "没有这家银号", "reports.bad_cell"),
    ("对方账号", OTHER, "reports.columns_differ"),
    ("被骗金额", "200", "reports.columns_differ"),
    ("被骗时间", "2026-03-02 09:04", "reports.columns_differ"),
]


@pytest.mark.parametrize(("head", "cell", "code"), DOUBLE)
@pytest.mark.parametrize("is_first", [False, True])
def test_two_columns_of_one_field_that_differ_stop_no_account(
    tmp_path: Path, head: str, cell: str, code: str, is_first: bool
) -> None:
    heads, cells = ((head, *HEADS), (cell, *row())) if is_first else ((*HEADS, head), (*row(), cell))
    refused(read(tmp_path, heads, cells), code, 2, head)


def test_two_columns_that_say_the_same_in_other_words_are_one(tmp_path: Path) -> None:
    heads = ("开户行", "对方账号", "被骗金额", "被骗时间", *HEADS)
    told = only(
        read(tmp_path, heads, (BANK.name_zh, f"{PAYEE[:4]} {PAYEE[4:]}", "0.01万", "2026年3月2日9时5分", *row()))
    )
    assert told["payments"][0]["payee"] == PAYEE and told["payments"][0]["amount_fen"] == 100_00
    told = only(read(tmp_path, heads, ("", "", "", "", *row())))
    assert told["payments"][0]["payee"] == PAYEE


def test_the_plainest_name_of_a_person_goes_before_others_wherever_it_stands(tmp_path: Path) -> None:
    told = only(read(tmp_path, ("报案人", "被害人", *HEADS), ("测试·子", "测试·母", *row())))
    assert told["victim"] == "测试·母"


@pytest.mark.parametrize(
    ("head", "cells"),
    [
        ("被害人", ("测试·甲", "测试·乙")),
        ("报警时间", ("2026-03-02 10:00", "2026-03-02 11:00")),
        ("诈骗类型", ("ST01", "ST02")),
        ("身份已核对", ("是", "否")),
    ],
)
def test_rows_of_one_number_that_tell_two_reports_take_none(tmp_path: Path, head: str, cells: tuple[str, str]) -> None:
    rows = [(*row(payee=payee), cell) for payee, cell in zip((PAYEE, OTHER), cells, strict=True)]
    wrong = refused(read(tmp_path, (*HEADS, head), *rows), "reports.rows_differ", 3, head)
    assert wrong.fields["first"] == 2
    same = only(read(tmp_path, (*HEADS, head), rows[0], (*rows[1][:-1], cells[0]), (*rows[1][:-1], "")))
    assert len(same["payments"]) == 3


def test_rows_of_one_number_agree_by_what_they_mean_and_all_their_words_are_kept(tmp_path: Path) -> None:
    heads = (*HEADS, "报警时间", "身份已核对", "案情")
    first, second = (
        (*row(), "2026-03-02 10:00", "是", "先转一笔"),
        (*row(payee=OTHER), "2026/3/2 10:00", "Y", "又转一笔"),
    )
    told = only(read(tmp_path, heads, first, second))
    assert told["identity_checked"] is True and told["words"] == "先转一笔\n又转一笔"


@pytest.mark.parametrize("rounded", ["6.22202E+18", "6E18"])
def test_a_rounded_number_of_a_report_or_an_account_is_refused(tmp_path: Path, rounded: str) -> None:
    refused(read(tmp_path, HEADS, row(key=rounded), row(key=rounded, payee=OTHER)), "reports.rounded", 2, "编号")
    refused(read(tmp_path, HEADS, row(payee=rounded)), "reports.rounded", 2, "收款账号")
    heads = (*HEADS, "对方账号")
    refused(read(tmp_path, heads, (*row(), rounded)), "reports.rounded", 2, "对方账号")


@pytest.mark.parametrize(
    "at",
    [
        "2026年3月2日",
        "20260302",
        "2026-03-02 9",
        "2026-03-02 09:",
        "2026-03-02T09",
        "2026年3月2日9时",
        "2026年3月2日 9点",
        "20260302 09",
        "2026-03-02 9 : ",
    ],
)
def test_a_day_or_an_hour_without_minutes_is_no_time(tmp_path: Path, at: str) -> None:
    refused(read(tmp_path, HEADS, row(at=at)), "reports.bad_cell", 2, "付款时间")


@pytest.mark.parametrize(
    "at", ["2026-03-02 905", "2026-03-02 0905", "202603020905", "2026年3月2日9时5分", "2026-03-02 09:05:00"]
)
def test_a_time_to_the_minute_is_taken_as_it_is_written(tmp_path: Path, at: str) -> None:
    told = only(read(tmp_path, HEADS, row(at=at)))
    assert told["payments"][0]["at"] == "2026-03-02T01:05:00+00:00"


def test_rows_beyond_the_limit_are_not_held(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real, made = report_tables._Row, list[int]()

    def counted(**fields: Any) -> Any:
        made.append(fields["line"])
        return real(**fields)

    monkeypatch.setattr(report_tables, "_Row", counted)
    with pytest.raises(Invalid) as wrong:
        read(tmp_path, HEADS, *(row(key=str(each)) for each in range(500)), most=5)
    assert wrong.value.code == "reports.too_many_rows" and len(made) == 6
    assert len(read(tmp_path, HEADS, *(row(key=str(each)) for each in range(5)), most=5)) == 5


def test_a_long_number_that_a_workbook_keeps_as_a_number_joins_no_reports(tmp_path: Path) -> None:
    book, kept = Workbook(), BytesIO()
    sheet = book.active
    assert sheet is not None
    sheet.append(HEADS)
    for number, payee in ((202603020000000001, PAYEE), (202603020000000002, OTHER)):
        sheet.append((number, *row(payee=payee)[1:]))
    book.save(kept)
    path = tmp_path / "reports.xlsx"
    path.write_bytes(kept.getvalue())
    taken = reports_in(path, GROUND, 9, ReadLimits(), tmp_path).reports
    assert [each.body for each in taken] == [b""] * len(taken) != []


@pytest.mark.parametrize("place", [1, 2, 3, 4])
def test_a_cell_is_told_to_be_empty_or_to_be_wrong_never_either(tmp_path: Path, place: int) -> None:
    cells = row()
    empty = (*cells[:place], "", *cells[place + 1 :])
    wrong = refused(read(tmp_path, HEADS, empty), "reports.empty_cell", 2, HEADS[place])
    said = {each: catalogue(each)["errors.reports.empty_cell"].format(**wrong.fields) for each in ("zh", "en")}
    assert "为空" in said["zh"] and "有误" not in said["zh"] and "empty" in said["en"] and "wrong" not in said["en"]
    for language, word in (("zh", "空"), ("en", "empty")):
        assert word not in catalogue(language)["errors.reports.bad_cell"]


@pytest.mark.parametrize(("head", "place"), [("付款时间", 4), ("报警时间", 5)])
def test_a_time_later_than_now_is_told_by_row_and_column(tmp_path: Path, head: str, place: int) -> None:
    heads, first = (*HEADS, "报警时间"), (*row(), AT)
    later = [*row(payee=OTHER), AT]
    later[place] = "2026-03-02 12:06"
    refused(read(tmp_path, heads, first, tuple(later)), "reports.later", 3, head)
    later[place] = "2026-03-02 12:00"
    told = read(tmp_path, heads, (*first[:5], later[5]), tuple(later))
    assert [each.wrong for each in told] == [None]
