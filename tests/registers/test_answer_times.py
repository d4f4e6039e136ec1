"""Answer times are what was measured: medians and 95th percentiles by rank, failures apart from refusals."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fanzha.registers.answer_times import Exchange, answer_times

AT = datetime(2026, 11, 22, tzinfo=UTC)


def after(seconds: float, code: str | None = "0000") -> Exchange:
    """An exchange answered so many seconds after it was sent."""
    return AT, AT + timedelta(seconds=seconds), code


def test_nothing_sent_is_nothing_measured() -> None:
    told = answer_times([])
    assert (told.sent, told.answered, told.median_seconds, told.p95_seconds, told.failed_share) == (0, 0) + (None,) * 3


def test_the_middle_and_the_slow_end_are_answers_that_were_given() -> None:
    told = answer_times([after(each) for each in range(1, 11)])
    assert (told.median_seconds, told.p95_seconds) == (5.0, 10.0)
    one = answer_times([after(7)])
    assert (one.median_seconds, one.p95_seconds) == (7.0, 7.0)


def test_what_is_not_answered_is_counted_as_sent_only() -> None:
    told = answer_times([after(3), (AT, None, None)])
    assert (told.sent, told.answered, told.median_seconds) == (2, 1, 3.0)


@pytest.mark.parametrize(
    ("codes", "share"),
    [(["0000", "0302"], 0.0), (["0000", "1101"], 0.5), (["1300", "9999"], 1.0), (["0900"], 0.0), ([None], None)],
)
def test_a_refusal_is_no_failure(codes: list[str | None], share: float | None) -> None:
    assert answer_times([after(1, code) for code in codes]).failed_share == share


def test_an_answer_before_its_question_counts_as_at_once() -> None:
    assert answer_times([after(-3)]).median_seconds == 0.0


@given(st.lists(st.floats(0, 1e6), min_size=1))
def test_at_least_so_many_are_as_fast(waits: list[float]) -> None:
    told = answer_times([after(each) for each in waits])
    rounded = sorted(timedelta(seconds=each).total_seconds() for each in waits)
    assert told.median_seconds in rounded and told.p95_seconds in rounded
    assert sum(each <= told.median_seconds for each in rounded) * 2 >= len(rounded)
    assert sum(each <= told.p95_seconds for each in rounded) * 100 >= len(rounded) * 95
