"""Money that told balances prove, and no row tells: what was there at first, and what came or left unseen."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fanzha.records.statements.rows import UNKNOWN_FEN, StatementRows
from fanzha.tracing.follow.order import NONE, SECOND_US, Order, own_currency
from fanzha.tracing.follow.unseen_kernels import (
    ASIDE,
    FLOW,
    FLOW_UNTOLD,
    STILL,
    Events,
    Opened,
    find_unseen,
    open_books,
)
from fanzha.tracing.movements.accounts import books_of
from fanzha.tracing.movements.movements import NO_ROW, Reconciliation
from fanzha.tracing.movements.runs import by_node


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Unseen:
    """Money that came into an account or left it without a row: columns of length u, in order.

    `place`: int64[u], before which place of the order; `at_s`: int64[u]; `account`: int32[u]; `fen`: int64[u], negative
    where it left; `row`: int32[u], whose balance (or payment beyond the balance) proves it, `NO_ROW` where only others
    tell the payment; `slips`: int32[k], rows whose told balance the next one takes back: nothing rests on it.
    """

    place: NDArray[np.int64]
    at_s: NDArray[np.int64]
    account: NDArray[np.int32]
    fen: NDArray[np.int64]
    row: NDArray[np.int32]
    slips: NDArray[np.int32]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Found:
    """Events of accounts in their ledgers' order, `place` among the movements (silent rows: the one before)."""

    node: NDArray[np.int32]
    row: NDArray[np.int32]
    kind: NDArray[np.int8]
    signed: NDArray[np.int64]
    told: NDArray[np.int64]
    book: NDArray[np.int32]
    turn: NDArray[np.int64]
    place: NDArray[np.int64]

    def at(self, chosen: NDArray[np.int64] | NDArray[np.bool_]) -> _Found:
        """Some of the events, in this order."""
        return _Found(**{name: getattr(self, name)[chosen] for name in self.__slots__})

    def events(self, accounts: int) -> Events:
        """The same for the kernels."""
        _, bounds = by_node(self.node, accounts)
        return Events(bounds, self.kind, self.signed, self.told, self.book, self.turn)


def unseen_money(rows: StatementRows, found: Reconciliation, order: Order) -> tuple[Opened, Unseen]:
    """Openings of all accounts, and what their told balances prove beyond the movements."""
    accounts = len(found.accounts)
    ledger = _events(rows, found, order)
    opened = open_books(ledger.events(accounts), int(ledger.book.max(initial=NONE)) + 1)
    followed = ledger.at(np.lexsort((ledger.kind > FLOW_UNTOLD, ledger.place, ledger.node)))
    unseen = find_unseen(followed.events(accounts), opened)
    where = followed.at(unseen.at)
    place = where.place + ((where.kind > FLOW_UNTOLD) | unseen.is_after)
    at_s = _seconds(rows, where.row, place, order)
    if len(order.at_s):
        at_s = np.where(unseen.is_after, order.at_s[where.place.clip(0)], at_s)
    by_place = np.lexsort((unseen.at, where.node, at_s, place))
    return opened, Unseen(
        place=place[by_place],
        at_s=at_s[by_place],
        account=where.node[by_place],
        fen=unseen.fen[by_place],
        row=where.row[by_place],
        slips=followed.row[unseen.slips],
    )


def _seconds(rows: StatementRows, row: NDArray[np.int32], place: NDArray[np.int64], order: Order) -> NDArray[np.int64]:
    """The row's own second, as far as the movements around the place allow it."""
    if not len(row):
        return np.empty(0, np.int64)
    told = np.where(row != NO_ROW, rows.at_us[row] // SECOND_US, 0)
    if not len(order.at_s):
        return told
    last = len(order.at_s) - 1
    since = np.where(place > 0, order.at_s[np.clip(place - 1, 0, last)], told)
    until = np.where(place <= last, order.at_s[np.clip(place, 0, last)], np.maximum(told, since))
    return np.clip(told, np.minimum(since, until), until)


def _events(rows: StatementRows, found: Reconciliation, order: Order) -> _Found:
    ledgers, moves = found.ledgers, found.movements
    node = np.repeat(np.arange(len(found.accounts), dtype=np.int32), np.diff(ledgers.start))
    movement, is_told = ledgers.movement, ledgers.row != NO_ROW
    flows = (order.rank[movement] >= 0) & (moves.payer != moves.payee)[movement]
    own = is_told & own_currency(rows)[rows.currency.codes[ledgers.row]]
    aside = _taken_back(found, node) | (moves.payer == moves.payee)[movement]
    kind = np.where(flows, np.where(is_told, FLOW, FLOW_UNTOLD), np.where(aside, ASIDE, STILL)).astype(np.int8)
    step = len(order.movement) + 1
    passed = np.where(kind == FLOW, order.rank[movement] + 1, 0) + node.astype(np.int64) * step
    before = np.maximum.accumulate(passed) - node.astype(np.int64) * step - 1
    flowed = np.concatenate([[0], np.cumsum(kind == FLOW)])
    every = _Found(
        node=node,
        row=ledgers.row,
        kind=kind,
        signed=np.where(flows, np.where(ledgers.incoming, 1, -1) * moves.amount_fen[movement], ledgers.signed_fen),
        told=np.where(own, ledgers.balance_fen, UNKNOWN_FEN),
        book=_books(rows, node, ledgers.row),
        turn=flowed[:-1] - flowed[ledgers.start[:-1]][node],
        place=np.where(flows, order.rank[movement], before),
    )
    return every.at(flows | own)


def _taken_back(found: Reconciliation, node: NDArray[np.int32]) -> NDArray[np.bool_]:
    """Events of movements that a reversal in the same account's books takes back, and those reversals."""
    ledgers, moves = found.ledgers, found.movements
    back = found.same_as[moves.evidence[:, 0]]
    original = np.where(~moves.moving & (back != NO_ROW), found.movement[back], NONE)[ledgers.movement]
    own = (ledgers.row != NO_ROW) & ~moves.moving[ledgers.movement]
    key = node.astype(np.int64) * max(len(moves), 1)
    is_reversal = own & (original >= 0)
    undone, undoing = key + ledgers.movement, key + original
    if not is_reversal.any():
        return np.zeros(len(own), np.bool_)
    taken = (own & np.isin(undone, undoing[is_reversal])) | (is_reversal & np.isin(undoing, undone[own]))
    return np.asarray(taken, np.bool_)


def _books(rows: StatementRows, node: NDArray[np.int32], row: NDArray[np.int32]) -> NDArray[np.int32]:
    """Which balance each event changes: one an account, but one an account number where its rows tell several."""
    told = np.where(row != NO_ROW, books_of(rows.own_account)[row], NONE)
    lowest = np.full(int(node.max(initial=NONE)) + 1, np.iinfo(np.int32).max, np.int32)
    highest = np.full(len(lowest), NONE, np.int32)
    np.minimum.at(lowest, node[told >= 0], told[told >= 0])
    np.maximum.at(highest, node, told)
    number = np.where((lowest < highest)[node], told + 1, 0)
    _, book = np.unique(node.astype(np.int64) << 32 | number, return_inverse=True)
    return np.asarray(book.reshape(-1), np.int32)
