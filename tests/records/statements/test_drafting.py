# ruff: noqa: E501 - one layout a line
"""Odd layouts drafted, confirmed and read: what is guessed, what is shown, and what a draft says it lacks."""

import tomllib

import pytest

from fanzha.records.statements.planning import draft_format
from fanzha.records.statements.samples import samples_of
from tests.records.statements.desk import BOOK, ME, YOU, batch, cleaned, column, reasons
from tests.records.statements.layouts import Lines

DAYS = ["2024-03-01 09:30:00", "2024-03-02 09:30:00"]
ODD: dict[str, tuple[Lines, dict[str, str]]] = {
    "own words": ([["我的号", "何时", "数额", "去向"], [ME, DAYS[0], "20", "出"], [ME, DAYS[1], "50", "进"]], {}),
    "no headers": ([[ME, DAYS[0], "20", "出"], [ME, DAYS[1], "50", "进"]], {}),
    "no headers, signs": ([[ME, "20240301093000", "-20"], [ME, "20240302093000", "50"]], {}),
    "pinyin": ([["zhanghao", "shijian", "jine", "fangxiang"], [ME, DAYS[0], "20", "借"], [ME, DAYS[1], "50", "贷"]], {}),
    "two accounts": ([["甲", "乙", "丙", "丁"], [ME, YOU, DAYS[0], "-20.00"], [ME, YOU, DAYS[1], "50.00"]], {}),
    "own account said": ([["何时", "数额", "存量"], [DAYS[0], "-20", "80"], [DAYS[1], "50", "130"]], {"own_account": ME}),
    "letters": ([["A", "B", "C", "D"], [ME, DAYS[0], "20", "D"], [ME, DAYS[1], "50", "C"]], {}),
    "yuan": ([["号", "刻", "钱", "向"], [ME, DAYS[0], "￥20.00", "支出"], [ME, DAYS[1], "￥50.00", "收入"]], {}),
    "quotes": ([['"号"', "刻\t", "钱", "向"], [f"'{ME}", DAYS[0], "20", "付"], [f"'{ME}", DAYS[1], "50", "收"]], {}),
    "preamble": ([["某某清单"], [], ["号", "刻", "钱", "向"], [ME, DAYS[0], "20", "付"], [ME, DAYS[1], "50", "收"]], {}),
}  # fmt: skip


@pytest.mark.parametrize("name", ODD)
def test_a_draft_confirmed_reads_the_file_it_was_drafted_from(name: str) -> None:
    lines, said = ODD[name]
    table = tomllib.loads(draft_format(batch(*lines), path="a.csv", book=BOOK).to_toml())
    made = cleaned(*lines, mapping=BOOK.mapping({**table, **said, "confirmed": True}, place="map.toml"))
    assert reasons(made) == []
    assert list(zip(made.rows.side.tolist(), made.rows.amount_fen.tolist(), strict=True)) == [(-1, 2000), (1, 5000)]
    assert set(column(made.rows.own_account)) == {ME}


def test_a_draft_says_what_no_column_tells() -> None:
    bare = draft_format(batch(["何时", "数额"], [DAYS[0], "20"]), path="a.csv", book=BOOK)
    assert bare.notes == ("draft_no_direction", "draft_no_own")
    assert tomllib.loads(bare.to_toml())["own_account"] == ""
    signed = draft_format(batch(["号", "何时", "数额"], [ME, DAYS[0], "-20"]), path="a.csv", book=BOOK)
    assert signed.notes == ()


def test_samples_show_figures_and_hide_who() -> None:
    assert samples_of("amount", ["20.00", "20.00", "", "30"]) == ("20.00", "30")
    lines = (["号", "名", "何时", "数额", "话"], [ME, "测试甲", DAYS[0], "20", f"转给测试乙{YOU} 12012345678"])
    text = draft_format(batch(*lines), path="a.csv", book=BOOK).to_toml()
    shown = [each["samples"] for each in tomllib.loads(text)["columns"]]
    assert shown[2:4] == [[DAYS[0]], ["20"]]
    for secret in (ME, YOU, "测试甲", "测试乙", "12012345678"):
        assert secret not in text
