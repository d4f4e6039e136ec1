"""Names of types of scam in a table: known ones are taken however they end, unknown ones refuse no report."""

from __future__ import annotations

from pathlib import Path

import pytest

from fanzha.apps.web.report_types import type_called, words_of_types
from fanzha.cases.incident import Source
from fanzha.i18n import Language, catalogue
from fanzha.i18n.sentences import error_text
from tests.apps.web.test_report_tables import HEADS, OTHER, only, read, refused, row

TYPED = (*HEADS, "诈骗类型")


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("冒充电商物流客服类", "ST04"),
        ("冒充电商物流客服诈骗", "ST04"),
        ("刷单返利类诈骗", "ST01"),
        ("刷单返利型", "ST01"),
        ("虚假网络投资理财类", "ST02"),
        ("冒充公检法及政府机关诈骗类", "ST05"),
        ("冒充领导、熟人类", "ST06"),
        ("其他类型诈骗", "ST99"),
        ("st10", "ST10"),
        ("romance scam", "ST10"),
        ("Fake investment", "ST02"),
    ],
)
def test_a_type_by_any_of_our_names_of_it_is_taken_without_a_remark(tmp_path: Path, name: str, code: str) -> None:
    reports = read(tmp_path, TYPED, (*row(), name))
    told = only(reports)
    assert told["scam_type"] == code and "words" not in told and list(reports[0].remarks) == []


@pytest.mark.parametrize(("name", "code"), [("杀猪盘", "ST02"), ("刷单", "ST01"), ("裸聊类", "ST13"), ("荐股", "ST02")])
def test_a_word_that_speaks_for_one_type_is_taken_for_it_and_told(tmp_path: Path, name: str, code: str) -> None:
    reports = read(tmp_path, TYPED, (*row(), name))
    told = only(reports)
    assert told["scam_type"] == code and told["words"] == f"诈骗类型: {name}"
    (remark,) = reports[0].remarks
    assert remark.code == "reports.type_read"
    languages: tuple[Language, ...] = ("zh", "en")
    for language in languages:
        said = error_text(language, remark)
        assert name in said and catalogue(language)[f"words.scam_type.{code}"] in said


@pytest.mark.parametrize("name", ["电信网络诈骗", "诈骗类", "婚恋贷款", "新型手法甲"])
def test_a_word_that_nobody_knows_leaves_the_type_unknown_and_is_kept(tmp_path: Path, name: str) -> None:
    reports = read(tmp_path, (*TYPED, "案情"), (*row(), name, "先转一笔"))
    told = only(reports)
    assert told["scam_type"] == "" and told["words"] == f"先转一笔\n诈骗类型: {name}"
    (remark,) = reports[0].remarks
    assert remark.code == "reports.type_unknown" and remark.fields["line"] == 2
    assert all(name in error_text(language, remark) for language in ("zh", "en"))


@pytest.mark.parametrize("name", ["不详", "未知", "/", "-", "unknown", "N/A"])
def test_that_nobody_knows_the_type_needs_no_remark(tmp_path: Path, name: str) -> None:
    reports = read(tmp_path, TYPED, (*row(), name))
    assert only(reports)["scam_type"] == "" and list(reports[0].remarks) == []


def test_rows_of_one_number_agree_by_the_type_that_their_names_mean(tmp_path: Path) -> None:
    told = only(read(tmp_path, TYPED, (*row(), "杀猪盘"), (*row(payee=OTHER), "虚假投资理财类")))
    assert told["scam_type"] == "ST02" and told["source"] == Source.FILE.value
    for first, second in (("杀猪盘", "刷单"), ("新型手法甲", "新型手法乙")):
        refused(
            read(tmp_path, TYPED, (*row(), first), (*row(payee=OTHER), second)), "reports.rows_differ", 3, "诈骗类型"
        )


def test_every_word_that_the_help_lists_is_taken_for_its_type() -> None:
    listed = words_of_types()
    assert len(listed) == 14 and all(listed.values()) and "杀猪盘" in listed["ST02"]
    for code, words in listed.items():
        assert {type_called(each).code for each in words} == {code}
