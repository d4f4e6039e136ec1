"""The agenda of a trace: accounts that hold traced money, the one that pays next in front."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fanzha.kernel.compiled import inlined, lean
from fanzha.kernel.prefetching import prefetch
from fanzha.tracing.follow.index_kernels import (
    IN_A_ROW,
    NEVER,
    OTHER,
    balance_before,
    end_of,
    fen_at,
    key_at,
    next_key,
    place_from,
)
from fanzha.tracing.follow.lot_kernels import add_lot, drop_lot
from fanzha.tracing.follow.workspace import (
    ACCOUNT,
    AWAKE,
    BALANCE,
    CUT,
    END,
    EVENTS,
    EVERYTHING,
    FEN,
    FIRST,
    HEAP,
    IN,
    IN_PROPORTION,
    LABEL,
    LAST,
    NEW_END,
    NEW_IN,
    NEW_OUT,
    NO_LOT,
    OLDEST_FIRST,
    OUT,
    SEEN,
    SLOTS,
    STATE,
    TRACED,
    UNTRACED,
    Ledger,
    Space,
    Task,
)


@inlined
def slot_of(space: Space, account: int) -> int:
    """The slot of an account, made when traced money reaches it for the first time."""
    table, slots = space.table, space.slots
    mask = len(table) - 1
    place = place_in(table, account) & mask
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


@inlined
def place_in(table: NDArray[np.int32], account: int) -> int:
    """Where to begin to look for an account."""
    return ((account * 0x9E3779B1) >> 7) & (len(table) - 1)


@lean
def fill_table(space: Space) -> None:
    """Enter the slots of a space that has grown into its empty table."""
    mask = len(space.table) - 1
    for slot in range(space.counts[SLOTS]):
        place = place_in(space.table, space.slots[slot, ACCOUNT])
        while space.table[place] >= 0:
            place = (place + 1) & mask
        space.table[place] = slot


@inlined
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


@inlined
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


@inlined
def drop_first(space: Space) -> None:
    """Take the first entry off the agenda."""
    last = space.counts[HEAP] - 1
    space.counts[HEAP] = last
    if last:
        replace_first(space, space.heap[last, 0], space.heap[last, 1])


@inlined
def look_ahead(ledger: Ledger, space: Space) -> None:
    """Ask memory for the events of whom the accounts behind the first one will pay."""
    base = ledger.base
    for child in range(1, min(3, space.counts[HEAP])):
        slot = space.heap[child, 1]
        at = space.slots[slot, OUT]
        payee = -int(base.events[at, OTHER]) - 2 if at < space.slots[slot, END] else -1
        if payee >= 0:
            place, end = base.start[payee], base.start[payee + 1]
            for line in range(place, min(end, place + IN_A_ROW), 4):
                prefetch(base.events, line)


@inlined
def wake(ledger: Ledger, task: Task, space: Space, slot: int, key: int) -> None:
    """Stand before the event of this key, knowing the balance there: all of it money that we don't trace."""
    slots, account = space.slots, space.slots[slot, ACCOUNT]
    at, new = place_from(ledger.base, account, key), place_from(ledger.fresh, account, key)
    slots[slot, IN], slots[slot, END] = at, end_of(ledger.base, account)
    slots[slot, NEW_IN], slots[slot, NEW_END] = new, end_of(ledger.fresh, account)
    slots[slot, STATE], slots[slot, TRACED], slots[slot, BALANCE] = AWAKE, 0, 0
    if task.rule == EVERYTHING:
        return
    balance = balance_before(ledger, account, at, new)
    if task.rule == IN_PROPORTION:
        slots[slot, BALANCE] = balance
    else:
        add_lot(space, slot, balance, UNTRACED)


@inlined
def catch_up(ledger: Ledger, task: Task, space: Space, slot: int, key: int) -> None:
    """Let what arrived before a key lie in the account: money that we don't trace, for the traced was delivered."""
    if task.rule == EVERYTHING:
        return
    slots, base, fresh = space.slots, ledger.base.events, ledger.fresh.events
    at, end, new, new_end = slots[slot, IN], slots[slot, END], slots[slot, NEW_IN], slots[slot, NEW_END]
    while True:
        base_key, new_key = next_key(base, at, end), next_key(fresh, new, new_end)
        if min(base_key, new_key) >= key:
            break
        if base_key < new_key:
            at = _read_arrivals(ledger, task, space, slot, base, (at, end, min(key, new_key)))
        else:
            new = _read_arrivals(ledger, task, space, slot, fresh, (new, new_end, min(key, base_key)))
    slots[slot, IN], slots[slot, NEW_IN] = at, new


