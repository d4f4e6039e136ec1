"""One trace through a case's ledger made ready for pages: numbers masked, everything reckoned once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from fanzha.apps.web.views.shown import AccountRef
from fanzha.apps.web.views.trace import TraceQuestion
from fanzha.apps.web.wired.shown_ledger import ShownLedger
from fanzha.kernel.errors import Invalid, NotFound
from fanzha.tracing.follow.asking import Passage, WorthAsking
from fanzha.tracing.follow.case_flow import NO_TRANSFER
from fanzha.tracing.movements.movements import UNKNOWN_NODE
from fanzha.wiring.typologies import live_typologies
from fanzha.workflows.asked_trace import Asked, answered
from fanzha.workflows.case_ledger import movement_id
from fanzha.workflows.case_patterns import CasePatterns, NamedPattern
from fanzha.workflows.trace_case import TracedCase
from fanzha.workflows.trace_starts import victims_payments
from fanzha.workflows.trace_sums import Dispute, Sums, Totals

ACCOUNT_STARTS = 2_000
"""Payments of one account that are followed together; of more, a person chooses."""


@dataclass(frozen=True, eq=False, kw_only=True)
class ShownTrace:
    """Everything here is computed once and then only read."""

    shown: ShownLedger
    question: TraceQuestion
    found: TracedCase

    def account(self, number: str) -> AccountRef | None:
        """An account that the trace tells of by its number, as a cell; None for a party nobody names."""
        return self.shown.account(self.node(number))

    def node(self, number: str) -> int:
        """The node of an account's number; of none, the party nobody names."""
        return self.shown.nodes[self.shown.key_of(number)] if number else UNKNOWN_NODE

    @cached_property
    def totals(self) -> list[Totals]:
        """Each start's account, in the order asked."""
        return self.found.totals()

    @cached_property
    def patterns(self) -> list[NamedPattern]:
        """Patterns in which the traced money took part."""
        return self.traced_patterns.named()

    @cached_property
    def traced_patterns(self) -> CasePatterns:
        """The same with the limits that were reached in finding and telling them."""
        return self.shown.patterns.traced(self.found.trace)

    @cached_property
    def sums(self) -> Sums:
        """The account of all starts together."""
        return self.found.sums()

    @cached_property
    def number(self) -> Mapping[str, int]:
        """Each start's number among those asked, from 1, by its payment's id."""
        return {start: number for number, start in enumerate(self.found.starts(), start=1)}

    @cached_property
    def first_layer(self) -> NDArray[np.int64]:
        """Each account's first layer, 0 where it has none; the last element is the party nobody names."""
        layers, primary = self.found.layered.of, self.shown.ledger.found.accounts.primary
        return np.array([*(layers.get(each, (0,))[0] for each in primary), 0], np.int64)

    @cached_property
    def parties(self) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """By hop, who paid and who got it."""
        moved, transfer = self.found.flow.index.transfers, self.found.trace.hops.transfer
        return moved.payer[transfer], moved.payee[transfer]

    @cached_property
    def asking(self) -> list[tuple[str, WorthAsking]]:
        """Statements to ask for, most fen first."""
        return self.found.worth_asking()

    @cached_property
    def passages(self) -> list[tuple[str, Passage]]:
        """How money went through each account that it reached."""
        return self.found.passages()

    @cached_property
    def disputes(self) -> list[Dispute]:
        """Where the rules disagree, most first."""
        return self.found.disputes()


def shown_trace(shown: ShownLedger, question: TraceQuestion) -> ShownTrace:
    """The answer to a question; `Invalid` and `NotFound` where the case has not what it names."""
    asked = Asked(
        starts=_starts(shown, question),
        method=question.method,
        direction=question.direction,
        horizon_s=question.horizon_s,
        floor_fen=question.floor_fen,
    )
    return ShownTrace(
        shown=shown, question=question, found=answered(shown.ledger, shown.flow, asked, live_typologies())
    )


def _starts(shown: ShownLedger, question: TraceQuestion) -> tuple[str, ...]:
    if question.way == "victims":
        return victims_payments(shown.ledger, shown.flow, [shown.node(each) for each in question.victims])
    return _account_starts(shown, question) if question.account else _known_starts(shown, question.starts)


def _account_starts(shown: ShownLedger, question: TraceQuestion) -> tuple[str, ...]:
    """The ids of everything that the question's account paid or got."""
    m = shown.ledger.found.movements
    party: NDArray[np.int32] = m.payer if question.way == "out" else m.payee
    numbers = np.flatnonzero((party == shown.node(question.account)) & (shown.flow.transfer != NO_TRANSFER))
    if not len(numbers):
        raise NotFound("trace.no_payments")
    if len(numbers) > ACCOUNT_STARTS:
        raise Invalid("trace.too_many_starts", count=len(numbers), most=ACCOUNT_STARTS)
    return tuple(movement_id(int(m.id[number])) for number in numbers)


def _known_starts(shown: ShownLedger, starts: tuple[str, ...]) -> tuple[str, ...]:
    """The same ids of the case, by all of which money moved; the error tells by which it did (`known`)."""
    moving = tuple(each for each in starts if shown.flow.transfer[shown.ledger.number(each)] != NO_TRANSFER)
    if len(moving) < len(starts):
        raise Invalid("trace.starts_move_nothing", count=len(starts) - len(moving), whole=len(starts), known=moving)
    return starts
