"""What is read from reports: the forms that people and banks use, one at a time."""

from __future__ import annotations

import json
from datetime import datetime

import pytest

from fanzha.kernel.clock import SHANGHAI
from fanzha.kernel.errors import Broken, Invalid
from fanzha.records.reports.findings import Certainty, Fineness, Form, Role, Side
from fanzha.records.reports.read import MOST_CHARACTERS, MOST_FINDINGS
from fanzha.records.reports.tables import reader_tables
from fanzha.records.reports.telling import told
from fanzha.rulebook import load_reports
from tests.docs.schemas import assert_valid
from tests.records.reports.reading import TOLD_AT, read

CARD = "9999990102030405062"


@pytest.mark.parametrize(
    ("written", "yuan"),
    [
        ("5万元", 50_000),
        ("三万六", 36_000),
        ("一百七十五万余元", 1_750_000),
        ("十二万五千", 125_000),
        ("12万5", 125_000),
        ("1.2万", 12_000),
        ("3w", 30_000),
        ("5k", 5_000),
        ("两千八", 2_800),
        ("三百零五块", 305),
        ("壹拾贰万伍仟元整", 125_000),
        ("1亿2千万", 120_000_000),
        ("12万3456元", 123_456),
        ("5,000.50元", 5_000.5),
        ("￥1,250.00", 1_250),
        ("五千块钱", 5_000),
        ("3块5", 3.5),
        ("五元三角二分", 5.32),
        ("RMB 35,000", 35_000),
        ("５０００元", 5_000),
        ("50多万", 500_000),
        ("一万零五十元", 10_050),
        ("二十万", 200_000),
        ("3萬元", 30_000),
        ("100000 元", 100_000),
        ("¥9500000", 9_500_000),
        ("￥ 9612345", 9_612_345),
        ("人民币9500000", 9_500_000),
    ],
)
def test_an_amount_in_any_form(written: str, yuan: float) -> None:
    words = read(f"我给对方转账{written}。")
    assert [(each.amount.fen, each.role) for each in words.payments] == [(round(yuan * 100), Role.PAID)]


@pytest.mark.parametrize(
    ("text", "role"),
    [
        ("他先返了我50元。", Role.RECEIVED),
        ("余额还有300.00元。", Role.BALANCE),
        ("对方要求我再转2万元。", Role.ASKED),
        ("我转了2万元，转账失败了。", Role.FAILED),
        ("我转了2万元，后被原路退回。", Role.REVERSED),
        ("月薪8000元。", Role.MENTIONED),
        ("入金5000元起。", Role.MENTIONED),
    ],
)
def test_what_is_no_payment(text: str, role: Role) -> None:
    assert [each.role for each in read(f"我转了1元。{text}").amounts] == [Role.PAID, role]
    assert [each.amount.fen for each in read(f"我转了1元。{text}").paid()] == [100]


def test_a_sum_is_not_paid_again_and_a_greater_loss_is_doubted() -> None:
    text = "我先后转了五万、三万、两万共十万元"
    assert [each.amount.fen for each in read(text).paid()] == [5_000_000, 3_000_000, 2_000_000]
    assert not read(text).doubts
    assert [each.code for each in read(text + "，一共被骗十五万元。").doubts] == ["more_lost_than_paid"]


def test_only_a_sum_or_a_demand_is_suggested_but_unsure() -> None:
    for text, reason in (("我被骗了5万元。", "only_the_sum"), ("他要求我转账5万元。", "asked_not_told_paid")):
        payment = read(text).payments[0]
        assert (payment.amount.fen, payment.certainty) == (5_000_000, Certainty.UNSURE)
        assert reason in payment.reasons


def test_so_many_of_the_same() -> None:
    assert [each.amount.fen for each in read("我转账3笔，每笔8000元，共计24000元。").paid()] == [800_000] * 3


@pytest.mark.parametrize(
    ("written", "number", "form"),
    [
        (CARD, CARD, Form.CARD),
        ("9999 9901 0203 0405 062", CARD, Form.CARD),
        ("９９９９９９０１０２０３０４０５０６２", CARD, Form.CARD),
        ("9999-9901-0203-0405-062", CARD, Form.CARD),
        ("6222****1234", "6222*1234", Form.INCOMPLETE),
        ("6222 **** **** 1234", "6222*1234", Form.INCOMPLETE),
        ("6222xxxxxxxx1234", "6222*1234", Form.INCOMPLETE),
        ("尾号1234", "*1234", Form.TAIL),
        ("末四位是1234", "*1234", Form.TAIL),
        ("T9yD14Nj9j7xAB4dbGeiX9h8unkKHxuWwb", "T9yD14Nj9j7xAB4dbGeiX9h8unkKHxuWwb", Form.WALLET),
    ],
)
def test_an_account_in_any_form(written: str, number: str, form: Form) -> None:
    found = read(f"我转了5万元到对方的卡{written}。").accounts
    assert [(each.number, each.form, each.side) for each in found] == [(number, form, Side.PAYEE)]


