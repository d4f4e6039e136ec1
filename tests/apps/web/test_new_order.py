"""Opening an order: what the case knows is filled in, what is wrong is said at its field, nothing typed is lost."""

from __future__ import annotations

import re
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest

from fanzha.adapters.store.cases import move_case
from fanzha.adapters.store.orders import OrderQuery, list_orders
from fanzha.apps.web.pages.movements import MOVEMENTS
from fanzha.apps.web.views.tables import read_query
from fanzha.cases.case import Case, CaseState
from fanzha.kernel.clock import SetClock
from fanzha.kernel.units import Actor
from fanzha.orders.effects import OrderKind
from fanzha.orders.order import Order
from fanzha.wiring.house import House
from fanzha.wiring.statements import import_files
from tests.apps.web.order_house import CARRIER, OrderHouse, order_house, with_carrier
from tests.registers.institutions import BANK
from tests.security.conftest import CARD, HEADER, PAYER, ROWS

STOP = {
    "kind": "stop",
    "institution": "test-bank",
    "number": "9999990000000000014",
    "holder": "测试·甲",
    "amount": "40000",
    "paid_at": "2026-03-02T09:10",
    "payer": "9999990000000000025",
    "reason": "测试:受害人转账",
}

BLOCK = {"kind": "block", "target_kind": "phone", "number": "+86 120 1234 5678", "days": "30", "reason": "冒充客服来电"}


@pytest.fixture
def place(house: House, clock: SetClock, case: Case, tmp_path: Path) -> OrderHouse:
    return order_house(house, clock, case, tmp_path)


def _sent(place: OrderHouse, told: dict[str, str], login: str = "drafter") -> tuple[int, str, str]:
    with place.browser(login, "zh") as client:
        answer = client.post("/orders/new", data={"case": place.staff.case.ref, **told})
    return answer.status_code, answer.headers.get("location", ""), answer.text


def _orders(place: OrderHouse) -> list[Order]:
    with place.staff.house.act(place.staff.drafter) as connection:
        return list_orders(connection, OrderQuery())[1]


def test_a_stop_is_opened_once_however_often_the_form_is_sent(place: OrderHouse) -> None:
    first, second = (_sent(place, {**STOP, "key": "k1"}) for _ in range(2))
    assert first[:2] == second[:2] and first[0] == 303
    made = _orders(place)
    assert len(made) == 1 and made[0].payment is not None and made[0].payment.amount_fen == 4_000_000
    assert _sent(place, {**STOP, "key": "k1", "kind": "freeze", "limit": "1", "months": "6"})[0] == 409


