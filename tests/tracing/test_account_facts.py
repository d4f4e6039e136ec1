"""What accounts' own rows say."""

from __future__ import annotations

from fanzha.records.statements.rows import UNKNOWN_FEN, Flag, Precision
from fanzha.tracing.account_facts import (
    AccountFacts,
    BalanceBreak,
    FactLimits,
    Gap,
    account_facts,
    missing_statements,
)
from fanzha.tracing.movements.movements import BalanceProof, PairingLimits, Reconciliation
from fanzha.tracing.movements.reconcile import reconcile
from fanzha.tracing.shared_devices import shared_devices
from tests.tracing.movements.telling import DAY_ONE_US, DAY_S, Told, got, paid, rows_of

A, B, C, D = "9999990000000001", "9999990000000002", "9999990000000003", "9999990000000104"
HOUR_S = 3_600
DAY_ONE = 20_270

TOLD = [
    got("a", A, C, 1_000, 10 * HOUR_S, balance=1_500, terminal="T1"),
    paid("a", A, B, 400, 23 * HOUR_S, balance=1_100, ip="203.0.113.7"),
    paid("a", A, "", 100, 5 * DAY_S + 2 * HOUR_S, balance=1_000, flags=Flag.CASH),
    paid("a", A, D, 300, 5 * DAY_S + 12 * HOUR_S, balance=600),
    paid("a", A, D, 200, 9 * DAY_S, balance=400),
    got("a", A, D, 200, 9 * DAY_S + 60, balance=600, flags=Flag.REVERSAL),
    got("a", A, C, 9, 9 * DAY_S + 70, currency="USD"),
    got("b", B, A, 400, 23 * HOUR_S + 30, balance=400, ip="203.0.113.7", terminal="T2"),
    paid("b", B, D, 50, 10 * DAY_S, balance=350, ip="203.0.113.7"),
    got("a2", A, C, 1_000, 10 * HOUR_S, balance=1_500, terminal="T1"),
]


def facts(*told: Told) -> tuple[dict[str, AccountFacts], Reconciliation]:
    rows = rows_of(told)
    made = reconcile(rows, (), PairingLimits())
    return {made.accounts.primary[one.node]: one for one in account_facts(rows, made, FactLimits())}, made


def test_one_account_alone_has_the_facts_that_it_has_among_all() -> None:
    by_account, made = facts(*TOLD)
    for node, number in enumerate(made.accounts.primary):
        alone = account_facts(rows_of(TOLD), made, FactLimits(), range(node, node + 1))
        assert [repr(one) for one in alone] == ([repr(by_account[number])] if number in by_account else [])


def test_facts_of_one_account() -> None:
    by_account, made = facts(*TOLD)
    a = by_account[A]
    assert set(by_account) == {A, B}
    assert (a.row_count, a.active_days, a.gap_days) == (6, 3, 7)
    assert a.longest_gaps == (
        Gap(first_day=DAY_ONE + 1, last_day=DAY_ONE + 4),
        Gap(first_day=DAY_ONE + 6, last_day=DAY_ONE + 8),
    )
    assert (a.first_us, a.last_us) == (DAY_ONE_US + 10 * HOUR_S * 10**6, DAY_ONE_US + (9 * DAY_S + 60) * 10**6)
    assert (a.opening_fen, a.closing_fen) == (500, 600)
    assert a.proof == BalanceProof.BROKEN
    assert a.breaks == (BalanceBreak(row_before=2, row_after=3, missing_fen=-100),)
    assert (a.in_fen, a.in_count, a.out_fen, a.out_count) == (1_000, 1, 800, 3)
    assert (a.cash_in_fen, a.cash_out_fen) == (0, 100)
    assert (a.night_count, a.timed_count, a.night_share) == (2, 4, 0.5)
    assert [(made.accounts.primary[one.node], one.fen, one.count) for one in a.top_payees] == [(B, 400, 1), (D, 300, 1)]
    assert [(made.accounts.primary[one.node], one.fen, one.evidence) for one in a.top_payers] == [(C, 1_000, 0)]
    assert a.daily.tolist() == [[DAY_ONE, 1_000, 400], [DAY_ONE + 5, 0, 400], [DAY_ONE + 9, 0, 0]]
    assert {hour: int(fen) for hour, fen in enumerate(a.hourly_out_fen) if fen} == {2: 100, 12: 300, 23: 400}
    assert {hour: int(fen) for hour, fen in enumerate(a.hourly_in_fen) if fen} == {10: 1_000}


def test_an_account_without_balances_has_no_opening() -> None:
    by_account, _ = facts(paid("a", A, B, 400, 0), paid("a", A, B, 400, 9))
    assert (by_account[A].opening_fen, by_account[A].closing_fen) == (UNKNOWN_FEN, UNKNOWN_FEN)
    later, _ = facts(paid("a", A, B, 400, 0), paid("a", A, B, 400, 9, balance=200), got("a", A, B, 5, 10))
    assert (later[A].opening_fen, later[A].closing_fen) == (1_000, 205)


def test_balances_of_several_account_numbers_are_not_one() -> None:
    by_account, _ = facts(
        paid("a", A, B, 1, 0, balance=5, account="990000000001"),
        paid("a", A, B, 1, 9, balance=7, account="990000000002"),
    )
    assert by_account[A].opening_fen == UNKNOWN_FEN


def test_devices_that_two_accounts_share() -> None:
    rows = rows_of(TOLD)
    made = reconcile(rows, (), PairingLimits())
    (device,) = shared_devices(rows, made, FactLimits())
    assert (device.kind, device.value, device.row_count) == ("ip", "203.0.113.7", 3)
    assert [made.accounts.primary[node] for node in device.nodes] == [A, B]
    assert device.evidence == (1, 7)


def test_a_device_that_only_a_repeat_tells_counts_once_for_its_entry() -> None:
    ip = "203.0.113.9"
    rows = rows_of(
        [
            paid("a1", A, C, 100, 60, balance=900),
            paid("a2", A, C, 100, 60, precision=Precision.MINUTE, ip=ip),
            paid("a3", A, C, 100, 60, precision=Precision.MINUTE, ip=ip),
            paid("a1", A, C, 200, 120, balance=700, ip=ip),
            paid("a2", A, C, 200, 120, balance=700, ip=ip),
            paid("b", B, C, 300, 180, ip=ip),
        ]
    )
    made = reconcile(rows, (), PairingLimits())
    (device,) = shared_devices(rows, made, FactLimits())
    assert [made.accounts.primary[node] for node in device.nodes] == [A, B]
    assert (device.row_count, device.evidence) == (3, (1, 5))


def test_missing_statements_by_fen_received() -> None:
    rows = rows_of(TOLD)
    made = reconcile(rows, (), PairingLimits())
    missing = missing_statements(rows, made, FactLimits())
    assert [
        (made.accounts.primary[one.node], one.received_fen, one.received_count, one.paid_fen, one.payers)
        for one in missing
    ] == [(D, 350, 2, 0, 2), (C, 0, 0, 1_000, 0)]


def test_a_case_without_rows_has_no_facts() -> None:
    rows = rows_of([])
    made = reconcile(rows, (), PairingLimits())
    assert account_facts(rows, made, FactLimits()) == ()
    assert shared_devices(rows, made, FactLimits()) == ()
    assert missing_statements(rows, made, FactLimits()) == ()
