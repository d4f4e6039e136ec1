"""What holds for every text: amounts read back to the fen, places lie in the text, nothing raises, nothing hangs."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fanzha.records.reports.findings import Moment, Reading, ScamType, Words
from tests.records.reports.narratives import amounts
from tests.records.reports.reading import read

PIECES = (
    "转账",
    "转了",
    "返了",
    "收到",
    "余额",
    "共",
    "被骗",
    "要求",
    "我",
    "对方",
    "给",
    "到",
    "卡号",
    "账号：",
    "户名",
    "收款人：",
    "金额：",
    "时间：",
    "尾号",
    "张三",
    "工商银行",
    "农行",
    "支付宝",
    "5万元",
    "三万六",
    "12,000.00",
    "¥88",
    "十",
    "万",
    "1e9",
    "6222****1234",
    "9999990102030405062",
    "12100000011",
    "99000019900101001X",
    "http://a.example/",
    "app",
    "“",
    "”",
    "今天",
    "昨晚",
    "8月3日",
    "10点",
    "十分钟前",
    "10:22",
    "凌晨",
    "，",
    "。",
    "\n",
    " ",
    "*",
    "-",
    ":",
    "(",
    ")",
    "【",
    "】",
    "\u200b",
    "\u3000",
    "２０２６",
    "2026-02-31",
    "99点",
    "三十一月",
    "零",
    "两",
    "几",
    "USDT",
    "@abcde",
    "qq",
    "每笔",
    "三笔",
    "刚才",
    "上周日",
    "第二天",
    "T9yD14Nj9j7xAB4dbGeiX9h8unkKHxuWwb",
    "İ",
    "😀",
    "\ud800",
)


def places(words: Words) -> Iterator[Reading]:
    """Every finding, those inside payments too."""
    for payment in words.payments:
        yield payment
        yield payment.amount
        parts = (payment.payee, payment.payee_name, payment.payee_bank, payment.payer, payment.payer_bank)
        yield from (each for each in (*parts, payment.moment, payment.channel) if each is not None)
    lists = (words.amounts, words.accounts, words.banks, words.moments, words.contacts, words.names, words.doubts)
    for found in lists:
        yield from found
    kinds: tuple[ScamType, ...] = words.scam_types
    for each in kinds:
        yield from each.words


@given(yuan=st.integers(1, 99_999_999), data=st.data())
@settings(max_examples=150, deadline=None)
def test_any_amount_in_any_form_reads_back(yuan: int, data: st.DataObject) -> None:
    written = data.draw(st.sampled_from(amounts(yuan)))
    assert [each.amount.fen for each in read(f"我向对方转账{written}，").paid()] == [yuan * 100]


@given(fen=st.integers(1, 10**12))
@settings(max_examples=60, deadline=None)
def test_any_fen_in_figures_reads_back(fen: int) -> None:
    yuan, cents = divmod(fen, 100)
    assert [each.amount.fen for each in read(f"转账金额：{yuan:,}.{cents:02d}元").paid()] == [fen]


@given(st.lists(st.sampled_from(PIECES), max_size=60).map("".join) | st.text(max_size=200))
@settings(max_examples=200, deadline=None)
def test_nothing_raises_and_every_place_lies_in_the_text(text: str) -> None:
    for each in places(read(text)):
        assert 0 <= each.start < each.end <= len(text)


@pytest.mark.parametrize(
    "piece",
    [
        "1",
        "*",
        "1*",
        "一",
        "十",
        "转账5万元，",
        "张三，",
        "http://",
        "a@",
        "a.",
        "“app",
        "银行",
        "中国银行支",
        "8月3日",
        "我让转给1万，",
        "1,",
        "\n",
        "12* ",
        "工行2 ",
        "刚刚转500元10:05，",
    ],
)
def test_hostile_texts_end(piece: str) -> None:
    """Each would keep a quadratic pattern busy for minutes."""
    text = (piece * 60_000)[:60_000]
    assert all(each.end <= len(text) for each in places(read(text)))


def test_moments_are_not_looked_for_among_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """Five hundred payments, each just now and by a clock, would take a quarter of a minute."""
    compared: list[Moment] = []

    def same(one: Moment, other: object) -> bool:
        compared.append(one)
        return one is other

    monkeypatch.setattr(Moment, "__eq__", same)
    words = read("刚刚转500元10:05，" * 200)
    assert len(words.payments) == 200
    assert len(compared) <= len(words.moments)
