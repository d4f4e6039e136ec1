"""The agenda of a trace: accounts that hold traced money, the one whose next event comes first in front."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fanzha.kernel.compiled import compiled
from fanzha.tracing.follow.index_kernels import balance_after, balance_before, key_of, place_after
from fanzha.tracing.follow.workspace import (
    ACCOUNT,
    AT,
    AWAKE,
    BALANCE,
    END,
    FIRST,
    HEAP,
    LAST,
    NEW_AT,
    NEW_END,
    NO_LOT,
    SEEN,
    SLOTS,
    STATE,
    TRACED,
    Ledger,
    Space,
)

NEVER = 2**63 - 1


@compiled
def slot_of(space: Space, account: int) -> int:
    """The slot of an account, made when traced money reaches it for the first time."""
    table, slots = space.table, space.slots
    mask = len(table) - 1
    place = ((account * 0x9E3779B1) >> 7) & mask
    while table[place] >= 0:
        if slots[table[place], ACCOUNT] == account:
            return int(table[place])
        place = (place + 1) & mask
    slot = space.counts[SLOTS]
    space.counts[SLOTS] = slot + 1
    table[place] = slot
    slots[slot, :] = 0
    slots[slot, ACCOUNT] = account
    slots[slot, FIRST] = slots[slot, LAST] = NO_LOT
    return int(slot)


@compiled
def push(space: Space, key: int, slot: int) -> None:
    """Put a slot on the agenda, which is a binary heap of (key, slot)."""
    heap, at = space.heap, space.counts[HEAP]
    space.counts[HEAP] = at + 1
    while at:
        parent = (at - 1) >> 1
        if heap[parent, 0] <= key:
            break
        heap[at, 0], heap[at, 1] = heap[parent, 0], heap[parent, 1]
        at = parent
    heap[at, 0], heap[at, 1] = key, slot


@compiled
def replace_first(space: Space, key: int, slot: int) -> None:
    """Take the first entry off the agenda and put another one on."""
    heap, count, at = space.heap, space.counts[HEAP], 0
    while True:
        child = 2 * at + 1
        if child >= count:
            break
        if child + 1 < count and heap[child + 1, 0] < heap[child, 0]:
            child += 1
        if key <= heap[child, 0]:
            break
        heap[at, 0], heap[at, 1] = heap[child, 0], heap[child, 1]
        at = child
    heap[at, 0], heap[at, 1] = key, slot


@compiled
def drop_first(space: Space) -> None:
    """Take the first entry off the agenda."""
    last = space.counts[HEAP] - 1
    space.counts[HEAP] = last
    if last:
        replace_first(space, space.heap[last, 0], space.heap[last, 1])


@compiled
def next_key(space: Space, slot: int, ledger: Ledger) -> int:
    """The key of an account's next event; `NEVER` when it has none."""
    mine, key = space.slots[slot], NEVER
    if mine[AT] < mine[END]:
        key = key_of(ledger.base.events[mine[AT]])
    if mine[NEW_AT] < mine[NEW_END]:
        key = min(key, key_of(ledger.fresh.events[mine[NEW_AT]]))
    return key


@compiled
def take_event(space: Space, slot: int, ledger: Ledger, key: int) -> NDArray[np.int32]:
    """The account's event of this key, which is its next; it is over now."""
    mine = space.slots[slot]
    mine[SEEN] += 1
    events, at = ledger.base.events, mine[AT]
    if at < mine[END] and key_of(events[at]) == key:
        mine[AT] = at + 1
    else:
        events, at = ledger.fresh.events, mine[NEW_AT]
        mine[NEW_AT] = at + 1
    event: NDArray[np.int32] = events[at]
    return event


@compiled
def wake(space: Space, slot: int, ledger: Ledger, key: int) -> None:
    """Stand behind the arrival of a transfer, knowing the balance before it: all of it money that we don't trace."""
    mine, arrival = space.slots[slot], key | 1
    base, fresh, account = ledger.base, ledger.fresh, mine[ACCOUNT]
    at, new = (
        place_after(base.start, base.events, account, arrival),
        place_after(fresh.start, fresh.events, account, arrival),
    )
    mine[AT], mine[END] = at, base.start[account + 1]
    mine[NEW_AT], mine[NEW_END] = new, fresh.start[account + 1]
    at -= at > base.start[account] and key_of(base.events[at - 1]) == arrival
    new -= new > fresh.start[account] and key_of(fresh.events[new - 1]) == arrival
    mine[BALANCE] = _balance(ledger, account, at, new)
    mine[STATE], mine[TRACED] = AWAKE, 0


@compiled
def _balance(ledger: Ledger, account: int, before: int, new_before: int) -> int:
    """The balance after the account's events up to two places; appended ones that are late lie between the others."""
    base, fresh = ledger.base, ledger.fresh
    at, new = before, fresh.start[account]
    if (
        new < new_before
        and base.start[account] < before
        and key_of(fresh.events[new]) < key_of(base.events[before - 1])
    ):
        at = base.start[account]
    balance = balance_before(base, account, at, ledger.opening_fen[account], ledger.amount_fen)
    while at < before or new < new_before:
        if new == new_before or (at < before and key_of(base.events[at]) < key_of(fresh.events[new])):
            balance = balance_after(balance, base.events[at], ledger.amount_fen)
            at += 1
        else:
            balance = balance_after(balance, fresh.events[new], ledger.amount_fen)
            new += 1
    return balance
