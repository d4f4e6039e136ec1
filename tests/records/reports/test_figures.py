"""Rows of figures: what blanks join, what they part, and which figures are a sum without a unit."""

from __future__ import annotations

import pytest

from fanzha.records.reports.findings import Certainty, Role
from tests.records.reports.reading import read

SHORT, LONG = "9999980000000029", "9999990102030405062"


@pytest.mark.parametrize(
    ("written", "number", "yuan"),
    [
        (f"{SHORT} 50000元", SHORT, 50_000),
        ("9999 9800 0000 0029 50000元", SHORT, 50_000),
        ("9999 9800 0000 0029 200元", SHORT, 200),
        ("9999 9901 0203 0405 062 5万元", LONG, 50_000),
        (f"{LONG} 50,000.00元", LONG, 50_000),
        (f"{LONG} 5000块", LONG, 5_000),
        (f"{LONG} 300RMB", LONG, 300),
        (f"{LONG} 300 yuan", LONG, 300),
        (f"{SHORT} ¥3000", SHORT, 3_000),
        (f"{SHORT} 3w", SHORT, 30_000),
        (f"￥50000 {LONG}", LONG, 50_000),
        ("6222 **** **** 1234 5000元", "6222*1234", 5_000),
    ],
)
def test_an_account_and_a_sum_beside_it_are_two(written: str, number: str, yuan: int) -> None:
    words = read(f"转账到 {written}")
    assert [each.number for each in words.accounts] == [number]
    assert [(each.amount.fen, each.role, each.payee and each.payee.number) for each in words.payments] == [
        (yuan * 100, Role.PAID, number)
    ]


@pytest.mark.parametrize(
    ("written", "numbers"),
    [
        ("9999 9901 0203 0405 062", [LONG]),
        ("9999-9901-0203-0405-062", [LONG]),
        ("999999 0102030405062", [LONG]),
        ("9999 9800 0000 0029 50,000.00", [SHORT]),
        ("6222 **** **** 1234 50000", ["6222*1234"]),
        (f"{LONG} 3000", [LONG]),
        (f"50000 {SHORT}", [SHORT]),
        ("50000 9999 9901 0203 0405 062", [LONG]),
        (f"{LONG} {SHORT}", [LONG, SHORT]),
        ("1234 5678 9012 3456 7890", ["12345678901234567890"]),
        ("流水号 20261122 101533998877", []),
        ("订单号 9999 9800 0000 0029 50000", []),
    ],
)
def test_which_groups_are_one_number(written: str, numbers: list[str]) -> None:
    assert [each.number for each in read(written).accounts] == numbers


@pytest.mark.parametrize(
    ("text", "yuan"),
    [
        ("我: 转了，50000", 50_000),
        ("我: 转了，50000。", 50_000),
        ("我：已付，3000", 3_000),
        ("我：转过去了，8000", 8_000),
        ("我：打过去了，5000，查收", 5_000),
        ("我: 付款成功，3000", 3_000),
        ("我: 汇了\n20000", 20_000),
        ("我：付了。600", 600),
        ("我：转了，2000", 2_000),
        ("我：转了，10000", 10_000),
        ("我：转了，5百", 500),
        ("我：转了，12,800", 12_800),
    ],
)
def test_a_number_alone_behind_having_paid_is_an_unsure_sum(text: str, yuan: int) -> None:
    assert [(each.amount.fen, each.role, each.certainty) for each in read(text).payments] == [
        (yuan * 100, Role.PAID, Certainty.UNSURE)
    ]


@pytest.mark.parametrize(
    "text",
    [
        "我：汇了，2026",
        "我：转了，12100000011",
        "我：转了，883921",
        "我：转了，验证码 883921",
        "我：转了，9999980000000029",
        "我：转了，0500",
        "我：转了，3次",
        "对方：转了吗，50000",
        "对方：你先转，50000",
        "我：还没转，50000",
        "我打了110和96110报警",
        "我打了12381",
    ],
)
def test_what_is_no_sum_behind_a_verb_of_paying(text: str) -> None:
    assert not read(text).payments


def test_a_round_sum_that_looks_like_a_service_number_is_a_sum_behind_a_verb_of_paying() -> None:
    for written, yuan in (("转了 95000", 95_000), ("支付了10000", 10_000), ("汇了96000", 96_000)):
        words = read(f"我{written}")
        assert [each.amount.fen for each in words.payments] == [yuan * 100]
        assert not words.contacts
    assert [each.value for each in read("我打了10000，又打了95588。转95566人工").contacts] == [
        "10000",
        "95588",
        "95566",
    ]


@pytest.mark.parametrize(
    ("written", "number", "yuan"),
    [
        ("9999 9800 0000 0029,200元", SHORT, [200]),
        ("9999 9900 0000 0000 105,500", "9999990000000000105", []),
        ("9999 9900 0000 0000 105.11月2日转的", "9999990000000000105", []),
        ("9999 9800 0000 0029,500.00元", SHORT, [500]),
        ("9999 9800 0000 0029.11月2日转的", SHORT, []),
        ("9999 9800 0000 0029 3,000", SHORT, []),
        ("9999 9800 0000 0029 300.50", SHORT, []),
    ],
)
def test_what_a_comma_or_a_point_goes_on_with_takes_no_figures_from_a_card(
    written: str, number: str, yuan: list[int]
) -> None:
    words = read(f"转账到卡号{written}")
    assert [each.number for each in words.accounts] == [number]
    assert [each.amount.fen for each in words.payments] == [each * 100 for each in yuan]


@pytest.mark.parametrize(
    ("text", "number", "yuan"),
    [
        ("我转了500000 1234567890124", "1234567890124", 500_000),
        (f"转了5万{SHORT}", SHORT, 50_000),
        (f"转账到{SHORT} 3千12012345678", SHORT, 3_000),
    ],
)
def test_a_sum_right_before_a_number_is_a_sum(text: str, number: str, yuan: int) -> None:
    words = read(text)
    assert [each.number for each in words.accounts] == [number]
    assert [each.amount.fen for each in words.payments] == [yuan * 100]


def test_a_number_beyond_all_money_is_no_sum() -> None:
    assert not read("转了1" + "亿" * 126_000 + "元").amounts


@pytest.mark.parametrize("written", ["6222-0212-3456 7890 1,200", "6222 **** **** 1234 1,200", "622000 *********123"])
def test_a_card_with_strokes_or_hidden_figures_has_no_check_digit_to_read(written: str) -> None:
    assert read(f"转账到卡号{written}").accounts
