"""A made-up trace, for pages that are looked at."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from fanzha.apps.web.views.shown import AccountRef, Masked
from fanzha.apps.web.views.trace import HoldingLine, Sums, TraceQuestion, TraceView
from fanzha.kernel.units import Actor

AT = datetime(2026, 3, 1, 2, 30, tzinfo=UTC)
SUMS = Sums(
    started_fen=175_000_000,
    held_fen=48_230_000,
    last_seen_fen=91_020_017,
    before_fen=0,
    left_fen={"cash": 20_000_000, "merchant": 12_000_000, "outside": 1_900_000},
    below_floor_fen=4_983,
    disputed_fen=1_845_000,
)


def party(index: int, *, statement: bool = True) -> AccountRef:
    """An account whose number only a reveal shows."""
    return AccountRef(
        key=f"a{index:04d}",
        number=Masked(f"9999 **** **** *** {index:04d}", f"n{index}"),
        name=Masked("测**", f"h{index}"),
        has_statement=statement,
    )


def holding(index: int) -> HoldingLine:
    """Money in an account."""
    return HoldingLine(
        account=party(1 + index, statement=index % 2 == 0),
        layer=1 + index % 5,
        start=f"{index % 2:016x}",
        traced_fen=48_230_000 - index * 1_017,
        lies=("held", "last_seen")[index % 2],
        sure=("yes", "no")[index % 3 == 2],
        first_at=AT + timedelta(minutes=index),
        last_at=AT + timedelta(hours=2, minutes=index),
    )


@dataclass
class SyntheticTrace:
    """Whatever is asked, the same answer."""

    amount: int = 10_000
    questions: list[TraceQuestion] = field(default_factory=list)

    def trace(self, actor: Actor, ref: str, question: TraceQuestion) -> TraceView:
        self.questions.append(question)
        return TraceView(
            starts=2,
            sums=SUMS,
            stop="nothing_left",
            cut=(),
            hops=self.amount,
            holdings=tuple(holding(index) for index in range(min(self.amount, 10))),
        )
