"""Laying out transfers by account: a counting sort of both ends, in order."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fanzha.kernel.compiled import compiled, inlined, lean
from fanzha.tracing.follow.workspace import Laid, Ledger

SECOND, FEN, OTHER, TRANSFER = range(4)
COLUMNS = 4
BIG = -1
"""Stands for an amount of 2^32 - 1 fen or more: the transfer's own column has it."""

_MOST_SMALL = 2**32 - 1
CHECKPOINT_EVERY = 32
NEVER = 2**63 - 1
IN_A_ROW = 32

Columns = tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int64], NDArray[np.int64]]


@lean
def count_events(columns: Columns, start: NDArray[np.int64]) -> bool:
    """Fill where each account's events begin; whether times never fall. A transfer to oneself is no event."""
    payer, payee, _, at_s = columns
    rises = True
    for t in range(len(payer)):
        rises &= t == 0 or at_s[t] >= at_s[t - 1]
        if payer[t] == payee[t]:
            continue
        if payer[t] >= 0:
            start[payer[t] + 1] += 1
        if payee[t] >= 0:
            start[payee[t] + 1] += 1
    for a in range(1, len(start)):
        start[a] += start[a - 1]
    return rises


@compiled
def fill_events(columns: Columns, epoch_s: int, first_number: int, laid: Laid) -> None:
    """Fill both ends' events from (payer, payee, amount_fen, at_s), in the order of time, numbered on."""
    payer, payee, amount, at_s = columns
    events, turn, place = laid.events, laid.turn, laid.start[:-1].copy()
    for i in range(len(payer)):
        t = np.int64(turn[i]) if len(turn) else i
        if payer[t] == payee[t]:
            continue
        second = at_s[t] - epoch_s
        fen = np.int64(BIG) if amount[t] >= _MOST_SMALL else np.int64(np.int32(np.uint32(amount[t])))
        if payer[t] >= 0:
            at = place[payer[t]]
            place[payer[t]] = at + 1
            events[at, SECOND], events[at, FEN] = second, fen
            events[at, OTHER], events[at, TRANSFER] = -np.int64(payee[t]) - 2, first_number + t
        if payee[t] >= 0:
            at = place[payee[t]]
            place[payee[t]] = at + 1
            events[at, SECOND], events[at, FEN] = second, fen
            events[at, OTHER], events[at, TRANSFER] = np.int64(payer[t]) + 1, first_number + t


@inlined
def fen_at(ledger: Ledger, events: NDArray[np.int32], at: int) -> int:
    """What an event moved."""
    fen = events[at, FEN]
    if fen != BIG:
        return int(np.int64(np.uint32(fen)))
    transfer, base = events[at, TRANSFER], len(ledger.amount_fen)
    return int(ledger.amount_fen[transfer] if transfer < base else ledger.fresh_amount_fen[transfer - base])


@inlined
def key_at(events: NDArray[np.int32], at: int) -> int:
    """Events in the order in which they happened: by time, then transfer, what leaves before where it arrives."""
    return (int(events[at, SECOND]) << 32) | (int(events[at, TRANSFER]) << 1) | int(events[at, OTHER] >= 0)


@inlined
def next_key(events: NDArray[np.int32], at: int, end: int) -> int:
    """The key of the event at a place before `end`; `NEVER` at the end."""
    return key_at(events, at) if at < end else NEVER


@inlined
def place_from(laid: Laid, account: int, key: int) -> int:
    """The place of the account's first event that has this key or a later one.

    The last few are read in a row: memory brings what lies in line sooner than what is jumped to.
    """
    if not len(laid.events):
        return 0
    low, high = laid.start[account], laid.start[account + 1]
    while high - low > IN_A_ROW:
        middle = (low + high) >> 1
        if key_at(laid.events, middle) < key:
            low = middle + 1
        else:
            high = middle
    while low < high and key_at(laid.events, low) < key:
        low += 1
    return int(low)


