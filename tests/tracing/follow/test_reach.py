"""Reach over a ledger with hubs is what databases find that are asked the same, level by level."""

import numpy as np
import pytest
from bench.trace_baselines import DuckReach, SqliteReach
from bench.trace_ledger import Made, make_ledger

from fanzha.tracing.follow.flow_index import build_index
from fanzha.tracing.follow.forward import trace_forward
from fanzha.tracing.follow.question import Method, Question
from fanzha.tracing.follow.trace import HopKind


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
        assert asked.reach(start, last, question.floor_fen) == ours
    asked.close()


def test_the_ledger_of_the_bench_is_in_order_and_holds_its_trees(made: Made) -> None:
    moved = made.transfers

    assert np.all(np.diff(moved.at_s) >= 0) and moved.amount_fen.min() > 0
    assert len(made.victims) == 4 and moved.amount_fen[made.victims].min() >= 5_000_000
    assert np.bincount(moved.payee).max() > 20 * np.median(np.bincount(moved.payee))
