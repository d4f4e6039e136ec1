"""What comes next on the first page: what is due within days, never without what is overdue, the rest as a count."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from fanzha.adapters.store.cases import move_case
from fanzha.apps.web.pages.clocks import CLOCKS
from fanzha.apps.web.views.tables import read_query
from fanzha.apps.web.wired import clock_board
from fanzha.apps.web.wired.clock_board import HORIZON_DAYS
from fanzha.cases.case import Case, CaseState
from fanzha.kernel.clock import SetClock
from fanzha.orders.clocks import ClockKind
from fanzha.orders.effects import OrderKind
from fanzha.wiring.house import House
from tests.apps.web.order_house import CARDS, OrderHouse, order_house


@pytest.fixture
def place(house: House, clock: SetClock, case: Case, tmp_path: Path) -> OrderHouse:
    return order_house(house, clock, case, tmp_path)


def held(place: OrderHouse, kind: OrderKind, card: str) -> str:
    order = place.staff.signed(place.staff.opened(kind, number=card))
    place.staff.deliver()
    return order.number


def file_case(place: OrderHouse) -> None:
    staff = place.staff
    with staff.house.act(staff.chief) as connection:
        move_case(connection, staff.case.id, CaseState.FILED, "测试", staff.chief, staff.house.now())


def running(place: OrderHouse) -> int:
    return place.data.clocks(place.staff.drafter, read_query(CLOCKS, {})).total


def test_renewals_half_a_year_ahead_are_a_count_that_opens_the_list(place: OrderHouse) -> None:
    file_case(place)
    frozen = held(place, OrderKind.FREEZE, CARDS[0])
    told = place.data.next_clocks(place.staff.drafter)
    assert (told.overdue, told.coming, told.rest) == ([], [], running(place))
    assert told.rest
    page = place.page("drafter", "/", "zh")
    assert f"{HORIZON_DAYS} 日内" in page and f"{HORIZON_DAYS} 日内没有将到期的时限" in page
    assert f"其余 {told.rest} 项时限" in page and frozen not in page
    stopped = held(place, OrderKind.STOP, CARDS[1])
    told = place.data.next_clocks(place.staff.drafter)
    assert {each.number for each in told.coming} == {stopped}
    assert told.rest + len(told.coming) == running(place)
    page = place.page("drafter", "/", "zh")
    assert stopped in page and frozen not in page and f"{HORIZON_DAYS} 日内没有将到期的时限" not in page


def test_what_comes_within_the_days_is_shown_and_not_before(place: OrderHouse) -> None:
    file_case(place)
    held(place, OrderKind.FREEZE, CARDS[0])
    rows = place.data.clocks(place.staff.drafter, read_query(CLOCKS, {})).rows
    first = min(each.rings_at for each in rows)
    for ahead, shown in ((timedelta(days=HORIZON_DAYS, seconds=1), 0), (timedelta(days=HORIZON_DAYS), 1)):
        place.staff.clock.at = first - ahead
        assert len(place.data.next_clocks(place.staff.drafter).coming) == shown


def test_however_many_are_overdue_they_are_counted_and_hidden_behind_nothing(
    place: OrderHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    held(place, OrderKind.STOP, CARDS[0])
    held(place, OrderKind.STOP, CARDS[1])
    place.staff.clock.move(timedelta(hours=49))
    told = place.data.next_clocks(place.staff.drafter)
    assert len(told.overdue) == running(place) and not told.rest
    monkeypatch.setattr(clock_board, "OVERDUE", 3)
    few = place.data.next_clocks(place.staff.drafter)
    assert (len(few.overdue), few.coming, few.rest) == (3, [], running(place) - 3)
    assert (few.rest_overdue, few.rest_coming) == (few.rest, 0)
    assert f"Other clocks: {few.rest} (overdue: {few.rest};" in place.page("drafter", "/", "en")


def test_what_is_due_within_the_days_and_not_shown_is_told_as_that(
    place: OrderHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    held(place, OrderKind.STOP, CARDS[0])
    monkeypatch.setattr(clock_board, "NEXT", 1)
    file_case(place)
    held(place, OrderKind.FREEZE, CARDS[1])
    told = place.data.next_clocks(place.staff.drafter)
    rows = place.data.clocks(place.staff.drafter, read_query(CLOCKS, {})).rows
    due = [each for each in rows if each.rings_at <= place.staff.clock.now() + timedelta(days=HORIZON_DAYS)]
    assert 1 < len(due) < len(rows)
    assert (len(told.coming), told.rest, told.rest_overdue, told.rest_coming) == (1, len(rows) - 1, 0, len(due) - 1)
    assert f"其余 {told.rest} 项时限，其中已超时 0 项、7 日内到期 {told.rest_coming} 项" in place.page(
        "drafter", "/", "zh"
    )


def test_nobody_is_listed_to_file_what_is_filed(place: OrderHouse) -> None:
    held(place, OrderKind.STOP, CARDS[0])

    def listed() -> set[str]:
        every = place.data.clocks(place.staff.drafter, read_query(CLOCKS, {})).rows
        assert {each.clock for each in place.data.next_clocks(place.staff.drafter).coming} == {
            each.clock for each in every
        }
        return {each.clock for each in every}

    before = listed()
    assert ClockKind.FILE_CASE in before
    file_case(place)
    assert listed() == before - {ClockKind.FILE_CASE}
    asked = place.data.clocks(place.staff.drafter, read_query(CLOCKS, {"clock": "file_case"}))
    assert (asked.total, asked.rows) == (0, [])
