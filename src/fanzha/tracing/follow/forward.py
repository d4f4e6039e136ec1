"""Where money went: lots or shares followed forward from payments."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fanzha.kernel.errors import Broken, Invalid
from fanzha.tracing.follow import workspace as work
from fanzha.tracing.follow.agenda_kernels import fill_table
from fanzha.tracing.follow.flow_index import FlowIndex
from fanzha.tracing.follow.follow_kernels import follow, gather_held
from fanzha.tracing.follow.index_kernels import NEVER
from fanzha.tracing.follow.question import Method, Question
from fanzha.tracing.follow.reach import STOPS, swept, widens_after
from fanzha.tracing.follow.trace import Held, Hops, Trace
from fanzha.tracing.follow.workspace import FULL, LATEST_S, WIDE, Space, Task, borrowed, give_back, grown, room, sizes

RULES = {
    Method.FIFO: work.OLDEST_FIRST,
    Method.LIFO: work.NEWEST_FIRST,
    Method.PRORATA: work.IN_PROPORTION,
    Method.POISON: work.EVERYTHING,
}


def trace_forward(found: FlowIndex, question: Question) -> Trace:
    """Follow the money of the question's payments; `Invalid` for a payment that the index does not have.

    `Broken` by the conservative method, which compares these rules at each account: `follow` knows the way.
    """
    if question.method not in RULES:
        raise Broken("trace.no_rule_of_its_own", method=question.method.value)
    starts, order = _starts(found, question)
    limits, ledger = question.limits, found.ledger()
    until = np.minimum(starts[:, work.START_SECOND] + question.horizon_s, LATEST_S)
    task = Task(
        starts=starts,
        until=until,
        last_second=int(until[-1]),
        floor_fen=question.floor_fen,
        rule=RULES[question.method],
        most_events=limits.events,
        most_account_events=limits.account_events,
        widens_after=NEVER,
    )
    if question.method is Method.POISON:
        task = task._replace(widens_after=widens_after(found, task))
    first, *larger = sizes(limits)
    space = borrowed(first, len(starts), limits)
    ended = follow(ledger, task, space)
    for accounts in larger:
        if ended != FULL:
            break
        smaller, space = space, grown(space, room(accounts, len(starts), limits))
        give_back(smaller)
        fill_table(space)
        ended = follow(ledger, task, space)
    trace = swept(found, question, (task, order), space) if ended == WIDE else _told(question, space, order, ended)
    give_back(space)
    return trace


def _told(question: Question, space: Space, order: NDArray[np.int64], ended: int) -> Trace:
    """What was found, in memory of its own."""
    slots = space.slots[: space.counts[work.SLOTS]]
    return Trace(
        question=question,
        hops=_hops(space.hops[: space.counts[work.HOPS]], order),
        held=_held(space, order, question.method),
        cut=slots[slots[:, work.STATE] == work.CUT, work.ACCOUNT].astype(np.int32),
        stop=STOPS[ended],
        events=int(space.counts[work.EVENTS]),
    )


def _starts(found: FlowIndex, question: Question) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Starting payments in the order in which they were made, and which of the question's each is."""
    told = []
    for number in question.starts:
        if not 0 <= number < len(found):
            raise Invalid("trace.no_such_transfer")
        payer, payee, fen, at_s = found.transfer(number)
        if payer == payee:
            raise Invalid("trace.start_moves_nothing")
        told.append((at_s - found.epoch_s, fen, payee, number))
    order = sorted(range(len(told)), key=lambda at: (told[at][work.START_SECOND], told[at][work.START_TRANSFER]))
    return np.array([told[at] for at in order], np.int64), np.array(order, np.int64)


def _hops(raw: NDArray[np.int64], order: NDArray[np.int64]) -> Hops:
    return Hops(
        transfer=raw[:, work.HOP_TRANSFER].copy(),
        label=order[raw[:, work.HOP_LABEL]] if len(order) > 1 else raw[:, work.HOP_LABEL].copy(),
        fen=raw[:, work.HOP_FEN].copy(),
        kind=raw[:, work.HOP_KIND].astype(np.int8),
    )


def _held(space: Space, order: NDArray[np.int64], method: Method) -> Held:
    """What lies where, by account then label; whatever was touched under `POISON` is nowhere."""
    found = np.empty((space.counts[work.LOTS], 3), np.int64)
    account, label, fen = found[: 0 if method is Method.POISON else gather_held(space, found)].T
    if len(order) > 1:
        label = order[label]
    placed = np.argsort(account * len(order) + label)
    return Held(account=account[placed].astype(np.int32), label=label[placed], fen=fen[placed])
