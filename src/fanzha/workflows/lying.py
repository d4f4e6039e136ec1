"""Where traced money lies when a trace has ended, and what became of the rest, counted as columns."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from fanzha.records.statements.rows import Precision, StatementRows
from fanzha.tracing.follow.case_flow import NEVER_TOLD_S, CaseFlow
from fanzha.tracing.follow.question import Direction, Method
from fanzha.tracing.follow.trace import HopKind, Trace
from fanzha.tracing.movements.assembling import ways
from fanzha.tracing.movements.movements import NO_MOVEMENT, NO_ROW, UNKNOWN_US, Exit, Movements


class Lies(StrEnum):
    """How sure it is that money lies in an account."""

    HELD = "held"
    """The account's own statement tells its balance then."""
    LAST_SEEN = "last_seen"
    """It arrived there; no statement of the account tells what became of it."""
    BEFORE = "before"
    """Backward: it lay there before anything that is followed."""


LIES = tuple(Lies)
_EXACTS = len(Precision)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Lying:
    """Traced fen by account, then label: columns of length n.

    `first_s`, `last_s`: when money of the label came to the account (backward: left it), `first_exact`, `last_exact` as
    in `exactness`; `lies`: places in `LIES`.
    """

    account: NDArray[np.int64]
    label: NDArray[np.int64]
    fen: NDArray[np.int64]
    first_s: NDArray[np.int64]
    last_s: NDArray[np.int64]
    first_exact: NDArray[np.int8]
    last_exact: NDArray[np.int8]
    lies: NDArray[np.int8]

    def __len__(self) -> int:
        return len(self.fen)


def exactness(flow: CaseFlow, rows: StatementRows, movements: Movements) -> NDArray[np.int8]:
    """By transfer, how exactly files tell the time by which it is followed: codes of `Precision`.

    Money that a balance proves is told as exactly as the row of that balance, else as the payment that it was needed
    for, which follows it.
    """
    payer, payee = movements.payer_precision, movements.payee_precision
    by_payer = movements.payer_at_us != UNKNOWN_US
    by_payer &= ~((payer == Precision.DAY) & (payee != Precision.DAY) & (movements.payee_at_us != UNKNOWN_US))
    told = np.append(np.where(by_payer, payer, payee), np.int8(Precision.SECOND))  # the last is that of `NO_MOVEMENT`
    exact = np.where(flow.row == NO_ROW, told[flow.movement], np.append(rows.precision, np.int8(0))[flow.row])
    is_known = (flow.movement != NO_MOVEMENT) | (flow.row != NO_ROW)
    following = np.where(is_known, np.arange(len(exact)), len(exact) - 1)
    return exact[np.minimum.accumulate(following[::-1])[::-1]].astype(np.int8)


def lying(flow: CaseFlow, trace: Trace, exact: NDArray[np.int8]) -> Lying:
    """What was held at the end, and what left an account only after the horizon; what was only reached lies nowhere.

    `exact` is the flow's `exactness`.
    """
    held, hops, moved = trace.held, trace.hops, flow.index.transfers
    is_forward = trace.question.direction is Direction.FORWARD
    labels = max(1, len(trace.question.starts))
    late, came = hops.kind == HopKind.AFTER_HORIZON, hops.kind == HopKind.FOLLOWED
    late &= trace.question.method is not Method.POISON
    account = np.append(held.account, moved.payer[hops.transfer[late]]).astype(np.int64)
    places, at = np.unique(account * labels + np.append(held.label, hops.label[late]), return_inverse=True)
    fen = np.zeros(len(places), np.int64)
    np.add.at(fen, at, np.append(held.fen, hops.fen[late]))
    party = (moved.payee if is_forward else moved.payer)[hops.transfer[came]].astype(np.int64)
    arrived = party * labels + hops.label[came]
    there = np.isin(arrived, places)
    at = np.searchsorted(places, arrived[there])
    times = (moved.at_s * _EXACTS + exact)[hops.transfer[came]][there]  # of two at one second, the more exact is later
    first, last = np.full(len(places), np.iinfo(np.int64).max), np.full(len(places), np.iinfo(np.int64).min)
    np.minimum.at(first, at, times)
    np.maximum.at(last, at, times)
    known = flow.told_until_s[places // labels]
    is_held = (known != NEVER_TOLD_S) & (known >= last // _EXACTS)
    lies = np.where(is_held, LIES.index(Lies.HELD), LIES.index(Lies.LAST_SEEN))
    return Lying(
        account=places // labels,
        label=places % labels,
        fen=fen,
        first_s=first // _EXACTS,
        last_s=last // _EXACTS,
        first_exact=(first % _EXACTS).astype(np.int8),
        last_exact=(last % _EXACTS).astype(np.int8),
        lies=(lies if is_forward else np.full(len(places), LIES.index(Lies.BEFORE))).astype(np.int8),
    )


def exits(flow: CaseFlow, movements: Movements, trace: Trace) -> NDArray[np.int8]:
    """By hop, how its payment left the case's accounts or came to them, where it did: a code of `Exit`."""
    told = np.append(ways(movements.flags), np.uint8(Exit.OUTSIDE))  # the last one is that of `NO_MOVEMENT`
    return told[flow.movement[trace.hops.transfer]].astype(np.int8)


def by_start(trace: Trace, some: NDArray[np.bool_]) -> NDArray[np.int64]:
    """The fen of some hops by their start."""
    found = np.zeros(max(1, len(trace.question.starts)), np.int64)
    np.add.at(found, trace.hops.label[some], trace.hops.fen[some])
    return found
