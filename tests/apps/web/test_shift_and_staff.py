"""Pages of people: what is wrong with a role or a hand-over is said at its field, and what is over counts no more."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import TypeVar

import pytest

from fanzha.adapters.store.people import NewPerson, add_person
from fanzha.cases.case import Case
from fanzha.cases.incident import Source
from fanzha.kernel.clock import SetClock
from fanzha.kernel.units import Actor
from fanzha.orders.effects import OrderKind
from fanzha.wiring.authorities import NewAuthority, draft_authority, proposed, sign_authority, withdraw_authority
from fanzha.wiring.desk import Desk
from fanzha.wiring.house import House
from fanzha.wiring.incidents import NewPaid, NewReport, take_report
from tests.apps.web.order_house import CARDS, OrderHouse, employ, in_office, order_house
from tests.conftest import CITY, COUNTY, person
from tests.registers.institutions import BANK


@pytest.fixture
def place(house: House, clock: SetClock, case: Case, tmp_path: Path) -> OrderHouse:
    made = in_office(order_house(house, clock, case, tmp_path))
    made.doors.actors["keeper"] = person(CITY, 95)
    return made


T = TypeVar("T")


def at(place: OrderHouse, who: Actor, do: Callable[[Desk], T]) -> T:
    with place.staff.house.act(who) as connection:
        return do(Desk(house=place.staff.house, connection=connection, actor=who))


def reported(place: OrderHouse, card: str = CARDS[0]) -> str:
    paid = NewPaid(institution=BANK.name, payee=card, amount_fen=1_000_00, at=place.staff.house.now())
    new = NewReport(source=Source.EMERGENCY, reported_at=place.staff.house.now(), payments=(paid,))
    return at(place, place.staff.drafter, lambda desk: take_report(desk, new)).number


def sent(place: OrderHouse, login: str, language: str, path: str, **data: str) -> tuple[int, str]:
    with place.browser(login, language) as client:
        answer = client.post(path, data={"csrf": f"csrf-of-token-of-{login}", **data})
    return answer.status_code, answer.text


def said_at(page: str, field: str) -> str:
    """What is said at a field, which is marked as the one to put right."""
    assert re.search(rf'name="{field}"[^>]*aria-invalid="true"', page) or field == "which", page
    (words,) = re.findall(rf'<small class="bad-words" role="alert" id="{field}-trouble">.*?</svg> (.*?)</small>', page)
    return str(words)


def test_what_is_wrong_with_a_role_is_said_at_its_field_by_its_title(place: OrderHouse) -> None:
    with place.staff.house.act(person(CITY, 1)) as connection:
        made = add_person(
            connection, NewPerson(login="newcomer", name="测试·丁", unit_path=COUNTY), place.staff.house.wall.now()
        )
    path = f"/staff/{made}/roles"
    for language, lacks, extra, alone in (
        ("zh", "请选择所驻机构", "只有机构驻点人员", "已有角色“处置员”"),
        ("en", "Choose the institution", "Only a resident", "the role “Desk officer” already"),
    ):
        status, page = sent(place, "keeper", language, path, role="resident", unit=COUNTY)
        assert (status, lacks in said_at(page, "institution")) == (422, True)
        assert '<option value="resident" selected>' in page
        status, page = sent(place, "keeper", language, path, role="reader", unit=COUNTY, institution=BANK.name)
        assert (status, extra in said_at(page, "institution")) == (422, True)
        other = f"/staff/{place.staff.drafter.user_id}/roles"
        status, page = sent(place, "keeper", language, other, role="resident", unit=COUNTY, institution=BANK.name)
        told = said_at(page, "role")
        assert (status, alone in told, "desk_officer" in told) == (409, True, False)
        status, page = sent(place, "keeper", language, path, role="king", unit=COUNTY)
        assert (status, "king" in said_at(page, "role")) == (404, True)
        status, page = sent(place, "keeper", language, path, role="reader", unit="elsewhere")
        assert (status, "elsewhere" in said_at(page, "unit")) == (404, True)


def test_a_shift_s_form_offers_who_may_and_says_what_is_wrong_where_it_is(
    place: OrderHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = reported(place), reported(place, CARDS[1])
    empty = place.page("drafter", "/incidents/handover", "zh")
    assert "没有其他可以接班的人员" in empty and "<form" not in empty.split("<main")[1].split("</main>")[0]
    with place.staff.house.act(person(CITY, 1)) as connection:
        made = add_person(
            connection, NewPerson(login="next.officer", name="测试·丁", unit_path=COUNTY), place.staff.house.wall.now()
        )
    employ(place.staff, person(COUNTY, made.int), "desk_officer")
    page = place.page("drafter", "/incidents/handover", "zh")
    assert re.findall(r'<option value="([^"]+)"', page.split('name="to"')[1].split("</select>")[0]) == ["next.officer"]
    assert re.search(r"data-choose-all autofocus", page)
    assert place.page("drafter", "/incidents/handover?all=no").count('value="yes" checked') == 0
    assert place.page("drafter", "/incidents/handover?all=yes").count('value="yes" checked') == 2
    chosen = {f"chosen-{first}": "yes", f"chosen-{second}": "yes"}
    for language, words in (("zh", f"不能接办警情{first}"), ("en", f"cannot take over incident {first}")):
        status, page = sent(
            place, "drafter", language, "/incidents/handover", to="county-chief", reason="测试", **chosen
        )
        assert (status, words in said_at(page, "to"), page.count('value="yes" checked')) == (422, True, 2)
    _, page = sent(place, "drafter", "zh", "/incidents/handover", to="next.officer", reason="测试")
    assert (said_at(page, "which"), page.count('value="yes" checked')) == ("没有选择警情。", 0)
    _, page = sent(place, "drafter", "zh", "/incidents/handover", to="next.officer", reason=" ", **chosen)
    assert said_at(page, "reason")
    began, seconds = place.staff.house.now(), count()
    monkeypatch.setattr(Desk, "now", property(lambda _: began + timedelta(seconds=next(seconds))))  # as in life
    assert sent(place, "drafter", "zh", "/incidents/handover", to="next.officer", reason="盯住第2级", **chosen)[0] in (
        200,
        303,
    )
    monkeypatch.undo()
    assert "测试·丁" in place.page("drafter", "/incidents", "zh")
    history = place.page("drafter", f"/incidents/{first}", "zh").split('data-part="history"')[1]
    assert re.search(r'<p class="note">测试·丁</p><p class="note">盯住第2级</p>', history), (
        "what the next officer must know"
    )


def test_an_authority_that_was_withdrawn_counts_down_no_more(place: OrderHouse) -> None:
    number, staff = reported(place), place.staff
    new = NewAuthority(
        kinds=frozenset({OrderKind.STOP}), limits=proposed("first_stops"), until=staff.house.now() + timedelta(hours=8),
        reason="测试", incident=number,
    )  # fmt: skip
    given = at(place, staff.drafter, lambda desk: draft_authority(desk, new))

    def part() -> str:
        return place.page("drafter", f"/incidents/{number}").split('data-part="authorities"')[1].split("</section>")[0]

    for signer in (staff.second, staff.chief)[: len(given.missing)]:
        at(place, signer, lambda desk: sign_authority(desk, given.number))
    assert "data-until" in part()
    at(place, staff.drafter, lambda desk: withdraw_authority(desk, given.number, "测试"))
    assert "withdrawn" in part().casefold() and "data-until" not in part()
