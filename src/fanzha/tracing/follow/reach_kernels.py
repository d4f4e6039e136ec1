"""Reach over a whole stretch of time: every transfer in turn, asked only whether its payer was reached before."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fanzha.kernel.compiled import inlined, lean
from fanzha.tracing.follow.index_kernels import NEVER, Columns, end_of, key_at, next_key, place_from
from fanzha.tracing.follow.workspace import (
    ACCOUNT,
    AFTER_HORIZON,
    BALANCE,
    BELOW_FLOOR,
    CUT,
    DONE,
    EVENTS,
    FOLLOWED,
    FREE,
    FULL,
    GIVEN,
    HEAP,
    HOPS,
    LEFT,
    NEW_OUT,
    OUT,
    SEEN,
    SLOTS,
    START_SECOND,
    START_TRANSFER,
    STATE,
    TOO_MANY_EVENTS,
    Ledger,
    Space,
    Task,
)


class Timeline(NamedTuple):
    """One layer's transfers in the order in which they happened: places in the columns, numbers from `first`."""

    columns: Columns
    turn: NDArray[np.int32]
    first: int
    epoch_s: int


class Wide(NamedTuple):
    """Who was reached, as bits of account + 1 (0 is nobody), and the hops so far.

    `reached[:, 1]` marks accounts of which `label_of` (elsewhere 0) and `ends_at` (the key from which on their payments
    are not read any more; elsewhere never) tell. `cut`: accounts that are cut within the question's time.
    """

    reached: NDArray[np.uint64]
    label_of: NDArray[np.int32]
    ends_at: NDArray[np.int64]
    transfer: NDArray[np.int64]
    label: NDArray[np.int64]
    fen: NDArray[np.int64]
    kind: NDArray[np.int8]
    cut: NDArray[np.int32]
    counts: NDArray[np.int64]


# places of `counts`, beside `HOPS`, `GIVEN` and `EVENTS`, which mean what they mean in a space
ACCOUNTS, CUTS, MAY_CUT = SLOTS, HEAP, FREE


@inlined
def key_in_time(line: Timeline, at: int) -> int:
    """When the transfer at a place in the order of time happened."""
    return _key_of(line, int(line.turn[at]) if len(line.turn) else at)


@inlined
def _key_of(line: Timeline, t: int) -> int:
    return int((line.columns[3][t] - line.epoch_s) << 32 | (line.first + t) << 1)


@inlined
def place_in_time(line: Timeline, key: int) -> int:
    """How many of the transfers happened before a key."""
    low, high = 0, len(line.columns[3])
    while low < high:
        middle = (low + high) >> 1
        if key_in_time(line, middle) < key:
            low = middle + 1
        else:
            high = middle
    return low


@lean
def count_between(base: Timeline, fresh: Timeline, key: int, last_second: int) -> int:
    """How many transfers happened from a key to the end of a second."""
    end = (last_second + 1) << 32
    found = 0
    for line in (base, fresh):
        found += place_in_time(line, end) - place_in_time(line, key)
    return found


@lean
def widen(ledger: Ledger, task: Task, space: Space, wide: Wide) -> int:
    """Take over what the agenda reached so far; the key at which it stands."""
    counts, several = space.counts, len(task.starts) > 1
    for slot in range(counts[SLOTS]):
        account = space.slots[slot, ACCOUNT]
        left = task.most_account_events - space.slots[slot, SEEN]
        at, new = space.slots[slot, OUT], space.slots[slot, NEW_OUT]
        is_cut = space.slots[slot, STATE] == CUT
        ends_at = -NEVER if is_cut else _end_of_reading(ledger, account, (at, new), left)
        set_bit(wide, account, 0)
        if ends_at < (task.last_second + 1) << 32:
            space.slots[slot, STATE] = CUT
        if several or ends_at != NEVER:
            _watch(wide, account, space.slots[slot, BALANCE], ends_at)
    for hop in range(counts[HOPS]):
        wide.transfer[hop], wide.label[hop] = space.hops[hop, 0], space.hops[hop, 1]
        wide.fen[hop], wide.kind[hop] = space.hops[hop, 2], space.hops[hop, 3]
    for place in (HOPS, GIVEN, EVENTS, ACCOUNTS):
        wide.counts[place] = counts[place]
    key, given = NEVER, counts[GIVEN]
    if given < len(task.starts):
        key = task.starts[given, START_SECOND] << 32 | task.starts[given, START_TRANSFER] << 1
    return min(key, int(space.heap[0, 0])) if counts[HEAP] else key


