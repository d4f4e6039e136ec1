"""Reach that has grown wide: instead of asking account by account, every transfer of the time is looked at once."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fanzha.tracing.follow import workspace as work
from fanzha.tracing.follow.flow_index import FlowIndex
from fanzha.tracing.follow.question import Question
from fanzha.tracing.follow.reach_kernels import CUTS, Wide, count_between, sweep, widen
from fanzha.tracing.follow.trace import Held, Hops, Stop, Trace
from fanzha.tracing.follow.workspace import Space, Task

STOPS = (Stop.NOTHING_LEFT, Stop.ROOM, Stop.EVENTS)
ROWS_FOR_AN_EVENT = 256
"""Transfers in time for each event by which account-by-account reach may first try to come to its end: an event
costs as much as a hundred transfers looked at in a row."""


def widens_after(found: FlowIndex, task: Task) -> int:
    """Events after which to look at every transfer from there on to the end of the question's time."""
    return int(_transfers_in_time(found, task) / ROWS_FOR_AN_EVENT)


def _transfers_in_time(found: FlowIndex, task: Task) -> int:
    return count_between(*found.timelines(), int(task.starts[0, work.START_SECOND]) << 32, task.last_second)


def swept(found: FlowIndex, question: Question, asked: tuple[Task, NDArray[np.int64]], space: Space) -> Trace:
    """The trace that goes on from what account-by-account reach found; `asked`: task, and its order of the starts."""
    (task, order), ledger = asked, found.ledger()
    wide = roomy(found, question, _transfers_in_time(found, task))
    key = widen(ledger, task, space, wide)
    ended = sweep(ledger, found.timelines(), task, wide, key)
    slots, hops = space.slots[: space.counts[work.SLOTS]], int(wide.counts[work.HOPS])
    cut = slots[slots[:, work.STATE] == work.CUT, work.ACCOUNT].astype(np.int32)
    label = wide.label[:hops]
    return Trace(
        question=question,
        hops=Hops(
            transfer=wide.transfer[:hops],
            label=order[label] if len(order) > 1 else label,
            fen=wide.fen[:hops],
            kind=wide.kind[:hops],
        ),
        held=Held.of({}),
        cut=np.concatenate([cut, wide.cut[: wide.counts[CUTS]]]),
        stop=STOPS[ended],
        events=int(wide.counts[work.EVENTS]),
    )


def roomy(found: FlowIndex, question: Question, transfers: int) -> Wide:
    """As large as the limits and the question's time allow; memory that nobody touches costs nothing."""
    limits = question.limits
    hops = min(transfers, limits.hops + limits.lots)
    return Wide(
        reached=np.zeros((found.accounts // 64 + 1, 2), np.uint64),
        label_of=np.empty(found.accounts, np.int32),
        ends_at=np.empty(found.accounts, np.int64),
        transfer=np.empty(hops, np.int64),
        label=np.empty(hops, np.int64),
        fen=np.empty(hops, np.int64),
        kind=np.empty(hops, np.int8),
        cut=np.empty(limits.accounts, np.int32),
        counts=np.zeros(work.COUNTS, np.int64),
    )
