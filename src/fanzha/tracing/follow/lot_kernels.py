"""Money in an account as lots in the order of their age: each lot is one label's, or nobody's that we trace."""

from __future__ import annotations

from fanzha.kernel.compiled import inlined
from fanzha.tracing.follow.workspace import (
    FEN,
    FIRST,
    FREE,
    LABEL,
    LAST,
    LOTS,
    NEWER,
    NO_LOT,
    OLDER,
    TRACED,
    UNTRACED,
    Space,
)


@inlined
def add_lot(space: Space, slot: int, fen: int, label: int) -> None:
    """Put fen of a label on top as the newest lot; a lot of the same label there grows instead."""
    slots, lots = space.slots, space.lots
    if fen <= 0:
        return
    if label != UNTRACED:
        slots[slot, TRACED] += fen
    newest = slots[slot, LAST]
    if newest != NO_LOT and lots[newest, LABEL] == label:
        lots[newest, FEN] += fen
        return
    lot = new_lot(space)
    lots[lot, FEN], lots[lot, LABEL], lots[lot, OLDER], lots[lot, NEWER] = fen, label, newest, NO_LOT
    if newest == NO_LOT:
        slots[slot, FIRST] = lot
    else:
        lots[newest, NEWER] = lot
    slots[slot, LAST] = lot


@inlined
def new_lot(space: Space) -> int:
    """Room for a lot: one that was freed, or a fresh one."""
    counts, lot = space.counts, space.counts[FREE]
    if lot == NO_LOT:
        counts[LOTS] += 1
        return int(counts[LOTS]) - 1
    counts[FREE] = space.lots[lot, NEWER]
    return int(lot)


@inlined
def forget_lots(space: Space, slot: int) -> None:
    """Free all lots of an account that holds no traced money any more."""
    lot = space.slots[slot, FIRST]
    while lot != NO_LOT:
        newer = space.lots[lot, NEWER]
        _free(space, lot)
        lot = newer
    space.slots[slot, FIRST] = space.slots[slot, LAST] = NO_LOT


@inlined
def take_lots(space: Space, slot: int, fen: int, newest_first: bool) -> int:
    """Take fen out of an account into the space's `parts` (fen, label), oldest first; the number of parts.

    What the lots don't hold lay there before we knew the balance: it is nobody's that we trace, and comes last.
    """
    slots, lots, parts = space.slots, space.lots, space.parts
    count, left = 0, fen
    while left > 0:
        lot = slots[slot, LAST] if newest_first else slots[slot, FIRST]
        if lot == NO_LOT:
            break
        taken = min(left, lots[lot, FEN])
        parts[count, 0], parts[count, 1] = taken, lots[lot, LABEL]
        count += 1
        left -= taken
        if lots[lot, LABEL] != UNTRACED:
            slots[slot, TRACED] -= taken
        lots[lot, FEN] -= taken
        if lots[lot, FEN] == 0:
            drop_lot(space, slot, lot)
    if newest_first:
        for at in range(count // 2):
            other = count - 1 - at
            fen, label = parts[at, 0], parts[at, 1]
            parts[at, 0], parts[at, 1] = parts[other, 0], parts[other, 1]
            parts[other, 0], parts[other, 1] = fen, label
    if left > 0:
        parts[count, 0], parts[count, 1] = left, UNTRACED
        count += 1
    return count


@inlined
def drop_lot(space: Space, slot: int, lot: int) -> None:
    """Take a lot, now empty, off its account."""
    slots, lots = space.slots, space.lots
    older, newer = lots[lot, OLDER], lots[lot, NEWER]
    if older == NO_LOT:
        slots[slot, FIRST] = newer
    else:
        lots[older, NEWER] = newer
    if newer == NO_LOT:
        slots[slot, LAST] = older
    else:
        lots[newer, OLDER] = older
    _free(space, lot)


@inlined
def _free(space: Space, lot: int) -> None:
    space.lots[lot, NEWER] = space.counts[FREE]
    space.counts[FREE] = lot
