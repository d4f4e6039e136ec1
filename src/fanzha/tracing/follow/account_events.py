"""What happened to one account, as arrays: for traces that look at accounts one by one."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from fanzha.tracing.follow import index_kernels as index
from fanzha.tracing.follow.backward_kernels import Arrivals
from fanzha.tracing.follow.flow_index import FlowIndex

KEY_BITS = 32
EMPTY_FEN = 100
"""An account that holds no more than this is empty: what remains is nobody's."""


@dataclass(frozen=True, kw_only=True, eq=False)
class AccountEvents:
    """An account's n events in order, int64[n] each: `key` sorts events of all accounts, `number` is the transfer's.

    `signed` fen came in (negative: went out); `before`, `after`: what lay there. What left beyond it was there unseen.
    """

    opening: int
    key: NDArray[np.int64]
    number: NDArray[np.int64]
    signed: NDArray[np.int64]
    before: NDArray[np.int64]
    after: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.key)

    def place(self, key: int) -> int:
        """How many events come before a key."""
        return int(np.searchsorted(self.key, key))

    @cached_property
    def arrivals(self) -> NDArray[np.int64]:
        """Places of events that brought money."""
        return np.flatnonzero(self.signed > 0)

    @cached_property
    def came(self) -> Arrivals:
        """The arrivals alone."""
        return Arrivals(self.key[self.arrivals], self.signed[self.arrivals], self.after[self.arrivals])

    @cached_property
    def empty(self) -> NDArray[np.int64]:
        """Places of events after which the account was empty."""
        return np.flatnonzero(self.after <= EMPTY_FEN)

    @cached_property
    def queued(self) -> NDArray[np.int64]:
        """For each arrival how many fen had stood in front of its own, were money to leave in the order it came."""
        return self.left[self.arrivals] + self.before[self.arrivals]

    @cached_property
    def left(self) -> NDArray[np.int64]:
        """int64[n + 1]: how many fen had left before each event, without those that were there unseen."""
        return np.concatenate([[0], np.cumsum(np.maximum(self.before - self.after, 0))])


def count_events(found: FlowIndex, account: int) -> int:
    """How many events an account has."""
    return int(sum(laid.start[account + 1] - laid.start[account] for laid in (found.base, found.fresh)))


def account_events(found: FlowIndex, account: int) -> AccountEvents:
    """The events of one account; O(n)."""
    laid = [part.events[part.start[account] : part.start[account + 1]] for part in (found.base, found.fresh)]
    events = np.concatenate(laid) if len(laid[1]) else laid[0]
    number = events[:, index.TRANSFER].astype(np.int64)
    key = events[:, index.SECOND].astype(np.int64) << KEY_BITS | number
    if len(laid[1]):
        order = np.argsort(key, kind="stable")
        events, number, key = events[order], number[order], key[order]
    signed = _signed(found, events)
    opening = int(found.opening_fen[account])
    summed = opening + np.cumsum(signed)
    after = summed - np.minimum(np.minimum.accumulate(summed), 0)
    return AccountEvents(
        opening=opening,
        key=key,
        number=number,
        signed=signed,
        before=np.concatenate([[opening], after[:-1]]) if len(after) else after,
        after=after,
    )


def _signed(found: FlowIndex, events: NDArray[np.int32]) -> NDArray[np.int64]:
    """What events brought, or took away; sums too large for an event are in the transfer's own column."""
    told = events[:, index.FEN]
    fen = told.astype(np.uint32).astype(np.int64)
    is_big = told == index.BIG
    if is_big.any():
        fen[is_big] = found.moved(events[is_big, index.TRANSFER].astype(np.int64)).amount_fen
    signed: NDArray[np.int64] = np.where(events[:, index.OTHER] >= 0, fen, -fen)
    return signed


def key_of(at_s: NDArray[np.int64], number: NDArray[np.int64], epoch_s: int) -> NDArray[np.int64]:
    """Transfers sorted by this are in the order in which they are followed."""
    return (at_s - epoch_s) << KEY_BITS | number
