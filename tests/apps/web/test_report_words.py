"""A pasted report: what is suggested, from which words, and what is never guessed silently."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from html import unescape
from pathlib import Path

import pytest

from fanzha.adapters.store.institutions import enter_profile
from fanzha.apps.web.wired.report_words import WiredReportWords, contacts_in
from fanzha.cases.case import Case
from fanzha.kernel.clock import SetClock
from fanzha.wiring.house import House
from tests.apps.web.order_house import order_house
from tests.conftest import CITY, person
from tests.registers.institutions import BANK
from tests.wiring.orders import staffed

TOLD_AT = datetime(2026, 8, 3, 2, 0, tzinfo=UTC)
WORDS = (
    "我叫张三,今天上午9点30分往工商银行账户6222020200112233445(户名李四)转账4万元,"
    "又往测试银行账户9999990000000001001转了500元,对方电话12012345678,网址 http://fake.example.com/a"
)


def test_every_suggestion_shows_where_it_was_read(house: House, clock: SetClock, case: Case) -> None:
    staff = staffed(house, clock, case)
    read = WiredReportWords(house).read_report(staff.drafter, WORDS, TOLD_AT)
    assert "".join(each.text for each in read.pieces) == WORDS, "the text itself is never changed"
    first = read.payments[0]
    assert (first.amount_fen, first.payee, first.payee_name) == (4_000_000, "6222020200112233445", "李四")
    assert first.at == datetime(2026, 8, 3, 1, 30, tzinfo=UTC)
    rests_on = {each.text for each in read.pieces if first.mark in each.of}
    assert {"6222020200112233445", "李四", "4万元"} <= rests_on
    assert {each.target for each in read.contacts} == {"phone", "site"}


def test_a_bank_that_is_not_registered_is_named_and_not_guessed(house: House, clock: SetClock, case: Case) -> None:
    staff = staffed(house, clock, case)
    first = WiredReportWords(house).read_report(staff.drafter, WORDS, TOLD_AT).payments[0]
    assert first.institution is None
    assert first.bank == "中国工商银行"
    by_digits = WiredReportWords(house).read_report(staff.drafter, "往6222020200112233445转账4万元", TOLD_AT)
    assert (by_digits.payments[0].bank, by_digits.payments[0].by_digits) == ("中国工商银行", True)


def test_words_are_shown_as_they_are_and_never_as_markup(
    house: House, clock: SetClock, case: Case, tmp_path: Path
) -> None:
    place = order_house(house, clock, case, tmp_path)
    with place.browser("drafter") as client:
        answer = client.post("/incidents/read", data={"words": f"<script>alert(1)</script>{WORDS}"})
    assert answer.status_code == 200
    assert "<script>" not in answer.text
    assert "&lt;script&gt;" in answer.text
    assert "6222020200112233445" in answer.text


def test_a_bank_with_a_number_is_the_one_registered_so_and_never_the_one_without(
    house: House, clock: SetClock, case: Case
) -> None:
    staff, city = staffed(house, clock, case), person(CITY, 90)
    banks = {"drill": "演练银行", "drill-2": "演练银行2（半自动）", "drill-12": "演练银行12（全自动）"}
    with house.act(city) as connection:
        for number, (name, name_zh) in enumerate(banks.items(), 10):
            key = replace(BANK.keys[0], key_id=f"{name}-1")
            told = replace(BANK, name=name, code=f"9999000000{number}", name_zh=name_zh, name_en=name, keys=(key,))
            enter_profile(connection, told, city, "测试", house.now(), unit=CITY)

    def meant(bank: str) -> str | None:
        words = f"今天上午9点30分往{bank}账户9999990000000001001转账4万元"
        (first,) = WiredReportWords(house).read_report(staff.drafter, words, TOLD_AT).payments
        return first.institution.code if first.institution else None

    wanted = {"演练银行": "drill", "演练银行2": "drill-2", "演练银行２": "drill-2", "演练银行12": "drill-12"}
    assert {each: meant(each) for each in wanted} == wanted
    assert [meant(each) for each in ("演练银行1", "演练银行3", "演练银行22")] == [None, None, None]


@pytest.mark.parametrize("number", ["95588", "95533", "95566", "95599", "96110", "12381", "12321", "10086", "110"])
def test_a_number_that_serves_everybody_is_never_offered_as_a_scams(
    number: str, house: House, clock: SetClock, case: Case
) -> None:
    words = f"来电显示{number}，自称{number}客服，真正打来的是12012345678，我又打了{number}核实。"
    read = WiredReportWords(house).read_report(staffed(house, clock, case).drafter, words, TOLD_AT)
    assert [each.value for each in read.contacts] == ["12012345678"]
    assert [each.value for each, _ in contacts_in(words, TOLD_AT)] == ["12012345678"]
    marked = {mark for each in read.pieces for mark in each.of if mark.startswith("c")}
    assert marked == {each.mark for each in read.contacts}


def test_a_site_that_serves_everybody_is_never_offered_as_a_scams() -> None:
    words = "他发来 https://www.icbc.com.cn/a 和 icbc.com.cn.fake.example ，还有 12321.cn"
    assert [each.value for each, _ in contacts_in(words, TOLD_AT)] == ["icbc.com.cn.fake.example"]


@pytest.mark.parametrize(
    ("told", "filled"),
    [
        ("今天", ""),
        ("8月2日", ""),
        ("昨天", ""),
        ("8月2日凌晨", ""),
        ("昨天下午", ""),
        ("昨天下午3点", "2026-08-02T15:00:00"),
        ("8月3日0点", "2026-08-03T00:00:00"),
        ("今天上午9点30分", "2026-08-03T09:30:00"),
    ],
)
def test_only_a_clock_fills_the_time_of_a_payment(
    told: str, filled: str, house: House, clock: SetClock, case: Case, tmp_path: Path
) -> None:
    place = order_house(house, clock, case, tmp_path)
    with place.browser("drafter") as client:
        given = {"words": f"我{told}转账4万元到账号9999990000000001001", "reported_at": "2026-08-03T10:00"}
        shown = unescape(client.post("/incidents/read", data=given).text)
    assert f'"at": "{filled}"' in shown
    assert ("add the hour and minute" in shown) == (not filled)
    assert filled[:10] in shown
