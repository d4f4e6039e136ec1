"""Each account's ledger by its own bank's clock, in the order that balances prove."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fanzha.records.statements.rows import UNKNOWN_FEN
from fanzha.tracing.movements.assembling import Assembled
from fanzha.tracing.movements.movements import NO_ROW, BalanceBreaks, BalanceProof, Ledgers
from fanzha.tracing.movements.ordering_kernels import order_by_balances, prove
from fanzha.tracing.movements.runs import by_node
from fanzha.tracing.movements.tellings import Tellings


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Proofs:
    """The ledgers, what balances prove of each account, and where they do not."""

    ledgers: Ledgers
    proof: NDArray[np.uint8]
    breaks: BalanceBreaks


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Events:
    """Ends of movements: whose, which, in or out, the account's own telling (or −1), and the telling that times it."""

    node: NDArray[np.int32]
    movement: NDArray[np.int32]
    incoming: NDArray[np.bool_]
    telling: NDArray[np.int32]
    seen: NDArray[np.int32]

    def at(self, order: NDArray[np.int64] | NDArray[np.int32]) -> _Events:
        """Some of the events, in this order."""
        return _Events(**{name: getattr(self, name)[order] for name in self.__slots__})


def ledgers(rows: Tellings, made: Assembled, signed: NDArray[np.int64], accounts: int, most: int) -> Proofs:
    """Order every account's events: by its own bank's clock, equal times as balances prove, else as the file has them.

    Events that an account's own statement does not tell stand by the other party's clock, after its own of that time.
    """
    events = _events(made)
    own = _own_in_time(rows, events.telling)
    book, books = _books(rows, events.node[own], events.telling[own])
    order, bounds = by_node(book, books)
    own = own[order]
    telling = events.telling[own]
    order, instant = order_by_balances(
        bounds, rows.at_us[telling], rows.width_us[telling], rows.balance[telling], signed[telling], most
    )
    own = own[order]
    proof, breaks = _proofs(rows, events.at(own), signed, bounds, accounts)
    elsewhere = np.flatnonzero(events.telling < 0)
    instant = np.concatenate([instant, rows.at_us[events.seen[elsewhere]]])
    everything = np.concatenate([own, elsewhere]).astype(np.int32)[np.argsort(instant, kind="stable")]
    by_account, start = by_node(events.node[everything], accounts)
    return Proofs(ledgers=_ledgers(rows, events.at(everything[by_account]), signed, start), proof=proof, breaks=breaks)


def _events(made: Assembled) -> _Events:
    payer, payee = np.flatnonzero(made.movements.payer >= 0), np.flatnonzero(made.movements.payee >= 0)
    movement = np.concatenate([payer, payee])
    told = np.concatenate([made.payer_telling[payer], made.payee_telling[payee]])
    return _Events(
        node=np.concatenate([made.movements.payer[payer], made.movements.payee[payee]]),
        movement=movement.astype(np.int32),
        incoming=np.arange(len(movement)) >= len(payer),
        telling=told.astype(np.int32),
        seen=np.where(told >= 0, told, made.lead[movement]).astype(np.int32),
    )


def _own_in_time(rows: Tellings, telling: NDArray[np.int32]) -> NDArray[np.int32]:
    """The events that an account's own rows tell, by time, then canonical order."""
    event = np.full(len(rows), -1, np.int32)
    told = np.flatnonzero(telling >= 0)
    event[telling[told]] = told
    event = event[rows.by_time]
    return event[event >= 0]


def _books(rows: Tellings, node: NDArray[np.int32], telling: NDArray[np.int32]) -> tuple[NDArray[np.int32], int]:
    """Which balance each own row changes: one a currency, and one an account under a card where rows tell several."""
    account, currency = rows.book[telling], rows.currency[telling]
    nodes = int(node.max(initial=-1)) + 1
    lowest, highest = np.full(nodes, np.iinfo(np.int32).max, np.int32), np.full(nodes, -1, np.int32)
    np.minimum.at(lowest, node[account >= 0], account[account >= 0])
    np.maximum.at(highest, node, account)
    several = (lowest < highest)[node]
    if not several.any() and (currency < 0).all():
        return node, nodes
    book = np.where(several, account.astype(np.int64) + 1, 0) << 8 | (currency + 1)
    _, which = np.unique(node.astype(np.int64) << 40 | book, return_inverse=True)
    return which.astype(np.int32), int(which.max(initial=-1)) + 1


def _proofs(
    rows: Tellings, own: _Events, signed: NDArray[np.int64], bounds: NDArray[np.int64], accounts: int
) -> tuple[NDArray[np.uint8], BalanceBreaks]:
    before, after, missing, verdict = prove(bounds, rows.balance[own.telling], signed[own.telling])
    told = np.flatnonzero(np.diff(bounds) > 0)
    found = np.zeros((accounts, len(BalanceProof)), np.bool_)
    found[own.node[bounds[told]], verdict[told]] = True
    proof = np.full(accounts, BalanceProof.UNTOLD, np.uint8)
    for one in (BalanceProof.PROVEN, BalanceProof.PARTLY_TOLD, BalanceProof.BROKEN):  # the weightiest last
        proof[found[:, one]] = one
    breaks = BalanceBreaks(
        node=own.node[before],
        row_before=rows.place[own.telling[before]].astype(np.int32),
        row_after=rows.place[own.telling[after]].astype(np.int32),
        missing_fen=missing,
    )
    return proof, breaks


def _ledgers(rows: Tellings, events: _Events, signed: NDArray[np.int64], start: NDArray[np.int64]) -> Ledgers:
    told = events.telling >= 0
    return Ledgers(
        start=start,
        movement=events.movement,
        incoming=events.incoming,
        row=np.where(told, rows.place[events.telling], NO_ROW).astype(np.int32),
        signed_fen=np.where(told, signed[events.telling], 0),
        balance_fen=np.where(told, rows.balance[events.telling], UNKNOWN_FEN),
    )
