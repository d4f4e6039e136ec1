"""A made-up trace, for pages that are looked at."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import TypeVar

from fanzha.apps.web.views.movements import MovementLine
from fanzha.apps.web.views.shown import AccountRef, BankNames, Masked, Place
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
from fanzha.apps.web.views.trace_files import WantedFile
from fanzha.apps.web.views.victims import Proposals, VictimLine
from fanzha.kernel.errors import NotFound
from fanzha.kernel.units import Actor
from fanzha.tracing.follow.question import Method
from fanzha.workflows.trace_sums import Sums
from tests.apps.web.synthetic_pattern import named_pattern

Row = TypeVar("Row")

AT = datetime(2026, 3, 1, 2, 30, tzinfo=UTC)
BANK = "测试农村商业银行股份有限公司示例市高新技术产业开发区科技园支行营业部"
SUMS = Sums(
    started_fen=179_982_000,
    held_fen=48_230_000,
    last_seen_fen=91_020_017,
    before_fen=0,
    left_fen={"cash": 20_000_000, "merchant": 12_000_000, "outside": 6_882_000},
    below_floor_fen=4_983,
    disputed_fen=1_845_000,
    at_least_fen=140_450_017,
)
GONE = "0" * 15 + "9"
"""A payment that the case no longer has."""


def party(index: int, *, statement: bool = True) -> AccountRef:
    """An account whose number only a reveal shows."""
    return AccountRef(
        key=f"{index:016x}",
        number=Masked(f"9999 **** **** *** {index:04d}", f"n{index}"),
        name=Masked("测**" if index % 5 else "测试********************有限公司", f"h{index}"),
        has_statement=statement,
    )


def payment(index: int) -> MovementLine:
    """What a victim paid."""
    return MovementLine(
        id=f"{1 + index:016x}",
        at=AT,
        exact="second",
        payer_at=AT,
        payee_at=None,
        payer=party(1),
        payee=party(2 + index),
        amount_fen=98_000_000 - index,
        currency="CNY",
        exit="none",
        doubts=(),
        tellings=1,
    )


def start(index: int) -> StartLine:
    """A starting payment."""
    return StartLine(
        start=1 + index,
        id=f"{1 + index:016x}",
        at=AT + timedelta(minutes=index),
        exact="second",
        payer=party(1),
        payee=party(2 + index),
        started_fen=SUMS.started_fen,
        held_fen=SUMS.held_fen,
        last_seen_fen=SUMS.last_seen_fen,
        before_fen=SUMS.before_fen,
        gone_fen=SUMS.gone_fen,
        below_floor_fen=SUMS.below_floor_fen,
        disputed_fen=SUMS.disputed_fen,
    )


def holding(index: int) -> HoldingLine:
    """Money in an account."""
    return HoldingLine(
        account=party(1 + index, statement=index % 2 == 0),
        layers=(1 + index % 5,) if index % 4 else (1 + index % 5, 3 + index % 5),
        traced_fen=48_230_000 - index * 1_017,
        lies=("held", "last_seen")[index % 2],
        conclusive=("yes", "no")[index % 3 == 2],
        inferred=("none", "balance")[index % 4 == 1],
        earliest_at=AT + timedelta(minutes=index),
        latest_at=AT + timedelta(hours=2, minutes=index),
        earliest_at_exact="second",
        latest_at_exact="day",
        start=1 + index % 2,
        bank_fen=None if index % 2 else 48_000_000,
        bank_available_fen=None if index % 2 else 0,
        bank_at=None if index % 2 else AT + timedelta(hours=3),
    )


def bound(index: int) -> BoundLine:
    return BoundLine(account=party(index), has_statement=index % 2 == 0, low_fen=index * 100_000, high_fen=175_000_000)


def hop(index: int) -> HopLine:
    """A traced payment; now and then one that only balances prove."""
    is_told = index % 9 != 4
    return HopLine(
        id=f"m{index:012x}" if is_told else "",
        at=AT + timedelta(minutes=index),
        exact="second" if index % 5 else "day",
        payer=party(1 + index % 7) if is_told else None,
        payee=party(2 + index % 17, statement=False) if index % 11 else None,
        payer_layers=(index % 4,) if index % 4 else (),
        payee_layers=(1 + index % 4,),
        amount_fen=175_000_000 if index == 0 else 50_000 + index * 137,
        traced_fen=175_000_000 if index == 0 else 49_000 + index * 101,
        became=("followed", "cash", "followed", "below_floor", "after_horizon")[index % 5],
        told="yes" if is_told else "no",
        order="contradicted" if index % 13 == 7 else "",
        inferred=("none", "balance")[index % 5 == 3],
        place=Place(path=Masked("查询反馈_示例银行.zip/交易明细.csv"), row=17 + index),
        tellings=1 + index % 2,
        start=1 + index % 2,
    )


def asking(index: int) -> AskingLine:
    """A statement worth asking for."""
    return AskingLine(
        account=party(20 + index, statement=False),
        bank="测试银行",
        institution=BankNames(zh=BANK if index == 0 else "测试银行", en="Test Bank"),
        layers=(1 + index % 5,) if index % 4 else (1 + index % 5, 3 + index % 5),
        lack=("no_statement", "ends_before_arrival", "ends_before_horizon")[index % 3],
        traced_fen=91_000_000 // (index + 1),
        earliest_at=AT,
        latest_at=AT + timedelta(hours=index),
        earliest_at_exact="second",
        latest_at_exact="day",
        first_day=date(2026, 3, 1),
        last_day=date(2026, 3, 4),
    )


def passage(index: int) -> PassageLine:
    """How money went through an account."""
    return PassageLine(
        account=party(1 + index),
        layers=(1 + index % 5,) if index % 4 else (1 + index % 5, 3 + index % 5),
        in_fen=91_000_000,
        out_fen=91_000_000 - index * 13_000,
        share=1 - index / 7_000,
        residue_fen=index * 13_000,
        dwell_s=None if index % 7 == 6 else 47 + index * 3_600,
        night_cash_fen=index % 3 * 2_000_000,
        earliest_at=AT,
        latest_at=AT + timedelta(hours=5),
        earliest_at_exact="second",
        latest_at_exact="day",
    )


def dispute(index: int) -> DisputeLine:
    """Where the rules disagree."""
    return DisputeLine(
        where=("payment", "lies")[index % 2],
        id="" if index % 2 else f"m{index:012x}",
        account=party(2 + index),
        low_fen=0,
        high_fen=1_845_000 - index,
        start=1,
    )


def resting() -> RestingLine:
    guesses = (GuessLine(fen=-7_000_000, place=hop(1).place), GuessLine(fen=120_000, place=hop(2).place))
    return RestingLine(account=party(3), fen=2_001_230, guesses=guesses, count=9)


@dataclass
class SyntheticTrace:
    """Whatever is asked, the same answer; but one payment is gone, and a case that is empty proposes nothing."""

    amount: int = 10_000
    questions: list[TraceQuestion] = field(default_factory=list)
    proposed: int = 0
    named: list[tuple[str, str]] = field(default_factory=list)

    def trace_file(self, actor: Actor, ref: str, question: TraceQuestion, wanted: WantedFile) -> bytes:
        self.questions.append(question)
        return f"{ref} {wanted.kind} {wanted.purpose}".encode()

    def trace(self, actor: Actor, ref: str, question: TraceQuestion) -> TraceView:
        if GONE in question.starts:
            known = tuple(each for each in question.starts if each != GONE)
            raise NotFound("trace.starts_unknown", count=1, whole=len(question.starts), known=known)
        self.questions.append(question)
        shown = min(self.amount, 10)
        return TraceView(
            starts=2,
            account=party(3) if question.account else None,
            sums=SUMS,
            stop="room" if self.amount > 1 else "nothing_left",
            cut=(party(5),) if self.amount > 1 else (),
            hops=self.amount,
            holdings_count=self.amount,
            asking_count=self.amount,
            disputes_count=min(self.amount, 3),
            holdings=tuple(map(holding, range(shown))),
            asking=tuple(map(asking, range(shown))),
            patterns_count=shown,
            patterns=tuple(PatternLine(accounts=(party(n),), named=named_pattern(f"{n}")) for n in range(shown)),
            patterns_cut=1 if self.amount > 1 else 0,
            patterns_left_out=1_234 if self.amount > 1 else 0,
            resting_count=7 if self.amount > 1 else 0,
            resting=(resting(),) if self.amount > 1 else (),
            slips_count=1 if self.amount > 1 else 0,
            slips=(SlipLine(account=party(4), place=hop(3).place),) if self.amount > 1 else (),
            bounds_count=self.amount if question.method is Method.CONSERVATIVE else 0,
            bounds=tuple(bound(index) for index in range(shown)) if question.method is Method.CONSERVATIVE else (),
        )

    def trace_methods(self, actor: Actor, ref: str, question: TraceQuestion) -> Sequence[MethodLine]:
        sums = {method: replace(SUMS, disputed_fen=0) for method in Method}
        sums[Method.CONSERVATIVE] = SUMS
        return [MethodLine(method=method, hops=self.amount, sums=told) for method, told in sums.items()]

    def trace_proposals(self, actor: Actor, ref: str) -> Proposals:
        if not self.amount:
            raise NotFound("trace.no_files")
        foremost = [payment(index) for index in range(min(self.proposed, self.amount))]
        sums = {"payments": 2 * len(foremost), "fen": 2 * sum(each.amount_fen for each in foremost)}
        return Proposals(victims=self.victims(actor, ref) if self.proposed else (), foremost=foremost, **sums)

    def victims(self, actor: Actor, ref: str) -> Sequence[VictimLine]:
        at = AT + timedelta(hours=2)
        known = partial(VictimLine, reason="报案笔录", at=at, by="测试·王五")
        return [
            known(who=party(1).number, accounts=(party(1),), link="l1"),
            known(who=Masked("测**", "h2"), accounts=(party(6), party(7)), link="l2"),
            known(who=Masked("测*", "h3"), accounts=(), link="l3"),
        ][: self.amount]

    def mark_victim(self, actor: Actor, ref: str, subject: str, reason: str) -> None:
        self.named.append((subject, reason))

    def trace_starts(self, actor: Actor, ref: str, question: TraceQuestion, query: Query) -> Page[StartLine]:
        return self._some(query, start, 2)

    def trace_holdings(self, actor: Actor, ref: str, question: TraceQuestion, query: Query) -> Page[HoldingLine]:
        return self._some(query, holding)

    def every_trace_holding(
        self, actor: Actor, ref: str, question: TraceQuestion, query: Query
    ) -> Listing[HoldingLine]:
        return Listing(total=self.amount, rows=map(holding, range(self.amount)))

    def trace_hops(self, actor: Actor, ref: str, question: TraceQuestion, query: Query) -> Page[HopLine]:
        return self._some(query, hop)

    def every_trace_hop(self, actor: Actor, ref: str, question: TraceQuestion, query: Query) -> Listing[HopLine]:
        return Listing(total=self.amount, rows=map(hop, range(self.amount)))

    def trace_asking(self, actor: Actor, ref: str, question: TraceQuestion, query: Query) -> Page[AskingLine]:
        return self._some(query, asking)

    def trace_passages(self, actor: Actor, ref: str, question: TraceQuestion, query: Query) -> Page[PassageLine]:
        return self._some(query, passage)

    def trace_disputes(self, actor: Actor, ref: str, question: TraceQuestion, query: Query) -> Page[DisputeLine]:
        return self._some(query, dispute, 3)

    def _some(self, query: Query, make: Callable[[int], Row], most: int = 10_000) -> Page[Row]:
        total = min(self.amount, most)
        shown = range(query.offset, min(query.offset + query.size, total))
        return Page(rows=[make(index) for index in shown], total=total, page=query.page, size=query.size)
