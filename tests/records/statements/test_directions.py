"""Directions that signs and words tell in unusual places."""

import pytest

from fanzha.records.statements.amounts import BAD_AMOUNT, read_sided_fen
from fanzha.records.statements.cleaning import CleanBatch
from fanzha.records.statements.words import side_of
from tests.records.statements.desk import ME, WORDS, cleaned, reasons


def statement(*rows: tuple[str, str]) -> CleanBatch:
    told = [[f"2024-03-{at:02} 10:00:00", amount, balance] for at, (amount, balance) in enumerate(rows, 1)]
    return cleaned(["账号", ME], ["交易时间", "交易金额", "余额"], *told)


@pytest.mark.parametrize(
    "amount", ["+300.00", "300.00+", "￥+300.00", "＋300.00", "300.00CR", "收入300.00", "300.00(贷)"]
)
def test_a_written_plus_is_a_direction(amount: str) -> None:
    assert statement((amount, "1300.00")).rows.side.tolist() == [1]


def test_amounts_without_a_sign_beside_written_pluses_are_told_by_balances_alone() -> None:
    made = statement(("+300.00", "1300.00"), ("200.00", "1100.00"), ("50.00", ""))
    assert made.rows.side.tolist() == [1, -1]
    assert reasons(made) == [(5, "交易金额", "no_direction")]


def test_pluses_that_balances_disprove_tell_nothing() -> None:
    made = statement(("+300.00", "1300.00"), ("+200.00", "1100.00"), ("+50.00", "1050.00"))
    assert made.rows.side.tolist() == [-1, -1]


@pytest.mark.parametrize(
    ("word", "side"),
    [
        ("借(支出)", -1),
        ("贷（收入）", 1),
        ("借方/支出", -1),
        ("Cr-贷", 1),
        ("1-借", -1),
        ("0(贷)", 1),
        ("支出(收入)", None),
        ("借(测试)", None),
        ("支出(手续费)", None),
        ("借", -1),
        ("1", 1),
        ("", 0),
    ],
)
def test_a_direction_said_twice_must_agree(word: str, side: int | None) -> None:
    assert side_of(word, WORDS) == side


@pytest.mark.parametrize(
    ("text", "fen"),
    [
        ("支出300.00", -30000),
        ("存入100.00", 10000),
        ("（支出）1,300.00元", -130000),
        ("支出：300", -30000),
        ("300.00(支出)", -30000),
        ("转入￥5", 500),
        ("支出-300.00", -30000),
        ("-300.00", -30000),
        ("收入-300.00", BAD_AMOUNT),
        ("支出300.00收入", BAD_AMOUNT),
        ("手续费3.00", BAD_AMOUNT),
        ("支出", BAD_AMOUNT),
    ],
)
def test_a_word_beside_an_amount_stands_for_its_sign(text: str, fen: int | str) -> None:
    assert read_sided_fen(text, WORDS) == fen


def test_words_in_the_amount_s_cell_tell_the_rows_directions() -> None:
    made = statement(("支出300.00", "700.00"), ("存入100.00", "800.00"))
    assert made.rows.side.tolist() == [-1, 1]
    assert made.rows.amount_fen.tolist() == [30000, 10000]
    assert not made.rejections
