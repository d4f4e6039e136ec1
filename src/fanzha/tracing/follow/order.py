"""One order of a case's movements that agrees with every account's own ledger."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fanzha.records.statements.rows import Precision, StatementRows
from fanzha.tracing.follow.order_kernels import COLUMNS, PROVEN, TOLD_BY_OTHERS, total_order
from fanzha.tracing.movements.movements import NO_ROW, UNKNOWN_US, Ledgers, Movements, Reconciliation
from fanzha.tracing.movements.tellings import is_own_currency

SECOND_US = 1_000_000
NONE = -1


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Order:
    """Movements of money in the order in which it is followed: columns of length m.

    `movement`: int64[m], numbers of movements; `at_s`: int64[m], seconds of UTC that never fall; `in_circle`: bool[m],
    ledgers contradict each other about it; `rank`: int64, of every movement of the case, −1 where it has no place.
    """

    movement: NDArray[np.int64]
    at_s: NDArray[np.int64]
    in_circle: NDArray[np.bool_]
    rank: NDArray[np.int64]


def ordered(rows: StatementRows, found: Reconciliation) -> Order:
    """All movements that move the country's own money, each account's in its ledger's order, else by payer's time."""
    moves = found.movements
    chosen = np.flatnonzero(moves.moving & own_currency(rows)[moves.currency] & (moves.amount_fen > 0))
    at_us = _times(rows, moves)[chosen]
    number = np.full(len(moves), NONE, np.int64)
    number[chosen] = np.arange(len(chosen))
    if not len(chosen):
        nothing = np.empty(0, np.int64)
        return Order(movement=chosen, at_s=nothing, in_circle=nothing.astype(np.bool_), rank=number)
    places, in_circle = total_order(at_us, *_neighbours(found.ledgers, moves, number, len(chosen)))
    rank = np.full(len(moves), NONE, np.int64)
    rank[chosen[places]] = np.arange(len(places))
    return Order(
        movement=chosen[places],
        at_s=np.maximum.accumulate(at_us[places]) // SECOND_US,
        in_circle=in_circle[places],
        rank=rank,
    )


def own_currency(rows: StatementRows) -> NDArray[np.bool_]:
    """By code of a row's currency (the last stands for untold): whether it is the country's own."""
    return np.array([*(is_own_currency(text) for text in rows.currency.values), True], np.bool_)


def _times(rows: StatementRows, moves: Movements) -> NDArray[np.int64]:
    """The payer's bank's time; the payee's where it alone is told, or tells a time of day that the payer's does not."""
    payer, payee = moves.payer_at_us, moves.payee_at_us
    vague = (moves.payer_precision == Precision.DAY) & (moves.payee_precision != Precision.DAY)
    told = np.where((payer == UNKNOWN_US) | (vague & (payee != UNKNOWN_US)), payee, payer)
    return np.where(told == UNKNOWN_US, rows.at_us[moves.evidence[:, 0]], told)


def _neighbours(
    ledgers: Ledgers, moves: Movements, number: NDArray[np.int64], count: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """What follows each movement in its two ledgers, and what comes before it by own books."""
    node = np.repeat(np.arange(len(ledgers.start) - 1), np.diff(ledgers.start))
    is_one = (number[ledgers.movement] >= 0) & (moves.payer != moves.payee)[ledgers.movement]
    after = np.full((count, COLUMNS), NONE, np.int64)
    before = np.full((count, 2), NONE, np.int64)
    is_told = ledgers.row != NO_ROW
    everything, told = np.flatnonzero(is_one), np.flatnonzero(is_one & is_told)
    for events, column in ((told, PROVEN), (everything, TOLD_BY_OTHERS)):
        a, b = events[:-1], events[1:]
        follows = node[a] == node[b]
        if column == TOLD_BY_OTHERS:
            follows &= ~(is_told[a] & is_told[b])
        a, b = a[follows], b[follows]
        first, second = number[ledgers.movement[a]], number[ledgers.movement[b]]
        after[first, column + ledgers.incoming[a]] = second
        if column == PROVEN:
            before[second, ledgers.incoming[b].astype(np.int64)] = first
    return after, before
