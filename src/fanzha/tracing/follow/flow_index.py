"""Every account's transfers laid out one after the other, so that following money reads memory in a line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from fanzha.kernel.errors import Invalid
from fanzha.tracing.follow import index_kernels as kernels
from fanzha.tracing.follow.reach_kernels import Timeline
from fanzha.tracing.follow.workspace import LATEST_S, Laid, Ledger

MOST_TRANSFERS = 2**31 - 1
NOBODY = -1


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Transfers:
    """Money that moved: columns of length m. Of transfers of the same second the first is followed first.

    `payer`, `payee`: int32[m], accounts 0..k-1 or `NOBODY`; `amount_fen`: int64[m] > 0; `at_s`: int64[m], whole
    seconds of UTC. A transfer's place in these columns is its name in questions and answers.
    """

    payer: NDArray[np.int32]
    payee: NDArray[np.int32]
    amount_fen: NDArray[np.int64]
    at_s: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.payer)

    def columns(self) -> kernels.Columns:
        """What the kernels read."""
        return self.payer, self.payee, self.amount_fen, self.at_s

    def take(self, places: NDArray[np.intp]) -> Transfers:
        """The transfers at these places, in their order."""
        return Transfers(
            payer=self.payer[places],
            payee=self.payee[places],
            amount_fen=self.amount_fen[places],
            at_s=self.at_s[places],
        )

    def and_then(self, more: Transfers) -> Transfers:
        """These transfers, then others."""
        return Transfers.joined([self, more])

    @staticmethod
    def joined(parts: Sequence[Transfers]) -> Transfers:
        """All transfers of several columns, one after the other."""
        some = [part for part in parts if len(part)] or [Transfers.none()]
        if len(some) == 1:
            return some[0]
        return Transfers(
            payer=np.concatenate([part.payer for part in some]),
            payee=np.concatenate([part.payee for part in some]),
            amount_fen=np.concatenate([part.amount_fen for part in some]),
            at_s=np.concatenate([part.at_s for part in some]),
        )

    @staticmethod
    def none() -> Transfers:
        """No transfer."""
        return Transfers(
            payer=np.empty(0, np.int32),
            payee=np.empty(0, np.int32),
            amount_fen=np.empty(0, np.int64),
            at_s=np.empty(0, np.int64),
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FlowIndex:
    """What a trace reads: transfers, each account's events, and what lay in the account before them.

    `appended` are numbered on behind `transfers`. `opening_fen`: int64[k], what an account held before its first
    event; `is_end`: bool[k], accounts in which money is not followed any further (a payment company's pool, a
    merchant).
    """

    transfers: Transfers
    appended: Transfers
    epoch_s: int
    opening_fen: NDArray[np.int64]
    is_end: NDArray[np.bool_]
    base: Laid
    fresh: Laid

    def __len__(self) -> int:
        return len(self.transfers) + len(self.appended)

    def timelines(self) -> tuple[Timeline, Timeline]:
        """All transfers in the order of time, those of the base and those appended."""
        return (
            Timeline(self.transfers.columns(), self.base.turn, 0, self.epoch_s),
            Timeline(self.appended.columns(), self.fresh.turn, len(self.transfers), self.epoch_s),
        )

    def ledger(self) -> Ledger:
        """What the kernels read."""
        fen, fresh_fen = self.transfers.amount_fen, self.appended.amount_fen
        return Ledger(self.base, self.fresh, self.opening_fen, fen, fresh_fen, self.is_end)

    def moved(self, numbers: NDArray[np.int64]) -> Transfers:
        """The transfers of these numbers, in their order."""
        count = len(self.transfers)
        is_new = numbers >= count
        if not is_new.any():
            return self.transfers.take(numbers)
        told = self.transfers.take(numbers[~is_new]).and_then(self.appended.take(numbers[is_new] - count))
        place = np.empty(len(numbers), np.int64)
        place[np.concatenate([np.flatnonzero(~is_new), np.flatnonzero(is_new)])] = np.arange(len(numbers))
        return told.take(place)

    def transfer(self, number: int) -> tuple[int, int, int, int]:
        """Payer, payee, fen and second (of UTC) of one transfer."""
        part, place = self.transfers, number
        if number >= len(part):
            part, place = self.appended, number - len(part)
        return int(part.payer[place]), int(part.payee[place]), int(part.amount_fen[place]), int(part.at_s[place])

    def transfers_of(self, account: int) -> NDArray[np.int64]:
        """The numbers of all transfers of an account, early first within the base and within what was appended."""
        parts = (laid.events[laid.start[account] : laid.start[account + 1]] for laid in (self.base, self.fresh))
        return np.concatenate([part[:, kernels.TRANSFER] for part in parts]).astype(np.int64)

    @property
    def accounts(self) -> int:
        """How many accounts there are."""
        return len(self.opening_fen)

    @property
    def bytes_per_transfer(self) -> float:
        """What the index takes beside the transfers' own columns."""
        parts = (*self.base, *self.fresh, self.opening_fen, self.is_end)
        return sum(part.nbytes for part in parts) / max(len(self), 1)


