"""A signed instruction has one paper: the same bytes whenever it is asked for, in the message and in the hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest

from fanzha.adapters.store.audit import entries_of as audit_entries
from fanzha.adapters.store.cases import move_case
from fanzha.adapters.store.institutions import enter_profile
from fanzha.adapters.store.officers import OfficerCard, OrganCard, keep_officer, keep_organ
from fanzha.adapters.store.order_papers import papers_of
from fanzha.adapters.store.orders import order_by_number
from fanzha.cases.case import Case, CaseState
from fanzha.kernel.clock import SetClock
from fanzha.kernel.errors import Forbidden, Illegal, Invalid, NotFound, Unavailable
from fanzha.kernel.money import fen
from fanzha.orders.deliveries import Delivery
from fanzha.orders.effects import Act, OrderKind
from fanzha.orders.order import Capacity, Order, Terms
from fanzha.wiring import order_papers
from fanzha.wiring.house import House
from fanzha.wiring.notices import take_notice
from fanzha.wiring.order_papers import take_paper, tell_person
from fanzha.wiring.orders import NewInstruction, instruct, sign
from fanzha.workflows.order_facts import Form
from tests.adapters.documents.pdf_text import pages
from tests.conftest import CITY, OTHER_COUNTY, person
from tests.registers.institutions import BANK
from tests.wiring.orders import Staffed, staffed


@pytest.fixture
def desk(house: House, clock: SetClock, case: Case) -> Staffed:
    return staffed(house, clock, case)


def taken(desk: Staffed, number: str, which: int = -1, purpose: str = "stop_payment") -> tuple[bytes, str]:
    with desk.house.act(desk.drafter) as connection:
        instruction = order_by_number(connection, number).instructions[which]
    paper = take_paper(desk.house, desk.drafter, number, instruction.id, purpose)
    return paper.pdf, "".join("".join(pages(paper.pdf)).split())


def test_the_bank_that_demands_a_paper_gets_the_one_that_is_printed(desk: Staffed) -> None:
    order = desk.signed(desk.opened())
    desk.deliver()
    (document,) = desk.bank.requests[0].documents
    assert (document.media_type, document.name) == ("application/pdf", f"{order.number}-stop_apply.pdf")
    pdf, told = taken(desk, order.number)
    assert pdf == document.content and document.sha256 == sha256(pdf).hexdigest()
    for each in ("9999990000000000017", "测试·甲", "测试·乙", "人民币肆万元整", "测试·second_officer", "演练"):
        assert each in told
    assert f"临安市公安局止付字〔2026〕{int(order.number[-6:])}号" in told


def test_a_paper_stays_as_it_was_whatever_becomes_of_the_order(desk: Staffed) -> None:
    order = desk.signed(desk.opened())
    first, _ = taken(desk, order.number)
    desk.deliver()
    extended = desk.at(
        desk.drafter, lambda at: instruct(at, order.id, NewInstruction(act=Act.EXTEND, terms=Terms(), reason="测试"))
    )
    desk.signed(extended)
    desk.deliver()
    desk.clock.move(timedelta(days=5))
    desk.ring()
    order_papers._set.cache_clear()
    assert taken(desk, order.number, 0)[0] == first
    _, second = taken(desk, order.number, 1)
    assert "自原止付期限届满时起48小时（第2次止付）" in second
    assert f"原文书临安市公安局止付字〔2026〕{int(order.number[-6:])}号" in second


def test_a_paper_stays_as_it_was_whatever_becomes_of_people_and_names(desk: Staffed) -> None:
    order = desk.signed(desk.opened())
    first, _ = taken(desk, order.number)
    city = person(CITY, 90)
    with desk.house.act(city) as connection:
        keep_organ(
            connection, OrganCard(unit_path=CITY, code="990000000001", name="改名公安局"), city, desk.house.now()
        )
        assert desk.drafter.user_id is not None
        card = OfficerCard(
            user_id=desk.drafter.user_id, unit_path=CITY, document_type="99", document_number="TEST-9", phone="0999"
        )
        keep_officer(connection, card, city, desk.house.now())
    order_papers._set.cache_clear()
    assert taken(desk, order.number)[0] == first


def test_a_freeze_whose_paper_would_lack_the_holder_is_refused_before_anybody_signs(desk: Staffed) -> None:
    with desk.house.act(desk.drafter) as connection:
        move_case(connection, desk.case.id, CaseState.FILED, "test", desk.drafter, desk.house.now())
    plain = replace(BANK, demands=())
    with desk.house.act(person(CITY, 90)) as connection:
        enter_profile(connection, plain, person(CITY, 90), "test", desk.house.now(), unit=CITY)
    with pytest.raises(Invalid, match=r"orders\.holder_missing"):
        desk.opened(OrderKind.FREEZE, holder="")


def test_a_second_order_on_the_account_tells_that_it_is_the_second_stop(desk: Staffed) -> None:
    desk.signed(desk.opened())
    desk.deliver()
    again = desk.signed(desk.opened())
    assert "（第2次止付）" in taken(desk, again.number)[1]


def test_a_freeze_tells_when_the_case_was_filed(desk: Staffed) -> None:
    with desk.house.act(desk.drafter) as connection:
        move_case(connection, desk.case.id, CaseState.FILED, "test", desk.drafter, desk.house.now())
    order = desk.signed(desk.opened(OrderKind.FREEZE))
    _, told = taken(desk, order.number, purpose="evidence")
    assert "立案侦查的" in told and "人民币肆万元整" in told and "冻结不及于孳息" in told


def test_what_prolongs_or_ends_a_freeze_names_the_paper_by_which_it_stands(desk: Staffed) -> None:
    with desk.house.act(desk.drafter) as connection:
        move_case(connection, desk.case.id, CaseState.FILED, "test", desk.drafter, desk.house.now())
    desk.bank.told = {"frozen_fen": 2_500_000}
    freeze = desk.signed(desk.opened(OrderKind.FREEZE))
    desk.deliver()
    part = instructed(desk, freeze, Act.RELEASE, Terms(release_fen=fen(500_000)), released_fen=500_000)
    assert desk.seen(freeze).holding_fen == 2_000_000
    renewal = instructed(desk, part, Act.RENEW, Terms(months=6))
    refused = instructed(desk, renewal, Act.RENEW, Terms(months=6), result="0801")
    number = int(freeze.number[-6:])
    for which, earlier in (
        (1, f"冻财字〔2026〕{number}号"),
        (2, f"冻财字〔2026〕{number}号"),
        (3, f"冻财字〔2026〕{number}-2号"),
    ):
        told = taken(desk, refused.number, which)[1]
        assert f"原文书临安市公安局{earlier}" in told, (which, told)


def test_a_renewal_that_its_bank_never_carried_out_is_no_paper_by_which_the_freeze_stands(desk: Staffed) -> None:
    with desk.house.act(desk.drafter) as connection:
        move_case(connection, desk.case.id, CaseState.FILED, "test", desk.drafter, desk.house.now())
    desk.bank.told = {"frozen_fen": 2_500_000}
    freeze = desk.signed(desk.opened(OrderKind.FREEZE))
    desk.deliver()
    desk.bank.loses.extend([Unavailable("institutions.silent")] * 40)
    unheard = instructed(desk, desk.seen(freeze), Act.RENEW, Terms(months=6))
    for _ in range(20):
        desk.clock.move(timedelta(minutes=10))
        desk.deliver()
    assert desk.seen(unheard).instructions[-1].delivery is Delivery.DEAD
    desk.bank.loses.clear()
    again = instructed(desk, unheard, Act.RELEASE, Terms(release_fen=fen(500_000)), released_fen=500_000)
    assert f"原文书临安市公安局冻财字〔2026〕{int(freeze.number[-6:])}号" in taken(desk, again.number)[1]


def instructed(desk: Staffed, order: Order, act: Act, terms: Terms, **told: Any) -> Order:
    """The order after one more instruction, answered by the bank."""
    desk.bank.told, desk.bank.result = told, told.pop("result", "0000")
    new = NewInstruction(act=act, terms=terms, reason="test")
    drafted = desk.at(desk.drafter, lambda at: instruct(at, order.id, new))
    latest = drafted.instructions[-1]
    if latest.missing == (Capacity.COUNTY_CHIEF,):
        desk.at(desk.chief, lambda at: sign(at, order.id, latest.id))
    else:
        desk.signed(drafted)
    desk.deliver()
    return desk.seen(order)


def test_who_takes_a_paper_may_and_says_what_for(desk: Staffed) -> None:
    order = desk.signed(desk.opened())
    instruction = order.instructions[-1].id
    for actor in (desk.second, desk.chief):
        with pytest.raises(Forbidden):
            take_paper(desk.house, actor, order.number, instruction, "evidence")
    with pytest.raises(NotFound):
        take_paper(desk.house, person(OTHER_COUNTY, 7), order.number, instruction, "evidence")
    with pytest.raises(Invalid):
        take_paper(desk.house, desk.drafter, order.number, instruction, "curiosity")
    taken(desk, order.number, purpose="evidence")
    with desk.house.act(person(CITY, 90)) as connection:
        (mark,) = [
            each
            for each in audit_entries(connection, "order", str(order.id), 50)
            if each.act.action == "order.paper_taken"
        ]
    assert (mark.act.purpose, mark.actor_name) == ("evidence", desk.drafter.name)


def test_what_is_not_signed_has_no_paper(desk: Staffed) -> None:
    order = desk.opened()
    with pytest.raises(Illegal, match=r"papers\.not_signed"):
        take_paper(desk.house, desk.drafter, order.number, order.instructions[-1].id, "evidence")


def test_whom_an_order_restricts_is_told_why_where_to_object_and_with_what(desk: Staffed) -> None:
    order = desk.signed(desk.opened())
    with pytest.raises(Illegal, match=r"orders\.not_in_force"):
        take_notice(desk.house, desk.drafter, order.number, "账户收到涉诈资金", "evidence")
    desk.deliver()
    paper = take_notice(desk.house, desk.drafter, order.number, "账户收到涉诈资金", "evidence")
    told = "".join("".join(pages(paper.pdf)).split())
    assert "测试·甲：因办理电信网络诈骗案件需要，对你（单位）采取了紧急止付措施" in told
    for each in (
        "账户收到涉诈资金",
        "向临安市公安局书面提出",
        "1.本人有效身份证件",
        "0999-1200002",
        "原文书临安市公安局止付字",
    ):
        assert each in told
    assert "测试·乙" not in told and "desk_officer" not in told
    assert paper.file_name == f"{order.number}-holder_notice.pdf"
    with pytest.raises(Forbidden):
        take_notice(desk.house, desk.chief, order.number, "测试", "evidence")


def test_every_notice_and_answer_is_kept_under_a_number_of_its_own(desk: Staffed) -> None:
    order = desk.signed(desk.opened())
    desk.deliver()
    serial = int(order.number[-6:])
    for _ in range(2):
        desk.clock.move(timedelta(minutes=1))
        take_notice(desk.house, desk.drafter, order.number, "账户收到涉诈资金", "evidence")
    forms = (Form.OBJECTION_REJECTED, Form.OBJECTION_IN_PART, Form.OBJECTION_UPHELD)
    for form in forms:
        desk.clock.move(timedelta(minutes=1))
        desk.at(desk.drafter, lambda at, form=form: tell_person(at, at.order(order.id), form, "资金来源合法")[0])  # type: ignore[misc]
    with desk.house.act(desk.drafter) as connection:
        kept = papers_of(connection, order.id)
        order_papers._set.cache_clear()
        for each in kept:
            assert order_papers.set_again(desk.house, connection, each).sha256 == each.sha256
    numbers = [each.number.removeprefix("临安市公安局") for each in kept]
    assert numbers == [
        f"止付字〔2026〕{serial}号",
        f"告字〔2026〕{serial}号",
        f"告字〔2026〕{serial}-2号",
        f"异复字〔2026〕{serial}号",
        f"异复字〔2026〕{serial}-2号",
        f"异复字〔2026〕{serial}-3号",
    ]
    assert [each.form for each in kept[3:]] == list(forms)
