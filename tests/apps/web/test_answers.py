"""What institutions told, as people see it: on the order, among the case's files, beside the trace; nobody in full."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from fanzha.cases.case import Case
from fanzha.kernel.clock import SetClock
from fanzha.orders.order import Order
from fanzha.protocol.answer import Answer
from fanzha.wiring.house import House
from tests.apps.web.order_house import HOLDER, OrderHouse, order_house
from tests.apps.web.order_house import told as answered
from tests.wiring.answers import MULE, ledger
from tests.wiring.statement import CARD, PAYER


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """An order whose answer told two lines, a holder and a balance."""

    place: OrderHouse
    order: Order
    said: Answer

    @property
    def base(self) -> str:
        return f"/cases/{self.place.staff.case.ref}"


@pytest.fixture
def told(house: House, clock: SetClock, case: Case, tmp_path: Path) -> Told:
    place = order_house(house, clock, case, tmp_path)
    order, said = answered(place)
    return Told(place=place, order=order, said=said)


def test_the_order_opens_the_movements_that_came_with_its_answer(told: Told) -> None:
    page = told.place.page("drafter", f"/orders/{told.order.number}", "zh")
    assert "2 笔流水随此反馈而来" in page and "与案件所记户名不符" in page and "¥880.00" in page
    (opened,) = re.findall(r'href="(/cases/[^"]*/movements\?import=[^"]*)"', page)
    rows = told.place.page("drafter", opened)
    assert "¥50,000.00" in rows and "¥49,000.00" in rows
    other = told.place.page("drafter", f"{told.base}/movements?import=none")
    assert "¥50,000.00" not in other


def test_files_list_answers_and_a_movements_evidence_names_them(told: Told) -> None:
    files = told.place.page("drafter", told.base, "zh")
    assert f"反馈于 {told.order.number}" in files and told.said.answer_id in files
    first = ledger(told.place.staff).told(0)
    evidence = told.place.page("drafter", f"{told.base}/movements/{first.id}")
    assert told.said.answer_id in evidence and told.order.number in evidence


def test_nobody_is_shown_in_full(told: Told) -> None:
    first = ledger(told.place.staff).told(0)
    paths = (f"/orders/{told.order.number}", told.base, f"{told.base}/movements", f"{told.base}/movements/{first.id}")
    for path in paths:
        page = told.place.page("drafter", path)
        for secret in (CARD, PAYER, MULE, HOLDER.name, str(HOLDER.document_number), "测试·丙"):
            assert secret not in page, (path, secret)


def test_the_banks_word_stands_beside_the_trace(told: Told) -> None:
    first = ledger(told.place.staff).told(0)
    page = told.place.page("drafter", f"{told.base}/trace/holdings?from={first.id}", "zh")
    assert "银行称余额" in page and "¥880.00" in page and "¥1,000.00" in page
