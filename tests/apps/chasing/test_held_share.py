"""The held-share table: every fen has a fate, the same seed the same table, and the desk in memory tells the truth."""

from __future__ import annotations

from datetime import timedelta

import pytest

from fanzha.apps.chasing.fates import Cause, fate_of
from fanzha.apps.chasing.held_share import CITY, Asked, fates_of, held_table, interval, scene_of
from fanzha.apps.chasing.one_incident import chased
from fanzha.orders.effects import OrderKind
from fanzha.simulation.institutions.setup import Profile

AUTOMATIC = Profile.AUTOMATIC.value


@pytest.mark.parametrize("banks", [AUTOMATIC, CITY])
def test_every_fen_of_an_incident_has_a_fate(banks: str) -> None:
    for each in fates_of(banks, 3, 15, (0, 5)):
        assert each.held_fen + each.out_fen + sum(each.away_fen.values()) == each.loss_fen
        assert min(each.held_fen, each.out_fen, *each.away_fen.values(), 0) == 0


def test_the_same_seed_gives_the_same_fates() -> None:
    assert fates_of(CITY, 3, 5, (2, 6)) == fates_of(CITY, 3, 5, (2, 6))


def test_early_reports_hold_more_than_late_ones_and_fast_banks_more_than_slow_ones() -> None:
    def held(banks: str, delay: int) -> float:
        told = fates_of(banks, 1, delay, (0, 6))
        return sum(each.held_fen for each in told) / sum(each.loss_fen for each in told)

    early = held(AUTOMATIC, 5)
    assert early > held(AUTOMATIC, 60)
    assert early > held(Profile.MANUAL.value, 5)


def test_what_is_never_asked_in_time_moved_before_an_answer_and_slow_banks_are_named() -> None:
    away = [each.away_fen for each in fates_of(Profile.MANUAL.value, 1, 15, (0, 12))]
    assert sum(each.get(Cause.BANK_SLOW, 0) for each in away) > 0
    assert sum(each.get(Cause.MOVED_BEFORE_ANSWER, 0) for each in away) > 0
    assert not any(each.get(Cause.BANK_REFUSED, 0) for each in away), "these banks make no mistakes"


def test_nothing_is_stopped_twice_and_nothing_held_that_did_not_come() -> None:
    done = chased(scene_of(AUTOMATIC, 1), 4, timedelta(minutes=15))
    stopped = [each.target.subject for each in done.desk.orders.values() if each.kind is OrderKind.STOP]
    assert len(stopped) == len(set(stopped))
    assert 0 < fate_of(done).held_fen <= done.gang.loss_fen


def test_money_of_people_who_know_nothing_is_counted_while_it_is_stopped_and_never_as_held() -> None:
    fates = fates_of(AUTOMATIC, 1, 30, (0, 12))
    stopped = [each for each in fates if each.bystanders_stopped]
    assert stopped, "these incidents have somebody in the path whose account was stopped"
    for each in stopped:
        assert each.wrong_fen_hours >= max(each.own_fen_hours, each.known_fen_hours)
        assert each.held_fen <= each.loss_fen
        assert (each.wrong_fen > 0) is (each.bystanders_stopped > each.bystanders_let_go)
    assert all(each.wrong_fen_hours == 0 for each in fates if not each.bystanders_stopped)


def test_whoever_is_found_to_have_little_of_it_is_let_go_within_minutes() -> None:
    fates = fates_of(AUTOMATIC, 101, 60, (0, 12))
    let_go = sum(each.bystanders_let_go for each in fates)
    assert let_go > sum(each.bystanders_stopped for each in fates) / 2
    assert sum(each.let_go_minutes for each in fates) <= 10 * let_go
    wrong, known = (sum(getattr(each, f"{one}_fen_hours") for each in fates) for one in ("wrong", "known"))
    assert known < wrong / 20, "what is known to be wrong is let go in minutes, not in hours"


def test_the_table_stands_beside_the_papers_rows() -> None:
    told = held_table(Asked(incidents=2, classes=[AUTOMATIC]))
    found = {each["name"]: each for each in told["results"]}  # type: ignore[attr-defined]
    early = found["automatic@5min_held_share"]
    assert (early["baseline"], early["baseline_name"]) == (0.92, "domain.md 5.3 product target")
    assert early["holds"] is (early["value"] >= 0.92)
    assert found["automatic@60min_held_share_beside_manual"]["baseline"] == 0.08
    assert found["automatic@5min_held_share_low"]["value"] <= early["value"]


def test_an_interval_narrows_with_more_incidents() -> None:
    fates = fates_of(AUTOMATIC, 1, 30, (0, 8))
    low, high = interval([each.held_fen for each in fates], fates)
    same_low, same_high = interval([each.held_fen for each in fates] * 16, [*fates] * 16)
    assert same_high - same_low < high - low
