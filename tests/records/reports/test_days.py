"""Days and clocks: a day gives way to a clock of the same payment, and nothing was paid when a respite ends."""

from __future__ import annotations

import pytest

from fanzha.kernel.clock import SHANGHAI
from fanzha.records.reports.findings import Fineness
from tests.records.reports.reading import read

PAID = "我：转了5万元到 9999980000000029"


def told(text: str) -> tuple[str, Fineness] | None:
    (payment,) = read(text).paid()
    moment = payment.moment
    return None if moment is None else (moment.at.astimezone(SHANGHAI).strftime("%m-%d %H:%M"), moment.fineness)


@pytest.mark.parametrize(
    "line",
    [
        "今天到期，不交就冻结",
        "今天之内必须转账",
        "明天账户就冻结了",
        "下午前转过来",
        "明天下午5点前不交就起诉",
        "最迟今天下午处理",
        "必须今天转",
        "今天是最后期限",
        "11月30日到期",
        "今天赶紧转",
    ],
)
@pytest.mark.parametrize("chat", ["06:01 客服：{line}\n{paid}", "2026-11-22 06:01\n客服：{line}\n{paid}"])
def test_a_chat_s_own_clock_is_not_outweighed_by_a_day_that_a_scammer_names(line: str, chat: str) -> None:
    assert told(chat.format(line=line, paid=PAID)) == ("11-22 06:01", Fineness.MINUTE)


@pytest.mark.parametrize("line", ["今天到期", "明天就冻结", "下午5点前转", "今晚12点以前付清", "by today, please"])
def test_what_is_only_a_respite_is_no_time_of_payment(line: str) -> None:
    assert told(f"客服：{line}\n{PAID}") is None


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("今天我转账5万元，时间是9点10分。", "11-22 09:10"),
        ("2026-11-21 06:01\n客服：今天转\n我：转了5万元", "11-21 06:01"),
        ("[06:01] 我：今天转了5万元", "11-22 06:01"),
        ("上午我被骗走3万元，转账时间约11时20分。", "11-22 11:20"),
    ],
)
def test_a_day_gives_way_to_a_clock_of_the_same_payment(text: str, at: str) -> None:
    found = told(text)
    assert found and found[0] == at and found[1] is Fineness.MINUTE


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("昨天9点接到电话，今天转了5万元。", "11-22"),
        ("11月20日9点接到电话，今天转了5万元。", "11-22"),
        ("今天9点对方加我微信。今天我转了5万元。", "11-22"),
        ("昨天前往银行转了5万元。", "11-21"),
        ("11月20日9点接到电话。11月21日我转了5万元。", "11-21"),
    ],
)
def test_a_day_of_its_own_stays_a_day(text: str, day: str) -> None:
    assert told(text) == (f"{day} 00:00", Fineness.DAY)
