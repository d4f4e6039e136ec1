"""Following money forward: what leaves an account takes traced money along, by one of three rules."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fanzha.kernel.compiled import inlined, lean
from fanzha.tracing.follow.agenda_kernels import (
    catch_up,
    drop_first,
    look_ahead,
    next_payment,
    push,
    replace_first,
    slot_of,
    step_over,
    wake,
)
from fanzha.tracing.follow.index_kernels import NEVER, OTHER, fen_at
from fanzha.tracing.follow.lot_kernels import add_lot, forget_lots, take_lots
from fanzha.tracing.follow.share_kernels import add_shares, take_shares
from fanzha.tracing.follow.workspace import (
    ACCOUNT,
    AFTER_HORIZON,
    ASLEEP,
    BALANCE,
    BELOW_FLOOR,
    CUT,
    DONE,
    EVENTS,
    EVERYTHING,
    FEN,
    FIRST,
    FOLLOWED,
    FULL,
    GIVEN,
    HEAP,
    HOP_FEN,
    HOP_KIND,
    HOP_LABEL,
    HOP_TRANSFER,
    HOPS,
    IN,
    IN_PROPORTION,
    LABEL,
    LEFT,
    LOTS,
    NEW_IN,
    NEW_OUT,
    NEWER,
    NEWEST_FIRST,
    NO_LOT,
    OUT,
    SEEN,
    SLOTS,
    START_FEN,
    START_PAYEE,
    START_SECOND,
    START_TRANSFER,
    STATE,
    TOO_MANY_EVENTS,
    TRACED,
    UNTRACED,
    WIDE,
    Ledger,
    Space,
    Task,
)


@lean
def follow(ledger: Ledger, task: Task, space: Space) -> int:
    """Follow the money of the task's payments until nothing traced moves; why it ended.

    What is found is in `space`; a full one can be made larger and followed on in.
    """
    heap, counts, starts = space.heap, space.counts, task.starts
    while counts[HEAP] or counts[GIVEN] < len(starts):
        if _is_full(space):
            return FULL
        if counts[EVENTS] > task.most_events:
            return TOO_MANY_EVENTS
        if counts[EVENTS] > task.widens_after:
            return WIDE
        given, start_key = counts[GIVEN], NEVER
        if given < len(starts):
            start_key = starts[given, START_SECOND] << 32 | starts[given, START_TRANSFER] << 1
        key = int(heap[0, 0]) if counts[HEAP] else NEVER
        if start_key < key:
            key, payee, count = start_key, starts[given, START_PAYEE], 1
            space.parts[0, 0], space.parts[0, 1] = starts[given, START_FEN], given
        else:
            look_ahead(ledger, space)
            payee, count = _pay(ledger, task, space, key, heap[0, 1])
            if start_key == key:
                _claim(space.parts, count, given)
        counts[GIVEN] += start_key == key
        _send(ledger, task, space, (key, payee), count)
    return DONE


@inlined
def _pay(ledger: Ledger, task: Task, space: Space, key: int, slot: int) -> tuple[int, int]:
    """Let the first account of the agenda make its payment: to whom, and of how many parts."""
    place = step_over(ledger, space, slot, key, True)
    if place >= 0:
        fen, other = fen_at(ledger, ledger.base.events, place), ledger.base.events[place, OTHER]
    else:
        fen, other = fen_at(ledger, ledger.fresh.events, -place - 1), ledger.fresh.events[-place - 1, OTHER]
    space.slots[slot, SEEN] += 1
    space.counts[EVENTS] += 1
    catch_up(ledger, task, space, slot, key)
    count = _take(space, slot, fen, task.rule)
    _put_back(ledger, task, space, slot)
    return -int(other) - 2, count


@inlined
def _is_full(space: Space) -> bool:
    """Whether one more payment might not find room."""
    counts = space.counts
    return bool(
        counts[LOTS] + 8 > len(space.lots)
        or counts[SLOTS] + 1 > len(space.slots)
        or counts[HOPS] + counts[LOTS] + 8 > len(space.hops)
    )


@inlined
def _claim(parts: NDArray[np.int64], count: int, label: int) -> None:
    """A starting payment's money is its victim's, but for what is somebody's already."""
    for at in range(count):
        if parts[at, 1] == UNTRACED:
            parts[at, 1] = label


@inlined
def _take(space: Space, slot: int, fen: int, rule: int) -> int:
    """Take a payment out of an account into the space's parts; how many."""
    if rule == IN_PROPORTION:
        return take_shares(space, slot, fen)
    if rule == EVERYTHING:
        space.parts[0, 0], space.parts[0, 1] = fen, space.slots[slot, BALANCE]
        return 1
    return take_lots(space, slot, fen, rule == NEWEST_FIRST)


