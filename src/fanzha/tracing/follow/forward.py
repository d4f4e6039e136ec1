"""Where money went: lots or shares followed forward from payments."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fanzha.kernel.errors import Invalid
from fanzha.tracing.follow import workspace as work
from fanzha.tracing.follow.agenda_kernels import fill_table
from fanzha.tracing.follow.flow_index import LATEST_S, FlowIndex
from fanzha.tracing.follow.follow_kernels import follow, gather_held
from fanzha.tracing.follow.question import Method, Question
from fanzha.tracing.follow.trace import Held, Hops, Stop, Trace
from fanzha.tracing.follow.workspace import FULL, Space, Task, grown, room, sizes

RULES = {
    Method.FIFO: work.OLDEST_FIRST,
    Method.LIFO: work.NEWEST_FIRST,
    Method.PRORATA: work.IN_PROPORTION,
    Method.POISON: work.EVERYTHING,
}


def trace_forward(found: FlowIndex, question: Question) -> Trace:
    """Follow the money of the question's payments; `Invalid` for a payment that the index does not have."""
    starts, order = _starts(found, question)
    limits, ledger = question.limits, found.ledger()
    until = np.minimum(starts[:, work.START_SECOND] + question.horizon_s, LATEST_S)
    task = Task(
        starts=starts,
        until=until,
        last_second=int(until.max()),
        floor_fen=question.floor_fen,
        rule=RULES[question.method],
        most_events=limits.events,
        most_account_events=limits.account_events,
    )
    first, *larger = sizes(limits)
    space = room(first, len(starts), limits)
    ended = follow(ledger, task, space)
    for accounts in larger:
        if ended != FULL:
            break
        space = grown(space, room(accounts, len(starts), limits))
        fill_table(space)
        ended = follow(ledger, task, space)
    slots = space.slots[: space.counts[work.SLOTS]]
    return Trace(
        question=question,
        hops=_hops(space.hops[: space.counts[work.HOPS]], order),
        held=_held(space, order, question.method),
        cut=slots[slots[:, work.STATE] == work.CUT, work.ACCOUNT].astype(np.int32),
        stop=(Stop.NOTHING_LEFT, Stop.ROOM, Stop.EVENTS)[ended],
        events=int(space.counts[work.EVENTS]),
    )


def _starts(found: FlowIndex, question: Question) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Starting payments in the order in which they were made, and which of the question's each is."""
    asked = np.array(question.starts, np.int64)
    if asked.min() < 0 or asked.max() >= len(found):
        raise Invalid("trace.no_such_transfer")
    moved = found.moved(asked)
    if (moved.payer == moved.payee).any():
        raise Invalid("trace.start_moves_nothing")
    starts = np.stack([moved.at_s - found.epoch_s, moved.amount_fen, moved.payee, asked], axis=1)
    order = np.lexsort((asked, moved.at_s))
    return starts[order], order


def _hops(raw: NDArray[np.int64], order: NDArray[np.int64]) -> Hops:
    return Hops(
        transfer=raw[:, work.HOP_TRANSFER].copy(),
        label=order[raw[:, work.HOP_LABEL]],
        fen=raw[:, work.HOP_FEN].copy(),
        kind=raw[:, work.HOP_KIND].astype(np.int8),
    )


def _held(space: Space, order: NDArray[np.int64], method: Method) -> Held:
    """What lies where, by account then label; whatever was touched under `POISON` is nowhere."""
    found = np.empty((space.counts[work.LOTS], 3), np.int64)
    account, label, fen = found[: 0 if method is Method.POISON else gather_held(space, found)].T
    label = order[label]
    placed = np.argsort(account * len(order) + label)
    return Held(account=account[placed].astype(np.int32), label=label[placed], fen=fen[placed])
