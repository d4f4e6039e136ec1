"""Short sums: short enough for a board at any size, and never a unit a thousand times too small for its reader."""

from __future__ import annotations

import pytest

from fanzha.i18n.sums import short_money


@pytest.mark.parametrize(
    ("fen", "zh", "en"),
    [
        (999_999, "¥9,999.99", "¥9,999.99"),
        (175_012_345, "¥175万", "¥1,750.1k"),
        (999_000_000, "¥999万", "¥9,990k"),
        (1_000_000_000, "¥1,000万", "¥10M"),
        (1_234_567_890_000, "¥123.46亿", "¥12,345.68M"),
        (-175_012_345, "-¥175万", "-¥1,750.1k"),
        (-1_234_567_890_000, "-¥123.46亿", "-¥12,345.68M"),
        (999_999_999_999, "¥100亿", "¥10,000M"),
    ],
)
def test_a_sum_is_told_in_its_readers_units(fen: int, zh: str, en: str) -> None:
    assert (short_money("zh", fen), short_money("en", fen)) == (zh, en)
