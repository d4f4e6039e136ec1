"""What everybody may see of a file's name."""

from __future__ import annotations

import re

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
        "明细 2024.03.01-2024.5.31.csv",
        "01_2024_03_01.csv",
        "流水 2024.01-2024.06.csv",
        "9999****5678.csv",
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
        ("9999_0000_1234_5678_流水.csv", "9999****5678_流水.csv"),
        ("120.1234.5678.csv", "1201****5678.csv"),
        ("120-2005-0101.csv", "1202****0101.csv"),
        ("990000-20050101-0011.csv", "9900****0011.csv"),
        ("12012345678_20240301-20240531.csv", "1201****5678_20240301-20240531.csv"),
        ("9999990000000000017_2.csv", "9999****0017_2.csv"),
        ("Li.csv", "L*.csv"),
        ("某\u3000测.xls", "某\u3000*.xls"),
        ("\U00020bb7\U00020bb7 流水.csv", "\U00020bb7* 流水.csv"),
    ],
)
def test_whose_it_is_is_hidden(name: str, shown: str) -> None:
    assert hidden_name(name, WORDS) == shown


def test_a_listed_word_inside_a_short_name_does_not_open_it() -> None:
    assert hidden_name("某明细.csv", WORDS) == "某**.csv"


@given(st.text(max_size=80))
@example("㐀㐀开户㐀")
@example("12012345678_20240301.csv")
def test_hiding_twice_opens_nothing(name: str) -> None:
    """A second look may hide more, since the stars of the first part words anew; it never shows what was hidden."""
    once = hidden_name(name, WORDS)
    rest = iter(once)
    assert all(seen in rest for seen in hidden_name(once, WORDS) if seen != HIDDEN)


@given(st.data(), st.text("0123456789", min_size=9, max_size=30).filter(lambda told: "20" not in told))
def test_no_long_number_is_left_however_its_digits_are_set_apart(data: st.DataObject, number: str) -> None:
    """Of what holds no day eight digits are seen, four in a row, and two that count the files of a whole number."""
    marks = st.text(st.characters(exclude_categories=("L", "N"), exclude_characters="*"), max_size=2)
    set_apart = "".join(data.draw(marks) + digit for digit in number)
    shown = hidden_name(f"{set_apart}.csv", WORDS)
    assert number not in shown
    seen = re.findall(r"\d+", shown)
    assert len("".join(seen)) <= 10 and max(map(len, seen), default=0) <= 4
