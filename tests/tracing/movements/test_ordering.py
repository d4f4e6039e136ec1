"""Ledgers in the order that balances prove, and conservation of money in whole small worlds."""

from __future__ import annotations

from dataclasses import dataclass, replace
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fanzha.records.statements.rows import UNKNOWN_FEN, Precision
from fanzha.tracing.movements.movements import NO_ROW, BalanceProof, PairingLimits, Reconciliation
from fanzha.tracing.movements.reconcile import reconcile
from tests.tracing.movements.telling import DAY_S, Told, got, paid, rows_of

A, B, C = "9999990000000001", "9999990000000002", "9999990000000003"


def run(*told: Told) -> Reconciliation:
    return reconcile(rows_of(told), (), PairingLimits())


def ledger(made: Reconciliation, account: str) -> list[int]:
    node = made.accounts.find(account)
    rows = made.ledgers.row[made.ledgers.start[node] : made.ledgers.start[node + 1]].tolist()
    return [row for row in rows if row != NO_ROW]


def proof(made: Reconciliation, account: str) -> BalanceProof:
    return BalanceProof(int(made.proof[made.accounts.find(account)]))


def chain(file: str, opening: int, signed: list[int], **more: object) -> list[Told]:
    """Rows of A with the balances that the amounts lead to, all at one instant unless told otherwise."""
    told, balance = [], opening
    for fen in signed:
        balance += fen
        make = got if fen > 0 else paid
        told.append(make(file, A, C, abs(fen), 0, **{"balance": balance, **more}))
    return told


def test_file_order_stands_where_balances_agree_with_it() -> None:
    assert ledger(run(*chain("f", 1000, [-100, 100, -100, 300])), A) == [0, 1, 2, 3]


def test_newest_first_files_are_turned_round() -> None:
    by_time = [replace(one, at=at) for at, one in enumerate(chain("f", 1000, [-100, 50, 50]))]
    made = run(*reversed(by_time))
    assert ledger(made, A) == [2, 1, 0]
    one_day = [replace(one, precision=Precision.DAY) for one in chain("f", 1000, [-100, 50, 60])]
    assert ledger(run(*reversed(one_day)), A) == [2, 1, 0]


def test_equal_times_without_balances_keep_the_order_of_the_file() -> None:
    untold = [replace(one, balance=None) for one in chain("f", 0, [5, 7, -3])]
    made = run(*untold)
    assert ledger(made, A) == [0, 1, 2]
    assert proof(made, A) == BalanceProof.UNTOLD


def test_times_are_never_reordered_by_balances() -> None:
    made = run(paid("f", A, C, 100, 0, balance=800), paid("f", A, C, 100, 1, balance=900))
    assert ledger(made, A) == [0, 1]
    assert proof(made, A) == BalanceProof.BROKEN
    assert made.breaks.missing_fen.tolist() == [200]
    assert (made.breaks.row_before.tolist(), made.breaks.row_after.tolist()) == ([0], [1])


def test_a_circle_begins_where_the_day_before_ended() -> None:
    before = paid("f", A, C, 1, -10, balance=900)
    circle = chain("f", 1000, [-100, 100])
    made = run(before, *circle)
    assert ledger(made, A) == [0, 2, 1]
    assert proof(made, A) == BalanceProof.PROVEN


def test_missing_rows_are_told_with_their_fen() -> None:
    rows = [replace(one, at=at) for at, one in enumerate(chain("f", 1000, [-100, 250, -30, -20]))]
    made = run(rows[0], rows[2], rows[3])
    assert proof(made, A) == BalanceProof.BROKEN
    assert made.breaks.missing_fen.tolist() == [250]


def test_rows_without_balance_leave_the_proof_partial() -> None:
    rows = [replace(one, at=at) for at, one in enumerate(chain("f", 1000, [-100, 250, -30]))]
    made = run(rows[0], replace(rows[1], balance=None), rows[2])
    assert proof(made, A) == BalanceProof.PARTLY_TOLD
    assert made.ledgers.balance_fen.tolist().count(UNKNOWN_FEN) == 1 + 3


def test_currencies_and_sub_accounts_have_balances_of_their_own() -> None:
    told = [
        paid("f", A, C, 100, 0, balance=900, account="990000000001"),
        got("f", A, C, 7, 1, balance=7, account="990000000002"),
        got("f", A, C, 5, 2, balance=5, account="990000000001", currency="USD"),
        paid("f", A, C, 100, 3, balance=800, account="990000000001"),
        got("f", A, C, 7, 4, balance=14, account="990000000002"),
    ]
    made = run(*told)
    assert ledger(made, A) == [0, 1, 2, 3, 4]
    assert proof(made, A) == BalanceProof.PROVEN


