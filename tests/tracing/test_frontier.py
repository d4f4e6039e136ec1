"""What to ask and stop next: every traced fen that lies somewhere, ranked by the chance that it still does."""

from __future__ import annotations

from math import log
from statistics import NormalDist

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fanzha.tracing.frontier import PPM, Dwell, frontier
from tests.tracing.follow.test_asking import DAY_ONE, A, B, C, mule_case

DWELL = Dwell(median_s=(240.0, 240.0, 360.0), log_sd=(0.9, 0.9, 1.0))


def test_half_of_the_money_has_gone_after_the_median_and_the_last_layer_stands_for_deeper_ones() -> None:
    assert DWELL.stays(1, 240) == pytest.approx(0.5)
    assert DWELL.stays(7, 360) == pytest.approx(0.5)
    assert DWELL.stays(1, 0) == DWELL.stays(1, -5) == 1.0


@given(st.integers(1, 9), st.floats(1, 1e7))
def test_the_chance_is_the_lognormal_s_and_only_falls(layer: int, after_s: float) -> None:
    place = min(layer, 3) - 1
    law = NormalDist(0, DWELL.log_sd[place])
    assert DWELL.stays(layer, after_s) == pytest.approx(1 - law.cdf(log(after_s / DWELL.median_s[place])), abs=1e-9)
    assert DWELL.stays(layer, after_s + 1) <= DWELL.stays(layer, after_s)


def test_all_that_lies_somewhere_is_a_lead_once_and_to_the_fen() -> None:
    case = mule_case()
    leads = frontier(case.flow, case.trace, DAY_ONE + 86_400, DWELL, {})
    assert {each.account: each.fen for each in leads} == {
        case.node(A): 100_000,
        case.node(B): 600_000,
        case.node(C): 100_000,
    }
    assert sum(each.fen for each in leads) == int(case.trace.held.fen.sum())
    for each in leads:
        assert each.recoverable_fen + each.moved_fen == each.fen
        assert 0 <= each.there_ppm <= PPM


def test_what_a_bank_saw_lie_there_later_is_likelier_still_there() -> None:
    """A's own statement tells at 23:30 that 1,000.00 are left; of C nobody has told since 01:10."""
    case = mule_case()
    leads = {each.account: each for each in frontier(case.flow, case.trace, DAY_ONE + 23 * 3_600 + 1_900, DWELL, {})}
    of_a, of_c = leads[case.node(A)], leads[case.node(C)]
    assert of_a.fen == of_c.fen
    assert of_a.there_ppm > of_c.there_ppm
    assert of_a.told_until_s == DAY_ONE + 23 * 3_600 + 1_800
    assert of_c.told_until_s is None
    assert (of_a.layer, of_c.layer) == (1, 2)


def test_a_slow_bank_lowers_what_can_be_expected_and_the_order_follows() -> None:
    case = mule_case()
    now_s = DAY_ONE + 4_260
    prompt = frontier(case.flow, case.trace, now_s, DWELL, {})
    slow = frontier(case.flow, case.trace, now_s, DWELL, {case.node(B): 86_400})
    assert prompt[0].account == case.node(B)
    assert slow[-1].account == case.node(B)
    assert [each.recoverable_fen for each in slow] == sorted((each.recoverable_fen for each in slow), reverse=True)


def test_money_came_when_the_payments_came_that_still_lie_there() -> None:
    case = mule_case()
    leads = {each.account: each for each in frontier(case.flow, case.trace, DAY_ONE + 9_000, DWELL, {})}
    assert leads[case.node(B)].came_s == DAY_ONE + 3_900
    assert leads[case.node(A)].came_s == DAY_ONE + 3_600
