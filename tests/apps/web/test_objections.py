"""Objections and notices in the console: taken at the counter, heard, answered; whom an order restricts is told why."""

from __future__ import annotations

import re
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest

from fanzha.adapters.store.audit import entries_of
from fanzha.adapters.store.cases import move_case
from fanzha.apps.web.pages.clocks import CLOCKS
from fanzha.apps.web.pages.objections import OBJECTIONS
from fanzha.apps.web.views.tables import read_query
from fanzha.cases.case import Case, CaseState
from fanzha.kernel.clock import SetClock
from fanzha.kernel.errors import Illegal
from fanzha.orders.effects import Act, Effect, OrderKind
from fanzha.orders.order import Order, Paper
from fanzha.wiring.house import House
from tests.apps.web.order_house import CARDS, OrderHouse, employ, order_house
from tests.wiring.orders import Staffed

CONTRACT = b"%PDF-1.7 a contract that is not real"
SAYS = "该款系货款,有合同"
AGENT, PHONE = "测试·丙", "12000000033"


@pytest.fixture
def place(house: House, clock: SetClock, case: Case, tmp_path: Path) -> OrderHouse:
    return order_house(house, clock, case, tmp_path)


@pytest.fixture
def held(place: OrderHouse) -> Order:
    return in_force(place.staff)


def in_force(staff: Staffed, kind: OrderKind = OrderKind.STOP, card: str = CARDS[0]) -> Order:
    order = staff.signed(staff.opened(kind, number=card))
    staff.deliver()
    return staff.seen(order)


def posted(place: OrderHouse, login: str, path: str, **fields: str) -> tuple[int, str, str]:
    with place.browser(login, "zh") as client:
        answer = client.post(path, data=fields)
    return answer.status_code, answer.headers.get("location", ""), answer.text


def taken(place: OrderHouse, order: Order, **more: str) -> str:
    told = {"order": order.number, "channel": "visit", "standing": "holder", "says": SAYS} | more
    status, where, page = posted(place, "drafter", "/objections/new", **told)
    assert status == 303, page
    return where.rpartition("/")[2]


def test_somebody_at_the_counter_is_found_by_number_heard_and_shown_masked(place: OrderHouse, held: Order) -> None:
    status, where, page = posted(place, "drafter", "/objections/find", text=CARDS[0])
    assert (status, where) == (303, f"/objections/new?order={held.number}"), page
    status, _, page = posted(place, "drafter", "/objections/find", text=CARDS[9])
    assert status == 200 and "没有您能看到的指令单" in page
    with place.browser("drafter", "zh") as client:
        kept = client.put(f"/cases/{place.staff.case.ref}/snapshots", content=CONTRACT).json()["sha256"]
    employ(place.staff, place.staff.drafter, "desk_officer")
    number = taken(place, held, standing="agent", name=AGENT, phone=PHONE, evidence=kept)
    told = place.page("drafter", f"/objections/{number}", "zh")
    for said in (SAYS, "代办", "已受理", held.number, kept[:16], "测试·desk_officer", "data-until"):
        assert said in told, said
    for hidden in (AGENT, PHONE, CARDS[0], "测试·甲"):
        assert hidden not in told
    board = place.page("chief", "/objections", "zh")
    assert number in board and "data-until" in board and place.data.waiting(place.staff.drafter).to_answer == 1
    record = place.page("chief", f"/orders/{held.number}", "zh")
    assert number in record


def test_what_was_shown_lies_sealed_leaves_for_a_purpose_and_is_on_record(place: OrderHouse, held: Order) -> None:
    staff = place.staff
    with place.browser("drafter") as client:
        kept = client.put(f"/cases/{staff.case.ref}/snapshots", content=CONTRACT).json()["sha256"]
    assert kept == sha256(CONTRACT).hexdigest()
    assert not any(CONTRACT in each.read_bytes() for each in staff.house.evidence.rglob("*") if each.is_file())
    number = taken(place, held, evidence=kept)
    with place.browser("chief") as client:
        answer = client.post(f"/objections/{number}/evidence/{kept}", data={"purpose": "evidence"})
        assert answer.content == CONTRACT and kept[:16] in answer.headers["content-disposition"]
        assert client.post(f"/objections/{number}/evidence/{kept}", data={"purpose": "x"}).status_code == 422
        assert client.post(f"/objections/{number}/evidence/{'0' * 64}").status_code == 422
    with staff.house.act(staff.chief) as connection:
        seen = [
            each
            for each in entries_of(connection, "order", str(held.id), 50)
            if each.act.action == "order.evidence_seen"
        ]
    assert [(each.act.purpose, each.act.detail["sha256"]) for each in seen] == [("evidence", kept)]


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"says": " "}, ""),
        ({"standing": "agent"}, "代办人姓名"),
        ({"evidence": "ab" * 32}, "没有存入本案"),
        ({"phone": "not a number"}, ""),
        ({"channel": "pigeon"}, ""),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_is_kept(
    place: OrderHouse, held: Order, more: dict[str, str], said: str
) -> None:
    told = {"order": held.number, "channel": "visit", "standing": "holder", "says": SAYS} | more
    status, _, page = posted(place, "drafter", "/objections/new", **told)
    assert status in (422, 404) and "alert" in page and said in page, page
    assert more.get("says") or SAYS in page
    assert place.data.objections(place.staff.drafter, read_query(OBJECTIONS, {})).total == 0