@pytest.mark.parametrize(
    "text",
    [
        "验证码883921",
        "流水号：20261122101533998877",
        "电话12100000011",
        "身份证号99000019900101001X",
        "订单号9999990102030405062",
    ],
)
def test_what_is_no_account_and_no_amount(text: str) -> None:
    words = read(f"我转了5万元。{text}，")
    assert not words.accounts
    assert len(words.amounts) == 1


def test_an_amount_that_is_refused_or_a_piece_is_no_payment() -> None:
    assert not read("他让我先交1999元会员费，我还没交。").payments
    assert [each.amount.fen for each in read("我买了一块翡翠，花了19800元。").paid()] == [1_980_000]


def test_times_and_payments_of_one_number_go_together_in_order() -> None:
    words = read("我于11月22日上午8点5分、8点40分，分别转了3000元、7000元给钱七。")
    assert [each.moment and each.moment.at.minute for each in words.paid()] == [5, 40]
    span = read("11月20日16:03至16:40期间我转了5万元。").moments
    assert [(each.until - each.at).total_seconds() for each in span] == [38 * 60]


def test_an_identity_number_is_never_shown() -> None:
    number = "99000019900101001X"
    words = read(f"我身份证号{number}，被骗了")
    assert [each.kind for each in words.contacts] == ["citizen_id"]
    assert number not in json.dumps(told(words), ensure_ascii=False)


@pytest.mark.parametrize(
    ("written", "at", "fineness"),
    [
        ("2026年8月3日10时22分05秒", "2026-08-03T10:22:05", Fineness.SECOND),
        ("2026-08-03 10:22:05", "2026-08-03T10:22:05", Fineness.SECOND),
        ("8月3日", "2026-08-03T00:00:00", Fineness.DAY),
        ("12月25日", "2025-12-25T00:00:00", Fineness.DAY),
        ("今天上午10点多", "2026-11-22T10:00:00", Fineness.HOUR),
        ("昨晚11点半", "2026-11-21T23:30:00", Fineness.MINUTE),
        ("昨晚12点", "2026-11-22T00:00:00", Fineness.HOUR),
        ("昨天晚上1点", "2026-11-22T01:00:00", Fineness.HOUR),
        ("今天凌晨", "2026-11-22T00:00:00", Fineness.PART_OF_DAY),
        ("前天下午三点一刻", "2026-11-20T15:15:00", Fineness.MINUTE),
        ("十分钟前", "2026-11-22T14:20:00", Fineness.MINUTE),
        ("半小时前", "2026-11-22T14:00:00", Fineness.HOUR),
        ("两个小时前", "2026-11-22T12:30:00", Fineness.HOUR),
        ("三天前", "2026-11-19T00:00:00", Fineness.DAY),
        ("上周五下午4点20", "2026-11-13T16:20:00", Fineness.MINUTE),
        ("星期四晚上九点零五分", "2026-11-19T21:05:00", Fineness.MINUTE),
        ("本月18日上午十点", "2026-11-18T10:00:00", Fineness.HOUR),
        ("中午12点", "2026-11-22T12:00:00", Fineness.HOUR),
        ("Nov 21, 2026 at 10:45 am", "2026-11-21T10:45:00", Fineness.MINUTE),
        ("yesterday evening around 8:30 pm", "2026-11-21T20:30:00", Fineness.MINUTE),
        ("20261121153000", "2026-11-21T15:30:00", Fineness.SECOND),
    ],
)
def test_a_time_in_any_form(written: str, at: str, fineness: Fineness) -> None:
    found = read(f"{written}，我被骗了")
    expected = datetime.fromisoformat(at).replace(tzinfo=SHANGHAI)
    assert [(each.at, each.fineness) for each in found.moments] == [(expected, fineness)]


