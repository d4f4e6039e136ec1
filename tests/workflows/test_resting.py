"""What rests on balances is marked, told with its rows, and asked for; what documents tell is not."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fanzha.tracing.follow.asking import Lack
from fanzha.tracing.follow.question import Direction, Method
from fanzha.workflows.trace_case import TracedCase
from tests.adapters.documents.dossiers import LAST, MULE, SECOND, VICTIM, dossier_of
from tests.tracing.movements.telling import Told, got, paid

HOLES = [
    got("乙行", MULE, VICTIM, 5_000_000, 100, serial="B1", balance=5_001_230),
    paid("乙行", MULE, SECOND, 2_000_000, 200, serial="B2", balance=2_001_230),
    paid("乙行", MULE, LAST, 1_500_000, 300, serial="B3", balance=501_230),
]
"""The second row's balance lacks 10,000 yuan, and the third agrees with it."""


def traced(told: list[Told], method: Method = Method.FIFO, direction: Direction = Direction.FORWARD) -> TracedCase:
    found = dossier_of(told, method, direction, floor_fen=1)
    assert found is not None
    return found.traced


def test_the_documented_payment_leaves_with_the_victims_money_and_the_guess_with_what_is_left() -> None:
    found = traced(HOLES)
    told = [(hop.payee, hop.fen, hop.told is None, hop.is_inferred) for hop in found.hops()]
    assert told == [
        (MULE, 5_000_000, False, False),
        (SECOND, 1_998_770, False, False),
        ("", 1_000_000, True, True),
        (LAST, 1_500_000, False, True),
    ]
    held = {each.account: (each.fen, each.is_inferred) for each in found.holdings()}
    assert held == {SECOND: (1_998_770, False), LAST: (1_500_000, False), MULE: (501_230, True)}


def test_the_warning_names_account_fen_and_row_and_its_statement_is_asked_for() -> None:
    found = traced(HOLES)
    ((account, resting),) = found.resting()
    assert (account, resting.fen) == (MULE, 1_000_000 + 1_500_000 + 501_230)
    ((guess,), (place,)) = resting.guesses, resting.guesses[0].evidence
    assert (guess.fen, place.source.path, place.row) == (-1_000_000, "乙行.csv", 3)
    lacks = {account: (each.lack, each.first_day, each.last_day) for account, each in found.worth_asking()}
    assert set(lacks) == {MULE, SECOND, LAST}
    assert lacks[MULE][0] is Lack.ENDS_BEFORE_HORIZON


def test_an_account_told_to_the_end_is_asked_for_where_a_balance_took_money_off() -> None:
    later = paid("乙行", MULE, "", 1, 80 * 3_600, serial="B4", balance=501_229)
    asked = dict(traced([*HOLES, later]).worth_asking())
    mine = asked[MULE]
    assert (mine.lack, mine.fen) == (Lack.BALANCES_CONTRADICT, 1_000_000 + 501_230)
    assert mine.first_day == mine.last_day


@pytest.mark.parametrize("method", [Method.FIFO, Method.LIFO, Method.PRORATA, Method.CONSERVATIVE])
def test_a_single_wrong_balance_diverts_no_fen(method: Method) -> None:
    """The third row of the tutorial with 90,012.30 for 20,012.30: both documented payments carry the money."""
    told = [
        got("甲行", MULE, VICTIM, 5_000_000, 100, serial="T1", balance=5_001_230),
        paid("甲行", MULE, SECOND, 3_000_000, 200, serial="T2", balance=9_001_230),
        paid("甲行", MULE, LAST, 2_000_000, 300, serial="T3", balance=1_230),
    ]
    wrong, right = (
        traced(told, method),
        traced([told[0], paid("甲行", MULE, SECOND, 3_000_000, 200, serial="T2"), told[2]], method),
    )
    assert [(hop.payee, hop.fen) for hop in wrong.hops()] == [(hop.payee, hop.fen) for hop in right.hops()]
    assert not wrong.resting() and not any(hop.is_inferred for hop in wrong.hops())
    ((account, slip),) = wrong.slips()
    assert (account, slip.place.row) == (MULE, 3)
    assert right.slips() == []


def test_once_the_account_is_empty_nothing_rests_on_an_older_balance() -> None:
    told = [
        *HOLES,
        paid("乙行", MULE, LAST, 501_230, 400, serial="B4", balance=0),
        got("乙行", MULE, VICTIM, 7_000, 500, serial="B5", balance=7_000),
        paid("乙行", MULE, LAST, 7_000, 600, serial="B6", balance=0),
    ]
    found = dossier_of(told, starts=6, floor_fen=1)
    assert found is not None
    marks = [hop.is_inferred for hop in found.traced.hops()]
    assert marks[-2:] == [False, False] and any(marks)


def test_backward_what_came_before_the_guess_rests_on_it() -> None:
    told = [
        got("乙行", MULE, VICTIM, 5_000_000, 100, serial="B1", balance=5_000_000),
        got("乙行", MULE, SECOND, 1_000_000, 200, serial="B2", balance=4_000_000),
        paid("乙行", MULE, LAST, 4_000_000, 300, serial="B3", balance=0),
    ]
    found = dossier_of([told[2], *told[:2]], direction=Direction.BACKWARD, starts=3, floor_fen=1)
    assert found is not None
    marks = {(hop.payer, hop.payee): hop.is_inferred for hop in found.traced.hops()}
    assert marks[VICTIM, MULE] and not marks[SECOND, MULE] and not marks[MULE, LAST]


def test_reach_shares_nothing_out_so_only_the_guess_rests_on_the_balance() -> None:
    found = traced(HOLES, Method.POISON)
    assert [hop.is_inferred for hop in found.hops()] == [hop.told is None for hop in found.hops()]
    assert found.resting() == []


ROWS = st.lists(
    st.tuples(
        st.sampled_from([-30_000, -20_000, -10_000, 10_000, 20_000, 30_000]), st.sampled_from([0, 0, 0, 5_000, -5_000])
    ),
    min_size=1,
    max_size=10,
)


@settings(max_examples=150, deadline=None)
@given(ROWS, st.sampled_from([Method.FIFO, Method.LIFO, Method.PRORATA]))
def test_every_fen_stays_accounted_for_and_nothing_is_marked_before_the_first_guess(
    rows: list[tuple[int, int]], method: Method
) -> None:
    balance, told = 105_000, [got("乙行", MULE, VICTIM, 100_000, 1, serial="S", balance=105_000)]
    for at, (fen, missing) in enumerate(rows, start=2):
        balance += fen + missing
        one = got if fen > 0 else paid
        told.append(one("乙行", MULE, SECOND, abs(fen), at, serial=f"{at}", balance=max(balance, 0)))
        balance = max(balance, 0)
    found = traced(told, method)
    (totals,) = found.totals()
    parts = totals.held_fen + totals.last_seen_fen + totals.below_floor_fen + sum(totals.left_fen.values())
    assert totals.started_fen == parts == 100_000
    hops = list(found.hops())
    guessed = found.inferred.unsettled
    first = min((each.guesses[0] for each in guessed.values()), default=None)
    for hop, transfer in zip(hops, found.trace.hops.transfer.tolist(), strict=True):
        assert not hop.is_inferred or (first is not None and transfer >= first)
        assert hop.is_inferred or hop.told is not None
