"""Simulated incidents: money splits to the fen, a stop in time holds it, a late one finds what was left behind."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fanzha.apps.chasing.paper_model import Pace, held_by_paper
from fanzha.kernel.clock import SetClock
from fanzha.protocol.answer import Answer
from fanzha.protocol.trades import Trade
from fanzha.registers.institutions import InstitutionKind
from fanzha.simulation.institutions.accounts import Payment
from fanzha.simulation.institutions.roster import holders, roster
from fanzha.simulation.institutions.setup import Profile
from fanzha.simulation.institutions.stepped import SteppedInstitutions
from fanzha.simulation.laundering import Incident, incident
from fanzha.simulation.parameters import published
from tests.simulation.making import BEGAN, FIRST, SECOND, UNTROUBLED, asked, setup, target

BANKS = (setup(FIRST), setup(SECOND))
MINUTE = timedelta(minutes=1)


def told(number: int, seed: int = 5) -> Incident:
    """An incident of the published city."""
    return incident(number, BEGAN, BANKS, published(), seed)


@settings(max_examples=60, deadline=None)
@given(number=st.integers(0, 10**6), seed=st.integers(0, 10**6))
def test_an_incident_pays_on_no_more_than_came(number: int, seed: int) -> None:
    case = told(number, seed)
    came, went = Counter[str](), Counter[str]()
    for payments in case.payments.values():
        for each in payments:
            went[each.payer_number] += each.amount_fen
            if each.payee_number is not None:
                came[each.payee_number] += each.amount_fen
    assert went[case.victim.number] == case.loss_fen
    for number_, fen in came.items():
        assert went[number_] == 0 or fen - fen // 50 - 1 <= went[number_] <= fen


def world_of(case: Incident) -> tuple[SteppedInstitutions, SetClock]:
    """The incident at prompt banks."""
    clock = SetClock(BEGAN - MINUTE)
    world = SteppedInstitutions(BANKS, UNTROUBLED, 1, clock)
    world.open(case.openings)
    world.plan(case.payments)
    return world, clock


def stopped(case: Incident, after: timedelta) -> Answer:
    """The answer to a stop of the first account so long after the payment."""
    world, clock = world_of(case)
    clock.at = BEGAN + after
    payee = next(
        each for opened in case.openings.values() for each in opened if each.number == _first(case).payee_number
    )
    code = case.told.payee_code
    about = target(payee.number, code=code, name=payee.holder.name)
    reply = world.send(code, asked(Trade.STOP, clock.now(), target=about, amount_fen=case.loss_fen))
    assert isinstance(reply, Answer)
    clock.move(timedelta(days=1))
    world.advance()
    cash = sum(each.till.cash_fen for each in world.institutions.values())
    assert world.money_fen + cash == case.loss_fen
    return reply


def _first(case: Incident) -> Payment:
    return next(each for each in case.payments[case.victim_code] if each.payer_number == case.victim.number)


def test_a_stop_at_once_holds_everything_and_a_late_one_what_was_left() -> None:
    cases = [told(number) for number in range(60)]
    for case in cases:
        early = stopped(case, timedelta(seconds=1))
        assert (early.result, early.held_fen) == ("0000", case.loss_fen)
    late = [(stopped(case, timedelta(hours=9)), case.loss_fen) for case in cases]
    left = [answer.held_fen or 0 for answer, _ in late]
    little = [held for held, (_, loss) in zip(left, late, strict=True) if held <= loss // 50 + 1]
    assert len(little) >= 55, "but for the few accounts where money is stuck"
    assert Counter(answer.result for answer, _ in late)["1200"] >= 55


@cache
def thousand() -> list[Incident]:
    """Enough incidents for shares that mean something."""
    return [told(number) for number in range(1_000)]


FAST, PLATFORM = (2, 0.7, 1.5), (6, 2, 5)
"""Minutes of intake, stop and query of two profiles of `domain.md` 5.3, with the shares it found held."""


@pytest.mark.parametrize(
    ("profile", "shares"), [(FAST, (0.92, 0.76, 0.44, 0.26)), (PLATFORM, (0.65, 0.53, 0.32, 0.18))]
)
def test_what_a_centre_holds_is_what_the_calibration_found(
    profile: tuple[float, float, float], shares: tuple[float, ...]
) -> None:
    intake, stop, query = (minutes * MINUTE for minutes in profile)
    total = sum(case.loss_fen for case in thousand())
    for report, share in zip((5, 15, 30, 60), shares, strict=True):
        known, pace = BEGAN + report * MINUTE + intake, Pace(stop=stop, query=query)
        held = sum(held_by_paper(case, known, pace) for case in thousand())
        assert held / total == pytest.approx(share, abs=0.1), report


def test_money_leaves_the_banks_when_the_calibration_found() -> None:
    exits = [
        sorted((each.at - BEGAN) / MINUTE for paid in case.payments.values() for each in paid if not each.payee_code)
        for case in thousand()
    ]
    first, last = sorted(each[0] for each in exits if each), sorted(each[-1] for each in exits if each)
    assert first[len(first) // 2] == pytest.approx(19, rel=0.15)
    assert last[len(last) // 2] == pytest.approx(68, rel=0.15)
    accounts = sorted(sum(len(each) for each in case.openings.values()) - 1 for case in thousand())
    assert (accounts[50], accounts[500], accounts[950]) == pytest.approx((1, 8, 29), abs=2)


def test_reports_are_wrong_by_the_published_rate() -> None:
    wrong = 0
    for case in thousand():
        payee = {each.number: each.holder.name for opened in case.openings.values() for each in opened}
        wrong += payee.get(case.told.payee_number) != case.told.payee_name
    assert 35 <= wrong <= 90


def test_a_city_has_automatic_semi_manual_and_manual_banks() -> None:
    found = roster({InstitutionKind.BANK: 10, InstitutionKind.CARRIER: 1}, published())
    shares = Counter(each.profile for each in found if each.kind is InstitutionKind.BANK)
    assert shares == {Profile.AUTOMATIC: 6, Profile.SEMI_MANUAL: 3, Profile.MANUAL: 1}
    assert len({each.code for each in found}) == len({each.id for each in found}) == 11


def test_some_accounts_are_held_elsewhere_and_a_few_on_the_white_list() -> None:
    drawn = list(holders(BANKS[0], 2_000, published(), 5, BEGAN))
    assert 60 <= sum(each.prior is not None for each in drawn) <= 140
    assert 1 <= sum(each.white_listed for each in drawn) <= 15
    assert drawn == list(holders(BANKS[0], 2_000, published(), 5, BEGAN))
