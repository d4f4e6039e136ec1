"""Following money forward: what leaves an account takes traced money along, by one of three rules."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fanzha.kernel.compiled import compiled
from fanzha.tracing.follow.agenda_kernels import (
    NEVER,
    drop_first,
    next_key,
    push,
    replace_first,
    slot_of,
    take_event,
    wake,
)
from fanzha.tracing.follow.index_kernels import OTHER, SECOND, TRANSFER, fen_of, key_of
from fanzha.tracing.follow.lot_kernels import add_lot, forget_lots, take_lots
from fanzha.tracing.follow.share_kernels import add_shares, take_shares
from fanzha.tracing.follow.workspace import (
    AFTER_HORIZON,
    ASLEEP,
    BALANCE,
    BELOW_FLOOR,
    CUT,
    DELIVERED,
    DONE,
    EVENTS,
    EVERYTHING,
    FOLLOWED,
    FULL,
    HEAP,
    HOP_FEN,
    HOP_KIND,
    HOP_LABEL,
    HOP_TRANSFER,
    HOPS,
    IN_PROPORTION,
    LEFT,
    LOTS,
    NEWEST_FIRST,
    SEEN,
    SLOTS,
    STATE,
    TOO_MANY_EVENTS,
    TRACED,
    UNTRACED,
    Ledger,
    Space,
    Task,
)


@compiled
def follow(ledger: Ledger, task: Task, space: Space) -> int:
    """Follow the money of the task's payments until nothing traced moves; why it ended. What is found is in `space`."""
    heap, counts, given = space.heap, space.counts, 0
    while counts[HEAP] or given < len(task.starts):
        if _is_full(space):
            return FULL
        start_key = key_of(task.starts[given]) if given < len(task.starts) else np.int64(NEVER)
        if counts[HEAP] == 0 or start_key < heap[0, 0]:
            space.parts[0, 0], space.parts[0, 1] = fen_of(task.starts[given], ledger.amount_fen), given
            _send(ledger, task, space, task.starts[given], 1)
            given += 1
            continue
        counts[EVENTS] += 1
        if counts[EVENTS] > task.most_events:
            return TOO_MANY_EVENTS
        key, slot = heap[0, 0], heap[0, 1]
        event = take_event(space, slot, ledger, key)
        fen = fen_of(event, ledger.amount_fen)
        if event[OTHER] >= 0:
            if space.slots[slot, DELIVERED] != event[TRANSFER] + 1:
                _add_untraced(space, slot, fen, task.rule)
            _put_back(ledger, task, space, slot)
            continue
        count = _take(space, slot, fen, task.rule)
        if start_key == key:
            _claim(space.parts, count, given)
            given += 1
        _put_back(ledger, task, space, slot)
        _send(ledger, task, space, event, count)
    return DONE


@compiled
def _is_full(space: Space) -> bool:
    """Whether one more payment might not find room."""
    counts = space.counts
    return bool(
        counts[LOTS] + 4 > len(space.lots)
        or counts[SLOTS] + 1 > len(space.slots)
        or counts[HOPS] + counts[LOTS] + 4 > len(space.hops)
    )


@compiled
def _claim(parts: NDArray[np.int64], count: int, label: int) -> None:
    """A starting payment's money is its victim's, but for what is somebody's already."""
    for at in range(count):
        if parts[at, 1] == UNTRACED:
            parts[at, 1] = label


@compiled
def _take(space: Space, slot: int, fen: int, rule: int) -> int:
    """Take a payment out of an account into the space's parts; how many."""
    if rule == IN_PROPORTION:
        return take_shares(space, slot, fen)
    if rule == EVERYTHING:
        space.parts[0, 0], space.parts[0, 1] = fen, space.slots[slot, BALANCE]
        return 1
    return take_lots(space, slot, fen, rule == NEWEST_FIRST)


@compiled
def _add_untraced(space: Space, slot: int, fen: int, rule: int) -> None:
    if rule == IN_PROPORTION:
        space.slots[slot, BALANCE] += fen
    elif rule != EVERYTHING:
        add_lot(space, slot, fen, UNTRACED)


@compiled
def _add(space: Space, slot: int, count: int, rule: int, was_asleep: bool) -> None:
    """Lay the space's parts on top of what an account has; under `EVERYTHING` its `BALANCE` is its first label."""
    mine = space.slots[slot]
    if rule == IN_PROPORTION:
        add_shares(space, slot, count)
    elif rule == EVERYTHING:
        if was_asleep:
            mine[BALANCE], mine[TRACED] = space.parts[0, 1], 1
    else:
        if was_asleep:
            add_lot(space, slot, mine[BALANCE], UNTRACED)
        for at in range(count):
            add_lot(space, slot, space.parts[at, 0], space.parts[at, 1])


@compiled
def _put_back(ledger: Ledger, task: Task, space: Space, slot: int) -> None:
    """Give the first account of the agenda its new place; without traced money or further events it has none."""
    mine = space.slots[slot]
    if mine[TRACED] == 0:
        forget_lots(space, slot)
        mine[STATE] = ASLEEP
    elif mine[SEEN] >= task.most_account_events:
        mine[STATE] = CUT
    else:
        key = next_key(space, slot, ledger)
        if key >> 32 <= task.last_second:
            replace_first(space, key, slot)
            return
    drop_first(space)


@compiled
def _send(ledger: Ledger, task: Task, space: Space, event: NDArray[np.int32], count: int) -> None:
    """Note where the parts of a payment go, and let its payee have them when they are followed."""
    parts, payee, traced = space.parts, -event[OTHER] - 2, np.int64(0)
    for at in range(count):
        label = parts[at, 1]
        if label != UNTRACED and event[SECOND] > task.until[label]:
            _note(space, event[TRANSFER], label, parts[at, 0], AFTER_HORIZON)
            parts[at, 1] = UNTRACED
        elif label != UNTRACED:
            traced += parts[at, 0]
    kind = BELOW_FLOOR
    if traced >= task.floor_fen:
        kind = LEFT if payee < 0 or ledger.is_end[payee] else FOLLOWED
    for at in range(count):
        if parts[at, 1] != UNTRACED:
            _note(space, event[TRANSFER], parts[at, 1], parts[at, 0], kind)
    if kind == FOLLOWED:
        _deliver(ledger, task, space, event, payee, count)


@compiled
def _note(space: Space, transfer: int, label: int, fen: int, kind: int) -> None:
    hop = space.hops[space.counts[HOPS]]
    space.counts[HOPS] += 1
    hop[HOP_TRANSFER], hop[HOP_LABEL], hop[HOP_FEN], hop[HOP_KIND] = transfer, label, fen, kind


@compiled
def _deliver(ledger: Ledger, task: Task, space: Space, event: NDArray[np.int32], payee: int, count: int) -> None:
    """Lay the parts on top of what the payee has; whoever sleeps is woken with the balance it had."""
    slot = slot_of(space, payee)
    mine = space.slots[slot]
    is_asleep = mine[STATE] == ASLEEP
    if is_asleep:
        wake(space, slot, ledger, key_of(event))
    _add(space, slot, count, task.rule, is_asleep)
    mine[DELIVERED] = event[TRANSFER] + 1
    if is_asleep:
        key = next_key(space, slot, ledger)
        if key >> 32 <= task.last_second:
            push(space, key, slot)
