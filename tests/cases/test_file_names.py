"""What everybody may see of a file's name."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from fanzha.cases.file_names import HIDDEN, hidden_name
from fanzha.rulebook import load_file_words

WORDS = load_file_words()


@pytest.mark.parametrize(
    "name",
    [
        "查询反馈_示例银行.zip/交易明细.csv#Sheet1",
        "bank-a-query-feedback.zip",
        "交易流水_20240301-20240531.xlsx",
        "statement 2024-03-01.csv",
        "明细2.xlsx",
    ],
)
def test_what_a_file_is_stays_readable(name: str) -> None:
    assert hidden_name(name, WORDS) == name


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("测试甲_9999990000000000017_交易明细.csv", "测**_9999****0017_交易明细.csv"),
        ("9999 9900 0000 0000 017.csv", "9999****0017.csv"),
        ("12012345678.txt", "1201****5678.txt"),
        ("990000199001010011.csv", "9900****0011.csv"),
        ("zhangsan statement.csv", "z******* statement.csv"),
        ("欧阳某某银行流水.csv", "欧***银行流水.csv"),
        ("某·某某.xls", "某***.xls"),
    ],
)
def test_whose_it_is_is_hidden(name: str, shown: str) -> None:
    assert hidden_name(name, WORDS) == shown


def test_a_listed_word_inside_a_short_name_does_not_open_it() -> None:
    assert hidden_name("某明细.csv", WORDS) == "某**.csv"


@given(st.text(max_size=80))
@example("㐀㐀开户㐀")
def test_hiding_twice_opens_nothing(name: str) -> None:
    """A second look may hide more, since the stars of the first part words anew; it never shows what was hidden."""
    once = hidden_name(name, WORDS)
    twice = hidden_name(once, WORDS)
    assert all(seen in (HIDDEN, before) for before, seen in zip(once, twice, strict=True))


@given(st.text("0123456789", min_size=9, max_size=30))
def test_no_long_number_is_left(number: str) -> None:
    assert number not in hidden_name(f"{number}.csv", WORDS)