def build_index(
    transfers: Transfers,
    accounts: int,
    *,
    opening_fen: NDArray[np.int64] | None = None,
    is_end: NDArray[np.bool_] | None = None,
) -> FlowIndex:
    """Lay out the transfers of so many accounts; O(m) when times never fall, two passes.

    `Invalid` when there are more than 2^31 - 1 transfers or they span more than 68 years.
    """
    if len(transfers) > MOST_TRANSFERS:
        raise Invalid("trace.too_many_transfers", limit=MOST_TRANSFERS)
    epoch_s = int(transfers.at_s.min()) if len(transfers) else 0
    _check_span(transfers, epoch_s)
    found = FlowIndex(
        transfers=transfers,
        appended=Transfers.none(),
        epoch_s=epoch_s,
        opening_fen=np.zeros(accounts, np.int64) if opening_fen is None else opening_fen,
        is_end=np.zeros(accounts, np.bool_) if is_end is None else is_end,
        base=laid_out(transfers, accounts, epoch_s, 0),
        fresh=laid_out(Transfers.none(), accounts, epoch_s, len(transfers)),
    )
    kernels.fill_checkpoints(found.ledger())
    return found


def append(
    found: FlowIndex,
    more: Transfers,
    *,
    opening_fen: NDArray[np.int64] | None = None,
    is_end: NDArray[np.bool_] | None = None,
    in_place: bool = False,
) -> FlowIndex:
    """The index with further transfers, in any order, early or late; O(appended + accounts).

    `opening_fen`, `is_end`: of new accounts, which follow the old ones. The old index stays as it was and shares
    nearly all memory; `in_place` it shares all, and must not be asked any more. `Invalid` as `build_index`.
    """
    if len(found) + len(more) > MOST_TRANSFERS:
        raise Invalid("trace.too_many_transfers", limit=MOST_TRANSFERS)
    _check_span(more, found.epoch_s)
    appended = found.appended.and_then(more)
    new = 0 if opening_fen is None else len(opening_fen)
    accounts, base = found.accounts + new, found.base
    start = np.append(base.start, np.full(new, base.start[-1])) if new else base.start
    longer = replace(
        found,
        appended=appended,
        opening_fen=found.opening_fen if opening_fen is None else np.append(found.opening_fen, opening_fen),
        is_end=np.append(found.is_end, np.zeros(new, np.bool_) if is_end is None else is_end) if new else found.is_end,
        base=Laid(start, base.events, base.checkpoints if in_place else base.checkpoints.copy(), base.turn),
        fresh=laid_out(appended, accounts, found.epoch_s, len(found.transfers)),
    )
    kernels.renew_checkpoints(longer.ledger(), _last_key(found))
    return longer


def compact(found: FlowIndex) -> FlowIndex:
    """The same index with what was appended laid out among the rest; every transfer keeps its number."""
    whole = found.transfers.and_then(found.appended)
    return build_index(whole, found.accounts, opening_fen=found.opening_fen, is_end=found.is_end)


def _check_span(transfers: Transfers, epoch_s: int) -> None:
    at_s = transfers.at_s
    if len(at_s) and max(int(at_s.max()) - epoch_s, epoch_s - int(at_s.min())) > LATEST_S:
        raise Invalid("trace.too_long", years=LATEST_S // (366 * 86_400))


def laid_out(transfers: Transfers, accounts: int, epoch_s: int, first_number: int) -> Laid:
    """The events of each account in the order of time, then number; checkpoints are still to be filled."""
    start = np.zeros(accounts + 1, np.int64)
    if not len(transfers):
        return Laid(start, np.empty((0, kernels.COLUMNS), np.int32), np.empty(1, np.int64), np.empty(0, np.int32))
    rises = kernels.count_events(transfers.columns(), start)
    order = np.empty(0, np.int32) if rises else np.argsort(transfers.at_s, kind="stable").astype(np.int32)
    events = np.empty((int(start[-1]), kernels.COLUMNS), np.int32)
    laid = Laid(start, events, np.empty(len(events) // kernels.CHECKPOINT_EVERY + 1, np.int64), order)
    kernels.fill_events(transfers.columns(), epoch_s, first_number, laid)
    return laid


def _last_key(found: FlowIndex) -> int:
    """A key behind everything in the base."""
    moved, turn = found.transfers, found.base.turn
    if not len(moved):
        return -1
    return (int(moved.at_s[turn[-1] if len(turn) else -1]) - found.epoch_s + 1) << 32