@inlined
def end_of(laid: Laid, account: int) -> int:
    """Where the account's events end; an empty layer is not asked."""
    return int(laid.start[account + 1]) if len(laid.events) else 0


@inlined
def balance_after(ledger: Ledger, balance: int, events: NDArray[np.int32], at: int) -> int:
    """The balance once an event is over; what leaves beyond it was there unseen, so that it never falls below 0."""
    fen = fen_at(ledger, events, at)
    return balance + fen if events[at, OTHER] >= 0 else max(balance - fen, 0)


@inlined
def balance_before(ledger: Ledger, account: int, at: int, new: int) -> int:
    """What lay in the account before its events at two places, of the base and of what was appended."""
    base, fresh = ledger.base, ledger.fresh
    first, new_first = base.start[account], fresh.start[account] if len(fresh.events) else 0
    mark, new_mark = (at - first) // CHECKPOINT_EVERY, (new - new_first) // CHECKPOINT_EVERY
    place, new_place = first + mark * CHECKPOINT_EVERY, new_first + new_mark * CHECKPOINT_EVERY
    key = key_at(base.events, place - 1) if mark else -NEVER
    new_key = key_at(fresh.events, new_place - 1) if new_mark else -NEVER
    if mark and key > new_key:
        balance = base.checkpoints[first // CHECKPOINT_EVERY + mark - 1]
        new_place = place_from(fresh, account, key) if new > new_first else new_first
    elif new_mark:
        balance = fresh.checkpoints[new_first // CHECKPOINT_EVERY + new_mark - 1]
        place = place_from(base, account, new_key)
    else:
        balance = ledger.opening_fen[account]
    while place < at or new_place < new:
        if next_key(base.events, place, at) < next_key(fresh.events, new_place, new):
            balance = balance_after(ledger, balance, base.events, place)
            place += 1
        else:
            balance = balance_after(ledger, balance, fresh.events, new_place)
            new_place += 1
    return int(balance)


@lean
def fill_checkpoints(ledger: Ledger) -> None:
    """The balance after every `CHECKPOINT_EVERY` events of each account, where nothing was appended."""
    laid, opening = ledger.base, ledger.opening_fen
    for a in range(len(laid.start) - 1):
        first, balance = laid.start[a], opening[a]
        last = first + (laid.start[a + 1] - first) // CHECKPOINT_EVERY * CHECKPOINT_EVERY
        mark = first // CHECKPOINT_EVERY
        for at in range(first, last):
            balance = balance_after(ledger, balance, laid.events, at)
            if (at - first + 1) % CHECKPOINT_EVERY == 0:
                laid.checkpoints[mark] = balance
                mark += 1


@lean
def renew_checkpoints(ledger: Ledger, base_ends: int) -> None:
    """The balances of accounts with appended events, from the first of these on, in both layers.

    `base_ends`: a key behind all of the base. What was appended behind it changes no balance that the base keeps.
    """
    base, fresh, every = ledger.base, ledger.fresh, CHECKPOINT_EVERY
    for a in range(len(fresh.start) - 1):
        first, new_first, new_end = base.start[a], fresh.start[a], fresh.start[a + 1]
        if new_first == new_end or (new_end - new_first < every and key_at(fresh.events, new_first) >= base_ends):
            continue
        at, new, end = place_from(base, a, key_at(fresh.events, new_first)), new_first, base.start[a + 1]
        balance = balance_before(ledger, a, at, new)
        while at < end or new < new_end:
            if next_key(base.events, at, end) < next_key(fresh.events, new, new_end):
                balance = balance_after(ledger, balance, base.events, at)
                at += 1
                if (at - first) % every == 0:
                    base.checkpoints[first // every + (at - first) // every - 1] = balance
            else:
                balance = balance_after(ledger, balance, fresh.events, new)
                new += 1
                if (new - new_first) % every == 0:
                    fresh.checkpoints[new_first // every + (new - new_first) // every - 1] = balance
