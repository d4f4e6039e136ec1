"""Laying out transfers by account: a counting sort of both ends, in order."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fanzha.kernel.compiled import compiled
from fanzha.tracing.follow.workspace import Laid

SECOND, FEN, OTHER, TRANSFER = range(4)
COLUMNS = 4
BIG = -1
"""Stands for an amount of 2^32 - 1 fen or more: the transfer's own column has it."""

_MOST_SMALL = 2**32 - 1
CHECKPOINT_EVERY = 64


@compiled
def paid_to(payee: int) -> int:
    """The `OTHER` of money paid to an account: negative, −1 for nobody known. Money received has payer + 1."""
    return -payee - 2


@compiled
def fen_of(event: NDArray[np.int32], amount_fen: NDArray[np.int64]) -> int:
    """What an event moved."""
    fen = event[FEN]
    return int(amount_fen[event[TRANSFER]] if fen == BIG else np.int64(np.uint32(fen)))


@compiled
def count_events(
    payer: NDArray[np.int32], payee: NDArray[np.int32], at_s: NDArray[np.int64], start: NDArray[np.int64]
) -> bool:
    """Fill where each account's events begin; False when a time falls. A transfer to oneself is no event."""
    for t in range(len(payer)):
        if t and at_s[t] < at_s[t - 1]:
            return False
        if payer[t] == payee[t]:
            continue
        if payer[t] >= 0:
            start[payer[t] + 1] += 1
        if payee[t] >= 0:
            start[payee[t] + 1] += 1
    for a in range(1, len(start)):
        start[a] += start[a - 1]
    return True


@compiled
def fill_events(
    columns: tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int64], NDArray[np.int64]],
    epoch_s: int,
    start: NDArray[np.int64],
    events: NDArray[np.int32],
) -> None:
    """Fill both ends' events from (payer, payee, amount_fen, at_s)."""
    payer, payee, amount, at_s = columns
    place = start[:-1].copy()
    for t in range(len(payer)):
        if payer[t] == payee[t]:
            continue
        second = int(at_s[t] - epoch_s)
        fen = BIG if amount[t] >= _MOST_SMALL else int(np.int32(np.uint32(amount[t])))
        if payer[t] >= 0:
            at = place[payer[t]]
            place[payer[t]] = at + 1
            events[at, SECOND], events[at, FEN], events[at, OTHER], events[at, TRANSFER] = (
                second,
                fen,
                paid_to(payee[t]),
                t,
            )
        if payee[t] >= 0:
            at = place[payee[t]]
            place[payee[t]] = at + 1
            _put(events[at], second, fen, payer[t] + 1, t)


@compiled
def _put(event: NDArray[np.int32], second: int, fen: int, other: int, transfer: int) -> None:
    event[SECOND], event[FEN], event[OTHER], event[TRANSFER] = second, fen, other, transfer


@compiled
def fill_checkpoints(laid: Laid, opening: NDArray[np.int64], amount_fen: NDArray[np.int64]) -> None:
    """The balance after every `CHECKPOINT_EVERY` events of each account."""
    start = laid.start
    for a in range(len(start) - 1):
        balance, mark = opening[a], laid.checkpoint_start[a]
        for at in range(start[a], start[a + 1]):
            balance = balance_after(balance, laid.events[at], amount_fen)
            if (at - start[a] + 1) % CHECKPOINT_EVERY == 0:
                laid.checkpoints[mark] = balance
                mark += 1


@compiled
def balance_after(balance: int, event: NDArray[np.int32], amount_fen: NDArray[np.int64]) -> int:
    """The balance once an event is over; what leaves beyond it was there unseen, so that it never falls below 0."""
    fen = fen_of(event, amount_fen)
    return balance + fen if event[OTHER] >= 0 else max(balance - fen, 0)


@compiled
def key_of(event: NDArray[np.int32]) -> int:
    """Events in the order in which they happened: by time, then transfer, what leaves before where it arrives."""
    return int((np.int64(event[SECOND]) << 32) | (np.int64(event[TRANSFER]) << 1) | (event[OTHER] >= 0))


@compiled
def place_after(start: NDArray[np.int64], events: NDArray[np.int32], account: int, key: int) -> int:
    """The place of the account's first event after a key."""
    low, high = start[account], start[account + 1]
    while low < high:
        middle = (low + high) >> 1
        if key_of(events[middle]) <= key:
            low = middle + 1
        else:
            high = middle
    return int(low)


@compiled
def balance_before(
    laid: Laid,
    account: int,
    at: int,
    opening: int,
    amount_fen: NDArray[np.int64],
) -> int:
    """What lay in the account before its event at place `at`."""
    first, balance = laid.start[account], opening
    mark = (at - first) // CHECKPOINT_EVERY
    if mark:
        balance = laid.checkpoints[laid.checkpoint_start[account] + mark - 1]
        first += mark * CHECKPOINT_EVERY
    for place in range(first, at):
        balance = balance_after(balance, laid.events[place], amount_fen)
    return balance
