"""Where money went: lots or shares followed forward from payments."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fanzha.kernel.errors import Invalid
from fanzha.tracing.follow import index_kernels as index
from fanzha.tracing.follow import workspace as work
from fanzha.tracing.follow.flow_index import LATEST_S, FlowIndex
from fanzha.tracing.follow.follow_kernels import follow
from fanzha.tracing.follow.question import Method, Question
from fanzha.tracing.follow.trace import Held, Hops, Stop, Trace
from fanzha.tracing.follow.workspace import FULL, Task, room, sizes

RULES = {
    Method.FIFO: work.OLDEST_FIRST,
    Method.LIFO: work.NEWEST_FIRST,
    Method.PRORATA: work.IN_PROPORTION,
    Method.POISON: work.EVERYTHING,
}


def trace_forward(found: FlowIndex, question: Question) -> Trace:
    """Follow the money of the question's payments; `Invalid` for a payment that the index does not have."""
    starts, until, order = _starts(found, question)
    limits, ledger = question.limits, found.ledger()
    task = Task(
        starts=starts,
        until=until,
        last_second=int(until.max()),
        floor_fen=question.floor_fen,
        rule=RULES[question.method],
        most_events=limits.events,
        most_account_events=limits.account_events,
    )
    ended = FULL
    for accounts in sizes(limits):
        space = room(accounts, limits)
        ended = follow(ledger, task, space)
        if ended != FULL:
            break
    slots = space.slots[: space.counts[work.SLOTS]]
    holding = slots[:0] if question.method is Method.POISON else slots[slots[:, work.TRACED] > 0]
    return Trace(
        question=question,
        hops=_hops(space.hops[: space.counts[work.HOPS]], order),
        held=_held(holding, space.lots, order),
        cut=slots[slots[:, work.STATE] == work.CUT, work.ACCOUNT].astype(np.int32),
        stop=(Stop.NOTHING_LEFT, Stop.ROOM, Stop.EVENTS)[ended],
        events=int(space.counts[work.EVENTS]),
    )


def _starts(found: FlowIndex, question: Question) -> tuple[NDArray[np.int32], NDArray[np.int64], NDArray[np.int64]]:
    """Starting payments as events in order, the last second of each, and which of the question's each is."""
    asked = np.array(question.starts, np.int64)
    if asked.min() < 0 or asked.max() >= len(found):
        raise Invalid("trace.no_such_transfer")
    if (found.transfers.payer[asked] == found.transfers.payee[asked]).any():
        raise Invalid("trace.start_moves_nothing")
    events = np.array([found.start_event(int(each)) for each in asked], np.int32)
    order = np.lexsort((asked, events[:, index.SECOND]))
    until = np.minimum(events[order, index.SECOND].astype(np.int64) + question.horizon_s, LATEST_S)
    return events[order], until, order.astype(np.int64)


def _hops(raw: NDArray[np.int64], order: NDArray[np.int64]) -> Hops:
    transfer, label, kind = raw[:, work.HOP_TRANSFER], order[raw[:, work.HOP_LABEL]], raw[:, work.HOP_KIND]
    _, first, which = np.unique(
        np.stack([transfer, label, kind], axis=1), axis=0, return_index=True, return_inverse=True
    )
    fen = np.zeros(len(first), np.int64)
    np.add.at(fen, which.ravel(), raw[:, work.HOP_FEN])
    placed = np.argsort(first, kind="stable")
    rows = first[placed]
    return Hops(transfer=transfer[rows], label=label[rows], fen=fen[placed], kind=kind[rows].astype(np.int8))


def _held(slots: NDArray[np.int64], lots: NDArray[np.int64], order: NDArray[np.int64]) -> Held:
    held: dict[tuple[int, int], int] = {}
    for slot in slots:
        lot = int(slot[work.FIRST])
        while lot != work.NO_LOT:
            if lots[lot, work.LABEL] != work.UNTRACED:
                place = int(slot[work.ACCOUNT]), int(order[lots[lot, work.LABEL]])
                held[place] = held.get(place, 0) + int(lots[lot, work.FEN])
            lot = int(lots[lot, work.NEWER])
    places = sorted(held)
    return Held(
        account=np.array([account for account, _ in places], np.int32),
        label=np.array([label for _, label in places], np.int64),
        fen=np.array([held[place] for place in places], np.int64),
    )
