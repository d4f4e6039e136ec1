"""Amounts to exact fen, or the reason why not."""

from decimal import Decimal

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from fanzha.kernel.money import MAX_FEN, yuan_plain, yuan_text
from fanzha.records.statements.amounts import read_fen
from fanzha.records.statements.columns import Column, read_amounts
from tests.records.statements.desk import WORDS


@pytest.mark.parametrize(
    ("text", "fen"),
    [
        ("1234.56", 123456),
        ("1,234.56", 123456),
        ("1，234.56", 123456),
        ("12,3456.00", 12345600),
        ("￥1,234.56", 123456),
        ("¥ 1234.56", 123456),
        ("RMB1234.56", 123456),
        ("CNY 1,234.56", 123456),
        ("1234.56元", 123456),
        ("1234.56 CNY", 123456),
        ("人民币1234.56", 123456),
        ("１２３４．５６", 123456),
        ("1.2万", 1200000),
        ("1.2万元", 1200000),
        ("0.5亿", 5000000000),
        ("-500", -50000),
        ("－500", -50000),
        ("−500", -50000),
        ("(500.00)", -50000),
        ("（500.00）", -50000),
        ("500.00-", -50000),
        ("+500", 50000),
        ("-￥500", -50000),
        ("￥-500", -50000),
        ("500.00DR", -50000),
        ("500.00 CR", 50000),
        ("1.5E+3", 150000),
        ("1234.5600000000001", 123456),
        ("99999.990000000005", 9999999),
        ("\t'1234.56", 123456),
        ('="1234.56"', 123456),
        (".5", 50),
        ("5.", 500),
        ("0", 0),
        ("0.00", 0),
        ("-0.00", 0),
        ("1234.5600", 123456),
    ],
)
def test_however_an_amount_is_written(text: str, fen: int) -> None:
    assert read_fen(text, WORDS) == fen


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "no_amount"),
        ("-", "no_amount"),
        ("--", "no_amount"),
        ("无", "no_amount"),
        ("null", "no_amount"),
        ("***", "no_amount"),
        ("一百元", "bad_amount"),
        ("12.345", "bad_amount"),
        ("1.2.3", "bad_amount"),
        ("1,23", "bad_amount"),
        ("12,34,5", "bad_amount"),
        ("e5", "bad_amount"),
        ("元", "bad_amount"),
        ("nan(1)", "bad_amount"),
        ("inf", "bad_amount"),
        ("1e-30", "bad_amount"),
        ("=1+1", "bad_amount"),
        ("10000000000000.01", "amount_limit"),
        ("1E+300", "amount_limit"),
        ("99999999999999999999999", "amount_limit"),
    ],
)
def test_what_is_no_amount_says_why(text: str, reason: str) -> None:
    assert read_fen(text, WORDS) == reason


def test_the_column_s_unit_counts_and_the_cell_s_own_unit_wins() -> None:
    assert read_fen("123", WORDS, fen_per_unit=1) == 123
    assert read_fen("1.5", WORDS, fen_per_unit=1) == "bad_amount"
    assert read_fen("1.5", WORDS, fen_per_unit=1_000_000) == 1_500_000
    assert read_fen("1.5元", WORDS, fen_per_unit=1_000_000) == 150


def test_the_limit_itself_is_believed() -> None:
    assert read_fen("10000000000000", WORDS) == MAX_FEN
    assert read_fen("-10000000000000", WORDS) == -MAX_FEN


@settings(deadline=None)
@given(st.integers(-MAX_FEN, MAX_FEN))
def test_what_the_house_writes_it_reads(fen: int) -> None:
    assert read_fen(yuan_text(fen), WORDS) == fen
    assert read_fen(yuan_plain(fen), WORDS) == fen
    assert read_fen(f"（{yuan_text(abs(fen))}）", WORDS) == -abs(fen)


@settings(deadline=None)
@given(st.integers(0, 10**11))
def test_the_noise_of_floats_is_not_a_fraction_of_a_fen(fen: int) -> None:
    assert read_fen(f"{fen / 100:.17g}", WORDS) == fen


@settings(deadline=None)
@given(st.text(max_size=40))
def test_any_text_gives_an_amount_within_the_limit_or_a_reason(text: str) -> None:
    found = read_fen(text, WORDS)
    if isinstance(found, int):
        assert abs(found) <= MAX_FEN
    else:
        assert found in ("no_amount", "bad_amount", "amount_limit")


_ALMOST = st.text("0123456789.,-+ ()eE￥元万", max_size=18) | st.decimals(
    allow_nan=False, allow_infinity=False, places=2
).map(str)


@settings(deadline=None)
@example(
    [
        "1,234.56",
        "1,23",
        "12,34.5",
        "1,23,456",
        "1234,567",
        ",5",
        "1,",
        "-",
        "-.5",
        "0000000000000012",
        "9999999999999999.99",
    ],
    100,
)
@given(st.lists(_ALMOST, max_size=30), st.sampled_from([1, 100, 100_000, 1_000_000]))
def test_the_fast_reader_says_what_the_careful_one_says(cells: list[str], unit: int) -> None:
    read = read_amounts(Column.of(cells), unit, lambda text: read_fen(text, WORDS, unit))
    for row, cell in enumerate(cells):
        careful = read_fen(cell, WORDS, unit)
        assert (int(read.fen[row]) if read.told[row] else read.reasons[row]) == careful


def test_the_fast_reader_reads_the_everyday_without_the_careful_one() -> None:
    def refuse(text: str) -> int | str:
        raise AssertionError(text)

    read = read_amounts(Column.of(["1234.56", "-1,234.5", "0", "999,999,999.99"]), 100, refuse)
    assert read.fen.tolist() == [123456, -123450, 0, 99999999999]
    assert read.told.all()
    assert Decimal(int(np.abs(read.fen).sum())) == Decimal(123456 + 123450 + 99999999999)
