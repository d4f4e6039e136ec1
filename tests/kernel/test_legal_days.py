"""Terms are counted as the law counts them, at month ends, New Year, leap years and holidays."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fanzha.kernel.clock import SHANGHAI
from fanzha.kernel.errors import Invalid
from fanzha.kernel.legal_days import (
    days_after,
    hours_after,
    last_day,
    months_after,
    months_on,
    working_days_after,
)
from fanzha.wiring.law import live_holidays

HOLIDAYS = live_holidays()
SECOND = timedelta(seconds=1)
INSTANTS = st.integers(0, 44 * 366 * 86_400).map(lambda past: datetime(2016, 1, 1, tzinfo=UTC) + past * SECOND)
KNOWN = st.integers(0, 688 * 86_400).map(lambda past: datetime(2025, 1, 1, tzinfo=UTC) + past * SECOND)


def shanghai(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("begins", "months", "last"),
    [
        ("2026-08-31T10:00", 6, "2027-02-28"),
        ("2027-08-31T10:00", 6, "2028-02-29"),
        ("2028-02-29T10:00", 12, "2029-02-28"),
        ("2026-11-22T00:00", 6, "2027-05-22"),
        ("2026-11-22T23:59:59", 6, "2027-05-22"),
        ("2026-12-31T23:30", 1, "2027-01-31"),
        ("2027-02-28T09:00", 6, "2027-08-28"),
        ("2026-03-31T09:00", 24, "2028-03-31"),
    ],
)
def test_months_end_on_the_day_of_the_same_number_or_the_last(begins: str, months: int, last: str) -> None:
    end = months_after(shanghai(begins), months)
    assert last_day(end) == date.fromisoformat(last)
    assert end == shanghai(last + "T00:00") + timedelta(days=1)


def test_the_day_is_shanghais() -> None:
    late = datetime(2026, 11, 22, 16, 30, tzinfo=UTC)  # half past midnight of the 23rd in Shanghai
    assert last_day(days_after(late, 3)) == date(2026, 11, 26)
    assert last_day(months_after(late, 6)) == date(2027, 5, 23)


def test_a_stop_is_counted_by_the_clock_and_not_by_days() -> None:
    begun = shanghai("2026-09-30T23:59:59")
    assert hours_after(begun, 48) == shanghai("2026-10-02T23:59:59")


@pytest.mark.parametrize("begins", ["1991-09-14T23:30", "2026-03-29T01:30", "2026-10-25T02:30"])
def test_no_hour_is_lost_or_won_by_summer_time(begins: str) -> None:
    assert hours_after(shanghai(begins), 48) - shanghai(begins) == timedelta(hours=48)


def test_a_term_that_restricts_property_ends_on_a_holiday_and_one_of_ours_moves_on() -> None:
    begun = shanghai("2026-09-28T10:00")  # three days later lies National Day
    assert last_day(days_after(begun, 3)) == date(2026, 10, 1)
    assert last_day(days_after(begun, 3, HOLIDAYS)) == date(2026, 10, 8)
    assert last_day(months_after(shanghai("2026-04-01T10:00"), 6)) == date(2026, 10, 1)
    assert last_day(months_after(shanghai("2026-04-01T10:00"), 6, HOLIDAYS)) == date(2026, 10, 8)


def test_a_last_day_on_which_work_is_made_up_is_a_working_day() -> None:
    assert last_day(days_after(shanghai("2026-10-07T10:00"), 3, HOLIDAYS)) == date(2026, 10, 10)  # a Saturday
    assert last_day(days_after(shanghai("2026-10-14T10:00"), 3, HOLIDAYS)) == date(2026, 10, 19)  # no such Saturday


@pytest.mark.parametrize(
    ("begins", "days", "last"),
    [
        ("2026-02-13T10:00", 1, "2026-02-14"),  # Saturday before the Spring Festival: made up
        ("2026-02-14T10:00", 1, "2026-02-24"),
        ("2026-02-14T10:00", 5, "2026-02-28"),  # the Saturday after it too
        ("2025-12-30T10:00", 2, "2026-01-04"),  # over New Year; Sunday the 4th is worked
        ("2026-09-18T10:00", 5, "2026-09-24"),
        ("2026-09-24T10:00", 4, "2026-10-08"),
        ("2026-11-20T10:00", 0, "2026-11-20"),
    ],
)
def test_working_days_know_the_notice(begins: str, days: int, last: str) -> None:
    assert last_day(working_days_after(shanghai(begins), days, HOLIDAYS)) == date.fromisoformat(last)


def test_a_year_without_notice_is_not_guessed() -> None:
    with pytest.raises(Invalid) as refused:
        working_days_after(shanghai("2026-12-29T10:00"), 5, HOLIDAYS)
    assert refused.value.code == "law.no_holidays"
    assert refused.value.fields["year"] == 2027
    assert last_day(months_after(shanghai("2026-12-29T10:00"), 6)) == date(2027, 6, 29)


@given(INSTANTS, st.integers(1, 120))
def test_months_never_end_later_than_the_day_of_the_same_number(at: datetime, months: int) -> None:
    begun, last = at.astimezone(SHANGHAI).date(), last_day(months_after(at, months))
    assert last.day <= begun.day
    assert (last.year * 12 + last.month) - (begun.year * 12 + begun.month) == months
    assert last.day == begun.day or (last + timedelta(days=1)).day == 1


@given(INSTANTS, st.integers(1, 60), st.integers(1, 60))
def test_a_longer_term_never_ends_earlier(at: datetime, some: int, more: int) -> None:
    assert days_after(at, some) < days_after(at, some + more)
    assert months_after(at, some) < months_after(at, some + more)
    assert months_on(at.date(), 12) >= months_on(at.date(), 11)


@given(KNOWN, st.integers(1, 20))
def test_holidays_only_lengthen_and_end_on_a_working_day(at: datetime, days: int) -> None:
    plain, moved = days_after(at, days), days_after(at, days, HOLIDAYS)
    assert plain <= moved
    assert HOLIDAYS.is_working(last_day(moved))
    assert all(not HOLIDAYS.is_working(last_day(plain) + timedelta(days=each)) for each in range((moved - plain).days))


@given(KNOWN, st.integers(1, 20))
def test_working_days_are_counted_one_by_one(at: datetime, days: int) -> None:
    end = last_day(working_days_after(at, days, HOLIDAYS))
    begun = at.astimezone(SHANGHAI).date()
    between = [begun + timedelta(days=each) for each in range(1, (end - begun).days + 1)]
    assert sum(HOLIDAYS.is_working(each) for each in between) == days
    assert HOLIDAYS.is_working(end)


def test_the_notices_are_whole() -> None:
    """Since 2025 thirteen days off are everybody's: days off on weekdays less the days on which work is made up."""
    for year in HOLIDAYS.years.values():
        assert sum(each.weekday() < 5 for each in year.off) - len(year.made_up) == 13
        assert all(day.weekday() >= 5 for day in year.made_up)
