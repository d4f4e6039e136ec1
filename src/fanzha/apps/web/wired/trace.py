"""Traces through a case, as the console shows them."""

from __future__ import annotations

from fanzha.apps.web.views.trace import HoldingLine, TraceQuestion, TraceView
from fanzha.apps.web.wired.house_parts import HouseParts
from fanzha.apps.web.wired.opening import opened
from fanzha.apps.web.wired.shown_trace import ShownTrace, shown_trace
from fanzha.kernel.units import Actor
from fanzha.wiring.ledgers import case_ledger
from fanzha.workflows.trace_case import Holding


class WiredTrace(HouseParts):
    """Traces through a case."""

    def traced(self, actor: Actor, ref: str, question: TraceQuestion) -> ShownTrace:
        """The trace with everything that pages need to show it; the same question again costs nothing."""
        with opened(self.house, actor, ref) as (connection, case):
            shown = self.shown(case_ledger(self.house, connection, case))
        told: ShownTrace = shown.answers.get(question, lambda: shown_trace(shown, question))
        return told

    def trace(self, actor: Actor, ref: str, question: TraceQuestion) -> TraceView:
        """What the first page of a trace shows."""
        told = self.traced(actor, ref, question)
        return TraceView(
            starts=len(told.found.trace.question.starts),
            sums=told.sums,
            stop=told.found.trace.stop.name.lower(),
            cut=tuple(map(told.account, told.found.cut())),
            hops=len(told.found.trace.hops),
            holdings=tuple(holding_line(told, each) for each in told.found.holdings()[:10]),
        )


def holding_line(told: ShownTrace, each: Holding) -> HoldingLine:
    """Money that lies in an account, as a table row."""
    return HoldingLine(
        account=told.account(each.account),
        layer=each.layer,
        start=each.start,
        traced_fen=each.fen,
        lies=each.lies.value,
        sure="yes" if each.is_conclusive else "no",
        first_at=each.first_at,
        last_at=each.last_at,
    )
