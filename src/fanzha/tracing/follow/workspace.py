"""What the kernels of a trace read and what they write into."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fanzha.tracing.follow.question import TraceLimits

FIRST_ACCOUNTS = 1 << 9
GROWTH = 4


class Laid(NamedTuple):
    """Events of all accounts laid out one after the other.

    `start`: int64[k+1], where each account's events begin; `events`: int32[n, 4], columns of `index_kernels`, by
    account then key; `checkpoints`: the balance after every 64 events of an account, of which those of account a begin
    at `start[a] // 64`; the balance counts the events of every layer.
    """

    start: NDArray[np.int64]
    events: NDArray[np.int32]
    checkpoints: NDArray[np.int64]


class Ledger(NamedTuple):
    """The index and what was appended to it, as kernels read them; appended transfers are numbered on."""

    base: Laid
    fresh: Laid
    opening_fen: NDArray[np.int64]
    amount_fen: NDArray[np.int64]
    fresh_amount_fen: NDArray[np.int64]
    is_end: NDArray[np.bool_]


OLDEST_FIRST, NEWEST_FIRST, IN_PROPORTION, EVERYTHING = range(4)


class Task(NamedTuple):
    """Starting payments as (second, fen, payee, transfer, number of the question's start), in order, and the rules.

    `until`: the last second of each one's horizon.
    """

    starts: NDArray[np.int64]
    until: NDArray[np.int64]
    last_second: int
    floor_fen: int
    rule: int
    most_events: int
    most_account_events: int


class Space(NamedTuple):
    """Hash table of accounts, slots, lots, agenda, hops and the parts of one payment; `counts` says what is used.

    `last_hop` has each label's newest hop.
    """

    table: NDArray[np.int32]
    slots: NDArray[np.int64]
    lots: NDArray[np.int64]
    heap: NDArray[np.int64]
    hops: NDArray[np.int64]
    parts: NDArray[np.int64]
    last_hop: NDArray[np.int64]
    counts: NDArray[np.int64]


# columns of `starts`
START_SECOND, START_FEN, START_PAYEE, START_TRANSFER = range(4)

# columns of `slots`, one row for each account that traced money reached; arrivals are read from `IN` in the base and
# from `NEW_IN` among what was appended, payments from `OUT` and `NEW_OUT`, which run ahead
ACCOUNT, IN, NEW_IN, OUT, NEW_OUT, END, NEW_END, FIRST, LAST, TRACED, BALANCE, SEEN, STATE = range(13)
SLOT_COLUMNS = 13
ASLEEP, AWAKE, CUT = 0, 1, 2

# columns of `lots`
FEN, LABEL, OLDER, NEWER = range(4)
LOT_COLUMNS = 4
NO_LOT = -1
UNTRACED = -1

PART_COLUMNS = 3
"""Fen, label, and a remainder while fen are apportioned."""

# columns of `hops`
HOP_TRANSFER, HOP_LABEL, HOP_FEN, HOP_KIND = range(4)
HOP_COLUMNS = 4
FOLLOWED, BELOW_FLOOR, LEFT, AFTER_HORIZON = range(4)

# places of `counts`
SLOTS, LOTS, HOPS, HEAP, EVENTS, FREE, GIVEN = range(7)
COUNTS = 7

DONE, FULL, TOO_MANY_EVENTS = range(3)


def sizes(limits: TraceLimits) -> list[int]:
    """Accounts that a space has room for: few at first, in the end as many as the limits allow."""
    found = [min(FIRST_ACCOUNTS, limits.accounts)]
    while found[-1] < limits.accounts:
        found.append(min(found[-1] * GROWTH, limits.accounts))
    return found


def room(accounts: int, labels: int, limits: TraceLimits) -> Space:
    """Empty arrays for a trace that reaches so many accounts."""
    lots = max(1, limits.lots * accounts // limits.accounts) + accounts
    hops = max(1, limits.hops * accounts // limits.accounts) + lots
    counts = np.zeros(COUNTS, np.int64)
    counts[FREE] = NO_LOT
    return Space(
        table=np.full(1 << (2 * accounts).bit_length(), -1, np.int32),
        slots=np.empty((accounts, SLOT_COLUMNS), np.int64),
        lots=np.empty((lots, LOT_COLUMNS), np.int64),
        heap=np.empty((accounts + 1, 2), np.int64),
        hops=np.empty((hops, HOP_COLUMNS), np.int64),
        parts=np.empty((lots + 4, PART_COLUMNS), np.int64),
        last_hop=np.full(labels, -1, np.int64),
        counts=counts,
    )


def grown(space: Space, larger: Space) -> Space:
    """The larger space with what the smaller one holds between two payments; its table is to be filled anew."""
    counts = space.counts
    used = {"slots": counts[SLOTS], "lots": counts[LOTS], "heap": counts[HEAP], "hops": counts[HOPS]}
    for name, count in used.items():
        getattr(larger, name)[:count] = getattr(space, name)[:count]
    larger.counts[:] = counts
    return larger
