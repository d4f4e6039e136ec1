"""Every account's transfers laid out one after the other, so that following money reads memory in a line."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fanzha.kernel.errors import Invalid, invariant
from fanzha.tracing.follow import index_kernels as kernels
from fanzha.tracing.follow.workspace import Laid, Ledger

MOST_TRANSFERS = 2**31 - 1
LATEST_S = 2**31 - 1
NOBODY = -1


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Transfers:
    """Money that moved, in the order in which it is to be followed: columns of length m.

    `payer`, `payee`: int32[m], accounts 0..k-1 or `NOBODY`; `amount_fen`: int64[m] > 0; `at_s`: int64[m], whole
    seconds of UTC, never falling. A transfer's place in these columns is its name in questions and answers.
    """

    payer: NDArray[np.int32]
    payee: NDArray[np.int32]
    amount_fen: NDArray[np.int64]
    at_s: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.payer)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FlowIndex:
    """What a trace reads: transfers, each account's events, and what lay in the account before them.

    `opening_fen`: int64[k], what an account held before its first event; `is_end`: bool[k], accounts in which money is
    not followed any further (a payment company's pool, a merchant).
    """

    transfers: Transfers
    epoch_s: int
    opening_fen: NDArray[np.int64]
    is_end: NDArray[np.bool_]
    base: Laid
    fresh: Laid

    def __len__(self) -> int:
        return len(self.transfers)

    def ledger(self) -> Ledger:
        """What the kernels read."""
        return Ledger(self.base, self.fresh, self.opening_fen, self.transfers.amount_fen, self.is_end)

    def start_event(self, transfer: int) -> tuple[int, int, int, int]:
        """A transfer as its payer's event, also when nobody knows the payer."""
        moved = self.transfers
        fen = int(moved.amount_fen[transfer])
        small = kernels.BIG if fen >= 2**32 - 1 else (fen + 2**31) % 2**32 - 2**31
        return int(moved.at_s[transfer]) - self.epoch_s, small, -int(moved.payee[transfer]) - 2, transfer

    @property
    def accounts(self) -> int:
        """How many accounts there are."""
        return len(self.opening_fen)

    @property
    def bytes_per_transfer(self) -> float:
        """What the index takes beside the transfers' own columns."""
        parts = (*self.base, *self.fresh, self.opening_fen, self.is_end)
        return sum(part.nbytes for part in parts) / max(len(self.transfers), 1)


def build_index(
    transfers: Transfers,
    accounts: int,
    *,
    opening_fen: NDArray[np.int64] | None = None,
    is_end: NDArray[np.bool_] | None = None,
) -> FlowIndex:
    """Lay out the transfers of so many accounts; O(m), two passes.

    `Invalid` when there are more than 2^31 - 1 transfers or they span more than 68 years.
    """
    count = len(transfers)
    if count > MOST_TRANSFERS:
        raise Invalid("trace.too_many_transfers", limit=MOST_TRANSFERS)
    epoch_s = int(transfers.at_s[0]) if count else 0
    if count and int(transfers.at_s[-1]) - epoch_s > LATEST_S:
        raise Invalid("trace.too_long", years=LATEST_S // (366 * 86_400))
    opening = np.zeros(accounts, np.int64) if opening_fen is None else opening_fen
    return FlowIndex(
        transfers=transfers,
        epoch_s=epoch_s,
        opening_fen=opening,
        is_end=np.zeros(accounts, np.bool_) if is_end is None else is_end,
        base=_lay_out(transfers, epoch_s, opening),
        fresh=_nothing(accounts),
    )


def _lay_out(transfers: Transfers, epoch_s: int, opening: NDArray[np.int64]) -> Laid:
    """The events of each account in the order of the transfers."""
    start = np.zeros(len(opening) + 1, np.int64)
    in_order = kernels.count_events(transfers.payer, transfers.payee, transfers.at_s, start)
    invariant(in_order, "trace.transfers_out_of_order")
    events = np.empty((int(start[-1]), kernels.COLUMNS), np.int32)
    columns = (transfers.payer, transfers.payee, transfers.amount_fen, transfers.at_s)
    kernels.fill_events(columns, epoch_s, start, events)
    marks = np.zeros(len(start), np.int64)
    np.cumsum(np.diff(start) // kernels.CHECKPOINT_EVERY, out=marks[1:])
    laid = Laid(start, events, marks, np.empty(int(marks[-1]), np.int64))
    kernels.fill_checkpoints(laid, opening, transfers.amount_fen)
    return laid


def _nothing(accounts: int) -> Laid:
    zeros = np.zeros(accounts + 1, np.int64)
    return Laid(zeros, np.empty((0, kernels.COLUMNS), np.int32), zeros, np.empty(0, np.int64))