@lean
def sweep(ledger: Ledger, lines: tuple[Timeline, Timeline], task: Task, wide: Wide, key: int) -> int:
    """Reach on from a key to the end of the last second, transfer by transfer; why it ended."""
    base, fresh = lines
    stop = (task.last_second + 1) << 32
    at, end = place_in_time(base, key), place_in_time(base, stop)
    new, new_end = place_in_time(fresh, key), place_in_time(fresh, stop)
    wide.counts[MAY_CUT] = end - at + new_end - new >= task.most_account_events
    while at < end or new < new_end:
        upto = _happened_before(base, at, end, key_in_time(fresh, new)) if new < new_end else end
        ended = _sweep_rows(ledger, base, task, wide, (at, upto))
        at = upto
        if ended != DONE:
            return ended
        upto = _happened_before(fresh, new, new_end, key_in_time(base, at)) if at < end else new_end
        ended = _sweep_rows(ledger, fresh, task, wide, (new, upto))
        new = upto
        if ended != DONE:
            return ended
    return DONE


@inlined
def _happened_before(line: Timeline, at: int, end: int, key: int) -> int:
    """The first place from `at` on that is not before a key."""
    step = 1
    while at + step < end and key_in_time(line, at + step) < key:
        at, step = at + step, 2 * step
    high = min(at + step, end)
    while at < high:
        middle = (at + high) >> 1
        if key_in_time(line, middle) < key:
            at = middle + 1
        else:
            high = middle
    return at


@inlined
def _sweep_rows(ledger: Ledger, line: Timeline, task: Task, wide: Wide, span: tuple[int, int]) -> int:
    """Reach on through one stretch of one layer."""
    payer_of, turn, counts = line.columns[0], line.turn, wide.counts
    given, start = counts[GIVEN], -1
    if given < len(task.starts):
        start = task.starts[given, START_TRANSFER] - line.first
    for at in range(span[0], span[1]):
        t = int(turn[at]) if len(turn) else at
        if t == start:
            ended = _pay_start(ledger, line, task, wide, t)
            given = counts[GIVEN]
            start = task.starts[given, START_TRANSFER] - line.first if given < len(task.starts) else -1
            if ended != DONE:
                return ended
        elif has_bit(wide, payer_of[t], 0):
            ended = _pay(ledger, line, task, wide, t)
            if ended != DONE:
                return ended
    return DONE


@inlined
def _pay_start(ledger: Ledger, line: Timeline, task: Task, wide: Wide, t: int) -> int:
    """A payment that the question starts with: its label's, unless whoever made it was reached before."""
    payer, given = line.columns[0][t], wide.counts[GIVEN]
    wide.counts[GIVEN] = given + 1
    if has_bit(wide, payer, 0) and not (has_bit(wide, payer, 1) and _key_of(line, t) >= wide.ends_at[payer]):
        return _pay(ledger, line, task, wide, t)
    return _send(ledger, line, task, wide, (t, given))


@inlined
def _pay(ledger: Ledger, line: Timeline, task: Task, wide: Wide, t: int) -> int:
    """A payment of an account that was reached."""
    payer, counts, label = line.columns[0][t], wide.counts, 0
    if payer == line.columns[1][t]:
        return DONE
    if has_bit(wide, payer, 1):
        if _key_of(line, t) >= wide.ends_at[payer]:
            return DONE
        label = wide.label_of[payer]
    counts[EVENTS] += 1
    if counts[EVENTS] > task.most_events:
        return TOO_MANY_EVENTS
    return _send(ledger, line, task, wide, (t, label))