@inlined
def _put_back(ledger: Ledger, task: Task, space: Space, slot: int) -> None:
    """Give the first account of the agenda its new place; without traced money or further payments it has none."""
    if space.slots[slot, TRACED] == 0:
        forget_lots(space, slot)
        space.slots[slot, STATE] = ASLEEP
    else:
        key = next_payment(ledger, task, space, slot)
        if key != NEVER:
            replace_first(space, key, slot)
            return
    drop_first(space)


@inlined
def _send(ledger: Ledger, task: Task, space: Space, sent: tuple[int, int], count: int) -> None:
    """Note where the parts of a payment (key, payee) go, and let its payee have them when they are followed."""
    parts, traced, (key, payee) = space.parts, 0, sent
    transfer, second = (key & 0xFFFFFFFF) >> 1, key >> 32
    for at in range(count):
        label = parts[at, 1]
        if label != UNTRACED and second > task.until[label]:
            _note(space, transfer, label, parts[at, 0], AFTER_HORIZON)
            parts[at, 1] = UNTRACED
        elif label != UNTRACED:
            traced += parts[at, 0]
    if traced == 0:
        return
    kind = BELOW_FLOOR
    if traced >= task.floor_fen:
        kind = LEFT if payee < 0 or ledger.is_end[payee] else FOLLOWED
    for at in range(count):
        if parts[at, 1] != UNTRACED:
            _note(space, transfer, parts[at, 1], parts[at, 0], kind)
    if kind == FOLLOWED:
        _deliver(ledger, task, space, (key, payee), count)


@inlined
def _note(space: Space, transfer: int, label: int, fen: int, kind: int) -> None:
    """Note a part as a hop; parts of one payment and label are one."""
    hops, last = space.hops, space.last_hop[label]
    if fen == 0:
        return
    if last >= 0 and hops[last, HOP_TRANSFER] == transfer:
        hops[last, HOP_FEN] += fen
        return
    hop = space.counts[HOPS]
    space.counts[HOPS], space.last_hop[label] = hop + 1, hop
    hops[hop, HOP_TRANSFER], hops[hop, HOP_LABEL], hops[hop, HOP_FEN], hops[hop, HOP_KIND] = transfer, label, fen, kind


@inlined
def _deliver(ledger: Ledger, task: Task, space: Space, sent: tuple[int, int], count: int) -> None:
    """Lay the parts on top of what the payee has; whoever sleeps is woken with the balance it had."""
    key, slot = sent[0] | 1, slot_of(space, sent[1])
    slots, parts = space.slots, space.parts
    is_asleep, is_cut = slots[slot, STATE] == ASLEEP, slots[slot, STATE] == CUT
    if is_asleep:
        wake(ledger, task, space, slot, key)
    elif not is_cut:
        catch_up(ledger, task, space, slot, key)
    if not is_cut and (is_asleep or task.rule != EVERYTHING):
        step_over(ledger, space, slot, key, False)
    if task.rule == IN_PROPORTION:
        add_shares(space, slot, count)
    elif task.rule == EVERYTHING:
        if is_asleep:
            slots[slot, BALANCE], slots[slot, TRACED] = parts[0, 1], 1
    else:
        for at in range(count):
            add_lot(space, slot, parts[at, 0], parts[at, 1])
    if is_asleep:
        slots[slot, OUT], slots[slot, NEW_OUT] = slots[slot, IN], slots[slot, NEW_IN]
        next_one = next_payment(ledger, task, space, slot)
        if next_one != NEVER:
            push(space, next_one, slot)


@lean
def gather_held(space: Space, found: NDArray[np.int64]) -> int:
    """Fill `found` with (account, label, fen) of what is traced, one row for each account and label; how many."""
    slots, lots, row_of, count = space.slots, space.lots, space.last_hop, 0
    row_of[:] = -1
    for slot in range(space.counts[SLOTS]):
        lot, begun = slots[slot, FIRST], count
        if slots[slot, TRACED] == 0:
            continue
        while lot != NO_LOT:
            label = lots[lot, LABEL]
            if label != UNTRACED and row_of[label] >= begun:
                found[row_of[label], 2] += lots[lot, FEN]
            elif label != UNTRACED:
                found[count, 0], found[count, 1], found[count, 2] = slots[slot, ACCOUNT], label, lots[lot, FEN]
                row_of[label] = count
                count += 1
            lot = lots[lot, NEWER]
    return count
