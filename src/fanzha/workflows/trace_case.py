"""A trace through a case in the words of its files: hops with evidence, where money lies now, where it left."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cached_property

import numpy as np

from fanzha.kernel.clock import from_seconds
from fanzha.kernel.errors import Invalid
from fanzha.tracing.follow.asking import Passage, WorthAsking, is_night_cash, passages, statements_worth_asking
from fanzha.tracing.follow.case_flow import NEVER_TOLD_S, NO_TRANSFER, CaseFlow
from fanzha.tracing.follow.conservative import LIES_THERE, Disputed
from fanzha.tracing.follow.follow import follow
from fanzha.tracing.follow.layers import layers
from fanzha.tracing.follow.question import Direction, Question
from fanzha.tracing.follow.trace import HopKind, Trace
from fanzha.tracing.movements.movements import NO_MOVEMENT, NO_ROW, Exit
from fanzha.workflows.case_ledger import CaseLedger, Place, ToldMovement, movement_id
from fanzha.workflows.trace_starts import starting_movement


class Lies(StrEnum):
    """How sure it is that money lies in an account."""

    HELD = "held"
    """The account's own statement tells its balance then."""
    LAST_SEEN = "last_seen"
    """It arrived there; no statement of the account tells what became of it."""
    BEFORE = "before"
    """Backward: it lay there before anything that is followed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TracedHop:
    """A part of a payment. `told` is None for money that balances prove and no row tells; `start` is a movement's id.

    `became` is a code of `HopKind`, `exit` one of `Exit` for what left; layers are None for who paid first. `evidence`
    are the rows that tell of it, or the row whose balance proves it. `payee_told_until`: when the payee's own
    statement ends, None without one.
    """

    told: ToldMovement | None
    evidence: tuple[Place, ...]
    at: datetime
    payer: str
    payee: str
    payer_layer: int | None
    payee_layer: int | None
    amount_fen: int
    fen: int
    start: str
    became: str
    exit: str
    order_contradicted: bool
    is_night_cash: bool
    payee_told_until: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """Traced money of one starting payment in one account when the trace ended; times of its hops there."""

    account: str
    name: str
    layer: int | None
    start: str
    fen: int
    lies: Lies
    is_conclusive: bool
    first_at: datetime
    last_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """One start's fen: `started` = held + last seen + before + left + below the floor + disputed, to the fen."""

    start: str
    started_fen: int
    held_fen: int
    last_seen_fen: int
    before_fen: int
    left_fen: Mapping[str, int]
    below_floor_fen: int
    disputed_fen: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispute:
    """Where the rules disagree: of what certainly came to an account, low to high went by a movement or lies there.

    `movement` is empty for what lies there.
    """

    movement: str
    account: str
    start: str
    low_fen: int
    high_fen: int


