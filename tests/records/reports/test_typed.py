"""One sum in a field: what the text of a report is read as, the field is read as, or it is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fanzha.kernel.money import MAX_FEN, yuan_text
from fanzha.records.reports.amounts import typed_fen
from fanzha.records.reports.read import read_words
from fanzha.wiring.report_words import live_reader
from tests.orders.making import NOW

READ = [
    "3.2万",
    "3万2",
    "三万二",
    "1.75亿",
    "12万5",
    "壹拾柒万伍仟元整",
    "一万零五十",
    "3块5毛",
    "3.2w",
    "2000元",
    "4万元5角",
]


@pytest.mark.parametrize("typed", READ)
def test_a_field_is_read_as_the_same_words_in_a_report(typed: str) -> None:
    words = read_words(f"转账给对方人民币{typed}。", live_reader(), NOW)
    assert [each.fen for each in words.amounts] == [typed_fen(typed, live_reader())]


@pytest.mark.parametrize("typed", ["2万3万", "2千3千", "2万3亿", "1亿2亿", "1.5块5", "1.5元2角", "3.5万5", "100万亿"])
def test_two_numbers_in_a_row_are_no_sum(typed: str) -> None:
    assert typed_fen(typed, live_reader()) is None


@pytest.mark.parametrize("typed", ["3万25", "3万250", "¥3万25元", "3千25", "1亿2500"])
def test_figures_too_few_for_the_unit_before_them_may_mean_two_sums(typed: str) -> None:
    assert typed_fen(typed, live_reader()) is None


@pytest.mark.parametrize(
    ("typed", "yuan"), [("3万2500", 32_500), ("3万0025", 30_025), ("3万零25", 30_025), ("3万5", 35_000), ("5百25", 525)]
)
def test_figures_that_fill_the_places_of_a_unit_are_read(typed: str, yuan: int) -> None:
    assert typed_fen(typed, live_reader()) == yuan * 100


@pytest.mark.parametrize(
    ("typed", "yuan"), [("1亿2千3百万", 123_000_000), ("一千二百万", 12_000_000), ("1万亿", 10**12)]
)
def test_units_that_multiply_what_was_said_before_are_read(typed: str, yuan: int) -> None:
    assert typed_fen(typed, live_reader()) == yuan * 100


@given(st.integers(0, MAX_FEN))
def test_what_the_house_writes_it_reads(fen: int) -> None:
    assert typed_fen(yuan_text(fen), live_reader()) == fen
    assert typed_fen(yuan_text(fen).replace(",", ""), live_reader()) == fen


@given(st.text(st.sampled_from("0123.,万亿千百十零一二两三元块角分约多¥ -w笔到"), max_size=12))
def test_whatever_is_typed_is_a_sum_the_house_believes_or_none(typed: str) -> None:
    fen = typed_fen(typed, live_reader())
    assert fen is None or 0 <= fen <= MAX_FEN
