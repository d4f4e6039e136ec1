"""Money in an account as one pool: each label has a share of it, and what leaves takes of every share in proportion."""

from __future__ import annotations

import numpy as np

from fanzha.kernel.compiled import inlined
from fanzha.tracing.follow.lot_kernels import drop_lot, new_lot
from fanzha.tracing.follow.workspace import (
    BALANCE,
    FEN,
    FIRST,
    LABEL,
    LAST,
    NEWER,
    NO_LOT,
    OLDER,
    TRACED,
    UNTRACED,
    Space,
)

REMAINDER = 2


@inlined
def add_shares(space: Space, slot: int, count: int) -> None:
    """Pour the space's parts into the pool, whose labels rise, as nearly always those of the parts do."""
    mine, lots, parts = space.slots[slot], space.lots, space.parts
    share, last = mine[FIRST], np.int64(UNTRACED)
    for at in range(count):
        fen, label = parts[at, 0], parts[at, 1]
        mine[BALANCE] += fen
        if label == UNTRACED or fen == 0:
            continue
        mine[TRACED] += fen
        if label < last:
            share = mine[FIRST]
        last = label
        while share != NO_LOT and lots[share, LABEL] < label:
            share = lots[share, NEWER]
        if share != NO_LOT and lots[share, LABEL] == label:
            lots[share, FEN] += fen
        else:
            _insert(space, slot, new_lot(space), fen, label, share)


@inlined
def _insert(space: Space, slot: int, lot: int, fen: int, label: int, newer: int) -> None:
    """Link a share in before another one (`NO_LOT`: at the end)."""
    mine, lots = space.slots[slot], space.lots
    older = mine[LAST] if newer == NO_LOT else lots[newer, OLDER]
    lots[lot, FEN], lots[lot, LABEL], lots[lot, OLDER], lots[lot, NEWER] = fen, label, older, newer
    if older == NO_LOT:
        mine[FIRST] = lot
    else:
        lots[older, NEWER] = lot
    if newer == NO_LOT:
        mine[LAST] = lot
    else:
        lots[newer, OLDER] = lot


@inlined
def take_shares(space: Space, slot: int, fen: int) -> int:
    """Take fen out of the pool into the space's `parts`: nobody's first, then by label; the number of parts.

    Rounded by the largest remainder, ties by the earliest, of whom nobody is the first. What the pool does not hold
    lay there before we knew the balance: nobody's.
    """
    mine, lots, parts = space.slots[slot], space.lots, space.parts
    balance = mine[BALANCE]
    there = min(fen, balance)
    parts[0, 1] = UNTRACED
    parts[0, 0], parts[0, REMAINDER] = portion(balance - mine[TRACED], there, balance)
    count, given, share = 1, parts[0, 0], mine[FIRST]
    while share != NO_LOT:
        parts[count, 1] = lots[share, LABEL]
        parts[count, 0], parts[count, REMAINDER] = portion(lots[share, FEN], there, balance)
        given += parts[count, 0]
        count, share = count + 1, lots[share, NEWER]
    for _ in range(there - given):
        most = np.argmax(parts[:count, REMAINDER])
        parts[most, 0] += 1
        parts[most, REMAINDER] = -1
    mine[BALANCE] = balance - there
    share = mine[FIRST]
    for at in range(1, count):
        newer = lots[share, NEWER]
        lots[share, FEN] -= parts[at, 0]
        mine[TRACED] -= parts[at, 0]
        if lots[share, FEN] == 0:
            drop_lot(space, slot, share)
        share = newer
    parts[0, 0] += fen - there
    return count


@inlined
def portion(whole: int, taken: int, balance: int) -> tuple[int, int]:
    """`whole × taken ÷ balance` rounded down, and the remainder: exact for `taken` ≤ `balance` < 2^62.

    The product does not fit 64 bits. The quotient is guessed by floats and set right by the remainder, which is small
    and therefore true although both products wrap around.
    """
    if balance == 0:
        return 0, 0
    guess = np.int64(float(whole) * float(taken) / float(balance))
    rest = np.int64(np.uint64(whole) * np.uint64(taken) - np.uint64(guess) * np.uint64(balance))
    while rest < 0:
        guess, rest = guess - 1, rest + balance
    while rest >= balance:
        guess, rest = guess + 1, rest - balance
    return int(guess), int(rest)
