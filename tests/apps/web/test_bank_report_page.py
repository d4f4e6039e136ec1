"""What a bank's own report tells stands where the officer looks."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from fanzha.cases.case import Case
from fanzha.kernel.clock import SetClock
from fanzha.wiring.house import House
from tests.apps.web.order_house import OrderHouse, order_house
from tests.conftest import CITY
from tests.wiring.test_bank_reports import hear, reported


@pytest.fixture
def place(house: House, clock: SetClock, case: Case, tmp_path: Path) -> OrderHouse:
    """The bank's report is the city's."""
    found = order_house(house, clock, case, tmp_path)
    found.doors.actors["city"] = replace(found.staff.drafter, scope=CITY)
    return found


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("zh", "报送银行称已先行控制 ¥40,000.00，须补办手续"),
        ("en", "The reporting bank says that it holds ¥40,000.00 already"),
    ],
)
def test_what_the_bank_says_it_holds_stands_beside_the_report(place: OrderHouse, language: str, told: str) -> None:
    hear(place.staff, reported(place.staff))
    page = place.page("city", "/incidents/I2026-000001", language)
    assert told in page
    assert "银行称已先行控制" in page or "Held by its bank, as it says" in page
