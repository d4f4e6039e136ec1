"""What accounts' own rows say before anybody follows money: cover, gaps, balances, rhythm, counterparties."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fanzha.records.statements.rows import ABSENT, UNKNOWN_FEN, Flag, Precision, StatementRows
from fanzha.tracing.account_kernels import (
    CASH_IN_FEN,
    CASH_OUT_FEN,
    CLOSING,
    IN_COUNT,
    IN_FEN,
    NIGHT,
    OPENING,
    OUT_COUNT,
    OUT_FEN,
    TIMED,
    add_up,
)
from fanzha.tracing.movements.movements import DAY_US, NO_ROW, Reconciliation
from fanzha.tracing.movements.tellings import SHANGHAI_US, is_own_currency

HOUR_US = 3_600_000_000
HOURS = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """Days without rows inside the covered period; days count from 1970-01-01 in Shanghai, both inclusive."""

    first_day: int
    last_day: int

    @property
    def days(self) -> int:
        """How many days it lasts."""
        return self.last_day - self.first_day + 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Counterparty:
    """What went between an account and one other in one direction; `evidence` is the row of the first movement."""

    node: int
    fen: int
    count: int
    first_us: int
    last_us: int
    evidence: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BalanceBreak:
    """Between two of an account's rows `missing_fen` came in (or, negative, went out) that no row tells."""

    row_before: int
    row_after: int
    missing_fen: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AccountFacts:
    """The facts of one account with a statement; only the country's own currency is added up.

    Balances are `UNKNOWN_FEN` where untold. `hourly_in_fen`, `hourly_out_fen`: int64[24] by Shanghai hour of rows that
    tell one; `daily`: int64[k, 3], day, in and out fen of active days. `night_count` counts moving rows between
    23:00 and 06:00, `timed_count` those that tell a time of day.
    """

    node: int
    first_us: int
    last_us: int
    row_count: int
    active_days: int
    gap_days: int
    longest_gaps: tuple[Gap, ...]
    opening_fen: int
    closing_fen: int
    proof: int
    breaks: tuple[BalanceBreak, ...]
    in_fen: int
    out_fen: int
    in_count: int
    out_count: int
    cash_in_fen: int
    cash_out_fen: int
    night_count: int
    timed_count: int
    top_payers: tuple[Counterparty, ...]
    top_payees: tuple[Counterparty, ...]
    daily: NDArray[np.int64]
    hourly_in_fen: NDArray[np.int64]
    hourly_out_fen: NDArray[np.int64]

    @property
    def night_share(self) -> float:
        """The share of timed movements that happened at night."""
        return self.night_count / self.timed_count if self.timed_count else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class MissingStatement:
    """An account whose own books are not in the case, by what the case's accounts paid it and got from it."""

    node: int
    received_fen: int
    received_count: int
    paid_fen: int
    paid_count: int
    payers: int
    first_us: int
    last_us: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FactLimits:
    """How much of each list a person is shown."""

    counterparties: int = 10
    gaps: int = 5
    breaks: int = 100
    shared_devices: int = 500
    missing_statements: int = 500


