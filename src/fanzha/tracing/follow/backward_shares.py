"""Money that leaves in proportion, and mere reach, looked for backward through all accounts at once."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from heapq import heappop, heappush

import numpy as np

from fanzha.tracing.follow.account_events import KEY_BITS, AccountEvents
from fanzha.tracing.follow.backward_kernels import newer_part, small_draws
from fanzha.tracing.follow.backward_search import NUMBER, Search
from fanzha.tracing.follow.question import Method
from fanzha.tracing.follow.trace import HopKind, Stop, Trace

NEVER = -(1 << 63)


@dataclass(eq=False, slots=True)
class _Pool:
    """Of what lay in an account at some moment, how many fen became each label's; the next arrival before it."""

    events: AccountEvents
    next: int
    fen: Counter[int] = field(default_factory=Counter)


def search_shares(search: Search) -> Trace:
    """Every label's share of what lay in accounts, back through their arrivals, the latest first."""
    pools: dict[int, _Pool] = {}
    agenda: list[tuple[int, int]] = []
    starts = sorted(search.starts)
    _begin_with_held(search, pools, agenda)
    while agenda or starts:
        if (stop := search.stop()) is not Stop.NOTHING_LEFT:
            return search.trace(stop)
        search.events += 1
        key = max([-turn for turn, _ in agenda[:1]] + starts[-1:])
        payer, _, fen, _ = search.transfer(key & NUMBER)
        carried: Counter[int] = Counter()
        if agenda and -agenda[0][0] == key:
            account = heappop(agenda)[1]
            carried = _drawn(search, pools[account], account)
            _run_ahead(search, pools[account], max([-turn for turn, _ in agenda[:1]] + starts[-1:], default=NEVER))
            _await(pools[account], account, agenda)
        if starts and starts[-1] == key:
            _claim(search, carried, fen, search.starts[starts.pop()])
        if search.note(key, payer, carried):
            _pour(search, pools, agenda, (payer, key, fen), carried)
    for account, pool in pools.items():
        _leave(search, account, pool.fen)
    return search.trace(Stop.NOTHING_LEFT)


def _claim(search: Search, carried: Counter[int], fen: int, label: int) -> None:
    """A starting payment's money is its label's, but for what is somebody's already."""
    if search.question.method is Method.POISON and carried:
        return
    carried[label] += fen - carried.total()


def _begin_with_held(search: Search, pools: dict[int, _Pool], agenda: list[tuple[int, int]]) -> None:
    held = search.question.held
    if held is None or (events := search.of(held.account)) is None:
        return
    at = events.place(search.end_of(held.at_s))
    there = int(events.after[at - 1]) if at else events.opening
    fen = there if held.fen is None else held.fen
    pools[held.account] = pool = _Pool(events, _arrival_before(events, at))
    if min(fen, there) > 0:
        pool.fen[0] = min(fen, there)
    _leave(search, held.account, Counter({0: max(fen - there, 0)}))
    _await(pool, held.account, agenda)


def _arrival_before(events: AccountEvents, at: int) -> int:
    return int(np.searchsorted(events.arrivals, at)) - 1


def _await(pool: _Pool, account: int, agenda: list[tuple[int, int]]) -> None:
    """Put the account's next arrival on the agenda while any of its money is somebody's."""
    if pool.fen and pool.next >= 0:
        heappush(agenda, (-int(pool.events.key[pool.events.arrivals[pool.next]]), account))


def _drawn(search: Search, pool: _Pool, account: int) -> Counter[int]:
    """Whose money the account's next arrival brought: each label's share in proportion to what lay there after it."""
    at = int(pool.events.arrivals[pool.next])
    key, came, after = int(pool.events.key[at]), int(pool.events.signed[at]), int(pool.events.after[at])
    pool.next -= 1
    carried: Counter[int] = Counter()
    for label in sorted(pool.fen):
        if not search.is_late_enough(key, label):
            _leave(search, account, Counter({label: pool.fen.pop(label)}))
        elif search.question.method is Method.POISON:
            carried[label] = came
        elif part := newer_part(pool.fen[label], came, after):
            carried[label] = part
            pool.fen[label] -= part
            if not pool.fen[label]:
                del pool.fen[label]
    return carried


def _run_ahead(search: Search, pool: _Pool, until: int) -> None:
    """Look at arrivals that have less than the floor, before anything else has its turn at the key `until`."""
    if search.question.method is Method.POISON or len(pool.fen) != 1:
        return
    (label, fen), limits = *pool.fen.items(), search.question.limits
    since = (search.since[label] << KEY_BITS) - 1
    room = min(pool.next + 1, limits.hops + 1 - len(search.hops), limits.events + 1 - search.events)
    drawn = np.empty(max(room, 0), np.int64)
    last = pool.next
    rule = max(until, since), search.question.floor_fen
    pool.next, left, count = small_draws(pool.events.came, last, fen, rule, drawn)
    search.events += count
    keys = pool.events.came.key[last - count + 1 : last + 1][::-1]
    for key, part in zip(keys.tolist(), drawn[:count].tolist(), strict=True):
        if part:
            search.hops[key, label, HopKind.BELOW_FLOOR] += part
    pool.fen[label] = left
    if not left:
        del pool.fen[label]


def _leave(search: Search, account: int, fen: Counter[int]) -> None:
    """What lay there before anything that is followed; reach is no money that lies anywhere."""
    if search.question.method is not Method.POISON:
        for label, part in fen.items():
            search.held[account, label] += part


def _pour(
    search: Search,
    pools: dict[int, _Pool],
    agenda: list[tuple[int, int]],
    payment: tuple[int, int, int],
    carried: Counter[int],
) -> None:
    """A payment's (payer, key, fen) money lay with its payer before, as far as it was there to be seen."""
    payer, key, fen = payment
    pool = pools.get(payer)
    if pool is None:
        events = search.of(payer)
        if events is None:
            _leave(search, payer, carried)
            return
        pools[payer] = pool = _Pool(events, _arrival_before(events, events.place(key)))
    was_empty = not pool.fen
    if search.question.method is Method.POISON:
        if was_empty:
            pool.fen += carried
    else:
        there = min(int(pool.events.before[pool.events.place(key)]), fen)
        for label, part in carried.items():
            unseen = newer_part(part, fen - there, fen)
            search.held[payer, label] += unseen
            if part > unseen:
                pool.fen[label] += part - unseen
    if was_empty:
        pool.next = _arrival_before(pool.events, pool.events.place(key))
        _await(pool, payer, agenda)
