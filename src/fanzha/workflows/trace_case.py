"""A trace through a case in the words of its files: hops with evidence, where money lies now, where it left."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from fanzha.kernel.clock import from_seconds
from fanzha.records.statements.rows import Precision
from fanzha.tracing.follow.asking import Passage, WorthAsking, is_night_cash, passages, statements_worth_asking
from fanzha.tracing.follow.case_flow import NEVER_TOLD_S, CaseFlow
from fanzha.tracing.follow.conservative import LIES_THERE, Disputed
from fanzha.tracing.follow.follow import follow
from fanzha.tracing.follow.inferred import Inferred, inferred
from fanzha.tracing.follow.question import Direction, Method, Question
from fanzha.tracing.follow.trace import HopKind, Trace
from fanzha.tracing.movements.movements import NO_MOVEMENT, Exit
from fanzha.tracing.patterns.typologies import Typologies
from fanzha.tracing.picture.layering import Layered, layered
from fanzha.tracing.picture.seen import Seen
from fanzha.tracing.picture.unrolling import unrolled
from fanzha.workflows.case_ledger import CaseLedger, Place, ToldMovement, movement_id
from fanzha.workflows.case_patterns import CasePatterns, NamedPattern, case_patterns
from fanzha.workflows.every_rule import COMPARED, EveryRule, every_rule
from fanzha.workflows.lying import LIES, Lies, Lying, by_start, exactness, exits, lying
from fanzha.workflows.proofs import Proofs
from fanzha.workflows.resting import Guess, Resting, Slip, resting_fen, rests_there, slips
from fanzha.workflows.seen_trace import seen_trace
from fanzha.workflows.trace_sums import Bound, Dispute, Sums, Totals, summed

_NAMED_EXITS = sorted(Exit, key=lambda each: each.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class TracedHop:
    """A part of a payment. `told` is None for money that balances prove and no row tells; `start` is a movement's id.

    `became` is a code of `HopKind`, `exit` one of `Exit` for what left; layers are empty for who paid first. `evidence`
    are the rows that tell of it, or the row whose balance proves it. `is_inferred`: how much of it is traced rests on a
    balance. `payee_told_until`: when the payee's own statement ends, None without one; `precision` is how exactly `at`
    is told: `day`, `minute` or `second`.
    """

    told: ToldMovement | None
    evidence: tuple[Place, ...]
    at: datetime
    payer: str
    payee: str
    payer_layers: tuple[int, ...]
    payee_layers: tuple[int, ...]
    amount_fen: int
    fen: int
    start: str
    became: str
    exit: str
    order_contradicted: bool
    is_inferred: bool
    is_night_cash: bool
    payee_told_until: datetime | None
    precision: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """Traced money of one starting payment in one account when the trace ended; times of its hops there.

    `first_precision`, `last_precision`: `day`, `minute` or `second`; `is_inferred`: how many fen rests on a balance.
    """

    account: str
    name: str
    bank: str
    layers: tuple[int, ...]
    start: str
    fen: int
    lies: Lies
    is_conclusive: bool
    is_inferred: bool
    has_statement: bool
    first_at: datetime
    last_at: datetime
    first_precision: str
    last_precision: str


@dataclass(frozen=True, kw_only=True, eq=False)
class TracedCase:
    """A case's ledger, its flow, and one trace through it."""

    ledger: CaseLedger
    flow: CaseFlow
    trace: Trace
    typologies: Typologies
    disputed: Disputed | None = None

    def seen(self) -> Seen:
        """The trace as the picture sees it."""
        return seen_trace(self.ledger, self.flow, self.trace, self.lying, self.exits, self._exact)

    @cached_property
    def layered(self) -> Layered:
        """The layers of accounts, as the picture draws them, and what came to each layer."""
        return layered(unrolled(self.seen()), is_forward=self._is_forward)

    def layers(self, node: int) -> tuple[int, ...]:
        """An account's layers, the first one first; none for who paid first and for whom no traced money reached."""
        return self.layered.of.get(self._account(node), ())

    @cached_property
    def lying(self) -> Lying:
        """Where traced money lay when the trace ended, as columns."""
        return lying(self.flow, self.trace, self._exact)

    @cached_property
    def exits(self) -> NDArray[np.int8]:
        """By hop, how its payment left the case's accounts; of meaning where a hop left."""
        return exits(self.flow, self.ledger.found.movements, self.trace)

    @cached_property
    def inferred(self) -> Inferred:
        """Which hops rest on a balance, and in which accounts balances decide."""
        return inferred(self.flow, self.trace)

    @cached_property
    def lies_inferred(self) -> NDArray[np.bool_]:
        """By place in `lying`, whether what lay there rests on a balance."""
        return rests_there(self.flow, self.trace, self.lying, self.inferred)

    @cached_property
    def _exact(self) -> NDArray[np.int8]:
        return exactness(self.flow, self.ledger.rows, self.ledger.found.movements)

    @cached_property
    def _vague(self) -> Mapping[tuple[int, int], str]:
        """By account and second of its hops, where not told to the second: how exactly, of several the least."""
        transfers, found = self.flow.index.transfers, np.unique(self.trace.hops.transfer)
        found = found[self._exact[found] != Precision.SECOND]
        found = found[np.argsort(-self._exact[found], kind="stable")]
        columns = [column[found].tolist() for column in (transfers.payer, transfers.payee, transfers.at_s, self._exact)]
        hops = list(zip(*columns, strict=True))
        return {(node, at_s): _name(exact) for *ends, at_s, exact in hops for node in ends}

    def precision_at(self, node: int, at_s: int) -> str:
        """How exactly files tell the second of a hop of this account: `day`, `minute` or `second`."""
        return self._vague.get((node, at_s), "second")

    @cached_property
    def _night_cash(self) -> NDArray[np.bool_]:
        return is_night_cash(self.flow, self.ledger.found.movements)

    @cached_property
    def _named(self) -> list[str]:
        return self.starts()

    def starts(self) -> list[str]:
        """The starting payments' ids, in the order asked."""
        return [self._id(transfer) for transfer in self.trace.question.starts]

    def cut(self) -> list[str]:
        """Accounts with too many events to be read to their end, by any of the rules that were compared."""
        found = {node for each in self._every() for node in each.trace.cut.tolist()}
        return [self._account(node) for node in sorted(found)]

    def hops(self) -> Iterator[TracedHop]:
        """Every hop, in the order in which money moved."""
        return map(self.hop, range(len(self.trace.hops)))

    def hop(self, at: int) -> TracedHop:
        """One hop by its place in that order."""
        hops, transfers = self.trace.hops, self.flow.index.transfers
        transfer, kind = int(hops.transfer[at]), HopKind(int(hops.kind[at]))
        number = int(self.flow.movement[transfer])
        payer, payee = int(transfers.payer[transfer]), int(transfers.payee[transfer])
        told = None if number == NO_MOVEMENT else self.ledger.told(number)
        return TracedHop(
            told=told,
            evidence=told.evidence if told else self._proofs.of(transfer),
            at=from_seconds(int(transfers.at_s[transfer])),
            payer=self._account(payer),
            payee=self._account(payee),
            payer_layers=self.layers(payer),
            payee_layers=self.layers(payee),
            amount_fen=int(transfers.amount_fen[transfer]),
            fen=int(hops.fen[at]),
            start=self._named[int(hops.label[at])],
            became=kind.name.lower(),
            exit=Exit(int(self.exits[at])).name.lower() if kind is HopKind.LEFT else "",
            order_contradicted=bool(self.flow.in_circle[transfer]),
            is_inferred=bool(self.inferred.hops[at]),
            is_night_cash=bool(self._night_cash[transfer]),
            payee_told_until=self._told_until(payee),
            precision=_name(int(self._exact[transfer])),
        )

    def holdings(self) -> list[Holding]:
        """Where traced money lay when the trace ended, most first."""
        found = map(self.holding, range(len(self.lying)))
        return sorted(found, key=lambda each: (-each.fen, each.account, each.start))

    def holding(self, at: int) -> Holding:
        """What lies in one place, by its place in `lying`."""
        lies, account = self.lying, int(self.lying.account[at])
        return Holding(
            account=self._account(account),
            name=self.ledger.name(account),
            bank=self.ledger.banks.get(account, ""),
            layers=self.layers(account),
            start=self._named[int(lies.label[at])],
            fen=int(lies.fen[at]),
            lies=LIES[lies.lies[at]],
            is_conclusive=not self.flow.is_inconclusive[account],
            is_inferred=bool(self.lies_inferred[at]),
            has_statement=self._has_statement(account),
            first_at=from_seconds(int(lies.first_s[at])),
            last_at=from_seconds(int(lies.last_s[at])),
            first_precision=_name(int(lies.first_exact[at])),
            last_precision=_name(int(lies.last_exact[at])),
        )

    @property
    def _is_forward(self) -> bool:
        return self.trace.question.direction is Direction.FORWARD

    @property
    def is_reach(self) -> bool:
        """Whether it tells only what money can have come to: an upper bound, by which nothing lies anywhere."""
        return self.trace.question.method is Method.POISON

    def totals(self) -> list[Totals]:
        """Each start's account, in the order asked."""
        hops, lies = self.trace.hops, self.lying
        firsts = np.array(self.trace.question.starts)
        started = by_start(self.trace, firsts[hops.label] == hops.transfer)
        below = by_start(self.trace, hops.kind == HopKind.BELOW_FLOOR)
        left = [by_start(self.trace, (hops.kind == HopKind.LEFT) & (self.exits == exit)) for exit in Exit]
        lying_fen = np.zeros((len(LIES), len(started)), np.int64)
        np.add.at(lying_fen, (lies.lies, lies.label), lies.fen)
        told = started - lying_fen.sum(axis=0) - sum(left) - below
        rest = np.zeros_like(started) if self.disputed is None else told
        least = lying_fen.sum(axis=0) if self.disputed is None else self._every_rule.least_of_start(len(started))
        return [
            Totals(
                start=start,
                started_fen=int(started[label]),
                held_fen=int(lying_fen[LIES.index(Lies.HELD), label]),
                last_seen_fen=int(lying_fen[LIES.index(Lies.LAST_SEEN), label]),
                before_fen=int(lying_fen[LIES.index(Lies.BEFORE), label]),
                left_fen={exit.name.lower(): int(left[exit][label]) for exit in _NAMED_EXITS if left[exit][label]},
                below_floor_fen=int(below[label]),
                disputed_fen=int(rest[label]),
                at_least_fen=int(least[label]),
            )
            for label, start in enumerate(self._named)
        ]

    @cached_property
    def _by_rule(self) -> list[TracedCase]:
        """The same question by each of the rules that the conservative one compares."""
        asked = [replace(self.trace.question, method=rule) for rule in COMPARED]
        return [replace(self, trace=follow(self.flow.index, each)[0], disputed=None) for each in asked]

    def _every(self) -> tuple[TracedCase, ...]:
        """This trace, and those that it compares."""
        return (self,) if self.disputed is None else (self, *self._by_rule)

    @cached_property
    def _every_rule(self) -> EveryRule:
        return every_rule([each.lying for each in self._by_rule], max(1, len(self.trace.question.starts)))

    def bounds(self) -> list[Bound]:
        """What lay in each account by every rule, most certain first; by a rule that compares none, nothing."""
        told = [] if self.disputed is None else self._every_rule.by_account()
        return [
            Bound(
                node=node,
                account=self._account(node),
                name=self.ledger.name(node),
                bank=self.ledger.banks.get(node, ""),
                has_statement=self._has_statement(node),
                low_fen=low,
                high_fen=high,
            )
            for node, low, high in told
        ]

    def sums(self) -> Sums:
        """All starts together."""
        told, bounds = summed(self.totals()), self.bounds()
        return replace(told, at_least_fen=sum(each.low_fen for each in bounds)) if bounds else told

    def disputes(self) -> list[Dispute]:
        """Where the rules disagree, by the conservative one; most first."""
        told = self.disputed
        if told is None:
            return []
        columns = (told.transfer, told.account, told.label, told.low_fen, told.high_fen)
        rows = zip(*(column.tolist() for column in columns), strict=True)
        found = [
            Dispute(
                movement="" if transfer == LIES_THERE else self._id(transfer),
                account=self._account(account),
                start=self._named[label],
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
        asked = statements_worth_asking(self.flow, self.trace, self.inferred)
        return [(self._account(each.account), each) for each in asked]

    def resting(self) -> list[tuple[str, Resting]]:
        """Accounts where traced fen rest on balances that no row bears out, most fen first, with the rows.

        Where the rules differ, those of each of them: least and most rest on the same balances.
        """
        told: dict[int, Resting] = {}
        for each in self._every():
            for one in each._resting():
                told[one.node] = max(told.get(one.node, one), one, key=lambda resting: resting.fen)
        return [
            (self._account(each.node), each) for each in sorted(told.values(), key=lambda each: (-each.fen, each.node))
        ]

    def _resting(self) -> list[Resting]:
        found = self.inferred.unsettled
        fen = resting_fen(self.flow, self.trace, self.lying, self.inferred, self.lies_inferred)
        return [Resting(node=node, fen=fen[node], guesses=tuple(map(self._guess, found[node].guesses))) for node in fen]

    def _guess(self, transfer: int) -> Guess:
        moved = self.flow.index.transfers
        fen = int(moved.amount_fen[transfer]) * (1 if moved.payee[transfer] >= 0 else -1)
        return Guess(fen=fen, evidence=self._proofs.of(transfer))

    def slips(self) -> list[tuple[str, Slip]]:
        """Told balances of accounts on the way that contradict those around them, from which nothing was inferred."""
        return [(self._account(each.node), each) for each in slips(self.ledger, self.flow, self.trace)]

    def passages(self) -> list[tuple[str, Passage]]:
        """How money went through each account that it reached; forward only, and not of a mere reach.

        Not of accounts about which the rules differ, and without the stay where a bank tells only the day of a hop.
        """
        if not self._is_forward or self.is_reach:
            return []
        told = passages(self.flow, self.ledger.found.movements, self.trace)
        unsure = set() if self.disputed is None else set(self.disputed.account.tolist())
        by_day = {node for (node, _), exact in self._vague.items() if exact == "day"}
        return [
            (self._account(each.account), replace(each, dwell_s=None) if each.account in by_day else each)
            for each in told
            if each.account not in unsure
        ]

    def patterns(self) -> list[NamedPattern]:
        """Patterns in which the traced money took part, kind by kind, most fen first."""
        return self.traced_patterns.named()

    @cached_property
    def traced_patterns(self) -> CasePatterns:
        """The same with the limits that were reached in finding and telling them."""
        return case_patterns(self.ledger, self.flow, self.typologies).traced(self.trace)

    @cached_property
    def _proofs(self) -> Proofs:
        return Proofs(ledger=self.ledger, flow=self.flow)

    def _has_statement(self, node: int) -> bool:
        return bool(self.flow.told_until_s[node] != NEVER_TOLD_S)

    def _told_until(self, node: int) -> datetime | None:
        at_s = int(self.flow.told_until_s[node]) if node >= 0 else NEVER_TOLD_S
        return None if at_s == NEVER_TOLD_S else from_seconds(at_s)

    def _account(self, node: int) -> str:
        return self.ledger.found.accounts.primary[node] if node >= 0 else ""

    def _id(self, transfer: int) -> str:
        number = int(self.flow.movement[transfer])
        return "" if number == NO_MOVEMENT else movement_id(int(self.ledger.found.movements.id[number]))


def _name(exact: int) -> str:
    return Precision(exact).name.lower()


def trace_case(ledger: CaseLedger, flow: CaseFlow, question: Question, typologies: Typologies) -> TracedCase:
    """Follow the question's payments through a case; the typologies name patterns in it."""
    trace, disputed = follow(flow.index, question)
    return TracedCase(ledger=ledger, flow=flow, trace=trace, disputed=disputed, typologies=typologies)