@inlined
def _send(ledger: Ledger, line: Timeline, task: Task, wide: Wide, sent: tuple[int, int]) -> int:
    """Note where a payment (place, label) went, and that its payee is reached when it is followed."""
    (t, label), hop = sent, wide.counts[HOPS]
    if hop == len(wide.transfer) or wide.counts[ACCOUNTS] == len(wide.cut):
        return FULL
    payee, fen = line.columns[1][t], line.columns[2][t]
    kind = BELOW_FLOOR - (fen >= task.floor_fen)
    if len(task.until) > 1 and line.columns[3][t] - line.epoch_s > task.until[label]:
        kind = AFTER_HORIZON
    if (kind == FOLLOWED) & (not has_bit(wide, payee, 0)):
        if payee < 0 or ledger.is_end[payee]:
            kind = LEFT
        else:
            _mark(ledger, task, wide, payee, (_key_of(line, t) | 1, label))
    wide.counts[HOPS] = hop + 1
    wide.transfer[hop], wide.label[hop], wide.fen[hop], wide.kind[hop] = line.first + t, label, fen, kind
    return DONE


@inlined
def _mark(ledger: Ledger, task: Task, wide: Wide, account: int, told: tuple[int, int]) -> None:
    """Reach an account by the event of this key, under this label."""
    (key, label), base, fresh = told, ledger.base, ledger.fresh
    set_bit(wide, account, 0)
    wide.counts[ACCOUNTS] += 1
    ends_at = NEVER
    if wide.counts[MAY_CUT] and count_of_events(ledger, account) >= task.most_account_events:
        places = place_from(base, account, key + 1), place_from(fresh, account, key + 1)
        ends_at = _end_of_reading(ledger, account, places, task.most_account_events)
        if ends_at < (task.last_second + 1) << 32:
            wide.cut[wide.counts[CUTS]] = account
            wide.counts[CUTS] += 1
    if len(task.starts) > 1 or ends_at != NEVER:
        _watch(wide, account, label, ends_at)


@inlined
def count_of_events(ledger: Ledger, account: int) -> int:
    """How many events an account has in both layers."""
    events = ledger.base.start[account + 1] - ledger.base.start[account]
    if len(ledger.fresh.events):
        events += ledger.fresh.start[account + 1] - ledger.fresh.start[account]
    return int(events)


@inlined
def _end_of_reading(ledger: Ledger, account: int, places: tuple[int, int], left: int) -> int:
    """The key behind the account's next so many events from places in both layers; `NEVER` when it has fewer."""
    base, fresh = ledger.base.events, ledger.fresh.events
    (at, new), end, new_end = places, end_of(ledger.base, account), end_of(ledger.fresh, account)
    if end - at + new_end - new < left:  # of all time, not only of the question's
        return NEVER
    if new == new_end:
        return key_at(base, at + left - 1) + 1 if left else 0
    key = -1
    for _ in range(left):
        base_key, new_key = next_key(base, at, end), next_key(fresh, new, new_end)
        key = min(base_key, new_key)
        at, new = at + (base_key < new_key), new + (new_key < base_key)
    return key + 1


@inlined
def _watch(wide: Wide, account: int, label: int, ends_at: int) -> None:
    set_bit(wide, account, 1)
    wide.label_of[account], wide.ends_at[account] = label, ends_at


@inlined
def has_bit(wide: Wide, account: int, which: int) -> bool:
    """Whether an account (also nobody) is marked."""
    bit = np.uint64(account + 1)
    return bool((wide.reached[bit >> np.uint64(6), which] >> (bit & np.uint64(63))) & np.uint64(1))


@inlined
def set_bit(wide: Wide, account: int, which: int) -> None:
    """Mark an account."""
    bit = np.uint64(account + 1)
    wide.reached[bit >> np.uint64(6), which] |= np.uint64(1) << (bit & np.uint64(63))
