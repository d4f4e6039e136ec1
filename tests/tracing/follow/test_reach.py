"""Reach over a ledger with hubs is what databases find that are asked the same, level by level."""

from dataclasses import replace

import numpy as np
import pytest
from bench.trace_baselines import DuckReach, SqliteReach, Way
from bench.trace_ledger import Made, make_ledger
from hypothesis import given, settings
from hypothesis import strategies as st

from fanzha.tracing.follow import reach
from fanzha.tracing.follow.backward import trace_backward
from fanzha.tracing.follow.backward_search import Search
from fanzha.tracing.follow.backward_shares import search_shares
from fanzha.tracing.follow.flow_index import FlowIndex, append, build_index
from fanzha.tracing.follow.forward import trace_forward
from fanzha.tracing.follow.question import Direction, Method, Question, TraceLimits
from fanzha.tracing.follow.trace import HopKind, Stop, Trace
from tests.tracing.follow.test_append import Rows, rows, transfers


@pytest.fixture(scope="module")
def made() -> Made:
    return make_ledger(20_000)


@pytest.mark.parametrize("database", [DuckReach, SqliteReach])
def test_databases_reach_the_same_accounts(made: Made, database: type[DuckReach | SqliteReach]) -> None:
    index, asked, moved = build_index(made.transfers, made.accounts), database(made), made.transfers
    for start in made.victims.tolist():
        question = Question(starts=(start,), method=Method.POISON, horizon_s=86_400)
        hops = trace_forward(index, question).hops
        ours = set(moved.payee[hops.transfer[hops.kind == HopKind.FOLLOWED]].tolist())
        last = int(np.searchsorted(moved.at_s, moved.at_s[start] + question.horizon_s, "right")) - 1
        assert len(ours) > 20
        for way in Way:
            assert asked.reach(way, start, last, question.floor_fen) == ours
    asked.close()


def test_the_ledger_of_the_bench_is_in_order_and_holds_its_trees(made: Made) -> None:
    moved = made.transfers

    assert np.all(np.diff(moved.at_s) >= 0) and moved.amount_fen.min() > 0
    assert len(made.victims) == 4 and moved.amount_fen[made.victims].min() >= 5_000_000
    assert np.bincount(moved.payee).max() > 20 * np.median(np.bincount(moved.payee))


ACCOUNTS = 6


@st.composite
def asked_worlds(draw: st.DrawFn) -> tuple[FlowIndex, Question]:
    old, more = draw(rows(ACCOUNTS)), draw(rows(ACCOUNTS))
    whole: Rows = [*old, (0, 1, 30, 101), *more]
    is_end = np.arange(ACCOUNTS) == draw(st.integers(-1, ACCOUNTS - 1))
    index = append(build_index(transfers(whole[: len(old) + 1]), ACCOUNTS, is_end=is_end), transfers(more))
    moving = [number for number, row in enumerate(whole) if row[0] != row[1]]
    limits = TraceLimits(account_events=draw(st.sampled_from([1, 2, 4, 10**6])))
    return index, Question(
        starts=tuple(draw(st.lists(st.sampled_from(moving), min_size=1, max_size=3, unique=True))),
        method=Method.POISON,
        horizon_s=draw(st.sampled_from([0, 3, 100])),
        floor_fen=draw(st.sampled_from([1, 20])),
        limits=limits,
    )


def told(trace: Trace) -> list[object]:
    hops = trace.hops
    columns = (hops.transfer, hops.label, hops.fen, hops.kind)
    return [*(column.tolist() for column in columns), sorted(trace.cut.tolist()), trace.stop]


@pytest.mark.parametrize("rows_for_an_event", [-1, 20, 1])
@given(world=asked_worlds())
@settings(deadline=None, max_examples=120)
def test_looking_at_every_transfer_tells_what_following_accounts_tells(
    rows_for_an_event: int, world: tuple[FlowIndex, Question]
) -> None:
    index, question = world
    narrow, wide = pytest.MonkeyPatch(), pytest.MonkeyPatch()
    with narrow.context() as patch:
        patch.setattr(reach, "ROWS_FOR_AN_EVENT", 1e-9)
        expected = told(trace_forward(index, question))
    with wide.context() as patch:
        patch.setattr(reach, "ROWS_FOR_AN_EVENT", rows_for_an_event)
        assert told(trace_forward(index, question)) == expected


@given(world=asked_worlds(), earlier=rows(ACCOUNTS))
@settings(deadline=None, max_examples=120)
def test_one_pass_against_time_tells_what_looking_account_by_account_tells(
    world: tuple[FlowIndex, Question], earlier: Rows
) -> None:
    """Also where late rows happened before everything that was there at first."""
    index, question = world
    index = append(index, transfers([(payer, payee, fen, at - 10) for payer, payee, fen, at in earlier]))
    asked = replace(question, starts=question.starts[:1], direction=Direction.BACKWARD)
    expected = search_shares(Search(index, asked))

    assert told(trace_backward(index, asked)) == told(expected)


def test_a_wide_reach_stops_at_its_limits_and_says_so(made: Made) -> None:
    index, start = build_index(made.transfers, made.accounts), int(made.victims[0])
    whole = trace_forward(index, Question(starts=(start,), method=Method.POISON, horizon_s=20 * 86_400))
    for limits, stop in (
        (TraceLimits(accounts=200, lots=1), Stop.ROOM),
        (TraceLimits(hops=500, lots=1), Stop.ROOM),
        (TraceLimits(events=500), Stop.EVENTS),
    ):
        asked = Question(starts=(start,), method=Method.POISON, horizon_s=20 * 86_400, limits=limits)
        part = trace_forward(index, asked)
        assert part.stop is stop and 0 < len(part.hops) < len(whole.hops)
        assert part.hops.transfer.tolist() == whole.hops.transfer[: len(part.hops)].tolist()
    assert whole.stop is Stop.NOTHING_LEFT
