"""A case's movements as an index that money can be followed through, and the way back to what files tell."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fanzha.records.statements.rows import Flag, StatementRows
from fanzha.tracing.follow.flow_index import NOBODY, FlowIndex, Transfers, build_index
from fanzha.tracing.follow.order import NONE, SECOND_US, Order, ordered
from fanzha.tracing.follow.unseen import Unseen, unseen_money
from fanzha.tracing.movements.movements import NO_MOVEMENT, NO_ROW, Exit, Reconciliation

NO_TRANSFER = -1
NEVER_TOLD_S = np.iinfo(np.int64).min

_SINKS = Flag.CASH | Flag.FEE | Flag.INTEREST
_POOLS = Flag.PAYMENT_COMPANY | Flag.MERCHANT | Flag.CRYPTO_TRADER


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CaseFlow:
    """A case's money to be followed; accounts are the reconciliation's nodes, m transfers stand in one order.

    `movement`: int32[m], `NO_MOVEMENT` for money that told balances prove and no row tells (`NOBODY` paid or got it);
    `row`: int32[m], the row that proves such money, else `NO_ROW`; `transfer`: int32, of each movement of the case,
    `NO_TRANSFER` where it moves none of the country's money; `in_circle`: bool[m], ledgers contradict each other about
    its place; `is_inconclusive`: bool[accounts], what it held at first is unknown; `told_until_s`: int64[accounts],
    when its own last row was over, `NEVER_TOLD_S` without one: money is only last seen there, never held; `slips`:
    int32[k], rows whose told balance contradicts those around it and proves nothing.
    """

    index: FlowIndex
    movement: NDArray[np.int32]
    row: NDArray[np.int32]
    transfer: NDArray[np.int32]
    in_circle: NDArray[np.bool_]
    is_inconclusive: NDArray[np.bool_]
    told_until_s: NDArray[np.int64]
    slips: NDArray[np.int32]

    def unseen(self) -> NDArray[np.int64]:
        """Transfers that no row tells."""
        return np.flatnonzero(self.movement == NO_MOVEMENT)


def case_flow(rows: StatementRows, found: Reconciliation) -> CaseFlow:
    """Everything that moved the country's own money in a case, in one order, with what balances prove beyond it.

    Does not depend on the order of files or on how they were imported. `Invalid` as `build_index`.
    """
    order = ordered(rows, found)
    opened, more = unseen_money(rows, found, order)
    places = _merged(order, more)
    is_movement = places < len(order.movement)
    movement = np.where(is_movement, np.append(order.movement, NONE)[np.where(is_movement, places, -1)], NO_MOVEMENT)
    transfer = np.full(len(found.movements), NO_TRANSFER, np.int32)
    transfer[movement[is_movement]] = np.flatnonzero(is_movement)
    return CaseFlow(
        index=build_index(
            _transfers(found, order, more, places),
            len(found.accounts),
            opening_fen=opened.of_account,
            is_end=_ends(found),
        ),
        movement=movement.astype(np.int32),
        row=np.append(np.full(len(order.movement), NO_ROW, np.int32), more.row)[places],
        transfer=transfer,
        in_circle=np.append(order.in_circle, np.zeros(len(more.row), np.bool_))[places],
        is_inconclusive=opened.is_unknown,
        told_until_s=_told_until(rows, found),
        slips=np.sort(more.slips),
    )


def _merged(order: Order, more: Unseen) -> NDArray[np.int64]:
    """Places of movements (0…) and of unseen money (after them) in the order in which they are followed."""
    before = np.concatenate([2 * np.arange(len(order.movement)) + 1, 2 * more.place])
    return np.argsort(before, kind="stable")


def _transfers(found: Reconciliation, order: Order, more: Unseen, places: NDArray[np.int64]) -> Transfers:
    moves = found.movements
    payer, payee = (party[order.movement] for party in _parties(found))
    nobody = np.full(len(more.fen), NOBODY, np.int32)
    return Transfers(
        payer=np.append(payer, np.where(more.fen < 0, more.account, nobody))[places].astype(np.int32),
        payee=np.append(payee, np.where(more.fen > 0, more.account, nobody))[places].astype(np.int32),
        amount_fen=np.append(moves.amount_fen[order.movement], np.abs(more.fen))[places],
        at_s=np.append(order.at_s, more.at_s)[places],
    )


def _parties(found: Reconciliation) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Payers and payees; cash, fees and interest come from nobody and go to nobody, whatever stands in their rows."""
    moves = found.movements
    outside_payer, outside_payee = _outside(found)
    sink = (moves.flags & np.uint16(_SINKS)) != 0
    payer = np.where(sink & outside_payer & ~outside_payee, NOBODY, moves.payer)
    return payer, np.where(sink & (moves.exit != Exit.NONE) & ~outside_payer, NOBODY, moves.payee)


def _outside(found: Reconciliation) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Movements whose payer, and whose payee, has no own statement in the case."""
    told = np.append(found.accounts.has_statement, False)
    return ~told[found.movements.payer], ~told[found.movements.payee]


def _ends(found: Reconciliation) -> NDArray[np.bool_]:
    """Accounts whose money cannot be told apart: those that the other side's rows call a merchant, pool or trader."""
    moves = found.movements
    outside_payer, outside_payee = _outside(found)
    called = (moves.flags & np.uint16(_POOLS)) != 0
    is_end = np.zeros(len(found.accounts), np.bool_)
    for party, chosen in ((moves.payer, outside_payer & ~outside_payee), (moves.payee, moves.exit != Exit.NONE)):
        nodes = party[called & chosen]
        is_end[nodes[nodes >= 0]] = True
    return is_end


def _told_until(rows: StatementRows, found: Reconciliation) -> NDArray[np.int64]:
    """When each account's own last row was over."""
    ledgers = found.ledgers
    node = np.repeat(np.arange(len(found.accounts)), np.diff(ledgers.start))
    told = np.flatnonzero(ledgers.row != NO_ROW)
    until = np.full(len(found.accounts), NEVER_TOLD_S, np.int64)
    np.maximum.at(until, node[told], rows.at_us[ledgers.row[told]] // SECOND_US)
    return until
