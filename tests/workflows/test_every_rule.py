"""What lies where by every rule is what each rule, asked by itself, finds there at the least and at the most."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from fanzha.tracing.follow.question import Method, Question
from fanzha.wiring.typologies import live_typologies
from fanzha.workflows.trace_case import TracedCase, trace_case
from tests.adapters.documents.dossiers import ledger_of, starts_of
from tests.tracing.follow.test_case_flow import DEEDS, Deed, statements
from tests.tracing.movements.telling import got, paid

RULES = (Method.FIFO, Method.LIFO, Method.PRORATA)
VICTIM, MULE, OTHER, ONE, TWO = (f"999999000000000{number}" for number in range(3001, 3006))
MIXED = [
    got("mule", MULE, OTHER, 3_000_000, 0, balance=3_000_000),
    got("mule", MULE, VICTIM, 10_000_000, 3_600, balance=13_000_000),
    paid("mule", MULE, ONE, 12_000_000, 7_200, balance=1_000_000),
    paid("mule", MULE, TWO, 900_000, 7_300, balance=100_000),
]
"""100,000 yuan come to 30,000 of other money; 120,000 go to one account, of which every rule says at least 90,000."""


def by(found: TracedCase, method: Method) -> TracedCase:
    return trace_case(found.ledger, found.flow, replace(found.trace.question, method=method), live_typologies())


def lying(found: TracedCase) -> Counter[str]:
    told = Counter[str]()
    for each in found.holdings():
        told[each.account] += each.fen
    return told


@given(DEEDS, st.tuples(*[st.integers(-40, 40)] * 3), st.sampled_from([120, 900, 90_000]))
@settings(deadline=None, max_examples=60)
def test_least_and_most_are_those_of_the_rules_asked_one_by_one(
    deeds: list[Deed], clocks: tuple[int, ...], horizon_s: int
) -> None:
    ledger, flow = ledger_of(statements(deeds, clocks))
    every = starts_of(flow, len(deeds))
    if not every:
        return
    question = Question(
        starts=tuple(sorted({every[0], every[-1]})), method=Method.CONSERVATIVE, horizon_s=horizon_s, floor_fen=60
    )
    found = trace_case(ledger, flow, question, live_typologies())
    each_rule = [lying(by(found, method)) for method in RULES]
    accounts = {account for told in each_rule for account in told}
    bounds = {each.account: (each.low_fen, each.high_fen) for each in found.bounds()}
    assert bounds == {
        account: (min(told[account] for told in each_rule), max(told[account] for told in each_rule))
        for account in accounts
    }
    assert found.sums().at_least_fen == sum(low for low, _ in bounds.values())
    assert all(found.sums().at_least_fen <= told.total() for told in each_rule)
    assert sum(each.at_least_fen for each in found.totals()) <= found.sums().at_least_fen


def test_money_that_every_rule_finds_in_one_account_is_told_there_though_its_way_is_disputed() -> None:
    ledger, flow = ledger_of(MIXED)
    start = int(flow.transfer[[each.payer for each in ledger.all_told(range(len(ledger)))].index(VICTIM)])
    question = Question(starts=(start,), method=Method.CONSERVATIVE)
    found = trace_case(ledger, flow, question, live_typologies())
    assert found.holdings() == []
    bounds = {each.account: each for each in found.bounds()}
    assert (bounds[ONE].low_fen, bounds[ONE].high_fen, bounds[ONE].has_statement) == (9_000_000, 10_000_000, False)
    assert bounds[MULE].has_statement
    assert next(each.account for each in found.bounds()) == ONE
    assert by(found, Method.FIFO).bounds() == []


def test_no_account_about_which_the_rules_differ_is_said_to_have_passed_nothing_on() -> None:
    """The mule paid most of it on by every rule: in, out and residue of what is certain alone would say it kept all."""
    ledger, flow = ledger_of(MIXED)
    start = int(flow.transfer[[each.payer for each in ledger.all_told(range(len(ledger)))].index(VICTIM)])
    found = trace_case(ledger, flow, Question(starts=(start,), method=Method.CONSERVATIVE), live_typologies())
    assert found.disputes() and found.passages() == []
    assert dict(by(found, Method.FIFO).passages())[MULE].out_fen > 0


def test_what_by_every_rule_rests_on_a_balance_is_told_though_nothing_certain_does() -> None:
    """The balance of the third row tells of 10,000 yuan more that came: each rule shares it out after the dispute."""
    rows = [
        *MIXED[:3],
        paid("mule", MULE, TWO, 900_000, 7_300, balance=1_100_000),
        paid("mule", MULE, TWO, 1_000_000, 7_400, balance=100_000),
    ]
    ledger, flow = ledger_of(rows)
    start = int(flow.transfer[[each.payer for each in ledger.all_told(range(len(ledger)))].index(VICTIM)])
    found = trace_case(ledger, flow, Question(starts=(start,), method=Method.CONSERVATIVE), live_typologies())
    resting = {method: dict(by(found, method).resting()) for method in RULES}
    assert any(resting.values())
    most = max(told[MULE].fen for told in resting.values() if MULE in told)
    assert dict(found.resting())[MULE].fen == most
