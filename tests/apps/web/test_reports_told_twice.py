"""One file from two officers: a payment of one reporter is one incident, also where both send at one moment."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from threading import Barrier, local

import pytest

from fanzha.adapters.store.incidents import alone_with_payees
from fanzha.cases.case import Case
from fanzha.cases.incident import Incident
from fanzha.kernel.clock import SetClock
from fanzha.kernel.ids import SubjectId
from fanzha.wiring.desk import Desk
from fanzha.wiring.house import House
from fanzha.wiring.incidents import NewReport, same_report
from tests.apps.web.order_house import OrderHouse, order_house
from tests.apps.web.test_report_files import in_house, results, sent, sums
from tests.wiring.orders import officer

HEADS = "编号,收款机构,收款账号,金额,付款时间,被害人"
PAYEE = "99999900000000770"
ROWS = [
    f"w-1,test-bank,{PAYEE}11,40000,2026-03-02 09:05,测试·甲",
    f"w-1,test-bank,{PAYEE}12,3.2万,2026-03-02 09:06,测试·甲",
    f",test-bank,{PAYEE}13,100,2026-03-02 09:07,测试·乙",
]


@pytest.fixture
def place(house: House, clock: SetClock, case: Case, tmp_path: Path) -> OrderHouse:
    """A staffed house with a bank."""
    made = order_house(house, clock, case, tmp_path)
    known = officer(house, "reader", made.staff.drafter.scope)
    made.doors.actors["colleague"] = replace(known, permissions=made.staff.drafter.permissions)
    return made


def table(*rows: str, heads: str = HEADS) -> bytes:
    return "\n".join([heads, *rows]).encode()


@pytest.mark.parametrize(("language", "said"), [("zh", "已登记为警情"), ("en", "recorded already as incident")])
def test_what_a_colleague_took_from_the_file_is_told_and_not_taken_twice(
    place: OrderHouse, language: str, said: str
) -> None:
    with place.browser("drafter") as client:
        first = results(sent(client, table(*ROWS))[1])
    with place.browser("colleague", language) as client:
        _, page = sent(client, table(*ROWS))
    assert sums(page) == [3, 0, 3, 0] and [each[2] for each in results(page)] == [each[2] for each in first]
    assert page.count(said) == 2 and in_house(place) == 2


def test_a_payment_more_another_sum_or_another_victim_is_another_report(place: OrderHouse) -> None:
    with place.browser("drafter") as client:
        sent(client, table(*ROWS))
    last = ROWS[2]
    others = [last.replace(",100,", ",101,"), last.replace("09:07", "09:08"), last.replace("测试·乙", "测试·丙")]
    more = [ROWS[2].replace(",test", "w-9,test", 1), f"w-9,test-bank,{PAYEE}14,5,2026-03-02 09:09,测试·乙"]
    with place.browser("colleague") as client:
        _, page = sent(client, table(*others, *more))
    assert [each[1] for each in results(page)] == ["taken"] * 4 and in_house(place) == 6


def test_without_a_reporter_one_persons_own_numbers_say_what_is_one_report(place: OrderHouse) -> None:
    rows = [f"{key},test-bank,{PAYEE}15,100,2026-03-02 09:07" for key in ("a", "b")]
    heads = HEADS.removesuffix(",被害人")
    with place.browser("drafter") as client:
        assert [each[1] for each in results(sent(client, table(*rows, heads=heads))[1])] == ["taken", "taken"]
    with place.browser("colleague") as client:
        assert sums(sent(client, table(*rows, heads=heads))[1]) == [2, 0, 2, 0]
    assert in_house(place) == 2


def test_two_who_send_one_file_at_one_moment_take_it_once(place: OrderHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    both, looked = Barrier(2), local()

    def one_after_both_looked(desk: Desk, new: NewReport) -> Incident | None:
        if getattr(looked, "once", False):
            both.wait(30)  # neither has taken it when both have looked for it
        looked.once = True
        return same_report(desk, new)

    monkeypatch.setattr("fanzha.apps.web.wired.incidents.same_report", one_after_both_looked)

    def send(login: str) -> list[tuple[str, str, str]]:
        with place.browser(login) as client:
            return results(sent(client, table(ROWS[2]))[1])

    with ThreadPoolExecutor(2) as pool:
        (one,), (other,) = pool.map(send, ("drafter", "colleague"))
    assert {one[1], other[1]} == {"taken", "repeated"} and one[2] == other[2] and in_house(place) == 1


def test_a_line_of_json_later_than_now_names_the_payment(place: OrderHouse) -> None:
    paid = {"institution": "test-bank", "payee": f"{PAYEE}16", "amount_fen": 100, "at": "2026-03-02T09:00:00+08:00"}
    later = {**paid, "at": "2036-03-02T09:00:00+08:00"}
    lines = [json.dumps({"key": "a", "payments": [paid, later]}), json.dumps({"key": "b"})]
    with place.browser("drafter") as client:
        _, page = sent(client, "\n".join(lines).encode(), "reports.jsonl")
    assert "Line 1: payments.1.at is later than now" in page and "Line 2: payments is missing" in page
    assert in_house(place) == 0


def test_whoever_looks_for_an_accounts_reports_looks_alone(place: OrderHouse) -> None:
    house, actor = place.staff.house, place.staff.drafter
    done: list[str] = []

    def second() -> None:
        with house.act(actor) as connection:
            alone_with_payees(connection, [SubjectId(8), SubjectId(7)])
            done.append("second")

    with ThreadPoolExecutor(1) as pool:
        with house.act(actor) as connection:
            alone_with_payees(connection, [SubjectId(7)])
            waiting = pool.submit(second)
            with pytest.raises(TimeoutError):
                waiting.result(0.5)
            done.append("first")
        waiting.result(30)
    assert done == ["first", "second"]
