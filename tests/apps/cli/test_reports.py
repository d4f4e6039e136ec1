"""`fanzha reports read` and `fanzha evaluate reports`: what they print, in both languages, and what they refuse."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from fanzha.apps.cli.main import run
from tests.docs.schemas import assert_valid
from tests.tidy.source import ROOT

TEXT = ROOT / "examples" / "report.txt"
DATA = ROOT / "examples" / "reports.jsonl"
AT = ("--at", "2026-11-22T14:30")


@pytest.fixture(autouse=True)
def spoken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FANZHA_LANG", "en")


def test_a_reading_is_json_for_programs(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["reports", "read", str(TEXT), *AT, "--format", "json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert_valid("report_words", told)
    assert [each["money"]["amount_fen"] for each in told["payments"]] == [5_000_000, 3_600_000, 3_600_000]
    text = TEXT.read_text("utf-8")
    first = told["payments"][0]
    assert text[first["payee_name"]["start"] : first["payee_name"]["end"]] == "测试甲"
    assert told["scam_types"][0]["code"] == "ST05"


@pytest.mark.parametrize(("language", "said"), [("en", "likely"), ("zh", "很可能")])
def test_a_person_reads_words_and_places(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, language: str, said: str
) -> None:
    monkeypatch.setenv("FANZHA_LANG", language)
    assert run(["reports", "read", str(TEXT), *AT]) == 0
    shown = capsys.readouterr().out
    assert "50,000.00 → 测试甲 9999 9901 0203 0405 062 中国农业银行 2026-11-22 10:00:00" in shown
    assert said in shown


def test_every_kind_of_finding_has_words(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = tmp_path / "all.txt"
    file.write_bytes(
        "我转了5万元，被退回。收到3元。QQ 12345678，邮箱a@b.example，http://x.example，x.example，@abcdef，微信号ab_12345，T9yD14Nj9j7xAB4dbGeiX9h8unkKHxuWwb，"
        "刚才转了100USDT到李四建设银行，失败了，损失9万元，尾号0001".encode("gb18030")
    )
    assert run(["reports", "read", str(file)]) == 0
    shown = capsys.readouterr().out
    for kind in ("QQ id", "E-mail", "Link", "Domain", "Telegram id", "WeChat id", "Payment reversed"):
        assert kind in shown


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["reports", "read", "no-such-file.txt"], 3, "no-such-file.txt"),
        (["reports", "read", str(TEXT), "--at", "soon"], 2, "is no time"),
        (["evaluate", "reports", "--data", str(TEXT)], 2, "line 1"),
    ],
)
def test_what_is_refused_says_why(
    capsys: pytest.CaptureFixture[str], arguments: list[str], code: int, said: str
) -> None:
    assert run(arguments) == code
    assert said in capsys.readouterr().err


def test_an_evaluation_prints_one_object(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["evaluate", "reports", "--data", str(DATA), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert_valid("bench_report", found)
    values = {each["name"]: each["value"] for each in found["results"]}
    assert (values["report_texts_count"], values["payment_true_count"], values["payment_right_count"]) == (5, 3, 3)
    assert values["scam_type_macro_f1_share"] == 1


def test_a_wrong_reading_lowers_the_shares(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = tmp_path / "wrong.jsonl"
    truth = {"narrative": "我转了5万元给李四。", "told_at": "2026-11-22T14:30:00+08:00", "scam_type": ""}
    file.write_text(json.dumps({**truth, "payments": [{"amount_fen": 1}]}), "utf-8")
    assert run(["evaluate", "reports", "--data", str(file), "--json"]) == 0
    values = {each["name"]: each["value"] for each in json.loads(capsys.readouterr().out)["results"]}
    assert (values["amount_precision_share"], values["amount_recall_share"]) == (0, 0)
    assert (values["amount_found_count"], values["payee_name_found_count"], values["ordinary_named_share"]) == (1, 1, 0)


def test_the_documented_data_is_what_its_schema_says() -> None:
    for line in DATA.read_text("utf-8").splitlines():
        assert_valid("report_line", json.loads(line))
