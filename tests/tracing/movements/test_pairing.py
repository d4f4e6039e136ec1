"""Which of several equal tellings belong together, and what wallets and banks tell of one transfer."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from fanzha.records.statements.rows import Flag
from fanzha.tracing.movements.movements import Doubt, PairingLimits, Reconciliation
from fanzha.tracing.movements.reconcile import reconcile
from tests.tracing.movements.telling import SECOND_US, Told, got, listed, paid, rows_of

A, B = "9999990000000001", "9999990000000002"
WALLET, CARD, POOL, JIA = "wechat:wxid_test00000001", "9999990000000010019", "243300133", "测试·甲子"


def run(*told: Told) -> Reconciliation:
    return reconcile(rows_of(told), (), PairingLimits())


def lags_s(made: Reconciliation) -> list[int]:
    """Seconds from the payer's to the payee's time of each movement."""
    moves = made.movements
    return [int(lag) for lag in (moves.payee_at_us - moves.payer_at_us) // SECOND_US]


def ends(made: Reconciliation) -> list[tuple[str, str]]:
    names = (*made.accounts.primary, "?")
    return [(names[a], names[b]) for a, b in zip(made.movements.payer, made.movements.payee, strict=True)]


def test_pairs_of_equal_transfers_do_not_cross() -> None:
    left, right = (4, 49), (-33, 9)
    made = run(*(paid("a", A, B, 500, at) for at in left), *(got("b", B, A, 500, at) for at in right))
    assert lags_s(made) == [-37, -40]


def test_equal_serials_hold_a_pair_that_crosses() -> None:
    told = (paid("a", A, B, 500, 4, serial="S1"), paid("a", A, B, 500, 49, serial="S2"))
    made = run(*told, got("b", B, A, 500, 60, serial="S1"), got("b", B, A, 500, 50, serial="S2"))
    assert lags_s(made) == [56, 1]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 300), st.integers(-90, 90)), min_size=1, max_size=8))
def test_among_transfers_equal_in_all_the_earlier_paid_is_the_earlier_received(times: list[tuple[int, int]]) -> None:
    told = [paid("a", A, B, 500, at) for at, _ in times]
    told += [got("b", B, A, 500, at + lag) for at, lag in times]
    made = run(*told)
    paid_and_got = sorted(zip(made.movements.payer_at_us.tolist(), made.movements.payee_at_us.tolist(), strict=True))
    assert len(paid_and_got) == len(times)
    assert [got_at for _, got_at in paid_and_got] == sorted(got_at for _, got_at in paid_and_got)


def from_company(fen: int, at: int, **more: object) -> Told:
    return got("bank", CARD, POOL, fen, at, flags=Flag.PAYMENT_COMPANY, own_name=JIA, **more)


def to_company(fen: int, at: int, **more: object) -> Told:
    return paid("bank", CARD, POOL, fen, at, flags=Flag.PAYMENT_COMPANY, own_name=JIA, **more)


def test_a_withdrawal_told_by_wallet_and_bank_is_one_movement_to_the_card() -> None:
    made = run(paid("wallet", WALLET, CARD, 500_000, 5, own_name=JIA), from_company(500_000, 20))
    assert ends(made) == [(WALLET, CARD)]
    assert lags_s(made) == [15]


def test_a_payment_into_the_wallet_is_one_movement_from_the_card() -> None:
    made = run(got("wallet", WALLET, CARD, 500_000, 25, own_name=JIA), to_company(500_000, 20))
    assert ends(made) == [(CARD, WALLET)]


def test_a_withdrawal_that_the_companys_list_and_the_bank_tell_is_one_movement_from_the_wallet() -> None:
    for pool in (POOL, ""):
        made = run(
            listed("list", WALLET, CARD, 500_000, 5, own_name=JIA), replace(from_company(500_000, 20), other=pool)
        )
        assert ends(made) == [(WALLET, CARD)]
    out = run(listed("list", WALLET, CARD, 500_000, 5, own_name=JIA), to_company(500_000, 20))
    assert len(out.movements) == 2
    wallets_own = paid("wallet", WALLET, CARD, 500_000, 5, own_name=JIA)
    all_three = run(wallets_own, listed("list", WALLET, CARD, 500_000, 5, own_name=JIA), from_company(500_000, 20))
    assert ends(all_three) == [(WALLET, CARD)]


def test_a_wallet_that_names_no_card_pairs_with_its_holders_only_such_row_in_doubt() -> None:
    made = run(paid("wallet", WALLET, "", 500_000, 5, own_name=JIA), from_company(500_000, 20))
    assert ends(made) == [(WALLET, CARD)]
    assert Doubt(int(made.movements.doubts[0])) == Doubt.MATCHED_BY_ABSENCE


def test_what_is_no_transfer_between_wallet_and_bank() -> None:
    another = got("bank", CARD, POOL, 500_000, 20, flags=Flag.PAYMENT_COMPANY, own_name="测试·乙丑")
    assert len(run(paid("wallet", WALLET, "", 500_000, 5, own_name=JIA), another).movements) == 2
    twice = (from_company(500_000, 20), from_company(500_000, 21))
    assert len(run(paid("wallet", WALLET, "", 500_000, 5, own_name=JIA), *twice).movements) == 3
    assert len(run(paid("wallet", WALLET, CARD, 500_000, 5), to_company(500_000, 20)).movements) == 2
    assert len(run(paid("wallet", WALLET, B, 500_000, 5), from_company(500_000, 20)).movements) == 2


def test_a_wallet_goes_by_its_number_too() -> None:
    made = run(paid("wallet", WALLET, CARD, 500, 5))
    accounts = made.accounts
    assert accounts.spellings(accounts.find(WALLET)) == (WALLET, "wxid_test00000001")
    assert accounts.spellings(accounts.find(CARD)) == (CARD,)
