"""Each account's ledger by its own bank's clock, in the order that balances prove."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fanzha.records.statements.rows import UNKNOWN_FEN
from fanzha.tracing.movements.movements import NO_ROW, BalanceBreaks, BalanceProof, Ledgers, Movements
from fanzha.tracing.movements.ordering_kernels import order_by_balances, prove
from fanzha.tracing.movements.tellings import Tellings

ELSEWHERE = -2
"""The book of an event that the account's own statement does not tell."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Proofs:
    """The ledgers, what balances prove of each account, and where they do not."""

    ledgers: Ledgers
    proof: NDArray[np.uint8]
    breaks: BalanceBreaks


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Events:
    """Both ends of every movement by account, before they have an order; `telling` is the account's own or −1."""

    node: NDArray[np.int32]
    movement: NDArray[np.int32]
    incoming: NDArray[np.bool_]
    telling: NDArray[np.int64]
    at_us: NDArray[np.int64]
    width_us: NDArray[np.int64]
    balance: NDArray[np.int64]
    signed: NDArray[np.int64]

    def sorted_by(self, order: NDArray[np.int64]) -> _Events:
        """The events in another order."""
        return _Events(**{name: getattr(self, name)[order] for name in self.__slots__})


def ledgers(
    rows: Tellings,
    movements: Movements,
    own_tellings: tuple[NDArray[np.int64], NDArray[np.int64]],
    signed: NDArray[np.int64],
    accounts: int,
    most: int,
) -> Proofs:
    """Order every account's events; `own_tellings` are the payer's and the payee's own tellings of each movement."""
    events = _events(rows, movements, own_tellings, signed)
    book = _books(rows, events)
    place = np.where(events.telling >= 0, rows.position[events.telling], 0)
    file = np.where(events.telling >= 0, rows.file[events.telling], -1)
    order = np.lexsort((events.incoming, events.movement, place, file, events.at_us, book, events.node))
    events, book = events.sorted_by(order), book[order]
    bounds = _runs(events.node, book)
    by_balance, instant = order_by_balances(bounds, events.at_us, events.width_us, events.balance, events.signed, most)
    events = events.sorted_by(by_balance)
    proof, breaks = _proofs(rows, events, book, bounds, accounts)
    final = np.lexsort((np.arange(len(instant)), instant, events.node))
    return Proofs(ledgers=_ledgers(rows, events.sorted_by(final), accounts), proof=proof, breaks=breaks)


def _events(
    rows: Tellings,
    movements: Movements,
    own_tellings: tuple[NDArray[np.int64], NDArray[np.int64]],
    signed: NDArray[np.int64],
) -> _Events:
    payer, payee = np.flatnonzero(movements.payer >= 0), np.flatnonzero(movements.payee >= 0)
    movement = np.concatenate([payer, payee])
    told = np.concatenate([own_tellings[0][payer], own_tellings[1][payee]])
    seen = np.where(told >= 0, told, np.maximum(own_tellings[0], own_tellings[1])[movement])
    third_party = seen < 0
    at_us = np.where(third_party, movements.payer_at_us[movement], rows.at_us[seen])
    return _Events(
        node=np.concatenate([movements.payer[payer], movements.payee[payee]]),
        movement=movement.astype(np.int32),
        incoming=np.arange(len(movement)) >= len(payer),
        telling=told,
        at_us=at_us,
        width_us=np.where(third_party, 1, rows.width_us[seen]),
        balance=np.where(told >= 0, rows.balance[told], UNKNOWN_FEN),
        signed=np.where(told >= 0, signed[told], 0),
    )


def _books(rows: Tellings, events: _Events) -> NDArray[np.int32]:
    """Which balance each event changes: one a currency, and one an account under a card where rows tell several."""
    told = events.telling >= 0
    account = np.where(told, rows.book[events.telling], -1)
    nodes = int(events.node.max(initial=-1)) + 1
    lowest, highest = np.full(nodes, np.iinfo(np.int32).max, np.int32), np.full(nodes, -1, np.int32)
    named = account >= 0
    np.minimum.at(lowest, events.node[named], account[named])
    np.maximum.at(highest, events.node[named], account[named])
    account = np.where((lowest < highest)[events.node], account, -1)
    currencies = int(rows.currency.max(initial=-1)) + 2
    book = (account + 1) * currencies + np.where(told, rows.currency[events.telling], -1) + 1
    return np.where(told, book, ELSEWHERE).astype(np.int32)


def _runs(node: NDArray[np.int32], book: NDArray[np.int32]) -> NDArray[np.int64]:
    """Bounds of runs of one book of one account."""
    if not len(node):
        return np.zeros(1, np.int64)
    new = np.flatnonzero((node[1:] != node[:-1]) | (book[1:] != book[:-1])) + 1
    return np.concatenate([[0], new, [len(node)]]).astype(np.int64)


def _proofs(
    rows: Tellings, events: _Events, book: NDArray[np.int32], bounds: NDArray[np.int64], accounts: int
) -> tuple[NDArray[np.uint8], BalanceBreaks]:
    before, after, missing, verdict = prove(bounds, events.balance, events.signed)
    first = bounds[:-1]
    owned = book[first] != ELSEWHERE if len(first) else np.zeros(0, np.bool_)
    found = np.zeros((accounts, len(BalanceProof)), np.bool_)
    found[events.node[first[owned]], verdict[owned]] = True
    proof = np.select(
        [
            found[:, BalanceProof.BROKEN],
            found[:, BalanceProof.PARTLY_TOLD],
            found[:, BalanceProof.PROVEN] & ~found[:, BalanceProof.UNTOLD],
            found[:, BalanceProof.PROVEN],
        ],
        [BalanceProof.BROKEN, BalanceProof.PARTLY_TOLD, BalanceProof.PROVEN, BalanceProof.PROVEN],
        BalanceProof.UNTOLD,
    ).astype(np.uint8)
    breaks = BalanceBreaks(
        node=events.node[before],
        row_before=rows.place[events.telling[before]].astype(np.int32),
        row_after=rows.place[events.telling[after]].astype(np.int32),
        missing_fen=missing,
    )
    return proof, breaks


def _ledgers(rows: Tellings, events: _Events, accounts: int) -> Ledgers:
    start = np.zeros(accounts + 1, np.int64)
    np.cumsum(np.bincount(events.node, minlength=accounts), out=start[1:])
    return Ledgers(
        start=start,
        movement=events.movement,
        incoming=events.incoming,
        row=np.where(events.telling >= 0, rows.place[events.telling], NO_ROW).astype(np.int32),
        signed_fen=events.signed,
        balance_fen=events.balance,
    )