@inlined
def _read_arrivals(
    ledger: Ledger, task: Task, space: Space, slot: int, events: NDArray[np.int32], span: tuple[int, int, int]
) -> int:
    """Add what arrived in one layer before a key; the place of that key."""
    at, end, key = span
    while at < end and key_at(events, at) < key:
        if events[at, OTHER] >= 0:
            fen = fen_at(ledger, events, at)
            if task.rule == IN_PROPORTION:
                space.slots[slot, BALANCE] += fen
            else:
                add_lot(space, slot, fen, UNTRACED)
        at += 1
    return at


@inlined
def step_over(ledger: Ledger, space: Space, slot: int, key: int, to_pay: bool) -> int:
    """Go past the event of this key, of payments or of arrivals; its place, counted from −1 down when appended."""
    slots, at, new = space.slots, IN, NEW_IN
    if to_pay:
        at, new = OUT, NEW_OUT
    place = slots[slot, at]
    if place < slots[slot, END] and key_at(ledger.base.events, place) == key:
        slots[slot, at] = place + 1
        return int(place)
    slots[slot, new] += 1
    return -int(slots[slot, new])


@inlined
def next_payment(ledger: Ledger, task: Task, space: Space, slot: int) -> int:
    """The key of the account's next payment that may carry traced money; `NEVER` when it has none in time.

    Where the oldest money leaves first, payments out of money in front that nobody traces carry none, whatever
    arrives: they are over with here, without their turn on the agenda.
    """
    slots, lots, base, fresh = space.slots, space.lots, ledger.base.events, ledger.fresh.events
    at, new, lot = slots[slot, OUT], slots[slot, NEW_OUT], slots[slot, FIRST]
    may_read = task.most_account_events - slots[slot, SEEN]
    stop, begun, new_begun = (task.last_second + 1) << 32, at, new
    runs_ahead = task.rule == OLDEST_FIRST and lot != NO_LOT and lots[lot, LABEL] == UNTRACED
    clean = lots[lot, FEN] if runs_ahead else 0
    found, is_found = NEVER, False
    while not is_found:
        left = may_read - (at - begun) - (new - new_begun)
        if left <= 0:
            slots[slot, STATE] = CUT
            break
        base_key = next_key(base, at, slots[slot, END])
        new_key = next_key(fresh, new, slots[slot, NEW_END])
        if min(base_key, new_key) >= stop:
            break
        if base_key < new_key:
            end = min(slots[slot, END], at + left)
            at, clean, is_found = _read_payments(ledger, base, at, end, min(new_key, stop), clean)
        else:
            end = min(slots[slot, NEW_END], new + left)
            new, clean, is_found = _read_payments(ledger, fresh, new, end, min(base_key, stop), clean)
    if is_found:
        _ask_for_payee(ledger, int(base[at, OTHER]) if at < slots[slot, END] else 0)
        found = min(next_key(base, at, slots[slot, END]), next_key(fresh, new, slots[slot, NEW_END]))
    if runs_ahead:
        lots[lot, FEN] = clean
        if clean == 0:
            drop_lot(space, slot, lot)
    slots[slot, OUT], slots[slot, NEW_OUT] = at, new
    slots[slot, SEEN] += at - begun + new - new_begun
    space.counts[EVENTS] += at - begun + new - new_begun
    return found


@inlined
def _ask_for_payee(ledger: Ledger, other: int) -> None:
    """Ask memory for what `wake` will want to know of the payee; there is time until the payment's turn comes."""
    payee = -other - 2
    if payee >= 0:
        prefetch(ledger.base.start, payee)
        prefetch(ledger.opening_fen, payee)
        prefetch(ledger.is_end, payee)


@inlined
def _read_payments(
    ledger: Ledger, events: NDArray[np.int32], at: int, end: int, key: int, clean: int
) -> tuple[int, int, bool]:
    """Read one layer before a key to the first payment of more than `clean` less what was paid until then."""
    while at < end and key_at(events, at) < key:
        if events[at, OTHER] < 0:
            fen = fen_at(ledger, events, at)
            if fen > clean:
                return at, clean, True
            clean -= fen
        at += 1
    return at, clean, False
