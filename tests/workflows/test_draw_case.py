"""The picture of a case's trace comes to what the trace comes to, by every rule, forward and backward."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fanzha.records.statements.rows import Flag
from fanzha.tracing.follow.case_flow import NO_TRANSFER, case_flow
from fanzha.tracing.follow.question import HOUR_S, Direction, Method, Question
from fanzha.tracing.movements.movements import PairingLimits
from fanzha.tracing.movements.reconcile import reconcile
from fanzha.tracing.picture.drawing import Drawing, Standing
from fanzha.tracing.picture.unrolling import Kind
from fanzha.wiring.typologies import live_typologies
from fanzha.workflows.case_ledger import CaseLedger
from fanzha.workflows.draw_case import PAPER_HEIGHT, draw_case, draw_for_paper
from fanzha.workflows.trace_case import TracedCase, trace_case
from tests.tracing.movements.telling import Told, got, paid, rows_of

ACCOUNTS = [f"99999900000000{number:03d}" for number in range(1, 7)]
TOLD = ACCOUNTS[:4]
"""Accounts with a statement of their own."""

PAYMENTS = st.lists(
    st.tuples(st.sampled_from(ACCOUNTS[:4]), st.sampled_from([*ACCOUNTS, "cash"]), st.integers(1, 900)),
    min_size=1,
    max_size=25,
)


def told_of(payments: list[tuple[str, str, int]]) -> list[Told]:
    """Both sides' rows of each payment, a minute after one another."""
    rows = []
    for number, (payer, payee, fen) in enumerate(payments):
        if payee == "cash":
            rows.append(paid(payer, payer, "", fen, 60 * number, flags=int(Flag.CASH)))
        elif payee != payer:
            rows.append(paid(payer, payer, payee, fen, 60 * number))
            if payee in TOLD:
                rows.append(got(payee, payee, payer, fen, 60 * number))
    return rows


def traced(rows: list[Told], method: Method, direction: Direction, floor_fen: int = 1) -> TracedCase | None:
    """From the first payment of a case; None where it has none."""
    told = rows_of(rows)
    found = reconcile(told, (), PairingLimits())
    ledger, flow = CaseLedger(told, found), case_flow(told, found)
    starts = flow.transfer[flow.transfer != NO_TRANSFER]
    if not len(starts):
        return None
    start = int(starts.min() if direction is Direction.FORWARD else starts.max())
    question = Question(starts=(start,), method=method, direction=direction, horizon_s=72 * HOUR_S, floor_fen=floor_fen)
    return trace_case(ledger, flow, question, live_typologies())


ASKED = [(method, Direction.FORWARD) for method in Method]
ASKED += [(method, Direction.BACKWARD) for method in Method if method is not Method.CONSERVATIVE]


@pytest.mark.parametrize(("method", "direction"), ASKED)
@settings(max_examples=40, deadline=None)
@given(PAYMENTS, st.integers(0, 400), st.sampled_from([1, 100]))
def test_a_picture_comes_to_its_traces_totals(
    method: Method, direction: Direction, payments: list[tuple[str, str, int]], dust_fen: int, floor_fen: int
) -> None:
    found = traced(told_of(payments), method, direction, floor_fen)
    if found is None:
        return
    (total,) = found.totals()
    drawing = draw_case([found], dust_fen=dust_fen)

    is_back = direction is Direction.BACKWARD
    sides = [(node.place, node.sides[0]) for node in drawing.nodes]
    assert sum(side.held_fen for _, side in sides) == total.held_fen
    assert sum(side.last_seen_fen for _, side in sides) == total.last_seen_fen
    assert sum(side.before_fen for _, side in sides) == total.before_fen
    assert sum(side.disputed_fen for _, side in sides) == total.disputed_fen
    left = Counter[str]()
    for place, side in sides:
        if place.kind is Kind.EXIT:
            left[place.name] += side.out_fen if is_back else side.in_fen
    assert left.pop("below_floor", 0) == total.below_floor_fen
    assert left == Counter(total.left_fen)
    started = sum(side.in_fen if is_back else side.out_fen for place, side in sides if place.layer == 0)
    assert started == total.started_fen


@settings(max_examples=25, deadline=None)
@given(PAYMENTS, st.randoms(use_true_random=False))
def test_the_order_of_files_changes_nothing(payments: list[tuple[str, str, int]], chance: object) -> None:
    rows = told_of(payments)
    files = sorted({row.file for row in rows})
    chance.shuffle(files)  # type: ignore[attr-defined]
    moved = [row for file in files for row in rows if row.file == file]
    found = [traced(some, Method.FIFO, Direction.FORWARD) for some in (rows, moved)]
    assert _drawn(found[0]) == _drawn(found[1])


def _drawn(found: TracedCase | None) -> Drawing | None:
    return None if found is None else draw_case([found], dust_fen=50)


def test_a_sheet_of_paper_has_the_largest_accounts_and_says_what_it_sums() -> None:
    first, *others = [f"99999900000001{number:03d}" for number in range(200)]
    rows = [got(first, first, TOLD[0], 900_000, 0)]
    rows += [paid(first, first, other, 1_000 + number, 60 + number) for number, other in enumerate(others)]
    found = traced(rows, Method.FIFO, Direction.FORWARD)
    assert found is not None
    drawing = draw_for_paper(found)

    assert drawing.height <= PAPER_HEIGHT and drawing.merged.limits == ("nodes",)
    kept = [node.place.name for node in drawing.nodes if node.place.layer == 2 and node.place.kind is Kind.ACCOUNT]
    assert set(kept) == set(others[-len(kept) :]) and len(kept) > 5
    assert sum(node.sides[0].in_fen for node in drawing.nodes if node.place.layer == 2) == sum(
        row.fen for row in rows[1:]
    )


def test_what_no_method_draws_here_is_absent_by_the_other() -> None:
    """B has 300 of A's clean money first: oldest first pays C with that, newest first with the victim's."""
    victim, mule, other = TOLD[0], TOLD[1], ACCOUNTS[5]
    rows = [
        got(mule, mule, ACCOUNTS[4], 300, 0, balance=300),
        got(mule, mule, victim, 500, 60, balance=800),
        paid(mule, mule, other, 300, 120, balance=500),
    ]
    told = rows_of(rows)
    ledger = CaseLedger(told, reconcile(told, (), PairingLimits()))
    flow = case_flow(told, ledger.found)
    start = int(flow.index.transfers.amount_fen.tolist().index(500))
    both = [
        trace_case(ledger, flow, Question(starts=(start,), method=method, floor_fen=1), live_typologies())
        for method in (Method.FIFO, Method.LIFO)
    ]
    drawing = draw_case(both)
    told_by = {node.place.name: tuple(side.standing for side in node.sides) for node in drawing.nodes}
    assert told_by[other] == (Standing.ABSENT, Standing.LAST_SEEN)
    assert told_by[mule] == (Standing.HELD, Standing.PASSED)
