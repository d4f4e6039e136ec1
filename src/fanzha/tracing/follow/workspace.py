"""What the kernels of a trace read and what they write into."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fanzha.tracing.follow.question import TraceLimits

LATEST_S = 2**31 - 1
FIRST_ACCOUNTS = 1 << 11
GROWTH = 4
SPARE_ROOMS = 4
_spare: list[Space] = []
"""Rooms that lie ready: memory that is new is cleared page by page, which costs more than a small trace."""


class Laid(NamedTuple):
    """Events of all accounts laid out one after the other.

    `start`: int64[k+1], where each account's events begin; `events`: int32[n, 4], columns of `index_kernels`, by
    account then key; `checkpoints`: the balance after every 32 events of an account, of which those of account a begin
    at `start[a] // 32`; the balance counts the events of every layer. `turn`: int32, the transfers' places in the order
    of time; empty where they lie in it.
    """

    start: NDArray[np.int64]
    events: NDArray[np.int32]
    checkpoints: NDArray[np.int64]
    turn: NDArray[np.int32]


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

    `until`: the last second of each one's horizon; `widens_after`: events after which reach is asked of all transfers.
    """

    starts: NDArray[np.int64]
    until: NDArray[np.int64]
    last_second: int
    floor_fen: int
    rule: int
    most_events: int
    most_account_events: int
    widens_after: int


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

DONE, FULL, TOO_MANY_EVENTS, WIDE = range(4)


def sizes(limits: TraceLimits) -> list[int]:
    """Accounts that a space has room for: few at first, in the end as many as the limits allow."""
    found = [min(FIRST_ACCOUNTS, limits.accounts)]
    while found[-1] < limits.accounts:
        found.append(min(found[-1] * GROWTH, limits.accounts))
    return found


def capacity(accounts: int, limits: TraceLimits) -> tuple[int, int, int]:
    """Accounts, lots and hops that there is room for."""
    lots = max(1, limits.lots * accounts // limits.accounts) + accounts
    return accounts, lots, max(1, limits.hops * accounts // limits.accounts) + lots


def room(accounts: int, labels: int, limits: TraceLimits) -> Space:
    """Empty arrays for a trace that reaches so many accounts."""
    _, lots, hops = capacity(accounts, limits)
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


def borrowed(accounts: int, labels: int, limits: TraceLimits) -> Space:
    """A room like a new one, if possible in memory that an earlier trace gave back."""
    try:
        spare = _spare.pop()
    except IndexError:
        return room(accounts, labels, limits)
    if (len(spare.slots), len(spare.lots), len(spare.hops)) != capacity(accounts, limits):
        return room(accounts, labels, limits)
    spare.table.fill(-1)
    spare.counts.fill(0)
    spare.counts[FREE] = NO_LOT
    return spare._replace(last_hop=np.full(labels, -1, np.int64))


def give_back(space: Space) -> None:
    """Let another trace have a room that nothing refers to any more."""
    if len(_spare) < SPARE_ROOMS and len(space.slots) <= FIRST_ACCOUNTS:
        _spare.append(space)


def grown(space: Space, larger: Space) -> Space:
    """The larger space with what the smaller one holds between two payments; its table is to be filled anew."""
    counts = space.counts
    used = {"slots": counts[SLOTS], "lots": counts[LOTS], "heap": counts[HEAP], "hops": counts[HOPS]}
    for name, count in used.items():
        getattr(larger, name)[:count] = getattr(space, name)[:count]
    larger.counts[:] = counts
    return larger