def account_facts(
    rows: StatementRows, reconciled: Reconciliation, limits: FactLimits, nodes: range | None = None
) -> tuple[AccountFacts, ...]:
    """The facts of every account with a statement, or of those among `nodes` only, by node."""
    nodes = range(len(reconciled.accounts)) if nodes is None else nodes
    own = _own_rows(rows, reconciled, nodes)
    sums, hourly = add_up(
        own.bounds, own.incoming, own.amount, (own.moving, own.cash, own.night, own.hour), (own.signed, own.balance)
    )
    several = _keeps_several_books(rows, own)
    sums[several, OPENING] = sums[several, CLOSING] = UNKNOWN_FEN
    top = _counterparties(reconciled, own, limits)
    breaks = _breaks_by_node(reconciled, limits, nodes)
    return tuple(
        _facts(own, place, (sums[place], hourly[place]), (top, breaks), int(reconciled.proof[node]), limits)
        for place, node in enumerate(own.nodes.tolist())
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _OwnRows:
    """Rows of accounts' own books in proven order: account `nodes[k]` has `bounds[k]:bounds[k + 1]`."""

    nodes: NDArray[np.int64]
    bounds: NDArray[np.int64]
    account: NDArray[np.int64]
    row: NDArray[np.int32]
    incoming: NDArray[np.bool_]
    other: NDArray[np.int32]
    amount: NDArray[np.int64]
    signed: NDArray[np.int64]
    balance: NDArray[np.int64]
    at_us: NDArray[np.int64]
    day: NDArray[np.int64]
    hour: NDArray[np.int8]
    moving: NDArray[np.bool_]
    cash: NDArray[np.bool_]
    night: NDArray[np.bool_]


def _own_rows(rows: StatementRows, reconciled: Reconciliation, nodes: range) -> _OwnRows:
    """The rows of those of `nodes` with a statement that are told in the country's own currency."""
    ledgers, movements = reconciled.ledgers, reconciled.movements
    starts = ledgers.start[nodes.start : nodes.stop + 1]
    event = np.arange(starts[0], starts[-1])
    event = event[ledgers.row[event] != NO_ROW]
    event = event[_is_own_currency(rows, ledgers.row[event])]
    node = np.searchsorted(ledgers.start, event, side="right") - 1
    row, movement = ledgers.row[event], ledgers.movement[event]
    present, account = np.unique(node, return_inverse=True)
    incoming, at_us, flags = ledgers.incoming[event], rows.at_us[row], rows.flags[row]
    timed = rows.precision[row] != Precision.DAY
    return _OwnRows(
        nodes=present,
        bounds=np.searchsorted(node, np.append(present, nodes.stop)),
        account=account,
        row=row,
        incoming=incoming,
        other=np.where(incoming, movements.payer[movement], movements.payee[movement]),
        amount=rows.amount_fen[row],
        signed=ledgers.signed_fen[event],
        balance=ledgers.balance_fen[event],
        at_us=at_us,
        day=(at_us + SHANGHAI_US) // DAY_US,
        hour=np.where(timed, (at_us + SHANGHAI_US) // HOUR_US % HOURS, -1).astype(np.int8),
        moving=movements.moving[movement],
        cash=(flags & np.uint16(Flag.CASH)) != 0,
        night=(flags & np.uint16(Flag.NIGHT)) != 0,
    )


def _is_own_currency(rows: StatementRows, some: NDArray[np.int32]) -> NDArray[np.bool_]:
    """Which of some rows are in the country's own currency, told or not."""
    own = [is_own_currency(text) for text in rows.currency.values]
    return np.array([*own, True], np.bool_)[rows.currency.codes[some]]


def _keeps_several_books(rows: StatementRows, own: _OwnRows) -> NDArray[np.bool_]:
    """Which accounts have rows of several account numbers, whose balances are not one balance."""
    number = rows.own_account.codes[own.row]
    lowest = np.full(len(own.nodes), np.iinfo(np.int32).max, np.int32)
    highest = np.full(len(own.nodes), ABSENT, np.int32)
    np.minimum.at(lowest, own.account[number != ABSENT], number[number != ABSENT])
    np.maximum.at(highest, own.account, number)
    return lowest < highest


def _facts(
    own: _OwnRows,
    place: int,
    added: tuple[NDArray[np.int64], NDArray[np.int64]],
    listed: tuple[dict[tuple[int, bool], list[Counterparty]], dict[int, list[BalanceBreak]]],
    proof: int,
    limits: FactLimits,
) -> AccountFacts:
    part = slice(own.bounds[place], own.bounds[place + 1])
    sums, hourly = added
    top, breaks = listed
    node = int(own.nodes[place])
    daily = _daily(own.day[part], own.incoming[part], np.where(own.moving[part], own.amount[part], 0))
    gaps = _gaps(daily[:, 0])
    return AccountFacts(
        node=node,
        first_us=int(own.at_us[part].min()),
        last_us=int(own.at_us[part].max()),
        row_count=int(part.stop - part.start),
        active_days=len(daily),
        gap_days=sum(gap.days for gap in gaps),
        longest_gaps=tuple(sorted(gaps, key=lambda gap: (-gap.days, gap.first_day))[: limits.gaps]),
        opening_fen=int(sums[OPENING]),
        closing_fen=int(sums[CLOSING]),
        proof=proof,
        breaks=tuple(breaks.get(node, ())),
        in_fen=int(sums[IN_FEN]),
        out_fen=int(sums[OUT_FEN]),
        in_count=int(sums[IN_COUNT]),
        out_count=int(sums[OUT_COUNT]),
        cash_in_fen=int(sums[CASH_IN_FEN]),
        cash_out_fen=int(sums[CASH_OUT_FEN]),
        night_count=int(sums[NIGHT]),
        timed_count=int(sums[TIMED]),
        top_payers=tuple(top.get((node, True), ())),
        top_payees=tuple(top.get((node, False), ())),
        daily=daily,
        hourly_in_fen=hourly[0],
        hourly_out_fen=hourly[1],
    )


def _daily(day: NDArray[np.int64], incoming: NDArray[np.bool_], fen: NDArray[np.int64]) -> NDArray[np.int64]:
    """Each active day with what came in and went out: int64[k, 3]."""
    days, which = np.unique(day, return_inverse=True)
    table = np.zeros((len(days), 3), np.int64)
    table[:, 0] = days
    np.add.at(table, (which, np.where(incoming, 1, 2)), fen)
    return table


def _gaps(days: NDArray[np.int64]) -> list[Gap]:
    """The stretches between active days."""
    at = np.flatnonzero(np.diff(days) > 1)
    return [Gap(first_day=a + 1, last_day=b - 1) for a, b in zip(days[at].tolist(), days[at + 1].tolist(), strict=True)]


def _counterparties(
    reconciled: Reconciliation, own: _OwnRows, limits: FactLimits
) -> dict[tuple[int, bool], list[Counterparty]]:
    """The largest counterparties of each account and direction, by fen."""
    counted = np.flatnonzero(own.moving & (own.other >= 0))
    accounts = len(reconciled.accounts)
    key = (own.account[counted] * 2 + own.incoming[counted]) * accounts + own.other[counted]
    order = np.argsort(key, kind="stable")
    starts = np.flatnonzero(np.concatenate([[True], np.diff(key[order]) != 0])) if len(order) else order
    rows = counted[order]
    fen = np.add.reduceat(own.amount[rows], starts) if len(starts) else starts
    ends = np.append(starts[1:], len(rows))
    direction = key[order[starts]] // accounts
    ranked = np.lexsort((own.other[rows[starts]], -fen, direction))
    rank = np.arange(len(ranked)) - np.searchsorted(direction[ranked], direction[ranked])
    found: dict[tuple[int, bool], list[Counterparty]] = {}
    for at in ranked[rank < limits.counterparties].tolist():
        first, last = int(rows[starts[at]]), int(rows[ends[at] - 1])
        found.setdefault((int(own.nodes[own.account[first]]), bool(own.incoming[first])), []).append(
            Counterparty(
                node=int(own.other[first]),
                fen=int(fen[at]),
                count=int(ends[at] - starts[at]),
                first_us=int(own.at_us[first]),
                last_us=int(own.at_us[last]),
                evidence=int(own.row[first]),
            )
        )
    return found


def _breaks_by_node(reconciled: Reconciliation, limits: FactLimits, nodes: range) -> dict[int, list[BalanceBreak]]:
    breaks = reconciled.breaks
    some = (breaks.node >= nodes.start) & (breaks.node < nodes.stop)
    found: dict[int, list[BalanceBreak]] = {}
    columns = (breaks.node, breaks.row_before, breaks.row_after, breaks.missing_fen)
    for node, before, after, missing in zip(*(column[some].tolist() for column in columns), strict=True):
        listed = found.setdefault(node, [])
        if len(listed) < limits.breaks:
            listed.append(BalanceBreak(row_before=before, row_after=after, missing_fen=missing))
    return found


def missing_statements(
    rows: StatementRows, reconciled: Reconciliation, limits: FactLimits
) -> tuple[MissingStatement, ...]:
    """Accounts without books in the case, those that received most fen first, then those that paid most."""
    movements, accounts = reconciled.movements, reconciled.accounts
    counted = movements.moving & _is_own_currency(rows, movements.evidence[:, 0])
    count = len(accounts)
    table = np.zeros((5, count), np.int64)
    first = np.full(count, np.iinfo(np.int64).max, np.int64)
    last = np.full(count, np.iinfo(np.int64).min, np.int64)
    at_us = rows.at_us[movements.evidence[:, 0]]
    for column, party in ((0, movements.payee), (2, movements.payer)):
        some = np.flatnonzero(counted & (party >= 0))
        np.add.at(table[column], party[some], movements.amount_fen[some])
        table[column + 1] = np.bincount(party[some], minlength=count)
        np.minimum.at(first, party[some], at_us[some])
        np.maximum.at(last, party[some], at_us[some])
    both = np.flatnonzero(counted & (movements.payee >= 0) & (movements.payer >= 0))
    pairs = np.unique(movements.payee[both].astype(np.int64) << 32 | movements.payer[both])
    table[4] = np.bincount(pairs >> 32, minlength=count)
    asked = np.flatnonzero(~accounts.has_statement & (table[1] + table[3] > 0))
    ranked = asked[np.lexsort((asked, -table[2, asked], -table[0, asked]))][: limits.missing_statements]
    return tuple(
        MissingStatement(
            node=node,
            received_fen=received_fen,
            received_count=received_count,
            paid_fen=paid_fen,
            paid_count=paid_count,
            payers=payers,
            first_us=int(first[node]),
            last_us=int(last[node]),
        )
        for node, (received_fen, received_count, paid_fen, paid_count, payers) in zip(
            ranked.tolist(), table[:, ranked].T.tolist(), strict=True
        )
    )
