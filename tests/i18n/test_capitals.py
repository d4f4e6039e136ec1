"""Money in capitals is what the rule on filling in bills says, and can be read back to the fen."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from fanzha.i18n.capitals import capital_money
from fanzha.kernel.errors import Broken
from fanzha.kernel.money import MAX_FEN

DIGITS = "零壹贰叁肆伍陆柒捌玖"
PLACES = {"拾": 10, "佰": 100, "仟": 1000}


@pytest.mark.parametrize(
    ("fen", "told"),
    [
        # the rule's own examples
        (1_409_50, "壹仟肆佰零玖元伍角"),
        (6_007_14, "陆仟零柒元壹角肆分"),
        (1_680_32, "壹仟陆佰捌拾元零叁角贰分"),
        (107_000_53, "壹拾万柒仟元零伍角叁分"),
        (16_409_02, "壹万陆仟肆佰零玖元零贰分"),
        (325_04, "叁佰贰拾伍元零肆分"),
        # and what it does not show
        (0, "零元整"),
        (1, "壹分"),
        (50, "伍角"),
        (1_00, "壹元整"),
        (10_00, "壹拾元整"),
        (100_000_00, "壹拾万元整"),
        (100_700_00, "壹拾万零柒佰元整"),
        (10_000_007_00, "壹仟万零柒元整"),
        (100_000_000_00, "壹亿元整"),
        (100_010_000_00, "壹亿零壹万元整"),
        (1_000_000_000_050_00, "壹万亿零伍拾元整"),
        (123_456_789_012_34, "壹仟贰佰叁拾肆亿伍仟陆佰柒拾捌万玖仟零壹拾贰元叁角肆分"),
        (MAX_FEN, "壹拾万亿元整"),
    ],
)
def test_amounts_are_written_as_the_rule_says(fen: int, told: str) -> None:
    assert capital_money(fen) == "人民币" + told


@given(st.one_of(st.integers(0, 10**9), st.integers(0, MAX_FEN)))
@example(100_000_100_00)
def test_no_two_amounts_read_the_same(fen: int) -> None:
    told = capital_money(fen)
    assert read(told) == fen
    assert "零零" not in told and not told.endswith("零")


@pytest.mark.parametrize("fen", [-1, MAX_FEN + 1])
def test_what_no_paper_can_carry_is_our_fault(fen: int) -> None:
    with pytest.raises(Broken):
        capital_money(fen)


def read(told: str) -> int:
    """The amount that such words mean, read place by place."""
    yuan, _, rest = told.removeprefix("人民币").rpartition("元")
    jiao, _, fen = rest.removesuffix("整").rpartition("角")
    digit = {word: number for number, word in enumerate(DIGITS)}
    small = sum(digit[each] * 10 for each in jiao) + sum(digit[each] for each in fen.removesuffix("分"))
    return number(yuan) * 100 + small


def number(told: str) -> int:
    """A whole number by its groups."""
    for name, size in (("亿", 10**8), ("万", 10**4)):
        high, cut, low = told.rpartition(name)
        if cut:
            return number(high) * size + number(low)
    total = digit = 0
    for each in told:
        if each in PLACES:
            total, digit = total + digit * PLACES[each], 0
        else:
            digit = DIGITS.index(each)
    return total + digit
