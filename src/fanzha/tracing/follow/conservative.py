"""Where money went for certain: only what FIFO, LIFO and pro-rata agree on at every account on the way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from heapq import heappop, heappush

import numpy as np
from numpy.typing import NDArray

from fanzha.kernel.errors import Invalid
from fanzha.tracing.follow.account_events import KEY_BITS, AccountEvents, account_events, key_of
from fanzha.tracing.follow.conservative_account import Lot, Parts, ThreeWays
from fanzha.tracing.follow.flow_index import FlowIndex
from fanzha.tracing.follow.question import Question
from fanzha.tracing.follow.trace import Held, HopKind, Hops, Stop, Trace

LIES_THERE = -1
NUMBER = (1 << KEY_BITS) - 1
MOST_EVENTS, MOST_ACCOUNT_EVENTS = 500_000, 100_000
"""Three rules side by side cost more an event than one: a trace is cut sooner, so that nobody waits long for it."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Disputed:
    """Where the rules disagree, and nothing is certain from there on: columns of length d.

    `transfer`: int64[d], a payment, or `LIES_THERE` for what an account held in the end; `account`: int32[d], whose
    money it was; of the label's fen that certainly came there, `low_fen` to `high_fen` by one rule or another.
    """

    transfer: NDArray[np.int64]
    account: NDArray[np.int32]
    label: NDArray[np.int64]
    low_fen: NDArray[np.int64]
    high_fen: NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ConservativeTrace:
    """What is certain as a trace of its own; it does not add up to what started: the rest is disputed or dust."""

    trace: Trace
    disputed: Disputed


@dataclass(eq=False)
class _Walk:
    """Accounts that certain money reached, their next events in order, and what was found."""

    found: FlowIndex
    question: Question
    until: list[int]
    accounts: dict[int, ThreeWays] = field(default_factory=dict)
    agenda: list[tuple[int, int]] = field(default_factory=list)
    arriving: dict[int, Parts] = field(default_factory=dict)
    hops: Counter[tuple[int, int, HopKind]] = field(default_factory=Counter)
    disputed: dict[tuple[int, int, int], tuple[int, int]] = field(default_factory=dict)
    cut: set[int] = field(default_factory=set)
    seen: Counter[int] = field(default_factory=Counter)
    events: int = 0
    known: dict[int, AccountEvents] = field(default_factory=dict)

    def events_of(self, account: int) -> AccountEvents:
        """The account's events, laid out once a trace."""
        if account not in self.known:
            self.known[account] = account_events(self.found, account)
        return self.known[account]


def trace_conservative(found: FlowIndex, question: Question) -> ConservativeTrace:
    """Follow what is certain of the question's payments; `Invalid` for a payment that the index does not have."""
    starts = _starts(found, question)
    walk = _Walk(found, question, [(key >> KEY_BITS) + question.horizon_s for key in starts])
    waiting = sorted(((2 * key, label) for label, key in enumerate(starts)), reverse=True)
    last, stop = max(walk.until), Stop.NOTHING_LEFT
    most_events = min(question.limits.events, MOST_EVENTS)
    while walk.agenda or waiting:
        walk.events += 1
        if walk.events > most_events or len(walk.hops) > question.limits.hops:
            stop = Stop.EVENTS if walk.events > most_events else Stop.ROOM
            break
        is_start = bool(waiting) and (not walk.agenda or waiting[-1][0] <= walk.agenda[0][0])
        turn = waiting[-1][0] if is_start else walk.agenda[0][0]
        if turn >> (KEY_BITS + 1) > last:
            break
        label = waiting.pop()[1] if is_start else None
        account = heappop(walk.agenda)[1] if walk.agenda and walk.agenda[0][0] == turn else None
        if turn & 1 and account is not None:
            _receive(walk, account, turn >> 1)
        else:
            _pay(walk, account, turn >> 1, label)
    return _told(walk, stop)


def _starts(found: FlowIndex, question: Question) -> list[int]:
    numbers = np.array(question.starts, np.int64)
    if numbers.min() < 0 or numbers.max() >= len(found):
        raise Invalid("trace.no_such_transfer")
    moved = found.moved(numbers)
    if (moved.payer == moved.payee).any():
        raise Invalid("trace.start_moves_nothing")
    keys: list[int] = key_of(moved.at_s, numbers, found.epoch_s).tolist()
    return keys


def _receive(walk: _Walk, account: int, key: int) -> None:
    """Money arrives in an account: what is certain of it, or nobody's."""
    mine = walk.accounts[account]
    fen = int(mine.events.signed[mine.next])
    nobodys = [(fen, None)]
    mine.add(walk.arriving.pop(key, (nobodys, nobodys, nobodys)))
    _go_on(walk, account)