@pytest.mark.parametrize(
    ("changed", "field", "said"),
    [
        ({"amount": "0"}, "amount", "转账金额须大于零"),
        ({"amount": "约4万"}, "amount", ""),
        ({"paid_at": "2026-03-03T09:10"}, "paid_at", "晚于当前时间"),
        ({"paid_at": ""}, "amount", "止付须写明"),
        ({"holder": ""}, "holder", "要求填写户名"),
        ({"institution": "no-such-bank"}, "institution", ""),
        ({"institution": ""}, "institution", ""),
        ({"number": "9999"}, "number", ""),
        ({"reason": " "}, "reason", "事由须填写"),
        ({"kind": "freeze", "limit": ""}, "limit", ""),
        ({**BLOCK, "institution": "test-carrier"}, "evidence", "证据"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(place: OrderHouse, changed: dict[str, str], field: str, said: str) -> None:
    with place.staff.house.act(place.staff.chief) as connection:
        move_case(connection, place.staff.case.id, CaseState.FILED, "test", place.staff.chief, place.staff.house.now())
    with_carrier(place)
    told = {**STOP, **changed}
    status, _, page = _sent(place, told)
    assert status in (404, 409, 422), status
    assert f'id="{field}-trouble"' in page, page
    assert said in page
    kept = {name: each for name, each in told.items() if name in ("number", "payer", "reason") and each.strip()}
    assert all(each in page for each in kept.values())
    assert _orders(place) == []


def test_a_wrong_digit_is_doubted_once(place: OrderHouse) -> None:
    wrong = {**STOP, "number": "9999990000000000018"}
    status, _, page = _sent(place, wrong)
    assert status == 422 and "校验位" in page and "9999990000000000018" in page
    sure = re.search(r'name="sure" value="(\d+)"', page)
    assert sure is not None
    assert _sent(place, {**wrong, "sure": sure[1]})[0] == 303


def test_who_may_not_draft_gets_no_form(place: OrderHouse) -> None:
    assert _sent(place, STOP, "second")[0] == 403
    with place.browser("chief") as client:
        assert client.get(f"/orders/new?case={place.staff.case.ref}").status_code == 403


def test_what_the_case_knows_needs_no_typing_and_is_never_clear(place: OrderHouse, tmp_path: Path) -> None:
    staff = place.staff
    importer = Actor(user_id=None, name="cli:test", scope=staff.drafter.scope, permissions=staff.drafter.permissions)
    (tmp_path / "a.csv").write_text(HEADER + ROWS, "utf-8")
    import_files(staff.house, importer, staff.case.ref, [tmp_path / "a.csv"])
    staff.clock.at = staff.clock.at.replace(day=3)
    line = place.data.movements(staff.drafter, staff.case.ref, read_query(MOVEMENTS, {})).rows[0]
    form = place.page("drafter", f"/orders/new?case={staff.case.ref}&movement={line.id}&kind=stop", "zh")
    assert CARD not in form and PAYER not in form and "¥50,000.00" in form
    told = {"kind": "stop", "institution": BANK.name, "movement": line.id, "reason": "测试"}
    assert _sent(place, told)[0] == 303
    made = _orders(place)[0]
    assert made.kind is OrderKind.STOP and made.payment is not None and made.payment.payer is not None
    assert line.payee is not None and f"{made.target.subject:016x}" == line.payee.key
    assert f"movement={line.id}" in place.page("drafter", f"/cases/{staff.case.ref}/movements/{line.id}")


def test_a_block_rests_on_a_snapshot_that_lies_sealed(place: OrderHouse) -> None:
    staff, body = place.staff, b"<html>a site that is not real</html>"
    with place.browser("drafter") as client:
        kept = client.put(f"/cases/{staff.case.ref}/snapshots", content=body).json()["sha256"]
        assert client.put(f"/cases/{staff.case.ref}/snapshots", content=b"").status_code == 422
    with place.browser("second") as client:
        assert client.put(f"/cases/{staff.case.ref}/snapshots", content=body).status_code == 403
    lying = [each for each in (staff.house.evidence / "kept").rglob("*") if each.is_file()]
    assert [each.stem for each in lying] == [kept] and body not in lying[0].read_bytes()
    block = {"kind": "block", "target_kind": "site", "number": "a.example", "days": "30", "reason": "测试"}
    status, _, page = _sent(place, {**block, "institution": BANK.name, "evidence": kept})
    assert status == 409 and "institution-trouble" in page  # a bank blocks no sites
    other = replace(staff.case, ref="C2026-999999")
    with place.browser("drafter") as client:
        assert client.put(f"/cases/{other.ref}/snapshots", content=body).status_code == 404


SEEN = "来电自称客服,要求共享屏幕"


def test_evidence_told_in_words_is_kept_and_whoever_signs_sees_it(place: OrderHouse) -> None:
    with_carrier(place)
    told = {**BLOCK, "institution": CARRIER.name, "evidence_words": SEEN}
    status, _, page = _sent(place, told)
    assert status == 303, page
    (order,) = _orders(place)
    evidence = sha256(SEEN.encode()).hexdigest()
    assert order.instructions[0].terms.evidence == evidence
    shown = place.page("second", f"/orders/{order.number}", "zh")
    assert evidence in shown and "取出证据原件" in shown and SEEN not in shown
    with place.browser("second") as client:
        assert client.post(f"/orders/{order.number}/evidence", data={"purpose": ""}).status_code == 422
        taken = client.post(f"/orders/{order.number}/evidence", data={"purpose": "evidence"})
    assert taken.content.decode() == SEEN and taken.headers["content-type"].startswith("text/plain")
    assert taken.headers["content-disposition"] == f'attachment; filename="{order.number}-evidence.txt"'
    assert taken.headers["cache-control"] == "no-store" and taken.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"number": "110"}, "应急号码"),
        ({"target_kind": "site", "number": "www.gov.cn"}, "政府网站"),
        ({"target_kind": "site", "number": "github.io"}, "公共后缀"),
        ({"target_kind": "site", "number": "weibo.com"}, "众多用户共用"),
        ({"target_kind": "site", "number": "bad.example/kefu"}, "整个域名"),
    ],
)
def test_what_is_never_blocked_is_said_at_its_field(place: OrderHouse, changed: dict[str, str], said: str) -> None:
    with_carrier(place)
    told = {**BLOCK, "institution": CARRIER.name, "evidence_words": SEEN, **changed}
    status, _, page = _sent(place, told)
    assert status in (409, 422) and 'id="number-trouble"' in page and said in page
    assert SEEN in page, "nothing is lost"
    assert _orders(place) == []


def test_who_does_not_block_numbers_is_not_offered_for_it(place: OrderHouse) -> None:
    with_carrier(place)
    form = place.page("drafter", f"/orders/new?case={place.staff.case.ref}&kind=block")
    does = dict(re.findall(r'<option value="(test-[^"]+)" data-does="([^"]*)"', form))
    assert does[CARRIER.name] == "block"
    assert "stop" in does[BANK.name].split() and "block" not in does[BANK.name].split()


def test_what_was_begun_about_one_number_does_not_come_back_in_the_form_about_another(place: OrderHouse) -> None:
    told = {"case": place.staff.case.ref, **BLOCK, "institution": "no-such-bank"}
    kept = []
    with place.browser("drafter", "zh") as client:
        for contact in ("I2026-000001-0", "I2026-000001-1"):
            page = client.post("/orders/new", data={**told, "contact": contact}).text
            kept += re.findall(r'data-keep="(order-new[^"]*)"', page)
    assert len(set(kept)) == 2
