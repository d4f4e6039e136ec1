"""Where money can have come from at all: one pass against time over every transfer within the horizon."""

from __future__ import annotations

import numpy as np

from fanzha.tracing.follow import workspace as work
from fanzha.tracing.follow.account_events import KEY_BITS
from fanzha.tracing.follow.backward_reach_kernels import start_back, sweep_back
from fanzha.tracing.follow.backward_search import NUMBER, Search
from fanzha.tracing.follow.index_kernels import NEVER
from fanzha.tracing.follow.reach import STOPS, roomy
from fanzha.tracing.follow.reach_kernels import ACCOUNTS, CUTS, Wide, count_between, set_bit
from fanzha.tracing.follow.trace import Held, Hops, Trace


def search_reach(search: Search) -> Trace:
    """Every payment that can have brought the money of one start or of one holding, latest first."""
    found, question = search.found, search.question
    since = search.since[0]
    (key,) = search.starts or [search.end_of(question.held.at_s) if question.held else 0]
    task = _task(search)
    lines, second = found.timelines(), key >> KEY_BITS
    wide = roomy(found, question, 1 + count_between(*lines, since << KEY_BITS, min(second, work.LATEST_S)))
    ended = work.DONE
    if search.starts:
        number, count = key & NUMBER, len(found.transfers)
        line = lines[number >= count]
        ended = start_back(found.ledger(), line, task, wide, number - line.first)
    elif not _begin_with_held(search, wide):
        key = 0
    moment = (second << KEY_BITS) | ((key & NUMBER) << 1)
    if ended == work.DONE:
        ended = sweep_back(found.ledger(), lines, task, wide, (since << KEY_BITS, moment))
    return _told(search, wide, ended)


def _task(search: Search) -> work.Task:
    limits = search.question.limits
    return work.Task(
        starts=np.empty((0, 4), np.int64),
        until=np.empty(0, np.int64),
        last_second=0,
        floor_fen=search.question.floor_fen,
        rule=work.EVERYTHING,
        most_events=limits.events,
        most_account_events=limits.account_events,
        widens_after=NEVER,
    )


def _begin_with_held(search: Search, wide: Wide) -> bool:
    """Look for what lay in the account, if anything did and it can be read."""
    held = search.question.held
    if held is None or (events := search.of(held.account)) is None:
        return False
    at = events.place(search.end_of(held.at_s))
    there = int(events.after[at - 1]) if at else events.opening
    if there > 0:
        set_bit(wide, held.account, 0)
        wide.counts[ACCOUNTS] = 1
    return there > 0


def _told(search: Search, wide: Wide, ended: int) -> Trace:
    hops = int(wide.counts[work.HOPS])
    return Trace(
        question=search.question,
        hops=Hops(
            transfer=wide.transfer[:hops],
            label=np.zeros(hops, np.int64),
            fen=wide.fen[:hops],
            kind=wide.kind[:hops],
        ),
        held=Held.of({}),
        cut=np.array(sorted({*search.cut, *wide.cut[: wide.counts[CUTS]].tolist()}), np.int32),
        stop=STOPS[ended],
        events=int(wide.counts[work.EVENTS]),
    )
