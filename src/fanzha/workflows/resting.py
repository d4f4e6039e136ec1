"""What of a traced case rests on balances alone, in the words of its files: how many fen, where, by which rows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fanzha.tracing.follow.case_flow import CaseFlow
from fanzha.tracing.follow.inferred import AT_FIRST, Inferred
from fanzha.tracing.follow.question import Direction
from fanzha.tracing.follow.trace import HopKind, Trace
from fanzha.tracing.movements.movements import NO_ROW
from fanzha.workflows.case_ledger import CaseLedger, Place
from fanzha.workflows.lying import Lying


@dataclass(frozen=True, slots=True, kw_only=True)
class Guess:
    """Money that a balance proves and no row tells: `fen` came, or left where negative; `evidence` are the rows."""

    fen: int
    evidence: tuple[Place, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Resting:
    """An account of which the trace tells `fen`, paid on or lying there, that rest on guesses from balances."""

    node: int
    fen: int
    guesses: tuple[Guess, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Slip:
    """A told balance of a traced account that the next one takes back: no money was inferred from it."""

    node: int
    place: Place


def rests_there(flow: CaseFlow, trace: Trace, lying: Lying, found: Inferred) -> NDArray[np.bool_]:
    """By place in `lying`: whether what lay there rests on a guess."""
    moved = flow.index.transfers
    if trace.question.direction is Direction.FORWARD:
        starts = np.array(trace.question.starts, np.int64)
        at = np.searchsorted(moved.at_s, moved.at_s[starts] + trace.question.horizon_s, side="right") - 1
    else:
        at = np.full(max(1, len(trace.question.starts)), AT_FIRST)
    rests = np.zeros(len(lying), np.bool_)
    for account, each in found.unsettled.items():
        for place in np.flatnonzero(lying.account == account).tolist():
            rests[place] = each.holds_open(int(at[lying.label[place]]))
    return rests


def resting_fen(flow: CaseFlow, trace: Trace, lying: Lying, found: Inferred, lies: NDArray[np.bool_]) -> dict[int, int]:
    """By account, traced fen that rest on guesses there: paid on (backward: that came), or lying there."""
    hops, moved = trace.hops, flow.index.transfers
    is_forward = trace.question.direction is Direction.FORWARD
    party = (moved.payer if is_forward else moved.payee)[hops.transfer]
    counted = found.hops & (hops.kind != HopKind.AFTER_HORIZON)
    fen = {
        account: int(hops.fen[counted & (party == account)].sum() + lying.fen[lies & (lying.account == account)].sum())
        for account in found.unsettled
    }
    return {account: each for account, each in fen.items() if each}


def slips(ledger: CaseLedger, flow: CaseFlow, trace: Trace) -> list[Slip]:
    """Wrong balances of accounts that the trace passes through, in the order of their rows."""
    ledgers, moved = ledger.found.ledgers, flow.index.transfers
    events = np.flatnonzero((ledgers.row != NO_ROW) & np.isin(ledgers.row, flow.slips))
    node = np.searchsorted(ledgers.start, events, side="right") - 1
    passed = np.append(moved.payer[trace.hops.transfer], moved.payee[trace.hops.transfer])
    mine = np.isin(node, passed)
    found = zip(node[mine].tolist(), ledgers.row[events[mine]].tolist(), strict=True)
    return [Slip(node=each, place=ledger.place(row)) for each, row in sorted(found, key=lambda one: one[1])]