@pytest.mark.parametrize(
    "text",
    [
        "我刚才被骗了，今天14:05转了5万元。",
        "刚才转了5万元，时间是14:05。",
        "刚刚我被骗5万元。转账时间：2026-11-22 14:05。",
        "今天14:05转账5万元，刚才才发现被骗。",
    ],
)
def test_a_time_that_a_clock_tells_is_the_payment_s_and_not_just_now(text: str) -> None:
    (paid,) = read(text).payments
    assert paid.moment is not None
    assert paid.moment.at.astimezone(SHANGHAI).isoformat() == "2026-11-22T14:05:00+08:00"


@pytest.mark.parametrize(
    "text",
    [
        "我刚才转了5万元。",
        "11月19日14:05对方加我微信，我刚才转了5万元。",
        "昨天有人来电，我刚才转了5万元。",
        "今天早上9点接到自称公安的电话，我刚才转了5万元。",
        "今天早上9点接到自称公安的电话，刚才，我转了5万元。",
        "昨天20:00加我微信，我刚才转了5万元。",
        "今天早上9点接到自称公安的电话。我刚才转了5万元。",
    ],
)
def test_just_now_counts_where_no_clock_tells_the_payment_s_time(text: str) -> None:
    (paid,) = read(text).payments
    assert paid.moment is not None and "just_now" in paid.moment.reasons


def test_of_two_payments_one_tells_its_clock_and_one_just_now() -> None:
    first, second = read("我今天14:05转了1万元，刚才又转了2万元。").payments
    assert first.moment and first.moment.at.astimezone(SHANGHAI).isoformat() == "2026-11-22T14:05:00+08:00"
    assert second.moment and "just_now" in second.moment.reasons


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("演练银行2的账户", "演练银行2"),
        ("演练银行12账户", "演练银行12"),
        ("演练银行２（自动）", "演练银行2"),
        ("工商银行2，", "工商银行2"),
        ("农业银行b，", "农业银行b"),
        ("工商银行3楼的柜员机", "中国工商银行"),
        ("工商银行U盾", "中国工商银行"),
        (f"工商银行{CARD}账户", "中国工商银行"),
        ("演练银行3号", "演练银行"),
    ],
)
def test_a_number_behind_a_bank_is_part_of_its_name_and_no_sum(written: str, name: str) -> None:
    words = read(f"我转到{written}5万元。")
    assert [each.name for each in words.banks] == [name]
    assert [each.amount.fen for each in words.payments] == [5_000_000]


@pytest.mark.parametrize(
    ("written", "bank", "yuan"),
    [
        ("工商银行20余万元", "中国工商银行", 200_000),
        ("工商银行20余万", "中国工商银行", 200_000),
        ("工商银行5w", "中国工商银行", 50_000),
        ("工商银行5W元", "中国工商银行", 50_000),
        ("工行5w", "中国工商银行", 50_000),
        ("工商银行5k", "中国工商银行", 5_000),
        ("建设银行1亿元", "中国建设银行", 100_000_000),
        ("工商银行5佰元", "中国工商银行", 500),
        ("工商银行5仟元", "中国工商银行", 5_000),
        ("工商银行5拾万元", "中国工商银行", 500_000),
        ("工商银行20来万", "中国工商银行", 200_000),
        ("工商银行20几万", "中国工商银行", 200_000),
        ("工商银行20多万", "中国工商银行", 200_000),
        ("工商银行50+元", "中国工商银行", 50),
        ("中国银行50美元", "中国银行", 50),
        ("工商银行50u", "中国工商银行", 50),
        ("工商银行50人民币", "中国工商银行", 50),
        ("工商银行50rmb", "中国工商银行", 50),
        ("演练银行5w", "演练银行", 50_000),
        ("演练银行20余万元", "演练银行", 200_000),
        ("工商银行11/20 14:05转5万元", "中国工商银行", 50_000),
        ("工商银行11/20转5万元", "中国工商银行", 50_000),
        ("工行50", "中国工商银行", 50),
    ],
)
def test_a_sum_or_a_time_behind_a_bank_is_no_part_of_its_name(written: str, bank: str, yuan: int) -> None:
    words = read(f"我转到{written}。")
    assert [each.name for each in words.banks] == [bank]
    assert [each.amount.fen for each in words.payments] == [yuan * 100]


def test_a_day_that_no_calendar_has_is_no_time() -> None:
    assert read("2026年2月31日我转了5万元").moments == ()


