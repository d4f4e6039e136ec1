"""Institutions in the console: numbers that open their records, reasons in words, nothing of another county."""

from __future__ import annotations

from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest

from fanzha.adapters.connectors.port import InstitutionUnusable
from fanzha.adapters.store.audit import entries_of
from fanzha.adapters.store.institution_messages import Refused, record_refusal
from fanzha.adapters.store.institutions import institution_called
from fanzha.apps.web.pages.institutions import EXCHANGES, INSTITUTIONS, MESSAGES, REFUSALS
from fanzha.apps.web.views.tables import read_query
from fanzha.cases.case import Case
from fanzha.kernel.clock import SetClock
from fanzha.orders.order import Order
from fanzha.wiring.house import House
from tests.apps.web.order_house import CARDS, OrderHouse, fill, order_house
from tests.conftest import CITY, OTHER_COUNTY, person
from tests.registers.institutions import BANK

HERE = f"/institutions/{BANK.name}"


@pytest.fixture
def place(house: House, clock: SetClock, case: Case, tmp_path: Path) -> OrderHouse:
    return order_house(house, clock, case, tmp_path)


@pytest.fixture
def made(place: OrderHouse) -> dict[str, Order]:
    return fill(place)


def test_every_number_of_the_table_opens_as_many_records(place: OrderHouse, made: dict[str, Order]) -> None:
    (line,) = place.data.institutions(place.staff.drafter, read_query(INSTITUTIONS, {})).rows
    assert (line.standing, line.refused, line.failed, line.check) == ("usable", 1, 0, "unchecked")
    table = place.page("drafter", "/institutions", "zh")
    for said in ("测试银行", "可用", "户名", "文书", "立案", "不足 1 秒", f"{HERE}/exchanges?outcome=refused"):
        assert said in table, said
    sent = place.data.exchanges(place.staff.drafter, BANK.name, read_query(EXCHANGES, {}))
    assert sent.total == line.sent == 5
    refused = read_query(EXCHANGES, {"outcome": "refused"})
    (one,) = place.data.exchanges(place.staff.drafter, BANK.name, refused).rows
    assert (one.order_number, one.code, one.trade) == (made["refused"].number, "0301", "stop")
    page = place.page("drafter", f"{HERE}/exchanges?trade=stop", "zh")
    assert f"/orders/{made['waiting'].number}" in page and "户名与账号不符" in page
    assert made["frozen"].number not in page, "a freeze is no stop"


def test_the_record_tells_keys_by_fingerprint_and_desks_masked(place: OrderHouse, made: dict[str, Order]) -> None:
    told = place.page("drafter", HERE, "zh")
    assert sha256(BANK.keys[0].public).hexdigest() in told and "测试值班" in told and "周一、周二" in told
    assert "1200001" not in told, "a number is masked"
    with place.browser("drafter") as client:
        asked = {"asked": ["d0", "d7"], "purpose": "stop_payment"}
        assert client.post(f"{HERE}/reveal", json=asked).json() == {"d0": "0999-1200001"}
        assert client.post(f"{HERE}/reveal", json=asked | {"purpose": "curiosity"}).status_code == 422
    with place.staff.house.act(person(CITY, 90)) as connection:
        bank = institution_called(connection, BANK.name)
        marks = [each.act for each in entries_of(connection, "institution", str(bank.id), 50)]
    (mark,) = [each for each in marks if each.action == "institution.contact_revealed"]
    assert (mark.purpose, mark.detail) == ("stop_payment", {"desks": ["d0"]})