@settings(max_examples=120, deadline=None)
@given(
    st.lists(st.integers(-5, 5).filter(bool), min_size=2, max_size=24),
    st.integers(0, 2**32),
    st.sampled_from(list(Precision)),
)
def test_balances_prove_any_shuffled_instant(signed: list[int], seed: int, precision: Precision) -> None:
    told = chain("f", 100, signed, precision=precision)
    Random(seed).shuffle(told)
    made = run(*told)
    assert proof(made, A) == BalanceProof.PROVEN


@dataclass(frozen=True)
class Transfer:
    at: int
    payer: str
    payee: str
    fen: int


OUTSIDE = "9999990000000909"
TRANSFERS = st.lists(
    st.builds(
        Transfer,
        at=st.integers(0, 2 * DAY_S),
        payer=st.sampled_from([A, B, C, OUTSIDE]),
        payee=st.sampled_from([A, B, C, OUTSIDE]),
        fen=st.sampled_from([100, 100, 200, 5000]),
    ).filter(lambda one: one.payer != one.payee),
    max_size=24,
)


def books(owner: str, transfers: list[Transfer], clock: int, precision: Precision) -> list[Told]:
    """The statement of one account, its bank's clock ahead by `clock` seconds."""
    told, balance = [], 10**6
    for one in sorted(transfers, key=lambda one: one.at):
        if owner in (one.payer, one.payee):
            out = owner == one.payer
            balance += -one.fen if out else one.fen
            make, other = (paid, one.payee) if out else (got, one.payer)
            told.append(make(owner, owner, other, one.fen, one.at + clock, balance=balance, precision=precision))
    return told


@settings(max_examples=120, deadline=None)
@given(TRANSFERS, st.tuples(*[st.integers(-100, 100)] * 3), st.tuples(*[st.sampled_from(list(Precision)[1:])] * 3))
def test_a_world_told_by_its_accounts_is_told_once(
    transfers: list[Transfer], clocks: tuple[int, ...], precisions: tuple[Precision, ...]
) -> None:
    """Every transfer is one movement, balances prove each ledger, and what came in less what went out is kept."""
    owners = (A, B, C)
    told = [row for at, owner in enumerate(owners) for row in books(owner, transfers, clocks[at], precisions[at])]
    made = run(*told)
    seen = [one for one in transfers if {one.payer, one.payee} & set(owners)]
    assert len(made.movements) == len(seen)
    assert int(made.movements.amount_fen.sum()) == sum(one.fen for one in seen)
    for owner in owners:
        own = [one for one in told if one.own == owner]
        if own:
            kept = sum(one.fen * one.side for one in own)
            node = made.accounts.find(owner)
            part = slice(made.ledgers.start[node], made.ledgers.start[node + 1])
            assert int(made.ledgers.signed_fen[part].sum()) == kept
            assert int(made.ledgers.balance_fen[part][-1]) == 10**6 + kept
        if len(own) > 1:
            assert proof(made, owner) == BalanceProof.PROVEN


@pytest.mark.parametrize("size", [3_000])
def test_a_whole_day_of_equal_amounts_is_ordered_in_time(size: int) -> None:
    random = Random(7)
    told = chain("f", 10**9, [random.choice([-100, 100, 250, -250]) for _ in range(size)], precision=Precision.DAY)
    random.shuffle(told)
    assert proof(run(*told), A) == BalanceProof.PROVEN


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(-5, 5).filter(bool), min_size=3, max_size=16), st.integers(0, 2**32), st.data())
def test_a_row_missing_from_a_shuffled_instant_breaks_few_places(
    signed: list[int], seed: int, data: st.DataObject
) -> None:
    """Without one row of the chain an order with one break exists; its fen are those of the missing row."""
    told = chain("f", 10**6, [10**at + abs(fen) for at, fen in enumerate(signed)])
    gone = data.draw(st.integers(1, len(told) - 2))
    missing = told.pop(gone).fen
    Random(seed).shuffle(told)
    made = run(replace(chain("f", 10**6 - 1, [1])[0], at=-10), *told)
    assert made.breaks.missing_fen.tolist() == [missing]
