"""Traces through a case, as the console shows them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from fanzha.adapters.store.case_messages import facts_of_case
from fanzha.adapters.store.cases import case_by_ref
from fanzha.apps.web.views.shown import BankNames
from fanzha.apps.web.views.tables import Listing, Page, Query
from fanzha.apps.web.views.trace import (
    AskingLine,
    BoundLine,
    DisputeLine,
    GuessLine,
    HoldingLine,
    HopLine,
    MethodLine,
    PassageLine,
    PatternLine,
    RestingLine,
    SlipLine,
    StartLine,
    TraceQuestion,
    TraceView,
)
from fanzha.apps.web.wired import trace_rows
from fanzha.apps.web.wired.masks import masked_place
from fanzha.apps.web.wired.opening import opened
from fanzha.apps.web.wired.shown_trace import ShownTrace, shown_trace
from fanzha.apps.web.wired.victims import WiredVictims
from fanzha.cases.told import Holding
from fanzha.kernel.units import Actor
from fanzha.tracing.follow.question import Direction, Method
from fanzha.wiring.bank_names import bank_names
from fanzha.wiring.ledgers import case_ledger
from fanzha.wiring.starts import require_starts
from fanzha.workflows.case_patterns import NamedPattern
from fanzha.workflows.resting import Guess, Resting, Slip
from fanzha.workflows.trace_sums import Bound

ByBanks = dict[str, tuple[datetime, Holding]]

FOREMOST = 10
"""Rows of a table that the first page of a trace shows of it."""

BOUNDS = 40
"""Accounts of which the first page tells what lay there by every rule."""

PATTERNS = 40
"""Patterns that the first page of a trace shows."""

WARNED = 5
"""Accounts, and balances of each, that a warning on the first page names."""


class WiredTrace(WiredVictims):
    """Traces through a case."""

    def traced(self, actor: Actor, ref: str, question: TraceQuestion) -> ShownTrace:
        """The trace with everything that pages need to show it; the same question again costs nothing."""
        with opened(self.house, actor, ref) as (connection, case):
            shown = self.shown(case_ledger(self.house, connection, case))
            require_starts(self.house, connection, case, shown.ledger, question.starts)
            question = self.with_victims(connection, case, shown, question)
        told: ShownTrace = shown.answers.get(question, lambda: shown_trace(shown, question))
        return told

    def trace(self, actor: Actor, ref: str, question: TraceQuestion) -> TraceView:
        """What the first page of a trace shows."""
        told = self.traced(actor, ref, question)
        most = Query(sort="traced_fen", descending=True, size=FOREMOST)
        holdings, asking = trace_rows.HOLDINGS.page(told, most), trace_rows.ASKING.page(told, most)
        resting, slips, bounds = told.found.resting(), told.found.slips(), told.found.bounds()
        by_banks = self._by_banks(actor, ref, told)
        return TraceView(
            starts=len(told.totals),
            account=told.shown.account(told.shown.node(question.account)) if question.account else None,
            sums=told.sums,
            stop=told.found.trace.stop.name.lower(),
            cut=tuple(map(told.account, told.found.cut())),
            hops=len(told.found.trace.hops),
            holdings_count=holdings.total,
            asking_count=asking.total,
            disputes_count=len(told.disputes),
            holdings=tuple(_beside(each, by_banks) for each in holdings.rows),
            asking=tuple(self._with_banks(actor, asking.rows)),
            patterns_count=len(told.patterns),
            patterns=tuple(_pattern_line(told, each) for each in told.patterns[:PATTERNS]),
            patterns_cut=len(told.traced_patterns.cut),
            patterns_left_out=sum(told.traced_patterns.left_out.values()),
            resting_count=len(resting),
            resting=tuple(_resting_line(told, each) for _, each in resting[:WARNED]),
            slips_count=len(slips),
            slips=tuple(_slip_line(told, each) for _, each in slips[:WARNED]),
            bounds_count=len(bounds),
            bounds=tuple(_bound_line(told, each) for each in bounds[:BOUNDS]),
        )

    def trace_methods(self, actor: Actor, ref: str, question: TraceQuestion) -> Sequence[MethodLine]:
        """The same question by every method."""
        return [self._by_method(actor, ref, replace(question, method=method)) for method in Method]

    def _by_method(self, actor: Actor, ref: str, question: TraceQuestion) -> MethodLine:
        if question.method is Method.CONSERVATIVE and question.direction is Direction.BACKWARD:
            return MethodLine(method=question.method, hops=0, sums=None)
        told = self.traced(actor, ref, question)
        return MethodLine(method=question.method, hops=len(told.found.trace.hops), sums=told.sums)

    def trace_starts(self, actor: Actor, ref: str, question: TraceQuestion, query: Query) -> Page[StartLine]:
        """The starting payments, each with what became of it."""
        return trace_rows.STARTS.page(self.traced(actor, ref, question), query)

    def trace_holdings(self, actor: Actor, ref: str, question: TraceQuestion, query: Query) -> Page[HoldingLine]:
        """Where traced money lies now."""
        told = self.traced(actor, ref, question)
        page, by_banks = trace_rows.HOLDINGS.page(told, query), self._by_banks(actor, ref, told)
        return replace(page, rows=[_beside(each, by_banks) for each in page.rows])

    def every_trace_holding(
        self, actor: Actor, ref: str, question: TraceQuestion, query: Query
    ) -> Listing[HoldingLine]:
        """All of it in one pass."""
        told = self.traced(actor, ref, question)
        every, by_banks = trace_rows.HOLDINGS.every(told, query), self._by_banks(actor, ref, told)
        return replace(every, rows=(_beside(each, by_banks) for each in every.rows))

    def _by_banks(self, actor: Actor, ref: str, told: ShownTrace) -> ByBanks:
        """By account, as its pages' key: what its bank said last; read anew each time, because it is no reckoning."""
        with self.house.act(actor) as connection:
            facts = facts_of_case(connection, case_by_ref(connection, ref).id)
        nodes = told.shown.nodes
        found: ByBanks = {}
        for each in sorted(facts, key=lambda kept: kept.fact.at):
            node = nodes.get(f"{each.fact.subject:016x}")
            if node is not None and isinstance(each.fact.told, Holding):
                key = told.shown.key_of(told.shown.ledger.found.accounts.primary[node])
                found[key] = each.fact.at, each.fact.told
        return found

    def trace_hops(self, actor: Actor, ref: str, question: TraceQuestion, query: Query) -> Page[HopLine]:
        """Payments that carried traced money."""
        return trace_rows.HOPS.page(self.traced(actor, ref, question), query)

    def every_trace_hop(self, actor: Actor, ref: str, question: TraceQuestion, query: Query) -> Listing[HopLine]:
        """All of them in one pass."""
        return trace_rows.HOPS.every(self.traced(actor, ref, question), query)

    def trace_asking(self, actor: Actor, ref: str, question: TraceQuestion, query: Query) -> Page[AskingLine]:
        """Statements worth asking for."""
        page = trace_rows.ASKING.page(self.traced(actor, ref, question), query)
        return replace(page, rows=self._with_banks(actor, page.rows))

    def _with_banks(self, actor: Actor, lines: Sequence[AskingLine]) -> list[AskingLine]:
        """The lines with registered banks by their names, whatever files and messages call them."""
        with self.house.act(actor) as connection:
            names = bank_names(connection)
        return [replace(each, institution=BankNames.of(each.bank, names)) for each in lines]

    def trace_passages(self, actor: Actor, ref: str, question: TraceQuestion, query: Query) -> Page[PassageLine]:
        """How traced money went through each account."""
        return trace_rows.PASSAGES.page(self.traced(actor, ref, question), query)

    def trace_disputes(self, actor: Actor, ref: str, question: TraceQuestion, query: Query) -> Page[DisputeLine]:
        """Where the rules disagree."""
        return trace_rows.DISPUTES.page(self.traced(actor, ref, question), query)


