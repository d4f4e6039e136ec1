"""Delegation in the console: who signs today, who stands in, what nobody can sign; unrelated money out in one act."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest

from fanzha.cases.case import Case
from fanzha.kernel.clock import SHANGHAI, SetClock
from fanzha.orders.effects import Act, OrderKind
from fanzha.orders.order import Order, Paper, QueryOf, Terms
from fanzha.wiring.house import House
from fanzha.wiring.orders import sign
from tests.apps.web.order_house import CARDS, OrderHouse, employ, fill, in_office, order_house
from tests.conftest import CITY
from tests.wiring.orders import Staffed, officer


@pytest.fixture
def place(house: House, clock: SetClock, case: Case, tmp_path: Path) -> OrderHouse:
    return in_office(order_house(house, clock, case, tmp_path))


def lend(place: OrderHouse, login: str = "chief", **more: str) -> tuple[int, str]:
    now = place.staff.house.now().astimezone(SHANGHAI)
    told = {
        "to": "reader",
        "capacity": "county_chief",
        "since": now.strftime("%Y-%m-%dT%H:%M"),
        "until": (now + timedelta(hours=8)).strftime("%Y-%m-%dT%H:%M"),
        "reason": "外出开会",
    }
    with place.browser(login, "zh") as client:
        answer = client.post("/delegations", data=told | more)
    return answer.status_code, answer.text


def unsigned(place: OrderHouse) -> set[tuple[str, str, tuple[str, ...]]]:
    view = place.data.delegations(place.staff.chief)
    return {(each.kind, each.act, each.terms) for unit in view.units for each in unit.unsigned}


def half_signed(staff: Staffed) -> Order:
    order = staff.opened(OrderKind.QUERY, terms=Terms(query_of=QueryOf.HOLDER), payment=None)
    return staff.at(staff.second, lambda at: sign(at, order.id, order.instructions[-1].id))


def test_the_page_says_who_signs_today_and_what_nobody_can(place: OrderHouse) -> None:
    (unit, *_) = place.data.delegations(place.staff.chief).units
    held = {each.capacity.code: [one.name for one in each.people] for each in unit.capacities}
    assert held["second_officer"] == ["测试·second_officer"] and held["county_chief"] == ["测试·county_chief"]
    assert held["city_chief"] == []
    assert ("freeze", "apply", ("complex", "equity")) in unsigned(place)
    assert {act for _, act, _ in unsigned(place)} == {"apply", "renew", "release"}, "of freezes, no more"
    page = place.page("deputy", "/delegations", "zh")
    assert "现在无人能签批" in page and "无人可签" in page and 'name="to"' not in page


def test_a_city_chief_signs_for_the_county_from_above(place: OrderHouse) -> None:
    city = officer(place.staff.house, "city_chief", CITY)
    employ(place.staff, city, "city_chief", CITY)
    (unit, *_) = place.data.delegations(place.staff.chief).units
    held = {each.capacity.code: [one.name for one in each.people] for each in unit.capacities}
    assert "测试·city_chief" in held["city_chief"] and "测试·city_chief" in held["county_chief"]
    assert unsigned(place) == set()


def test_a_chief_lends_sees_what_was_signed_and_takes_it_back(place: OrderHouse) -> None:
    staff, deputy = place.staff, place.doors.actors["deputy"]
    order = half_signed(staff)
    assert lend(place)[0] == 303
    line = next(each for each in place.data.delegations(staff.chief).delegations)
    assert (line.state, line.to_name, line.may_end) == ("holds", "测试·reader", True)
    for path in ("/sign", "/"):
        assert "您正代测试·county_chief" in place.page("deputy", path, "zh")
    signed = staff.at(deputy, lambda at: sign(at, order.id, order.instructions[-1].id))
    assert signed.instructions[-1].paper is Paper.SIGNED
    page = place.page("chief", "/delegations", "zh")
    assert f'href="/orders/{order.number}"' in page and "外出开会" in page and "代测试·county_chief" in page
    ending = f"/delegations/{line.id}/end"
    with place.browser("deputy") as client:
        assert client.post(ending).status_code == 403
    with place.browser("chief") as client:
        assert client.post(ending).status_code == 303
        assert client.post(ending).status_code == 409
    assert "您正代" not in place.page("deputy", "/sign", "zh")
    told = place.page("chief", "/delegations", "zh")
    assert "已收回" in told and f'href="/orders/{order.number}"' in told, "what was signed stays told"


def test_lent_to_the_only_second_officer_is_told_as_standing_in(place: OrderHouse) -> None:
    assert lend(place, to="second-officer")[0] == 303
    (unit, *_) = place.data.delegations(place.staff.chief).units
    standing = [one for each in unit.capacities for one in each.people if one.for_name]
    assert [(one.name, one.for_name) for one in standing] == [("测试·second_officer", "测试·county_chief")]


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"to": "nobody"}, "to"),
        ({"to": "county-chief"}, "to"),
        ({"capacity": "city_chief"}, "capacity"),
        ({"capacity": "emperor"}, "capacity"),
        ({"since": "yesterday"}, "since"),
        ({"until": "2020-01-01T00:00"}, "until"),
        ({"until": "2099-01-01T00:00"}, "until"),
        ({"reason": " "}, "reason"),
        ({"reason": "长" * 501}, "reason"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(place: OrderHouse, more: dict[str, str], field: str) -> None:
    status, page = lend(place, **more)
    assert status in (403, 404, 422) and f'id="{field}-trouble"' in page, page
    assert more.get("reason", "外出开会") in page
    assert place.data.delegations(place.staff.chief).delegations == ()


def test_only_who_may_lend_does(place: OrderHouse) -> None:
    for login in ("drafter", "second", "deputy"):
        assert lend(place, login)[0] == 403
    with place.browser("deputy") as client:
        told = client.get("/api/v1/delegations").json()
    assert told["units"][0]["capacities"] and told["delegations"] == []


def test_unrelated_money_goes_in_one_act_from_the_order_or_the_board(place: OrderHouse) -> None:
    made = fill(place)
    staff, held = place.staff, made["fresh"]
    board = place.page("drafter", "/clocks", "zh")
    assert f'href="/orders/{held.number}/do/let_go" data-press="l"' in board
    assert "/do/let_go" not in place.page("second", "/clocks", "zh")
    assert "/do/let_go" in place.page("drafter", f"/orders/{held.number}", "zh")
    form = place.page("drafter", f"/orders/{held.number}/do/let_go", "zh")
    key = re.search(r'name="key" value="([^"]+)"', form)
    assert "账户恢复支付" in form and key is not None
    with place.browser("drafter", "zh") as client:
        assert client.post(f"/orders/{held.number}/do/let_go", data={"reason": " "}).status_code == 422
        for _ in range(2):
            told = {"reason": "查明系货款", "key": key[1]}
            assert client.post(f"/orders/{held.number}/do/let_go", data=told).status_code == 303
        assert client.get(f"/orders/{held.number}/do/let_go").status_code == 409
    after = staff.seen(held)
    assert after.unrelated_at is not None and [each.act for each in after.instructions] == [Act.APPLY, Act.LIFT]
    assert after.instructions[-1].paper is Paper.DRAFT


def test_a_part_of_a_freeze_goes_the_same_way(place: OrderHouse) -> None:
    fill(place)
    frozen = place.staff.signed(place.staff.opened(OrderKind.FREEZE, number=CARDS[8]))
    place.staff.deliver()
    path = f"/orders/{frozen.number}/do/let_go"
    assert 'name="release"' in place.page("drafter", path, "zh")
    with place.browser("drafter") as client:
        assert client.post(path, data={"reason": "货款", "release": "1000", "key": "k"}).status_code == 303
    release = place.staff.seen(frozen).instructions[-1]
    assert (release.act, release.terms.release_fen) == (Act.RELEASE, 100_000)
