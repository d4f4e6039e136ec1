"""Orders in the console: tables, record, what each person may do, and what an act says before it is done."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest

from fanzha.adapters.store.audit import entries_of as audit_entries
from fanzha.adapters.store.cases import move_case
from fanzha.adapters.store.orders import order_by_number
from fanzha.adapters.store.roles import every_permission
from fanzha.apps.web import rendering
from fanzha.apps.web.pages.clocks import CLOCKS
from fanzha.apps.web.views.new_order import AskedOrder
from fanzha.apps.web.views.tables import read_query
from fanzha.apps.web.wired.answers import endings_of
from fanzha.cases.case import Case, CaseState
from fanzha.i18n import LANGUAGES, Language, catalogue
from fanzha.i18n.sentences import error_text
from fanzha.kernel.clock import SetClock
from fanzha.kernel.errors import Forbidden, Invalid
from fanzha.orders.clocks import ClockKind
from fanzha.orders.effects import Effect, OrderKind
from fanzha.orders.order import Order
from fanzha.protocol.codes import KNOWN
from fanzha.registers.institutions import ConnectorKind
from fanzha.wiring.house import House
from tests.adapters.documents.pdf_text import pages
from tests.apps.web.order_house import CARDS, OrderHouse, blocked, fill, order_house, with_carrier
from tests.registers.institutions import BANK
from tests.wiring.orders import resident


@pytest.fixture
def place(house: House, clock: SetClock, case: Case, tmp_path: Path) -> OrderHouse:
    return order_house(house, clock, case, tmp_path)


@pytest.fixture
def made(place: OrderHouse) -> dict[str, Order]:
    return fill(place)


def test_every_result_of_the_catalogue_is_said_in_both_languages() -> None:
    for code in KNOWN:
        assert f"words.result.{code}" in catalogue("zh") and f"words.result.{code}" in catalogue("en")


def test_the_table_lists_masked_and_narrows(place: OrderHouse, made: dict[str, Order]) -> None:
    whole = place.page("drafter", "/orders")
    assert all(each.number in whole for each in made.values())
    assert not any(card in whole for card in CARDS)
    stops = place.page("drafter", "/orders?kind=stop&effect=held")
    assert made["fresh"].number in stops and made["frozen"].number not in stops
    waiting = place.page("drafter", "/orders?waits=signature&institution=test-bank")
    assert made["draft"].number in waiting and made["fresh"].number not in waiting
    of_case = place.page("drafter", f"/cases/{place.staff.case.ref}/orders?kind=query")
    assert made["query"].number in of_case and made["draft"].number not in of_case
    assert "data-until" in whole


def test_the_record_tells_everything_in_words(place: OrderHouse, made: dict[str, Order]) -> None:
    told = place.page("drafter", f"/orders/{made['refused'].number}", "zh")
    for said in ("户名与账号不符", "0301", "起草", "签批", "发出", "机构反馈", "测试·second_officer", "须人工处理"):
        assert said in told, said
    assert "second-officer" not in told, "colleagues are called by their names"
    assert "测试·甲" not in told and CARDS[2] not in told
    held = place.page("chief", f"/orders/{made['fresh'].number}")
    assert "¥40,000.00" in held and "¥25,000.00" in held and "47:" not in held.partition("data-until")[0]


def test_a_draft_says_what_it_will_do_before_it_is_signed(place: OrderHouse, made: dict[str, Order]) -> None:
    told = place.page("second", f"/orders/{made['draft'].number}", "zh")
    for said in ("将要发生", "整个账户只收不付", "银发〔2016〕86号", "2026-03-06 01:30", "随时可以解除"):
        assert said in told, said
    assert 'data-press="s"' in told
    assert 'data-press="s"' not in place.page("drafter", f"/orders/{made['draft'].number}")
    assert 'data-press="s"' not in place.page("chief", f"/orders/{made['draft'].number}")


def _instruction(place: OrderHouse, order: Order) -> str:
    return str(place.staff.seen(order).instructions[-1].id)


def test_signing_takes_one_press_and_nobody_signs_their_own(place: OrderHouse, made: dict[str, Order]) -> None:
    order = made["draft"]
    sent = {"instruction": _instruction(place, order), "quick": "1"}
    for login, expected in (("drafter", 403), ("chief", 403), ("second", 303), ("second", 303)):
        with place.browser(login) as client:
            answer = client.post(f"/orders/{order.number}/do/sign", data=sent)
        assert answer.status_code == expected, (login, answer.text)
    signed = place.staff.seen(order)
    assert signed.effect is Effect.APPROVED and len(signed.instructions[0].signatures) == 1


def test_release_is_as_quick_as_the_stop_was(place: OrderHouse, made: dict[str, Order]) -> None:
    order = made["fresh"]
    form = place.page("drafter", f"/orders/{order.number}/do/lift", "zh")
    assert "账户恢复支付" in form and "复核民警" in form
    with place.browser("drafter") as client:
        assert client.post(f"/orders/{order.number}/do/lift", data={"reason": "测试:误止付"}).status_code == 303
    with place.browser("second") as client:
        sent = {"instruction": _instruction(place, order), "quick": "1"}
        assert client.post(f"/orders/{order.number}/do/sign", data=sent).status_code == 303
    place.staff.deliver()
    assert place.staff.seen(order).effect is Effect.LIFTED


def test_a_form_sent_twice_drafts_once_and_errors_keep_what_was_typed(place: OrderHouse) -> None:
    order = place.staff.signed(place.staff.opened(OrderKind.STOP))
    place.staff.deliver()
    with place.browser("drafter", "zh") as client:
        sent = {"reason": "测试:须再查", "key": "k1"}
        for _ in range(2):
            assert client.post(f"/orders/{order.number}/do/extend", data=sent).status_code == 303
        assert len(place.staff.seen(order).instructions) == 2
        other = client.post(f"/orders/{order.number}/do/cancel", data={"instruction": "x", "reason": "测试:留下"})
        assert other.status_code == 404
        wrong = client.post(
            f"/orders/{order.number}/do/cancel", data={"instruction": _instruction(place, order), "reason": " "}
        )
        assert wrong.status_code == 422 and "<form" in wrong.text


@pytest.mark.parametrize("act", ["unrelated", "renew", "nonsense", "sign"])
def test_what_may_not_be_done_is_not_offered(place: OrderHouse, made: dict[str, Order], act: str) -> None:
    with place.browser("drafter") as client:
        assert client.get(f"/orders/{made['draft'].number}/do/{act}").status_code in (404, 409)


def test_why_an_order_waits_is_a_sentence_also_where_it_was_kept_as_the_code_of_an_error() -> None:
    for lang, said in (("zh", "请管理员登记"), ("en", "Ask an administrator")):
        context = rendering.environment().from_string("").new_context({"lang": lang})
        assert said in rendering.word(context, "words.order_note", "orders.no_officer_card")
        assert rendering.word(context, "words.order_note", "of_tomorrow") == "of_tomorrow"
        kept_as_a_code = rendering.word(context, "words.order_note", "orders.papers_first")
        assert "{" not in kept_as_a_code and kept_as_a_code.startswith("…"), "nobody kept which institution it was"


@pytest.mark.parametrize("language", LANGUAGES)
def test_whoever_is_called_by_a_clock_is_told_in_words_what_to_do(language: Language) -> None:
    words = catalogue(language)
    for kind in [*(each.value for each in ClockKind), "share"]:
        assert f"words.clock.{kind}" in words and f"words.clock_do.{kind}" in words


def test_the_queue_is_what_one_may_sign(place: OrderHouse, made: dict[str, Order]) -> None:
    second, chief, drafter = (place.page(login, "/sign") for login in ("second", "chief", "drafter"))
    assert made["draft"].number in second and made["query"].number in second
    assert made["draft"].number not in chief and made["frozen"].number in chief
    assert 'data-press="s"' not in drafter
    waiting = place.data.waiting(place.staff.second)
    assert waiting.to_sign == len(place.data.to_sign(place.staff.second)) == 3
    assert place.data.waiting(place.staff.drafter).to_sign == 0 < place.data.waiting(place.staff.drafter).to_see


def test_the_board_shows_what_rings_next_and_what_rang(place: OrderHouse, made: dict[str, Order]) -> None:
    lines = place.data.clocks(place.staff.drafter, read_query(CLOCKS, {})).rows
    assert [each.rings_at for each in lines] == sorted(each.rings_at for each in lines)
    assert {each.clock for each in lines} >= {"lapse", "renew", "release", "sign", "decide"}
    board = place.page("drafter", "/clocks?clock=lapse", "zh")
    assert "到期失效" in board and made["held"].number in board and not any(card in board for card in CARDS)
    place.staff.clock.move(timedelta(minutes=11))
    home = place.page("drafter", "/", "zh")
    assert "已超时" in home and "desk-officer" in home and "超时 0:01:00" in home
    place.staff.ring()
    assert "今日已提醒" in place.page("chief", "/clocks", "zh") and place.data.rang_today(place.staff.chief)


def test_the_same_over_json_each_act_once(place: OrderHouse) -> None:
    told = {
        "key": "k1", "case": place.staff.case.ref, "kind": "stop", "institution": "test-bank", "reason": "测试",
        "number": CARDS[0], "sure": CARDS[0][-4:], "holder": "测试·甲", "amount_fen": 4_000_000,
        "paid_at": "2026-03-02T09:10:00+08:00",
    }  # fmt: skip
    with place.browser("drafter") as client:
        first, second = (client.post("/api/v1/orders", json=told) for _ in range(2))
        assert (first.status_code, second.status_code) == (201, 201), first.text
        number, which = first.json()["line"]["number"], first.json()["instructions"][0]["id"]
        assert second.json()["line"]["number"] == number and CARDS[0] not in first.text
        assert client.get("/api/v1/orders").json()["total"] == 1
        for wrong in ({"amount_fen": 1.5}, {"amount_fen": -1}, {"paid_at": "2026-03-02T09:10:00"}, {"more": 1}):
            assert client.post("/api/v1/orders", json={**told, **wrong, "key": "k2"}).status_code == 422
        path = f"/api/v1/orders/{number}/instructions"
        assert client.post(f"{path}/{which}/signature").status_code == 403
    with place.browser("second") as client:
        signed = [client.post(f"{path}/{which}/signature") for _ in range(2)]
        assert [each.status_code for each in signed] == [200, 200]
        assert signed[1].json()["line"]["effect"] == "approved"
        assert client.post(f"{path}/{which}/rejection", json={"reason": "x"}).status_code == 409
    place.staff.deliver()
    with place.browser("drafter") as client:
        lift = {"key": "k3", "act": "lift", "reason": "测试"}
        drafts = [client.post(path, json=lift) for _ in range(2)]
        assert [len(each.json()["instructions"]) for each in drafts] == [2, 2]
        latest = drafts[0].json()["instructions"][0]["id"]
        assert client.post(f"{path}/{latest}/cancellation", json={"reason": "测试"}).status_code == 200


def test_papers_lie_with_the_order_and_say_what_they_are(place: OrderHouse, made: dict[str, Order]) -> None:
    signed, draft = made["fresh"], made["draft"]
    told = place.page("drafter", f"/orders/{signed.number}", "zh")
    (paper,) = place.data.order(place.staff.drafter, signed.number).papers
    assert not paper.is_draft and paper.sha256[:16] in told and paper.number in told
    for login, order, status in (
        ("drafter", signed, 200), ("second", signed, 403), ("second", draft, 200), ("drafter", draft, 200),
    ):  # fmt: skip
        which = place.data.order(place.staff.drafter, order.number).papers[0]
        with place.browser(login) as client:
            path = f"/orders/{order.number}/papers/{which.id}"
            taken = client.post(path, data={"purpose": "case_work"})
            assert taken.status_code == status, (login, taken.text[:200])
            assert client.post(path, data={"purpose": ""}).status_code == 422
        if status == 200:
            assert ("未经签批" in "".join(pages(taken.content))) is which.is_draft
            assert taken.headers["content-disposition"].endswith('.pdf"') and order.number in str(taken.headers)
            assert which.is_draft or sha256(taken.content).hexdigest() == which.sha256
    with place.staff.house.act(place.staff.chief) as connection:
        actions = [each.act.action for each in audit_entries(connection, "order", str(draft.id), 50)]
    assert actions.count("order.draft_taken") == 2


def test_an_answer_by_telephone_is_told_on_the_page(place: OrderHouse, made: dict[str, Order]) -> None:
    order = made["waiting"]
    which = place.data.order(place.staff.drafter, order.number).instructions[0].id
    path = f"/orders/{order.number}/answers/{which}"
    form = place.page("drafter", path, "zh")
    assert "实际控制金额" in form and "办理成功 0000" in form and "户名与账号不符 0301" in form
    with place.browser("drafter", "zh") as client:
        kept = client.put(f"/cases/{place.staff.case.ref}/snapshots", content=b"a fax").json()["sha256"]
        at = (place.staff.house.now() + timedelta(hours=8)).strftime("%Y-%m-%dT%H:%M")
        whole = {
            "result": "0000", "held": "25,000.00", "balance": "25000", "by": "测试·柜员", "way": "telephone",
            "at": at, "reference": "T-7", "evidence": kept, "starts_at": at,
        }  # fmt: skip
        wrong = (
            ({"held": "2.555"}, "最多两位小数"), ({"held": "25000.01"}, "最多 ¥25,000.00"), ({"at": ""}, "日期和时间"),
            ({"at": "2031-01-01T10:00"}, "晚于当前时间"), ({"evidence": "ab" * 32}, "请上传"), ({"by": ""}, "答复人"),
            ({"result": "4711"}, "4711"), ({"at": "soon"}, "2026-11-22 10:30"),
        )  # fmt: skip
        for change, said in wrong:
            refused = client.post(path, data=whole | change)
            assert refused.status_code == 422 and said in refused.text, (
                change,
                re.findall(r"role=\"alert\"[^>]*>.*?</[a-z]+>[^<]*", refused.text),
            )
            assert 'value="T-7"' in refused.text, "what was typed stays"
            assert not any(raw in refused.text for raw in ("筛选条件", "“held”"))
        assert place.staff.seen(order).effect is Effect.APPROVED
        assert client.post(path, data=whole).status_code == 303
        assert client.post(path, data=whole).status_code == 409
    assert place.staff.seen(order).effect is Effect.HELD and place.staff.seen(order).holding_fen == 2_500_000
    told = place.page("drafter", f"/orders/{order.number}", "zh")
    assert "电话答复：测试·柜员" in told and "机构文号 T-7" in told


def test_a_bank_s_clerk_sees_where_to_answer_and_what_a_paper_is_usually_for(
    place: OrderHouse, made: dict[str, Order]
) -> None:
    order = made["waiting"]
    place.doors.actors["resident"] = resident(place.staff.house, BANK.name)
    told = place.page("resident", "/seat", "zh")
    assert f'href="/seat/{order.number}/{order.instructions[-1].id}">登记答复' in told
    assert '<option value="stop_payment" selected>' in told
    assert '<option value="case_work" selected>' not in told
    with place.browser("resident", "zh") as client:
        assert client.get("/search").status_code == 403, "what they may not search is not offered either"
        form = client.get(f"/seat/{order.number}/{order.instructions[-1].id}").text
    assert "data-quick-send" in form and "<kbd>Ctrl ⏎</kbd>" in form


@pytest.mark.parametrize(("language", "told"), [("zh", "按纸质文书办理"), ("en", "act on the paper form")])
def test_a_bank_without_a_line_is_told_to_work_on_paper_and_not_that_it_cannot_be_reached(
    house: House, clock: SetClock, case: Case, tmp_path: Path, language: str, told: str
) -> None:
    on_paper = replace(BANK, connector=ConnectorKind.PAPER, endpoint=None)
    place = order_house(house, clock, case, tmp_path, on_paper)
    place.staff.signed(place.staff.opened())
    place.staff.deliver()
    place.doors.actors["resident"] = resident(house, BANK.name)
    page = place.page("resident", "/seat", language)
    assert told in page and not any(each in page for each in ("联系不上", "No way through", 'data-state="dead"'))


def test_of_a_blocked_number_nobody_says_that_its_money_was_stopped() -> None:
    offered = {kind: {code for _, codes in endings_of(kind) for code, _ in codes} for kind in OrderKind}
    of_money = {"0200", "0303", "1200", "1301", "1304"}
    assert {"0000", "0300"} <= offered[OrderKind.BLOCK] and offered[OrderKind.BLOCK].isdisjoint(of_money)
    assert of_money <= offered[OrderKind.STOP]


def test_an_order_put_right_keeps_its_payment_and_no_telephone_becomes_an_account(place: OrderHouse) -> None:
    staff, data = place.staff, place.data
    with staff.house.act(staff.chief) as connection:
        move_case(connection, staff.case.id, CaseState.FILED, "test", staff.chief, staff.house.now())
    paid = staff.new().payment
    assert paid is not None
    paid = replace(paid, payer_institution=BANK.name)
    frozen = staff.opened(OrderKind.FREEZE, number=CARDS[8], limit_fen=1_000_000, payment=paid)
    ref, drafter = staff.case.ref, staff.drafter
    form = place.page("drafter", f"/orders/new?case={ref}&before={frozen.number}&kind=stop")
    assert frozen.requested_fen == 1_000_000 and re.search('name="amount"[^>]*placeholder="[^"]*40,000.00', form)
    asked = AskedOrder(case=ref, kind="stop", institution=BANK.name, reason="测试:更正", before=frozen.number)
    number = data.open_new_order(drafter, asked)
    with staff.house.act(drafter) as connection:
        stop = order_by_number(connection, number)
    assert frozen.payment is not None and frozen.payment.payer_institution is not None
    assert (stop.requested_fen, stop.payment) == (4_000_000, frozen.payment)
    with_carrier(place)
    with pytest.raises(Invalid, match=r"orders\.number_missing"):
        data.open_new_order(drafter, replace(asked, before=blocked(place).number))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_refusal_names_what_is_missing_in_words_for_every_permission_there_is(language: Language) -> None:
    for permission in every_permission():
        told = error_text(language, Forbidden("access.not_permitted", permission=permission))
        assert catalogue(language)[f"words.permission.{permission}"] in told and permission not in told