def _beside(line: HoldingLine, by_banks: ByBanks) -> HoldingLine:
    """The line with what the account's bank said last."""
    if line.account is None or line.account.key not in by_banks:
        return line
    at, told = by_banks[line.account.key]
    return replace(line, bank_fen=told.balance_fen, bank_available_fen=told.available_fen, bank_at=at)


def _resting_line(told: ShownTrace, each: Resting) -> RestingLine:
    return RestingLine(
        account=told.shown.account(each.node),
        fen=each.fen,
        guesses=tuple(_guess_line(told, guess) for guess in each.guesses[:WARNED]),
        count=len(each.guesses),
    )


def _guess_line(told: ShownTrace, each: Guess) -> GuessLine:
    place = next(iter(each.evidence), None)
    return GuessLine(fen=each.fen, place=masked_place(told.shown.keys, place.source.path, place.row) if place else None)


def _slip_line(told: ShownTrace, each: Slip) -> SlipLine:
    place = masked_place(told.shown.keys, each.place.source.path, each.place.row)
    return SlipLine(account=told.shown.account(each.node), place=place)


def _bound_line(told: ShownTrace, each: Bound) -> BoundLine:
    return BoundLine(
        account=told.shown.account(each.node),
        has_statement=each.has_statement,
        low_fen=each.low_fen,
        high_fen=each.high_fen,
    )


def _pattern_line(told: ShownTrace, each: NamedPattern) -> PatternLine:
    """A pattern, as a table row."""
    return PatternLine(accounts=tuple(told.account(number) for number in each.about[:FOREMOST]), named=each)
