"""A case's flow keeps every account's own order, and what told balances prove."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fanzha.records.statements.rows import UNKNOWN_FEN, Flag, Precision, Side
from fanzha.tracing.follow.case_flow import NEVER_TOLD_S, NO_TRANSFER, CaseFlow, case_flow
from fanzha.tracing.movements.movements import NO_MOVEMENT, NO_ROW, Fate, PairingLimits, Reconciliation
from fanzha.tracing.movements.reconcile import reconcile
from tests.tracing.movements.telling import DAY_ONE_US, Told, got, listed, paid, placed, rows_of

A, B, C, X, Y = (f"999999000000000{number}" for number in range(1, 6))


def flow_of(told: Sequence[Told]) -> tuple[Reconciliation, CaseFlow]:
    rows = rows_of(told)
    found = reconcile(rows, (), PairingLimits())
    return found, case_flow(rows, found)


def flows(told: Sequence[Told]) -> list[tuple[str, str, int]]:
    """All transfers as (payer, payee, fen), in order; − for nobody."""
    found, flow = flow_of(told)
    names = (*found.accounts.primary, "-")
    moved = flow.index.transfers
    return [
        (names[payer], names[payee], fen)
        for payer, payee, fen in zip(moved.payer.tolist(), moved.payee.tolist(), moved.amount_fen.tolist(), strict=True)
    ]


def opening(told: Sequence[Told], account: str) -> int:
    found, flow = flow_of(told)
    return int(flow.index.opening_fen[found.accounts.find(account)])


def test_each_account_keeps_its_own_order_although_clocks_disagree() -> None:
    """B's bank is half a minute behind: what A paid at 100 reached B at 70, before B paid it on at 80."""
    told = [
        paid("a", A, B, 500, 100, serial="1"),
        got("b", B, A, 500, 70, serial="1", balance=500),
        paid("b", B, C, 500, 80, balance=0),
    ]
    _found, flow = flow_of(told)
    assert flows(told) == [(A, B, 500), (B, C, 500)]
    assert (flow.index.transfers.at_s - DAY_ONE_US // 10**6).tolist() == [100, 100]
    assert not flow.in_circle.any()


def test_orders_in_a_circle_take_the_earliest_payers_time_first() -> None:
    told = [
        paid("a", A, B, 500, 10, serial="1", balance=500),
        got("a", A, B, 300, 20, serial="2", balance=800),
        paid("b", B, A, 300, 15, serial="2", balance=700),
        got("b", B, A, 500, 16, serial="1", balance=1_200),
    ]
    _found, flow = flow_of(told)
    assert flows(told) == [(A, B, 500), (B, A, 300)]
    assert flow.in_circle.all()


def test_what_others_tell_gives_way_before_own_books_do() -> None:
    """X has no books: by the others' clocks it paid before it was paid, which no ledger proves."""
    told = [
        got("b", B, X, 100, 10),
        paid("b", B, A, 100, 20, serial="7"),
        got("a", A, B, 100, 5, serial="7"),
        paid("a", A, X, 100, 6),
    ]
    assert flows(told) == [(X, B, 100), (B, A, 100), (A, X, 100)]
    assert not flow_of(told)[1].in_circle.any()


def test_only_the_countrys_own_money_that_moves_is_followed() -> None:
    told = [
        paid("a", A, B, 5, 1, currency="USD"),
        paid("a", A, B, 6, 2, serial="9"),
        got("a", A, B, 6, 3, serial="9", flags=Flag.REVERSAL),
        paid("a", A, B, 7, 4, currency="CNY"),
    ]
    _found, flow = flow_of(told)
    assert flows(told) == [(A, B, 7)]
    assert (flow.transfer != NO_TRANSFER).sum() == 1
    assert flow.movement.tolist() == [int(np.flatnonzero(flow.transfer == 0)[0])]


def test_an_opening_is_the_first_told_balance_less_what_its_row_did() -> None:
    assert opening([paid("a", A, B, 30, 1, balance=70)], A) == 100
    assert opening([paid("a", A, B, 30, 1), got("a", A, B, 5, 2, balance=75)], A) == 100
    assert opening([paid("a", A, B, 30, 1)], A) == 0


def test_what_arrived_before_the_statement_begins_is_not_there_twice() -> None:
    told = [paid("b", B, A, 40, 1, balance=0), paid("a", A, C, 30, 10, balance=70)]
    assert opening(told, A) == 60
    assert flows(told) == [(B, A, 40), (A, C, 30)]


def test_an_account_is_inconclusive_until_a_balance_is_told() -> None:
    told = [paid("a", A, B, 30, 1, balance=70), paid("b", B, C, 10, 2)]
    found, flow = flow_of(told)
    nodes = [found.accounts.find(account) for account in (A, B, C)]
    assert flow.is_inconclusive[nodes].tolist() == [False, True, True]
    assert (flow.told_until_s[nodes] - DAY_ONE_US // 10**6).tolist()[:2] == [1, 2]
    assert flow.told_until_s[nodes[2]] == NEVER_TOLD_S


@pytest.mark.parametrize(("told_after", "unseen"), [(900, ("-", A, 400)), (200, (A, "-", 300))])
def test_what_a_payment_shows_leaves_before_what_its_balance_proves(
    told_after: int, unseen: tuple[str, str, int]
) -> None:
    told = [got("a", A, B, 600, 1, balance=600), paid("a", A, C, 100, 9, balance=told_after)]
    _found, flow = flow_of(told)
    assert flows(told) == [(B, A, 600), (A, C, 100), unseen]
    assert (flow.movement == NO_MOVEMENT).tolist() == [False, False, True]
    assert flow.row.tolist() == [NO_ROW, NO_ROW, 1]
    assert flow.unseen().tolist() == [2]
    assert (flow.index.transfers.at_s - DAY_ONE_US // 10**6).tolist() == [1, 9, 9]


@pytest.mark.parametrize(("told_after", "unseen"), [(900, ("-", A, 200)), (200, (A, "-", 500))])
def test_what_an_arrivals_balance_proves_was_over_before_it(told_after: int, unseen: tuple[str, str, int]) -> None:
    """The bank reckoned the balance when the money came: what it lacks had left by then."""
    told = [got("a", A, B, 600, 1, balance=600), got("a", A, C, 100, 9, balance=told_after)]
    assert flows(told) == [(B, A, 600), unseen, (C, A, 100)]


def test_before_a_payment_comes_only_what_it_could_not_be_paid_without() -> None:
    told = [got("a", A, B, 600, 1, balance=600), paid("a", A, C, 700, 9, balance=50)]
    assert flows(told) == [(B, A, 600), ("-", A, 100), (A, C, 700), ("-", A, 50)]


@pytest.mark.parametrize("slip", [900, 0, 499])
def test_a_balance_that_the_next_one_takes_back_proves_nothing(slip: int) -> None:
    """Rows and balances on both sides agree: one wrong figure is likelier than two payments that nobody told."""
    told = [
        got("a", A, B, 600, 1, balance=600),
        paid("a", A, C, 100, 9, balance=slip),
        paid("a", A, C, 300, 10),
        paid("a", A, C, 200, 11, balance=0),
    ]
    _found, flow = flow_of(told)
    assert flows(told) == [(B, A, 600), (A, C, 100), (A, C, 300), (A, C, 200)]
    assert flow.slips.tolist() == [1]


def test_the_other_partys_row_fills_the_hole_that_balances_show() -> None:
    told = [
        got("a", A, B, 600, 1, balance=600),
        paid("a", A, C, 100, 9, balance=900),
        paid("b", B, A, 600, 1, balance=400, serial="3"),
        paid("b", B, A, 400, 5, balance=0),
    ]
    assert (B, A, 400) in flows(told) and len(flows(told)) == 3


def test_a_row_taken_back_does_not_contradict() -> None:
    told = [
        got("a", A, B, 600, 1, balance=600),
        paid("a", A, C, 100, 2, balance=500, serial="5"),
        paid("a", A, B, 50, 3, balance=450),
        got("a", A, C, 100, 4, balance=550, serial="5", flags=Flag.REVERSAL),
        paid("a", A, B, 550, 5, balance=0),
    ]
    assert flows(told) == [(B, A, 600), (A, B, 50), (A, B, 550)]


def test_a_reversal_without_its_original_is_money_that_came_unseen() -> None:
    told = [
        paid("a", A, B, 50, 3, balance=450),
        got("a", A, C, 100, 4, balance=550, flags=Flag.REVERSAL),
        paid("a", A, B, 550, 5, balance=0),
    ]
    assert flows(told) == [(A, B, 50), ("-", A, 100), (A, B, 550)]


def test_cash_goes_to_nobody_and_pools_are_ends() -> None:
    told = [
        paid("a", A, X, 50, 3, flags=Flag.CASH),
        paid("a", A, Y, 60, 4, flags=Flag.PAYMENT_COMPANY),
        paid("a", A, B, 70, 5),
    ]
    found, flow = flow_of(told)
    assert flows(told) == [(A, "-", 50), (A, Y, 60), (A, B, 70)]
    assert [found.accounts.primary[node] for node in np.flatnonzero(flow.index.is_end)] == [Y]


def test_a_payee_named_after_virtual_currency_is_an_end_and_a_remark_alone_makes_none() -> None:
    """Victims are told to write `USDT` on what they pay to a mule: that account is followed and asked for."""
    told = [paid("a", A, X, 50, 3, flags=Flag.CRYPTO), paid("a", A, Y, 60, 4, flags=Flag.CRYPTO_TRADER)]
    found, flow = flow_of(told)
    assert flows(told) == [(A, X, 50), (A, Y, 60)]
    assert [found.accounts.primary[node] for node in np.flatnonzero(flow.index.is_end)] == [Y]


def test_a_list_of_somebody_else_is_followed_too() -> None:
    told = [listed("l", A, B, 5, 2), listed("l", B, C, 5, 1)]
    assert flows(told) == [(B, C, 5), (A, B, 5)]


def test_a_case_without_movements_has_an_empty_flow() -> None:
    assert flows([]) == []
    assert flows([paid("a", A, B, 0, 1)]) == []


Line = tuple[int, int | None]
"""What one row of an account moved, and the balance it tells, if any."""


def slow_flows(lines: Sequence[Line]) -> list[tuple[int, bool]]:
    """What came and went by one account's book, and whether a row tells it: documents first, guesses last."""
    at_first = next(at for at, (_, told) in enumerate(lines) if told is not None)
    running = held = lines[at_first][1] - sum(fen for fen, _ in lines[: at_first + 1])  # type: ignore[operator]
    held, flowed = max(held, 0), list[tuple[int, bool]]()

    def guess(fen: int) -> None:
        nonlocal held
        held += fen
        flowed.extend([(fen, False)] if fen else [])

    for at, (fen, told) in enumerate(lines):
        running += fen
        later = [place for place in range(at + 1, len(lines)) if lines[place][1] is not None]
        proves = told
        if told not in (None, running) and later:
            as_if_untold = running + sum(moved for moved, _ in lines[at + 1 : later[0] + 1])
            if lines[later[0]][1] == as_if_untold and held_with(held, fen, told) != held_with(held, fen, None):
                proves = None
        running = running if proves is None else proves
        if proves is not None and fen > 0:
            guess(max(proves - fen, 0) - held)
        if held + fen < 0:
            guess(-fen - held)
        held += fen
        flowed.append((fen, True))
        if proves is not None:
            guess(max(proves, 0) - held if fen < 0 else 0)
    return flowed


def held_with(held: int, fen: int, told: int | None) -> tuple[int, int]:
    """What lies there right before and right after a row that tells a balance or none."""
    if told is None:
        return max(held, -fen), max(held + fen, 0)
    return (max(held, -fen), max(told, 0)) if fen < 0 else (max(told - fen, 0), max(told - fen, 0) + fen)


FIGURES = st.sampled_from([0, 10, 20, 30, 50])
LINES = st.lists(st.tuples(st.sampled_from([-30, -20, -10, 10, 20, 30]), st.none() | FIGURES), min_size=1, max_size=8)


@settings(max_examples=400, deadline=None)
@given(LINES, st.booleans())
def test_what_balances_prove_is_what_a_slow_reading_of_the_book_finds(lines: list[Line], keeps_true: bool) -> None:
    """Also where every balance is true but one: then the slip is what the next one takes back."""
    if keeps_true:
        true = 100 + np.cumsum([fen for fen, _ in lines])
        lines = [(fen, int(true[at]) if at != len(lines) // 2 else told) for at, (fen, told) in enumerate(lines)]
    if all(told is None for _, told in lines):
        return
    told = [(paid if fen < 0 else got)("a", A, B, abs(fen), at, balance=each) for at, (fen, each) in enumerate(lines)]
    found, flow = flow_of(told)
    a, moved = found.accounts.find(A), flow.index.transfers
    mine = (moved.payer == a) | (moved.payee == a)
    signed = np.where(moved.payer == a, -1, 1) * moved.amount_fen
    is_told = flow.movement != NO_MOVEMENT
    assert list(zip(signed[mine].tolist(), is_told[mine].tolist(), strict=True)) == slow_flows(lines)


@dataclass(frozen=True)
class Deed:
    at: int
    payer: str
    payee: str
    fen: int
    is_reversed: bool
    is_missing: bool
    hides_balance: bool


OWNERS = (A, B, C)
DEEDS = st.lists(
    st.builds(
        Deed,
        at=st.integers(0, 900),
        payer=st.sampled_from([A, B, C, X, Y]),
        payee=st.sampled_from([A, B, C, X, Y]),
        fen=st.integers(1, 400),
        is_reversed=st.sampled_from([False, False, False, True]),
        is_missing=st.sampled_from([False, False, False, True]),
        hides_balance=st.sampled_from([False, False, True]),
    ).filter(lambda deed: deed.payer != deed.payee),
    max_size=24,
)


def statements(deeds: Sequence[Deed], clocks: Sequence[int]) -> list[Told]:
    """The books of A, B and C, each bank's clock ahead by so many seconds; rows without serial, some missing."""
    told = []
    for owner, clock in zip(OWNERS, clocks, strict=True):
        balance = 10_000
        for number, deed in enumerate(sorted(deeds, key=lambda deed: deed.at)):
            if owner not in (deed.payer, deed.payee):
                continue
            side, other = (Side.PAID, deed.payee) if owner == deed.payer else (Side.RECEIVED, deed.payer)
            for step in (side, -side)[: 1 + deed.is_reversed]:
                balance += step * deed.fen
                one = got if step > 0 else paid
                row = one(owner, owner, other, deed.fen, deed.at + clock, balance=balance, serial=f"S{number}")
                row = replace(row, flags=Flag.REVERSAL if step != side else 0)
                if not deed.is_missing or owner == deed.payee:
                    told.append(replace(row, balance=None) if deed.hides_balance else row)
    return told


@settings(max_examples=300, deadline=None)
@given(DEEDS, st.tuples(*[st.integers(-40, 40)] * 3))
def test_every_told_balance_is_what_was_followed_there(deeds: list[Deed], clocks: tuple[int, ...]) -> None:
    """Once a row of an account's own and what it proves are over, what came in less what went out is its balance."""
    told = statements(deeds, clocks)
    rows = rows_of(told)
    found = reconcile(rows, (), PairingLimits())
    flow = case_flow(rows, found)
    moved, held = flow.index.transfers, flow.index.opening_fen.tolist()
    after: dict[tuple[int, int], int] = {}
    for number in range(len(moved)):
        payer, payee, fen = int(moved.payer[number]), int(moved.payee[number]), int(moved.amount_fen[number])
        if payer >= 0:
            held[payer] -= fen
            after[payer, number] = held[payer]
            assert held[payer] >= 0 or flow.is_inconclusive[payer]
            held[payer] = max(held[payer], 0)
        if payee >= 0:
            held[payee] += fen
            after[payee, number] = held[payee]
        if flow.row[number] != NO_ROW:
            proving = int(flow.transfer[found.movement[flow.row[number]]])
            account = max(payer, payee)
            after[account, proving] = held[account]
    assert (np.diff(moved.at_s) >= 0).all()
    ledgers = found.ledgers
    for node in range(len(found.accounts)):
        events = range(ledgers.start[node], ledgers.start[node + 1])
        own = [at for at in events if ledgers.row[at] != NO_ROW]
        mine = [int(flow.transfer[ledgers.movement[at]]) for at in own]
        is_flow = [each != NO_TRANSFER for each in mine]
        in_order = [each for each in mine if each != NO_TRANSFER]
        if not flow.in_circle[in_order].any():
            assert in_order == sorted(in_order)
        elif in_order != sorted(in_order):
            continue
        aside = 0
        for at, transfer, flowed in zip(own, mine, is_flow, strict=True):
            fate = Fate(int(found.fate[ledgers.row[at]]))
            aside += 0 if flowed else int(ledgers.signed_fen[at])
            balance = int(ledgers.balance_fen[at])
            is_believed = balance != UNKNOWN_FEN and ledgers.row[at] not in flow.slips
            if flowed and fate is not Fate.STILL and is_believed and aside == 0:
                assert after[node, transfer] == max(balance, 0)


@settings(max_examples=100, deadline=None)
@given(DEEDS, st.tuples(*[st.integers(-40, 40)] * 3), st.integers(0, 2**32))
def test_the_order_of_files_and_batches_changes_nothing(deeds: list[Deed], clocks: tuple[int, ...], seed: int) -> None:
    told = placed(statements(deeds, clocks))
    random = Random(seed)
    batches = {file: random.choice(["one", "two", "three"]) for file in {one.file for one in told}}
    other = [replace(one, batch=batches[one.file]) for one in told]
    random.shuffle(other)
    other.sort(key=lambda one: batches[one.file])
    assert flows(told) == flows(other)


@settings(max_examples=60, deadline=None)
@given(DEEDS)
def test_days_without_time_of_day_keep_both_files_orders_where_they_agree(deeds: list[Deed]) -> None:
    told = [replace(one, precision=Precision.DAY) for one in statements(deeds, (0, 0, 0))]
    found, flow = flow_of(told)
    if not flow.in_circle.any():
        for node in range(len(found.accounts)):
            part = slice(found.ledgers.start[node], found.ledgers.start[node + 1])
            own = found.ledgers.movement[part][found.ledgers.row[part] != NO_ROW]
            at = [each for each in flow.transfer[own].tolist() if each != NO_TRANSFER]
            assert at == sorted(at)
