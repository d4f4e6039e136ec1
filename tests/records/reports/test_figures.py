"""Rows of figures: what blanks join, what they part, and which figures are a sum without a unit."""

from __future__ import annotations

import pytest

from fanzha.records.reports.findings import Role
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
