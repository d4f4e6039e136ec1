"""A chase keeps one beat of its own, slower as it grows old."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from fanzha.wiring.chase import AGAIN, look_again

TAKEN = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
ages = st.timedeltas(timedelta(0), timedelta(days=3))


@given(ages)
def test_the_next_look_lies_ahead_by_two_minutes_or_a_tenth_of_its_age(age: timedelta) -> None:
    ahead = look_again(TAKEN, TAKEN + age) - (TAKEN + age)
    assert max(AGAIN, age / 10) <= ahead < max(AGAIN, age / 10) + AGAIN


@given(st.lists(ages.filter(lambda age: age < timedelta(minutes=15)), min_size=2, max_size=30))
def test_many_causes_within_one_beat_wish_for_one_look(some: list[timedelta]) -> None:
    looks = {look_again(TAKEN, TAKEN + age) for age in some}
    assert len(looks) <= len({age // AGAIN for age in some}) + 1


def test_three_days_are_few_looks() -> None:
    now, looks = TAKEN, 0
    while now < TAKEN + timedelta(days=3):
        now, looks = look_again(TAKEN, now), looks + 1
    assert looks < 70
