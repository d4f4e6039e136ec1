"""What institutions do wrong, and how long they take, comes as often and as long as the published numbers say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from math import exp, log, sqrt
from statistics import fmean, pstdev
from uuid import UUID

import pytest

from fanzha.protocol.trades import Trade
from fanzha.simulation.chance import Chance
from fanzha.simulation.founding import City, incidents_of
from fanzha.simulation.institutions.behaviour import Behaviour, Course, Line
from fanzha.simulation.institutions.matters import Lie
from fanzha.simulation.institutions.roster import opened
from fanzha.simulation.institutions.setup import Profile
from fanzha.simulation.parameters import published
from tests.simulation.making import BEGAN, FIRST, SECOND, setup

PUBLISHED = published()
MANY = 8_000
SEED = 11
FAR = 4.5
"""Standard errors; the seed is fixed, so what holds today holds on every machine."""


def habits(profile: Profile) -> Behaviour:
    return Behaviour(setup=setup(profile=profile), parameters=PUBLISHED, seed=SEED)


def courses(profile: Profile, trade: Trade) -> Iterator[Course]:
    habit = habits(profile)
    return (habit.course(str(UUID(int=number)), trade, 1) for number in range(MANY))


def close(times: int, share: float, of: int = MANY) -> bool:
    return abs(times / of - share) <= FAR * sqrt(share * (1 - share) / of)


@pytest.mark.parametrize("profile", [Profile.AUTOMATIC, Profile.SEMI_MANUAL, Profile.MANUAL])
@pytest.mark.parametrize(("trade", "kind"), [(Trade.STOP, "restrict"), (Trade.QUERY_DETAILS, "query")])
def test_answers_take_the_published_times(profile: Profile, trade: Trade, kind: str) -> None:
    spread = PUBLISHED.spread(f"delay.{kind}.{profile}")
    logs = [log(each.delay / timedelta(minutes=1)) for each in courses(profile, trade)]
    assert abs(fmean(logs) - log(spread.median)) <= FAR * spread.log_sd / sqrt(MANY)
    assert abs(pstdev(logs) - spread.log_sd) <= FAR * spread.log_sd / sqrt(2 * MANY)
    assert 0.9 < exp(fmean(logs)) / spread.median < 1.1


@pytest.mark.parametrize("profile", [Profile.SEMI_MANUAL, Profile.MANUAL])
def test_where_people_answer_questions_wait_for_the_morning_and_stops_do_not(profile: Profile) -> None:
    friday_night, monday = datetime(2026, 3, 6, 12, 0, tzinfo=UTC), datetime(2026, 3, 9, 0, 30, tzinfo=UTC)
    habit = habits(profile)
    assert habit.begins(Trade.STOP, friday_night) == friday_night
    assert habit.begins(Trade.QUERY_HOLDER, friday_night) == monday
    assert habit.begins(Trade.QUERY_HOLDER, monday) == monday
    assert habits(Profile.AUTOMATIC).begins(Trade.QUERY_HOLDER, friday_night) == friday_night


def test_what_goes_wrong_goes_wrong_as_often_as_published() -> None:
    seen: Counter[str] = Counter()
    for each in courses(Profile.SEMI_MANUAL, Trade.STOP):
        told = {
            "failure.bank": each.failure == "1300",
            "failure.document_refused": each.failure == "0600",
            "fault.late": each.late_by > timedelta(0),
            "fault.duplicate": each.twice,
            "fault.reordered": each.reordered,
            "fault.silent": each.silent,
            "fault.not_applied": each.lie is Lie.NOT_APPLIED,
            "fault.false_balance": each.lie is Lie.FALSE_BALANCE,
        }
        seen.update(name for name, holds in told.items() if holds)
    shares = {name: PUBLISHED.number(name) for name in seen}
    shares["failure.document_refused"] *= 1 - shares["failure.bank"]
    shares["fault.false_balance"] *= 1 - shares["fault.not_applied"]
    assert len(shares) == 8, "each of them happens"
    assert {name: close(seen[name], share) for name, share in shares.items()} == dict.fromkeys(shares, True)


def test_lines_break_as_often_as_published() -> None:
    habit = habits(Profile.AUTOMATIC)
    seen = Counter(habit.line(str(UUID(int=number)), 1) for number in range(MANY))
    before, after = (PUBLISHED.number(f"fault.lost_{each}") for each in ("before", "after"))
    assert close(seen[Line.BREAKS_BEFORE], before) and close(seen[Line.BREAKS_AFTER], after * (1 - before))


def test_channels_break_down_in_the_published_share_of_hours() -> None:
    habit = habits(Profile.AUTOMATIC)
    share, hours = PUBLISHED.number("outage.share"), 3_000
    length = PUBLISHED.spread("outage.length")
    minutes = length.median * exp(length.log_sd**2 / 2)
    looks = [habit.down_until(BEGAN + each * timedelta(hours=1)) is not None for each in range(hours)]
    expected = share * minutes / 60
    assert sum(looks) > 0 and abs(sum(looks) / hours - expected) <= FAR * sqrt(2 * expected / hours)


def test_accounts_are_held_elsewhere_and_listed_as_often_as_published() -> None:
    accounts = [opened(setup(), PUBLISHED, Chance(SEED, "mix", each), BEGAN) for each in range(MANY)]
    held, listed = sum(each.prior is not None for each in accounts), sum(each.white_listed for each in accounts)
    assert close(held, PUBLISHED.number("account.held_elsewhere"))
    assert close(listed, PUBLISHED.number("account.white_listed"))


def test_victims_tell_a_wrong_name_or_digit_as_often_as_published() -> None:
    city = City(accounts=0, incidents=500, parameters=PUBLISHED, seed=SEED)
    wrong = 0
    for each in incidents_of(city, [setup(FIRST), setup(SECOND)], BEGAN):
        known = [one for openings in each.openings.values() for one in openings]
        right = any((one.number, one.holder.name) == (each.told.payee_number, each.told.payee_name) for one in known)
        wrong += not right
    assert close(wrong, PUBLISHED.number("victim.mismatch"), 500)
