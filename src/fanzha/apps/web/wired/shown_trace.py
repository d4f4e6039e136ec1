"""One trace through a case's ledger made ready for pages: numbers masked, everything reckoned once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from fanzha.apps.web.views.shown import AccountRef
from fanzha.apps.web.views.trace import Sums, TraceQuestion
from fanzha.apps.web.wired.shown_ledger import ShownLedger
from fanzha.kernel.errors import Invalid
from fanzha.tracing.follow.case_flow import NO_TRANSFER
from fanzha.workflows.asked_trace import Asked, answered
from fanzha.workflows.case_ledger import movement_id
from fanzha.workflows.case_patterns import NamedPattern
from fanzha.workflows.trace_case import Totals, TracedCase

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
        return self.shown.account(self.shown.nodes[self.shown.key_of(number)]) if number else None

    @cached_property
    def totals(self) -> list[Totals]:
        """Each start's account, in the order asked."""
        return self.found.totals()

    @cached_property
    def patterns(self) -> list[NamedPattern]:
        """Patterns in which the traced money took part."""
        return self.shown.patterns.traced(self.found.trace)

    @cached_property
    def sums(self) -> Sums:
        """The account of all starts together."""
        return summed(self.totals)


def summed(totals: Iterable[Totals]) -> Sums:
    """Several starts' accounts as one."""
    every = list(totals)
    left = Counter[str]()
    for each in every:
        left.update(each.left_fen)
    return Sums(
        started_fen=sum(each.started_fen for each in every),
        held_fen=sum(each.held_fen for each in every),
        last_seen_fen=sum(each.last_seen_fen for each in every),
        before_fen=sum(each.before_fen for each in every),
        left_fen=dict(sorted(left.items())),
        below_floor_fen=sum(each.below_floor_fen for each in every),
        disputed_fen=sum(each.disputed_fen for each in every),
    )


def shown_trace(shown: ShownLedger, question: TraceQuestion) -> ShownTrace:
    """The answer to a question; `Invalid` and `NotFound` where the case has not what it names."""
    asked = Asked(
        starts=question.starts or account_starts(shown, question),
        method=question.method,
        direction=question.direction,
        horizon_s=question.horizon_s,
        floor_fen=question.floor_fen,
    )
    return ShownTrace(shown=shown, question=question, found=answered(shown.ledger, shown.flow, asked))


def account_starts(shown: ShownLedger, question: TraceQuestion) -> tuple[str, ...]:
    """The ids of everything that the question's account paid or got."""
    if not question.account:
        return ()
    m = shown.ledger.found.movements
    party: NDArray[np.int32] = m.payer if question.way == "out" else m.payee
    mine = (party == shown.node(question.account)) & (shown.flow.transfer != NO_TRANSFER)
    numbers = np.flatnonzero(mine)
    if len(numbers) > ACCOUNT_STARTS:
        raise Invalid("trace.too_many_starts", count=len(numbers), most=ACCOUNT_STARTS)
    return tuple(movement_id(int(m.id[number])) for number in numbers)
