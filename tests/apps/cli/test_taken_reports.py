"""`fanzha reports take`: every line of a file has its result, whatever is wrong with its neighbours."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from fanzha.adapters.store.incidents import IncidentQuery, incidents
from fanzha.adapters.store.institutions import enter_profile
from fanzha.apps.cli.failures import DOES_NOT_HOLD
from fanzha.apps.web.api.v1_incidents import ReportBody
from fanzha.cases.incident import Source
from fanzha.wiring.house import CENTRE, operator
from fanzha.wiring.people import first_person
from tests.apps.cli.test_orders import ON_PAPER, inside
from tests.databases import TestServer
from tests.docs.schemas import assert_valid, faults, schema
from tests.journeys.command_line import CommandLine, lodged_exercise

PAID = {"institution": "test-bank", "payee": "9999990000000000003", "amount_fen": 4_000_000}


@pytest.fixture(scope="module")
def fanzha(tmp_path_factory: pytest.TempPathFactory, postgres: TestServer) -> Iterator[CommandLine]:
    """An exercise with its first person and a bank."""
    with lodged_exercise(tmp_path_factory.mktemp("reports") / "keys", postgres) as line:
        with inside(line) as house:
            first_person(house)
            with house.act(operator()) as connection:
                enter_profile(connection, ON_PAPER, operator(), "test", house.now(), unit=CENTRE)
        yield line


def told(key: str, **paid: object) -> dict[str, Any]:
    return {"key": key, "payments": [{**PAID, "at": "2026-03-01T09:00:00+08:00", **paid}], "source": "bank"}


def test_each_line_is_taken_once_or_told_why_not(fanzha: CommandLine, tmp_path: Path) -> None:
    lines = [
        json.dumps(told("a")),
        json.dumps(told("a")),
        "{not json",
        "",
        json.dumps(told("b", institution="no-such-bank")),
        json.dumps(told("c", amount_fen=0)),
        json.dumps({**told("d"), "surprise": 1}),
        json.dumps(told("e", payee="9999990000000000011")),
    ]
    file = tmp_path / "reports.jsonl"
    file.write_text("\n".join(lines), "utf-8")
    done = fanzha.run("reports", "take", str(file), "--as", "first", "--format", "json", code=DOES_NOT_HOLD)
    rows = json.loads(done.stdout)
    assert_valid("reports_taken", rows)
    outcomes = ["taken", "repeated", "rejected", "rejected", "rejected", "rejected", "taken"]
    assert [each["outcome"] for each in rows] == outcomes
    assert [each["line"] for each in rows] == [1, 2, 3, 5, 6, 7, 8]
    assert rows[0]["number"] == rows[1]["number"] != rows[-1]["number"]
    assert all(each["message"] for each in rows if each["outcome"] == "rejected")
    fanzha.run("reports", "take", str(file), "--as", "first", code=DOES_NOT_HOLD)
    with inside(fanzha) as house, house.act(operator()) as connection:
        assert len(incidents(connection, IncidentQuery())) == 2


HEADS = "接警编号,收款银行,收款账号（全号）,收款人,金额(元),转账时间,被害人,诈骗类型,身份已核对"


def taken(fanzha: CommandLine, file: Path, code: int = 0) -> list[dict[str, Any]]:
    done = fanzha.run("reports", "take", str(file), "--as", "first", "--format", "json", code=code)
    rows: list[dict[str, Any]] = json.loads(done.stdout)
    assert_valid("reports_taken", rows)
    return rows


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_a_table_of_reports_is_taken_row_by_row(fanzha: CommandLine, tmp_path: Path, encoding: str) -> None:
    number = ["utf-8", "utf-8-sig", "gb18030", "utf-16"].index(encoding)
    payee = [f"99999900000001{number}{each:04d}" for each in range(9)]
    lines = [
        "某县反诈中心报案汇总,,,,,,,,",
        HEADS,
        f"{encoding}-1,测试银行,{payee[0]},测试甲,40000.00,2026/3/1 9:05,测试受害人,冒充领导熟人,是",
        f"{encoding}-1,测试银行,{payee[1]},测试乙,3.2万,2026-03-01 09:06:30,测试受害人,,是",
        f"{encoding}-2,没有这家银号,{payee[2]},测试丙,100,2026-03-01 09:06,,,",
        f"{encoding}-3,test-bank,{payee[3]},,大约一百,2026-03-01 09:06,,,",
        ",,,,,,,,",
        f"{encoding}-4,test-bank,{payee[4]},,100,2026-03-01,,,",
        f',999900000001,{payee[5]},,"1,500.50",20260301090600,,,否',
    ]
    file = tmp_path / "reports.csv"
    file.write_bytes("\r\n".join(lines).encode(encoding))
    rows = taken(fanzha, file, DOES_NOT_HOLD)
    assert [each["line"] for each in rows] == [3, 4, 5, 6, 8, 9]
    assert [each["outcome"] for each in rows] == ["taken", "taken", "rejected", "rejected", "rejected", "taken"]
    assert rows[0]["number"] == rows[1]["number"] != rows[-1]["number"]
    with inside(fanzha) as house, house.act(operator()) as connection:
        told = {each.number: each for each in incidents(connection, IncidentQuery())}
    first, last = told[rows[0]["number"]], told[rows[-1]["number"]]
    assert [each.amount_fen for each in first.payments] == [4_000_000, 3_200_000]
    assert (first.scam_type, first.source, first.lost_fen) == ("ST06", Source.FILE, 7_200_000)
    assert (first.identity_checked, last.identity_checked, last.lost_fen) == (True, False, 150_050)
    assert first.payments[0].at.isoformat() == "2026-03-01T01:05:00+00:00"
    again = taken(fanzha, file, DOES_NOT_HOLD)
    assert [each["outcome"] for each in again] == [
        "repeated", "repeated", "rejected", "rejected", "rejected", "repeated",
    ]  # fmt: skip


def test_a_workbook_is_a_table_too(fanzha: CommandLine, tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["收款机构", "收款账号", "金额", "付款时间"])
    sheet.append(["测试银行", "9999990000000077013", 1234.5, datetime(2026, 3, 1, 9, 5)])  # noqa: DTZ001
    sheet.append(["测试银行", 6222021234567890123, 1, datetime(2026, 3, 1, 9, 5)])  # noqa: DTZ001
    file = tmp_path / "reports.xlsx"
    book.save(file)
    rows = taken(fanzha, file, DOES_NOT_HOLD)
    assert [each["outcome"] for each in rows] == ["taken", "rejected"]
    assert "rounded" in rows[1]["message"]


def test_a_sheet_that_explains_and_a_type_that_nobody_knows_refuse_no_row(fanzha: CommandLine, tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["收款机构", "收款账号", "金额", "付款时间", "诈骗类型"])
    sheet.append(["测试银行", "9999990000000066019", 100, "2026-03-01 09:05", "新型手法甲"])
    book.create_sheet("填表说明").append(["请逐行填写"])
    file = tmp_path / "reports.xlsx"
    book.save(file)
    done = fanzha.run("reports", "take", str(file), "--as", "first", "--format", "json")
    (row,) = json.loads(done.stdout)
    assert_valid("reports_taken", [row])
    assert row["outcome"] == "taken" and "新型手法甲" in row["message"]
    assert "填表说明" in done.stderr and "left out" in done.stderr


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("收款机构,收款账号,金额,付款时间\n", "nothing in it to take"),
        ("", "nothing in it to take"),
        ("\n \n", "nothing in it to take"),
        ("姓名,电话\n测试甲,12000000000\n", "no row of heads"),
        ("[1, 2]\n", "no row of heads"),
    ],
)
def test_a_file_without_reports_says_so(fanzha: CommandLine, tmp_path: Path, content: str, words: str) -> None:
    file = tmp_path / "reports.csv"
    file.write_text(content, "utf-8")
    done = fanzha.run("reports", "take", str(file), "--as", "first", code=2)
    assert words in done.stderr


def test_rows_without_a_number_that_tell_the_same_are_one_payment(fanzha: CommandLine, tmp_path: Path) -> None:
    file = tmp_path / "reports.csv"
    row = "test-bank,9999990000000099017,100,2026-03-01 09:05"
    file.write_text("\n".join(["institution,payee,amount,at", row, row]), "utf-8")
    told = taken(fanzha, file)
    assert [each["outcome"] for each in told] == ["taken", "repeated"]
    with inside(fanzha) as house, house.act(operator()) as connection:
        found = {each.number: each for each in incidents(connection, IncidentQuery())}[told[0]["number"]]
    assert found.lost_fen == 10_000


@pytest.mark.parametrize(
    ("language", "heads"),
    [
        ("zh", ["行", "报案编号", "结果", "警情编号", "原因与处理"]),
        ("en", ["Row", "Report key", "Result", "Incident", "Why, and what to do"]),
    ],
)
def test_what_became_of_rows_is_headed_in_the_language(
    fanzha: CommandLine, tmp_path: Path, language: str, heads: list[str]
) -> None:
    file = tmp_path / "reports.jsonl"
    file.write_text(json.dumps(told(f"heads-{language}")), "utf-8")
    speaking = CommandLine(environment={**fanzha.environment, "FANZHA_LANG": language})
    done = speaking.run("reports", "take", str(file), "--as", "first")
    assert re.split(r"\s{2,}", done.stdout.splitlines()[0].strip()) == heads


def test_one_wrong_row_of_a_report_keeps_all_of_it_back(fanzha: CommandLine, tmp_path: Path) -> None:
    file = tmp_path / "reports.csv"
    rows = [
        "key,institution,payee,amount,at",
        "w-1,test-bank,9999990000000088011,100,2026-03-01 09:05",
        "w-1,test-bank,9999990000000088029,,2026-03-01 09:05",
    ]
    file.write_text("\n".join(rows), "utf-8")
    told = taken(fanzha, file, DOES_NOT_HOLD)
    assert [each["outcome"] for each in told] == ["rejected", "rejected"]
    file.write_text("\n".join([*rows[:2], rows[2].replace(",,", ",200,")]), "utf-8")
    assert [each["outcome"] for each in taken(fanzha, file)] == ["taken", "taken"]


def test_the_schema_is_what_the_door_takes() -> None:
    whole = {**told("k"), "reported_at": "2026-03-01T09:05:00+08:00", "scam_type": "ST06", "identity_checked": True}
    assert_valid("new_report", whole)
    ReportBody.model_validate_json(json.dumps(whole))
    assert set(schema("new_report")["properties"]) == set(ReportBody.model_fields)
    for wrong in (
        {**whole, "key": ""},
        {**whole, "payments": []},
        {**whole, "scam_type": "ST98"},
        {**whole, "more": 1},
    ):
        assert list(faults(schema("new_report"), wrong, "new_report"))
        with pytest.raises(ValueError, match="ReportBody"):
            ReportBody.model_validate_json(json.dumps(wrong))