def test_who_cannot_be_reached_stands_first_and_on_the_first_page(place: OrderHouse, made: dict[str, Order]) -> None:
    assert "联系不上的机构" not in place.page("drafter", "/", "zh")
    place.staff.clock.move(timedelta(seconds=5))
    place.staff.bank.loses = [InstitutionUnusable(BANK.name, "no_connection")]
    order = place.staff.signed(place.staff.opened(number=CARDS[9]))
    place.staff.deliver()
    home, record = place.page("drafter", "/", "zh"), place.page("drafter", HERE, "zh")
    for page in (home, record):
        assert "连接不上" in page and "自 2026-" in page
    assert "登记" in record and "值班" in record
    failed = place.data.exchanges(place.staff.drafter, BANK.name, read_query(EXCHANGES, {"outcome": "failed"}))
    assert [each.order_number for each in failed.rows] == [order.number]
    assert ">connectors." not in place.page("drafter", f"{HERE}/exchanges?outcome=failed", "zh")
    place.staff.clock.move(timedelta(minutes=1))
    place.staff.deliver()
    assert "联系不上的机构" not in place.page("drafter", "/", "zh")


def test_what_came_is_told_of_orders_in_sight_only(place: OrderHouse, made: dict[str, Order]) -> None:
    page = place.data.messages(place.staff.drafter, BANK.name, read_query(MESSAGES, {"message_kind": "answer"}))
    assert {made["fresh"].number, made["refused"].number} <= {each.order_number for each in page.rows}
    (refused,) = [each for each in page.rows if each.order_number == made["refused"].number]
    assert (refused.code, refused.result, refused.state, refused.final) == ("0301", "0301", "done", True)
    far = person(OTHER_COUNTY, 7)
    assert place.data.messages(far, BANK.name, read_query(MESSAGES, {})).total == 0
    assert place.data.exchanges(far, BANK.name, read_query(EXCHANGES, {})).total == 0
    with place.browser("drafter") as client:
        told = client.get(f"/api/v1{HERE}/messages").json()
        assert told["total"] == len(told["rows"]) and not any(card in str(told) for card in CARDS)


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("protocol.bad_signature", "签名不符（伪造）"),
        ("protocol.replayed", "重放"),
        ("protocol.too_large", "超过大小上限"),
        ("protocol.not_yours", "冒称其他机构"),
        ("institutions.other_content", "编号相同而内容不同"),
    ],
)
def test_what_was_turned_away_says_why_in_words(place: OrderHouse, code: str, said: str) -> None:
    house = place.staff.house
    with house.act(place.staff.drafter) as connection:
        bank = institution_called(connection, BANK.name).id
    for whose in (bank, None):
        with house.act_as_house() as connection:
            refused = Refused(
                institution_id=whose, address="/institutions/v1/answers", code=code, place="", body=b"x" * 7
            )
            record_refusal(connection, refused, house.now())
    for path in (f"{HERE}/refusals", "/institutions/-/refusals"):
        page = place.page("drafter", path, "zh")
        assert said in page and f">{code}<" not in page
    (line,) = place.data.institutions(place.staff.drafter, read_query(INSTITUTIONS, {})).rows
    assert line.turned_away == place.data.refusals(place.staff.drafter, BANK.name, read_query(REFUSALS, {})).total == 1


def test_a_check_is_wished_for_by_a_button_and_found_in_words(place: OrderHouse) -> None:
    told = place.page("drafter", f"{HERE}/checks", "zh")
    assert "还没有检验过" in told and f'action="{HERE}/check"' not in told
    with place.browser("drafter") as client:
        assert client.post(f"{HERE}/check").status_code == 403
        assert client.get("/institutions/no-such-bank").status_code == 404


def test_an_institution_is_found_by_name_and_by_code(place: OrderHouse) -> None:
    for typed in ("测试银", "test-b", BANK.code):
        with place.browser("drafter", "zh") as client:
            page = client.post("/search", data={"text": typed}).text
        assert f'href="{HERE}"' in page, typed


def test_what_did_not_hold_stands_on_the_record_of_who_said_it(place: OrderHouse, made: dict[str, Order]) -> None:
    assert "反馈不实" not in place.page("drafter", HERE, "zh")
    place.staff.bank.told = {"held_fen": 99_999_999}
    order = place.staff.signed(place.staff.opened(number=CARDS[9]))
    place.staff.deliver()
    page = place.page("drafter", HERE, "zh")
    assert "反馈不实" in page and order.number in page and "反馈的控制金额超过余额或限额，按较小数计" in page
