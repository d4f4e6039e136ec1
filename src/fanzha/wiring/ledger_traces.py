"""Following money over a whole ledger that lies in a folder."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np

from fanzha.adapters.ledger_folder.ledger_folder import LedgerFolder, open_ledger
from fanzha.kernel.clock import SHANGHAI, from_micros, from_seconds
from fanzha.kernel.errors import Conflict, Invalid, NotFound
from fanzha.kernel.identifiers import account as accounts
from fanzha.tracing.follow.follow import follow
from fanzha.tracing.follow.question import Question
from fanzha.tracing.follow.trace import HopKind, Trace
from fanzha.workflows.trace_starts import LISTED, told_moment

_SECOND_US = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerHop:
    """A part of a payment that was traced, in words; `start` is the number of its starting payment, from 1."""

    start: int
    payer: str
    payee: str
    amount_fen: int
    traced_fen: int
    at: datetime
    kind: str
    file: str
    row: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LedgerTrace:
    """An answer and the ledger in which it was found."""

    ledger: LedgerFolder
    trace: Trace

    def hops(self) -> Iterator[LedgerHop]:
        """Every hop in the order in which money moved."""
        found, names = self.trace.hops, self.ledger.names
        moved = self.ledger.index.moved(found.transfer)
        for place, transfer in enumerate(found.transfer.tolist()):
            file, row = self.ledger.place(transfer)
            yield LedgerHop(
                start=int(found.label[place]) + 1,
                payer=names[int(moved.payer[place])],
                payee=names[int(moved.payee[place])],
                amount_fen=int(moved.amount_fen[place]),
                traced_fen=int(found.fen[place]),
                at=from_micros(int(moved.at_s[place]) * _SECOND_US),
                kind=HopKind(int(found.kind[place])).name.lower(),
                file=file,
                row=row,
            )

    def held(self) -> Iterator[tuple[str, int, int]]:
        """Account, start and fen of what lies where, most first."""
        held = self.trace.held
        for place in np.lexsort((held.account, -held.fen)).tolist():
            yield self.ledger.names[int(held.account[place])], int(held.label[place]) + 1, int(held.fen[place])

    def sums(self) -> dict[str, int]:
        """Fen that was traced, and where all of it is."""
        hops = self.trace.hops
        of_kind = {kind: int(hops.fen[hops.kind == kind].sum()) for kind in HopKind}
        sums = {
            "held_fen": int(self.trace.held.fen.sum()),
            "left_fen": of_kind[HopKind.LEFT],
            "below_floor_fen": of_kind[HopKind.BELOW_FLOOR],
            "after_horizon_fen": of_kind[HopKind.AFTER_HORIZON],
        }
        started = int(hops.fen[np.isin(hops.transfer, self.trace.question.starts)].sum())
        return {"traced_fen": started, **sums, "disputed_fen": started - sum(sums.values())}


def starting_transfers(ledger: LedgerFolder, told: Sequence[str]) -> tuple[int, ...]:
    """The numbers of the transfers that each `FILE:ROW` or `ACCOUNT@TIME@FEN` names.

    `Invalid` when one can't be read, `NotFound` when nothing fits, `Conflict` with their places when several do.
    """
    return tuple(_named(ledger, each) if "@" in each else _placed(ledger, each) for each in told)


def trace_ledger(ledger: LedgerFolder, question: Question) -> LedgerTrace:
    """Follow the question's payments forward."""
    return LedgerTrace(ledger=ledger, trace=follow(ledger.index, question)[0])


def opened_ledger(folder: str) -> LedgerFolder:
    """The ledger in a folder, its index renewed; errors as `open_ledger`."""
    return open_ledger(Path(folder))


def _placed(ledger: LedgerFolder, told: str) -> int:
    file, _, row = told.rpartition(":")
    if not file or not row.isdigit():
        raise Invalid("ledger_folder.bad_start", told=told if file else accounts.mask(told))
    return ledger.transfer(file, int(row))


def _named(ledger: LedgerFolder, told: str) -> int:
    name, _, rest = told.partition("@")
    moment, _, fen = rest.rpartition("@")
    if not name or not moment or not fen.isdigit():
        raise Invalid("ledger_folder.bad_start", told=accounts.mask(name))
    begin_us, width_us = told_moment(moment)
    account = ledger.names.number(name)
    if account < 0:
        raise NotFound("ledger_folder.start_of_unknown_account")
    numbers = ledger.index.transfers_of(account)
    moved = ledger.index.moved(numbers)
    at_us = moved.at_s * _SECOND_US
    fitting = numbers[(moved.amount_fen == int(fen)) & (at_us >= begin_us) & (at_us < begin_us + width_us)].tolist()
    if not fitting:
        as_much = moved.amount_fen == int(fen)
        some = as_much if as_much.any() else np.ones(len(numbers), np.bool_)
        nearest = np.argsort(np.abs(at_us[some] - begin_us - width_us // 2), kind="stable")[:LISTED]
        payments = ", ".join(_listed(ledger, each) for each in numbers[some][nearest].tolist())
        code = "start_at_another_time" if as_much.any() else "start_of_another_amount"
        raise NotFound(f"ledger_folder.{code}", payments=payments)
    if len(fitting) > 1:
        places = ", ".join("{}:{}".format(*ledger.place(each)) for each in fitting[:LISTED])
        raise Conflict("ledger_folder.start_ambiguous", count=len(fitting), places=places)
    return int(fitting[0])


def _listed(ledger: LedgerFolder, number: int) -> str:
    """When a transfer was, and its place: nothing that is personal."""
    at = from_seconds(int(ledger.index.moved(np.array([number])).at_s[0])).astimezone(SHANGHAI)
    return f"{at:%Y-%m-%dT%H:%M:%S} ({{}}:{{}})".format(*ledger.place(number))
