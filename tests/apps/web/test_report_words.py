"""A pasted report: what is suggested, from which words, and what is never guessed silently."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from fanzha.adapters.store.institutions import enter_profile
from fanzha.apps.web.wired.report_words import WiredReportWords
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