def test_contacts() -> None:
    text = (
        "客服电话400-123-4567，QQ群：123456789，微信号：abc_12345，Telegram @fast_loan88，"
        "网址hxxp://pay.example/a?B=1，又给了www.huiying.example，会议号 123 456 789，让下载“会务通”软件和向日葵"
    )
    found = {(each.kind, each.value) for each in read(text).contacts}
    assert found == {
        ("phone", "4001234567"),
        ("qq_group", "123456789"),
        ("wechat", "abc_12345"),
        ("telegram", "@fast_loan88"),
        ("link", "http://pay.example/a?B=1"),
        ("domain", "www.huiying.example"),
        ("meeting", "123456789"),
        ("app", "会务通"),
        ("app", "向日葵"),
        ("app", "Telegram"),
    }


def test_a_card_of_another_bank_than_told_is_doubted() -> None:
    card = "622202" + "0" * 13  # the first digits of a bank, and nobody's number
    words = read(f"我转了5万元到李四建设银行卡{card}。")
    assert [each.code for each in words.doubts] == ["bank_differs_from_digits"]


def test_one_payment_told_twice_is_doubted_and_two_of_one_amount_are_not() -> None:
    message = "【测试银行甲】您尾号1234的卡11月22日10时41分转账支出人民币30,000.00元，余额1.00元。"
    text = f"今天10点40分我转了3万元给李四。\n{message}"
    assert [each.code for each in read(text).doubts] == ["perhaps_the_same_payment"]
    assert not read("上午8点我转了3万元给李四。下午2点又转了3万元给王五。").doubts


def test_types_tell_their_words() -> None:
    first = read("我在网上刷单做任务，返了佣金，后来说操作失误").scam_types[0]
    assert first.code == "ST01"
    assert {"刷单", "佣金"} <= {each.word for each in first.words}
    assert read("你好，我想订一份宫保鸡丁，六点送到。").scam_types == ()


def test_the_reading_is_what_the_schema_says() -> None:
    text = f"昨晚九点我用手机银行向张三的农行卡{CARD}转了3万元，QQ123456，对方是客服，让我退款理赔。我先收到50元。"
    assert_valid("report_words", json.loads(json.dumps(told(read(text)))))


@pytest.mark.parametrize("called", ["测试陈述", "测试报案"])
def test_what_a_made_up_text_calls_itself_is_nobody(called: str) -> None:
    text = f"{called}:9点31分被骗5万元,转到账户{CARD}(户名测试甲),对方电话12012345678"
    assert [each.name for each in read(text).names] == ["测试甲"]


@pytest.mark.parametrize("written", ["2万到", "1.5万到", "8800元到", "三万去"])
def test_the_end_of_a_sum_before_an_account_is_nobody(written: str) -> None:
    words = read(f"我又转了{written}{CARD}。")
    assert not words.names
    assert [each.payee and each.payee.number for each in words.payments] == [CARD]


def test_limits_are_told() -> None:
    with pytest.raises(Invalid) as failure:
        read("啊" * (MOST_CHARACTERS + 1))
    assert failure.value.code == "reports.text_too_long"
    words = read("我转了1元。" * (MOST_FINDINGS + 5))
    assert len(words.amounts) == MOST_FINDINGS
    assert [each.code for each in words.doubts if each.code == "more_findings"] == ["more_findings"]


def test_missing_words_are_our_fault() -> None:
    tables = load_reports()
    with pytest.raises(Broken):
        reader_tables({**tables, "banks": {}})


def test_a_naive_hour_of_telling_is_refused() -> None:
    with pytest.raises(Invalid):
        read("我转了5万元", TOLD_AT.replace(tzinfo=None))


@pytest.mark.parametrize(
    ("written", "yuan"),
    [
        ("{card} 5万元", 50_000),
        ("{card} 50000元", 50_000),
        ("{card} 3万块", 30_000),
        ("{card} 5w", 50_000),
        ("{groups} 8000元", 8_000),
        ("{groups}", 0),
        ("{card}，3万", 30_000),
        ("{card} 测试·乙 5万元", 50_000),
    ],
)
def test_a_sum_behind_an_account_is_no_part_of_its_number(written: str, yuan: int) -> None:
    groups = " ".join(CARD[at : at + 4] for at in range(0, len(CARD), 4))
    words = read(f"我转到{written.format(card=CARD, groups=groups)}。")
    assert [each.number for each in words.accounts] == [CARD]
    assert [each.fen for each in words.amounts] == ([yuan * 100] if yuan else [])


def test_the_number_of_a_slip_is_nobody_s_name() -> None:
    words = read("转账金额6000元 转账单号1000050001202605200")
    assert not words.names
    assert [each.name for each in read(f"转账张三({CARD})6000元").names] == ["张三"]
