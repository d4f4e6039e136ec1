"""Payments by another channel than the one before: no card told of that one is theirs."""

from __future__ import annotations

import pytest

from tests.records.reports.reading import read

FIRST, SECOND = "9999990102030405062", "9999980000000029"
BEFORE = f"我转账2万元到工商银行账号{FIRST}户名测试甲"


@pytest.mark.parametrize(
    ("then", "kind"),
    [
        ("，最后微信扫码付了300元。", "wechat"),
        ("，之后又扫码付款500元。", "qr"),
        ("，另外用支付宝转了800元给他。", "alipay"),
        ("。后来我又用微信转给他1000元。", "wechat"),
        ("。晚上又付了现金3000元给上门的人。", "cash"),
        ("。后来付了黄金5万元，寄快递给对方。", "cash"),
        ("，又付了300元，微信付的。", "wechat"),
        ("，又付了300元，微信付的。后来我报了警。", "wechat"),
        ("，对方又发来收款码，我付了300元。", "qr"),
        ("，又买了京东e卡支付2000元。", "gift_card"),
        ("\n第二天微信发红包转了200元", "wechat"),
    ],
)
def test_a_payment_by_another_channel_takes_no_card_of_the_one_before(then: str, kind: str) -> None:
    card, other = read(BEFORE + then).paid()
    assert card.payee and card.payee.number == FIRST
    assert card.channel is None, "what is told of the other payment is not told of this one"
    assert (other.payee, other.payee_name, other.payee_bank) == (None, None, None)
    assert other.channel and other.channel.kind == kind


def test_nor_the_card_of_the_one_behind_nor_that_of_the_second_of_three() -> None:
    other, card = read(f"我先微信转账500元。后来通过手机银行转账2万元到账号{FIRST}。").paid()
    assert other.payee is None
    assert card.payee and card.payee.number == FIRST
    three = read(f"我9点转账5万元到账号{FIRST}，9点30分又转3万元到账号{SECOND}，最后微信扫码付了300元。").paid()
    assert [each.payee and each.payee.number for each in three] == [FIRST, SECOND, None]
    pairs = read(f"我往账号{FIRST}、账号{SECOND}分别转账5万元、3万元，又微信扫码付了300元。").paid()
    assert [each.payee and each.payee.number for each in pairs] == [FIRST, SECOND, None]


@pytest.mark.parametrize(
    "text",
    [
        BEFORE + "，我又用支付宝向该卡转了1万元。",
        BEFORE + "。后来用微信往同一账户转了1万元。",
        BEFORE + "。又用网银转了3万元。",
        BEFORE + "，又转了3万元。",
        BEFORE + "。在微信上联系后，我又转了3万元。",
        BEFORE + "。我微信联系他后又转了3万元。",
        f"我用支付宝向账号{FIRST}转了2万元，又用支付宝转了1万元。",
    ],
)
def test_a_payment_by_the_same_channel_or_to_the_same_card_goes_on(text: str) -> None:
    assert [each.payee and each.payee.number for each in read(text).paid()] == [FIRST, FIRST]


def test_a_card_that_no_payment_was_made_to_is_suggested_for_any_channel() -> None:
    (only,) = read(f"对方提供银行卡{FIRST}。我用支付宝转了5000元。").paid()
    assert only.payee and only.payee.number == FIRST
    (own,) = read(f"我用微信扫码付了300元，收款账号{SECOND}。").paid()
    assert own.payee and own.payee.number == SECOND