@dataclass(frozen=True, kw_only=True, eq=False)
class TracedCase:
    """A case's ledger, its flow, and one trace through it."""

    ledger: CaseLedger
    flow: CaseFlow
    trace: Trace
    disputed: Disputed | None = None

    @cached_property
    def layer(self) -> Mapping[int, int]:
        """Each account's layer."""
        return layers(self.flow.index, self.trace)

    def starts(self) -> list[str]:
        """The starting payments' ids, in the order asked."""
        return [self._id(transfer) for transfer in self.trace.question.starts]

    def cut(self) -> list[str]:
        """Accounts with too many events to be read to their end."""
        return [self._account(node) for node in self.trace.cut.tolist()]

    def hops(self) -> Iterator[TracedHop]:
        """Every hop, in the order in which money moved."""
        hops, transfers, named = self.trace.hops, self.flow.index.transfers, self.starts()
        night_cash = is_night_cash(self.flow, self.ledger.found.movements)
        columns = (hops.transfer.tolist(), hops.label.tolist(), hops.fen.tolist(), hops.kind.tolist())
        for transfer, label, fen, kind in zip(*columns, strict=True):
            number = int(self.flow.movement[transfer])
            payer, payee = int(transfers.payer[transfer]), int(transfers.payee[transfer])
            told = None if number == NO_MOVEMENT else self.ledger.told(number)
            yield TracedHop(
                told=told,
                evidence=told.evidence if told else self._proof(transfer),
                at=from_seconds(int(transfers.at_s[transfer])),
                payer=self._account(payer),
                payee=self._account(payee),
                payer_layer=self.layer.get(payer),
                payee_layer=self.layer.get(payee),
                amount_fen=int(transfers.amount_fen[transfer]),
                fen=fen,
                start=named[label],
                became=HopKind(kind).name.lower(),
                exit=self._exit(number) if kind == HopKind.LEFT else "",
                order_contradicted=bool(self.flow.in_circle[transfer]),
                is_night_cash=bool(night_cash[transfer]),
                payee_told_until=self._told_until(payee),
            )

    def holdings(self) -> list[Holding]:
        """Where traced money lay when the trace ended, most first."""
        arrived = self._arrivals()
        named, found = self.starts(), []
        for (account, label), fen in self._lying().items():
            first, last = arrived[account, label]
            known = int(self.flow.told_until_s[account])
            found.append(
                Holding(
                    account=self._account(account),
                    name=self.ledger.name(account),
                    layer=self.layer.get(account),
                    start=named[label],
                    fen=fen,
                    lies=self._lies(known, last),
                    is_conclusive=not self.flow.is_inconclusive[account],
                    first_at=from_seconds(first),
                    last_at=from_seconds(last),
                )
            )
        return sorted(found, key=lambda each: (-each.fen, each.account, each.start))

    def _lies(self, known_until: int, last: int) -> Lies:
        if not self._is_forward:
            return Lies.BEFORE
        return Lies.HELD if known_until != NEVER_TOLD_S and known_until >= last else Lies.LAST_SEEN

    @property
    def _is_forward(self) -> bool:
        return self.trace.question.direction is Direction.FORWARD

    def totals(self) -> list[Totals]:
        """Each start's account, in the order asked."""
        started, below = defaultdict[str, int](int), defaultdict[str, int](int)
        held = defaultdict[tuple[str, str], int](int)
        gone: dict[str, dict[str, int]] = {start: {} for start in self.starts()}
        for holding in self.holdings():
            held[holding.start, holding.lies] += holding.fen
        for hop in self.hops():
            if hop.told is not None and hop.told.id == hop.start:
                started[hop.start] += hop.fen
            if hop.became == "left":
                gone[hop.start][hop.exit] = gone[hop.start].get(hop.exit, 0) + hop.fen
            elif hop.became == "below_floor":
                below[hop.start] += hop.fen
        return [
            Totals(
                start=start,
                started_fen=started[start],
                held_fen=held[start, Lies.HELD],
                last_seen_fen=held[start, Lies.LAST_SEEN],
                before_fen=held[start, Lies.BEFORE],
                left_fen=dict(sorted(gone[start].items())),
                below_floor_fen=below[start],
                disputed_fen=started[start]
                - sum(held[start, lies] for lies in Lies)
                - sum(gone[start].values())
                - below[start]
                if self.disputed
                else 0,
            )
            for start in self.starts()
        ]

    def disputes(self) -> list[Dispute]:
        """Where the rules disagree, by the conservative one; most first."""
        told = self.disputed
        if told is None:
            return []
        named = self.starts()
        columns = (told.transfer, told.account, told.label, told.low_fen, told.high_fen)
        rows = zip(*(column.tolist() for column in columns), strict=True)
        found = [
            Dispute(
                movement="" if transfer == LIES_THERE else self._id(transfer),
                account=self._account(account),
                start=named[label],
                low_fen=low,
                high_fen=high,
            )
            for transfer, account, label, low, high in rows
        ]
        return sorted(found, key=lambda each: (-each.high_fen, each.account, each.movement, each.start))

    def worth_asking(self) -> list[tuple[str, WorthAsking]]:
        """Statements to ask for, by account, most fen first; a trace backward asks for none."""
        if not self._is_forward:
            return []
        return [(self._account(each.account), each) for each in statements_worth_asking(self.flow, self.trace)]

    def passages(self) -> list[tuple[str, Passage]]:
        """How money went through each account that it reached; forward only."""
        if not self._is_forward:
            return []
        told = passages(self.flow, self.ledger.found.movements, self.trace)
        return [(self._account(each.account), each) for each in told]

    def _lying(self) -> dict[tuple[int, int], int]:
        """Fen by (account, label): held at the end, and what left an account only after the horizon."""
        held, hops = self.trace.held, self.trace.hops
        lying = defaultdict[tuple[int, int], int](int)
        for account, label, fen in zip(held.account.tolist(), held.label.tolist(), held.fen.tolist(), strict=True):
            lying[account, label] += fen
        for at in (hops.kind == HopKind.AFTER_HORIZON).nonzero()[0]:
            payer = int(self.flow.index.transfers.payer[hops.transfer[at]])
            lying[payer, int(hops.label[at])] += int(hops.fen[at])
        return lying

    def _arrivals(self) -> dict[tuple[int, int], tuple[int, int]]:
        """The first and the last second at which money of a label came to an account; backward, left it."""
        hops, transfers = self.trace.hops, self.flow.index.transfers
        party = transfers.payee if self._is_forward else transfers.payer
        found: dict[tuple[int, int], tuple[int, int]] = {}
        for transfer, label, kind in zip(hops.transfer.tolist(), hops.label.tolist(), hops.kind.tolist(), strict=True):
            if kind == HopKind.FOLLOWED:
                place, second = (int(party[transfer]), label), int(transfers.at_s[transfer])
                first, last = found.get(place, (second, second))
                found[place] = min(first, second), max(last, second)
        return found

    def _proof(self, transfer: int) -> tuple[Place, ...]:
        """The row whose balance proves money that no row tells, else those of the payment that it was needed for."""
        row = int(self.flow.row[transfer])
        if row != NO_ROW:
            return (self.ledger.place(row),)
        moved = self.flow.index.transfers
        paid = np.flatnonzero(moved.payer[transfer:] == moved.payee[transfer]) + transfer
        needed = int(self.flow.movement[paid[0]])
        return tuple(self.ledger.place(row) for row in self.ledger.rows_of(needed))

    def _told_until(self, node: int) -> datetime | None:
        at_s = int(self.flow.told_until_s[node]) if node >= 0 else NEVER_TOLD_S
        return None if at_s == NEVER_TOLD_S else from_seconds(at_s)

    def _account(self, node: int) -> str:
        return self.ledger.found.accounts.primary[node] if node >= 0 else ""

    def _id(self, transfer: int) -> str:
        number = int(self.flow.movement[transfer])
        return "" if number == NO_MOVEMENT else movement_id(int(self.ledger.found.movements.id[number]))

    def _exit(self, number: int) -> str:
        told = Exit.OUTSIDE if number == NO_MOVEMENT else Exit(int(self.ledger.found.movements.exit[number]))
        return (Exit.OUTSIDE if told is Exit.NONE else told).name.lower()


def transfers_of(ledger: CaseLedger, flow: CaseFlow, told: Sequence[str]) -> tuple[int, ...]:
    """The transfers that people name; `Invalid` for a movement that moved none of the country's money."""
    numbers = [starting_movement(ledger, each) for each in told]
    found = tuple(int(flow.transfer[number]) for number in numbers)
    if NO_TRANSFER in found:
        raise Invalid("trace.start_moves_nothing")
    return found


def trace_case(ledger: CaseLedger, flow: CaseFlow, question: Question) -> TracedCase:
    """Follow the question's payments through a case."""
    trace, disputed = follow(flow.index, question)
    return TracedCase(ledger=ledger, flow=flow, trace=trace, disputed=disputed)