def _pay(walk: _Walk, account: int | None, key: int, label: int | None) -> None:
    """A payment leaves: by each rule with whose money; a start's is its label's but for what is somebody's already."""
    number = np.array([key & NUMBER], np.int64)
    moved = walk.found.moved(number)
    fen, payee = int(moved.amount_fen[0]), int(moved.payee[0])
    nobodys: list[Lot] = [(fen, None)]
    parts: Parts = (nobodys, nobodys, nobodys) if account is None else walk.accounts[account].take(fen)
    if label is not None:
        parts = _each(parts, lambda whose: label if whose is None else whose)
    payer = int(moved.payer[0])
    certain = _agreed(walk, parts, (int(number[0]), payer))
    late = {whose for whose in certain if key >> KEY_BITS > walk.until[whose]}
    for whose in late:
        walk.hops[key, whose, HopKind.AFTER_HORIZON] += certain.pop(whose)
    kind = HopKind.BELOW_FLOOR
    if certain.total() >= walk.question.floor_fen:
        kind = HopKind.LEFT if payee < 0 or walk.found.is_end[payee] else HopKind.FOLLOWED
    for whose, part in certain.items():
        walk.hops[key, whose, kind] += part
    if account is not None:
        _go_on(walk, account)
    if kind is HopKind.FOLLOWED:
        _send(walk, payee, key, _each(parts, lambda whose: whose if whose in certain else None))


def _each(parts: Parts, label_of: Callable[[int | None], int | None]) -> Parts:
    """The same money, its labels changed."""
    first, second, third = ([(part, label_of(whose)) for part, whose in way] for way in parts)
    return first, second, third


def _agreed(walk: _Walk, parts: Parts, place: tuple[int, int]) -> Counter[int]:
    """Each label's fen on which all three rules agree; what they don't agree on is noted with its range."""
    told = [Counter[int](), Counter[int](), Counter[int]()]
    for way, counted in zip(parts, told, strict=True):
        for fen, label in way:
            if label is not None:
                counted[label] += fen
    certain: Counter[int] = Counter()
    for label in sorted({label for counted in told for label in counted}):
        ways = [counted[label] for counted in told]
        if min(ways) == max(ways):
            certain[label] = ways[0]
        else:
            walk.disputed[(*place, label)] = min(ways), max(ways)
    return certain


def _send(walk: _Walk, payee: int, key: int, parts: Parts) -> None:
    """Let the payee have a payment when its own ledger comes to it; from then on its money is looked at."""
    if payee in walk.cut:
        walk.accounts[payee].add(parts)
        return
    if payee not in walk.accounts:
        events = walk.events_of(payee)
        walk.accounts[payee] = ThreeWays(events, events.place(key))
        heappush(walk.agenda, (2 * key + 1, payee))
    walk.arriving[key] = parts


def _go_on(walk: _Walk, account: int) -> None:
    """Put the account's next event on the agenda; nobody's money alone is not looked at any more."""
    mine = walk.accounts[account]
    mine.settle(int(mine.events.after[mine.next]))
    mine.next += 1
    walk.seen[account] += 1
    if walk.seen[account] >= min(walk.question.limits.account_events, MOST_ACCOUNT_EVENTS):
        walk.cut.add(account)
    elif mine.is_nobodys:
        del walk.accounts[account]
    elif mine.next < len(mine.events):
        incoming = mine.events.signed[mine.next] > 0
        heappush(walk.agenda, (2 * int(mine.events.key[mine.next]) + bool(incoming), account))


def _told(walk: _Walk, stop: Stop) -> ConservativeTrace:
    held: dict[tuple[int, int], int] = {}
    for account in sorted(walk.accounts):
        for label, fen in _agreed(walk, walk.accounts[account].lies(), (LIES_THERE, account)).items():
            held[account, label] = fen
    hops = {(key & NUMBER, label, kind): fen for (key, label, kind), fen in walk.hops.items()}
    trace = Trace(
        question=walk.question,
        hops=Hops.of(hops, ((key & NUMBER, label, kind) for key, label, kind in sorted(walk.hops))),
        held=Held.of(held),
        cut=np.array(sorted(walk.cut), np.int32),
        stop=stop,
        events=walk.events,
    )
    places = sorted(walk.disputed)
    return ConservativeTrace(
        trace=trace,
        disputed=Disputed(
            transfer=np.array([transfer for transfer, _, _ in places], np.int64),
            account=np.array([account for _, account, _ in places], np.int32),
            label=np.array([label for _, _, label in places], np.int64),
            low_fen=np.array([walk.disputed[place][0] for place in places], np.int64),
            high_fen=np.array([walk.disputed[place][1] for place in places], np.int64),
        ),
    )