def test_upheld_leads_to_the_release_and_to_the_paper(place: OrderHouse) -> None:
    frozen = _frozen(place.staff)
    number = taken(place, frozen)
    form = place.page("drafter", f"/objections/{number}/do/uphold", "zh")
    assert "同时起草解除指令" in form and 'name="release"' in form
    wrong = posted(place, "drafter", f"/objections/{number}/do/uphold", reason="经查系货款", release="99999999")
    assert wrong[0] == 422 and "经查系货款" in wrong[2]
    status, where, _ = posted(place, "drafter", f"/objections/{number}/do/uphold", reason="经查系货款", release="1000")
    assert (status, where) == (303, f"/objections/{number}")
    release = place.staff.seen(frozen).instructions[-1]
    assert (release.act, release.terms.release_fen, release.paper) == (Act.RELEASE, 100_000, Paper.DRAFT)
    page = place.page("drafter", f"/objections/{number}", "zh")
    assert "等待签批" in page and f'href="/orders/{frozen.number}"' in page and "部分成立" in page
    paper = re.search(rf"/orders/{frozen.number}/notices/([0-9a-f-]+)", page)
    assert paper is not None
    with place.browser("drafter") as client:
        for language in ("zh", "en"):
            pdf = client.post(paper[0], data={"purpose": "evidence", "language": language})
            assert pdf.content.startswith(b"%PDF")
    with place.browser("chief") as client:
        assert client.post(paper[0], data={"purpose": "evidence"}).status_code == 403


def _frozen(staff: Staffed) -> Order:
    with staff.house.act(staff.chief) as connection:
        move_case(connection, staff.case.id, CaseState.FILED, "test", staff.chief, staff.house.now())
    return in_force(staff, OrderKind.FREEZE, CARDS[1])


def test_the_drafter_is_not_offered_to_reject_and_answered_ones_go_to_the_end(place: OrderHouse, held: Order) -> None:
    number = taken(place, held)
    other = taken(place, in_force(place.staff, card=CARDS[2]))
    assert posted(place, "drafter", f"/objections/{number}/do/check", reason="调合同")[0] == 303
    page = place.page("drafter", f"/objections/{number}", "zh")
    assert "/do/reject" not in page and "不得驳回" in page and "/do/uphold" in page
    assert posted(place, "drafter", f"/objections/{number}/do/reject", reason="测试")[0] == 403
    assert posted(place, "drafter", f"/objections/{number}/do/withdraw", reason="本人撤回")[0] == 303
    lines = place.data.objections(place.staff.drafter, read_query(OBJECTIONS, {})).rows
    assert [(each.number, each.rings_at is None) for each in lines] == [(other, False), (number, True)]
    only = place.data.objections(place.staff.drafter, read_query(OBJECTIONS, {"state": "withdrawn"}))
    assert [each.number for each in only.rows] == [number]
    assert posted(place, "drafter", f"/objections/{number}/do/uphold", reason="测试")[0] == 409


def test_who_may_not_answer_sees_and_does_nothing(place: OrderHouse, held: Order) -> None:
    number = taken(place, held)
    assert "/do/" not in place.page("chief", f"/objections/{number}")
    assert posted(place, "chief", f"/objections/{number}/do/check", reason="x")[0] == 403
    assert posted(place, "second", "/objections/new", order=held.number, says="x", channel="visit")[0] == 403
    assert posted(place, "second", "/objections/find", text=CARDS[0])[0] == 403


def test_the_board_and_a_record_over_json(place: OrderHouse, held: Order) -> None:
    number = taken(place, held)
    with place.browser("drafter") as client:
        page = client.get("/api/v1/objections").json()
        one = client.get(f"/api/v1/objections/{number}")
    assert page["total"] == 1 and page["rows"][0]["number"] == number
    assert one.json()["says"] == SAYS and CARDS[0] not in one.text and "测试·甲" not in one.text


def test_the_notice_is_read_out_in_both_languages_and_recorded_as_told(place: OrderHouse, held: Order) -> None:
    path = f"/orders/{held.number}/notice"
    chinese, english = place.page("drafter", path, "zh"), place.page("drafter", f"{path}?read=en", "zh")
    for said in ("涉嫌收到电信网络诈骗资金", "有效身份证件", "尚未告知"):
        assert said in chinese, said
    for said in ("suspected of having received", "valid identity document", "In writing to", "Emergency stop"):
        assert said in english, said
    assert "测试·甲" not in chinese and CARDS[0] not in chinese
    assert posted(place, "chief", path, reason="received", channel="visit")[0] == 403
    assert posted(place, "drafter", path, reason="gossip", channel="visit")[0] == 422
    assert posted(place, "drafter", path, reason="passed_on", channel="telephone")[0] == 303
    told = place.page("drafter", path, "zh")
    assert "尚未告知" not in told and "电话" in told and "desk-officer" in told
    assert "告知当事人" in place.page("chief", f"/orders/{held.number}", "zh")
    place.staff.clock.move(timedelta(hours=48))
    place.staff.ring()
    assert place.staff.seen(held).effect is Effect.LAPSED
    with pytest.raises(Illegal):
        place.data.tell_holder(place.staff.drafter, held.number, "received", "visit")


def test_an_objection_s_clocks_stand_on_the_board_of_every_clock(place: OrderHouse, held: Order) -> None:
    number = taken(place, held)
    clocks = place.data.clocks(place.staff.drafter, read_query(CLOCKS, {})).rows
    mine = {each.clock: each.rings_at for each in clocks if each.clock.startswith("objection_")}
    told = place.data.objection(place.staff.drafter, number)
    assert set(mine) == {"objection_alarm", "objection_due"}
    assert mine["objection_due"] == told.line.due_at
    assert "objection_due" not in {each.clock for each in place.data.next_clocks(place.staff.drafter).overdue}
