"""An index that grew row by row answers as one that was laid out from everything at once."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fanzha.kernel.errors import Invalid
from fanzha.tracing.follow import question as questions
from fanzha.tracing.follow.flow_index import FlowIndex, Transfers, append, build_index, compact
from fanzha.tracing.follow.forward import trace_forward
from fanzha.tracing.follow.index_kernels import CHECKPOINT_EVERY, balance_before
from fanzha.tracing.follow.question import Method, Question
from fanzha.tracing.follow.trace import Trace

ACCOUNTS = 6
METHODS = (Method.FIFO, Method.LIFO, Method.PRORATA, Method.POISON)
Rows = list[tuple[int, int, int, int]]


def transfers(rows: Rows) -> Transfers:
    payer, payee, fen, at_s = (np.array([row[place] for row in rows], np.int64) for place in range(4))
    return Transfers(payer=payer.astype(np.int32), payee=payee.astype(np.int32), amount_fen=fen, at_s=at_s)


@st.composite
def rows(draw: st.DrawFn, accounts: int) -> Rows:
    party = st.integers(-1, accounts - 1)
    fen = st.one_of(st.integers(1, 60), st.sampled_from([2**32 - 2, 2**32 - 1, 10**15]))
    return draw(st.lists(st.tuples(party, party, fen, st.integers(100, 112)), max_size=25))


@st.composite
def grown(draw: st.DrawFn) -> tuple[Rows, FlowIndex, FlowIndex]:
    """Rows, an index of all of them, and one that came to be by appending twice, once with new accounts."""
    old, more, last = draw(rows(ACCOUNTS - 2)), draw(rows(ACCOUNTS)), draw(rows(ACCOUNTS))
    whole = [*old, *more, *last, (-1, 0, 9, 112)]
    opening = draw(st.lists(st.integers(0, 50), min_size=ACCOUNTS, max_size=ACCOUNTS))
    fen, is_end = np.array(opening, np.int64), np.arange(ACCOUNTS) == draw(st.integers(-1, ACCOUNTS - 1))
    at_once = build_index(transfers(whole), ACCOUNTS, opening_fen=fen, is_end=is_end)
    begun = build_index(transfers(old), ACCOUNTS - 2, opening_fen=fen[:-2], is_end=is_end[:-2])
    longer = append(begun, transfers(more), opening_fen=fen[-2:], is_end=is_end[-2:])
    return whole, at_once, append(longer, transfers([*last, whole[-1]]))


def answer(trace: Trace) -> list[list[int]]:
    hops, held = trace.hops, trace.held
    columns = (hops.transfer, hops.label, hops.fen, hops.kind, held.account, held.label, held.fen, trace.cut)
    return [*(column.tolist() for column in columns), [trace.stop, trace.events]]


@given(world=grown(), data=st.data())
@settings(deadline=None, max_examples=300)
def test_appending_equals_laying_out_everything(world: tuple[Rows, FlowIndex, FlowIndex], data: st.DataObject) -> None:
    whole, at_once, longer = world
    moving = [number for number, row in enumerate(whole) if row[0] != row[1]]
    question = Question(
        starts=tuple(data.draw(st.lists(st.sampled_from(moving), min_size=1, max_size=3, unique=True))),
        method=data.draw(st.sampled_from(METHODS)),
        horizon_s=data.draw(st.sampled_from([0, 3, 100])),
        floor_fen=data.draw(st.sampled_from([1, 10])),
    )
    expected = answer(trace_forward(at_once, question))

    assert answer(trace_forward(longer, question)) == expected
    assert answer(trace_forward(compact(longer), question)) == expected
    numbers = np.arange(len(whole))
    assert [column.tolist() for column in longer.moved(numbers).columns()] == [
        column.tolist() for column in transfers(whole).columns()
    ]


def test_balances_are_known_between_late_rows_of_a_busy_account() -> None:
    rng = np.random.default_rng(3)
    count, more = 30 * CHECKPOINT_EVERY, 5 * CHECKPOINT_EVERY
    moved = [
        (0, 1, int(fen), int(at)) if pays else (1, 0, int(fen), int(at))
        for fen, at, pays in zip(
            rng.integers(1, 99, count + more),
            rng.integers(0, 10**6, count + more),
            rng.random(count + more) < 0.55,
            strict=True,
        )
    ]
    at_once = build_index(transfers(moved), 2)
    longer = append(build_index(transfers(moved[:count]), 2), transfers(moved[count : count + 70]))
    longer = append(longer, transfers(moved[count + 70 :]))

    events, order = at_once.base.events[: count + more, 3], np.argsort([row[3] for row in moved], kind="stable")
    assert events.tolist() == order.tolist()
    for places in range(0, count + more, 7):
        told = balance_before(at_once.ledger(), 0, places, 0)
        new = int((order[:places] >= count).sum())
        assert balance_before(longer.ledger(), 0, places - new, new) == told
    balance = 0
    for row in (moved[number] for number in order.tolist()):
        balance = max(balance - row[2], 0) if row[0] == 0 else balance + row[2]
    assert balance_before(longer.ledger(), 0, count, more) == balance


def test_a_ledger_of_more_than_68_years_is_refused() -> None:
    index = build_index(transfers([(0, 1, 5, 0)]), 2)

    with pytest.raises(Invalid, match=r"trace\.too_long"):
        append(index, transfers([(0, 1, 5, 2**31)]))


def test_accounts_named_as_ends_are_not_followed_when_they_came_later() -> None:
    index = append(
        build_index(transfers([(-1, 0, 50, 0)]), 1),
        transfers([(0, 1, 50, 1), (1, 0, 50, 2)]),
        opening_fen=np.zeros(1, np.int64),
        is_end=np.array([True]),
    )

    trace = trace_forward(index, Question(starts=(0,), floor_fen=1, horizon_s=questions.HOUR_S))
    assert trace.hops.transfer.tolist() == [0, 1] and len(trace.held.fen) == 0
