"""Money that leaves in the order in which it came, or in the opposite order, looked for fen by fen."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterator
from heapq import heappop, heappush
from typing import NamedTuple

from fanzha.tracing.follow.account_events import AccountEvents
from fanzha.tracing.follow.backward_kernels import last_below
from fanzha.tracing.follow.backward_search import NUMBER, Search
from fanzha.tracing.follow.question import Method
from fanzha.tracing.follow.trace import Stop, Trace


class Part(NamedTuple):
    """The fen from `first` up to `end` of a payment, as it was counted out, that became a label's."""

    first: int
    end: int
    label: int


def search_lots(search: Search) -> Trace:
    """Every asked fen's way back, payment by payment, the latest first."""
    wanted: dict[int, list[Part]] = defaultdict(list)
    agenda = [-key for key in search.starts]
    agenda.sort()
    held = search.question.held
    if held is not None and (events := search.of(held.account)) is not None:
        at = events.place(search.end_of(held.at_s))
        there = int(events.after[at - 1]) if at else events.opening
        fen = there if held.fen is None else held.fen
        _look(search, wanted, agenda, (held.account, events, at, there, fen), [Part(0, fen, 0)])
    while agenda:
        if (stop := search.stop()) is not Stop.NOTHING_LEFT:
            return search.trace(stop)
        key = -heappop(agenda)
        while agenda and -agenda[0] == key:
            heappop(agenda)
        search.events += 1
        payer, _, fen, _ = search.transfer(key & NUMBER)
        parts = sorted(wanted.pop(key, []), key=lambda part: part.first)
        if key in search.starts:
            parts += _rest(parts, fen, search.starts[key])
        carried: Counter[int] = Counter()
        for part in parts:
            carried[part.label] += part.end - part.first
        if not search.note(key, payer, carried):
            continue
        found = search.of(payer)
        if found is None:
            for part in parts:
                search.held[payer, part.label] += part.end - part.first
            continue
        at = found.place(key)
        _look(search, wanted, agenda, (payer, found, at, int(found.before[at]), fen), parts)
    return search.trace(Stop.NOTHING_LEFT)


def _rest(parts: list[Part], fen: int, label: int) -> list[Part]:
    """What of a payment is not asked for yet."""
    rest, at = [], 0
    for part in [*parts, Part(fen, fen, label)]:
        if part.first > at:
            rest.append(Part(at, part.first, label))
        at = part.end
    return rest


def _look(
    search: Search,
    wanted: dict[int, list[Part]],
    agenda: list[int],
    payment: tuple[int, AccountEvents, int, int, int],
    parts: list[Part],
) -> None:
    """Ask for the arrivals that parts of a payment (account, events, place, fen there, fen paid) came on."""
    account, events, at, there, fen = payment
    oldest_first = search.question.method is Method.FIFO
    for part in parts:
        seen = min(part.end, there, fen)
        if part.end > max(seen, part.first):
            search.held[account, part.label] += part.end - max(seen, part.first)
        if seen <= part.first:
            continue
        if oldest_first:
            left = int(events.left[at])
            pieces = _in_queue(events, left + part.first, left + seen)
        else:
            below = max(there - fen, 0)
            pieces = _in_stack(events, at, below + part.first, below + seen)
        for arrival, first, end in pieces:
            search.events += 1
            key = int(events.key[arrival]) if arrival >= 0 else -1
            if arrival >= 0 and search.is_late_enough(key, part.label):
                if key not in wanted:
                    heappush(agenda, -key)
                wanted[key].append(Part(first, end, part.label))
            else:
                search.held[account, part.label] += end - first


def _in_queue(events: AccountEvents, first: int, end: int) -> Iterator[tuple[int, int, int]]:
    """Arrivals (−1: what was there at first) and which of their fen stood at these places of the account's queue."""
    places = events.queued
    if first < events.opening:
        yield -1, first, min(end, events.opening)
        first = events.opening
    which = bisect_right(places, first) - 1
    while first < end:
        arrival, begins = int(events.arrivals[which]), int(places[which])
        upto = min(end, begins + int(events.signed[arrival]))
        yield arrival, first - begins, upto - begins
        first, which = upto, which + 1


def _in_stack(events: AccountEvents, at: int, bottom: int, top: int) -> Iterator[tuple[int, int, int]]:
    """Arrivals (−1: what was there at first) and which of their fen lay at these heights before the event `at`."""
    while bottom < top:
        at = last_below(events.before, events.signed, at, top)
        if at < 0:
            yield -1, bottom, top
            return
        lowest = int(events.before[at])
        yield at, max(bottom, lowest) - lowest, top - lowest
        top = max(bottom, lowest)
