"""The picture of a chase: payments as their banks tell them, and as the victim told those that no bank told yet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from fanzha.kernel.clock import micros
from fanzha.tracing.follow.case_flow import CaseFlow
from fanzha.tracing.follow.question import Direction, Method
from fanzha.tracing.follow.trace import HopKind, Trace
from fanzha.tracing.picture.drawing import Drawing, PictureLimits
from fanzha.tracing.picture.picture import picture
from fanzha.tracing.picture.seen import NOBODY, Lying, Moved, Seen
from fanzha.workflows.case_ledger import CaseLedger
from fanzha.workflows.chase_leads import TellsOf
from fanzha.workflows.lying import exactness, exits, lying
from fanzha.workflows.seen_trace import seen_trace

SCREEN = PictureLimits(nodes=40, edges=120, layers=8, steps=1, members=1, column_px=220.0)
"""What an officer takes in at a glance; the whole stands in the table below and in the case's own picture."""


VICTIMS = 8
"""So many victims are drawn one by one; more stand as one box, or their accounts would crowd out where the money is."""


def draw_chase(ledger: CaseLedger, flow: CaseFlow, trace: Trace | None, told: Sequence[TellsOf]) -> Drawing:
    """Layer by layer where the money of an incident went; nodes carry account numbers in full."""
    seen = Seen(method=Method.FIFO, direction=Direction.FORWARD, moved=(), lying=(), inconclusive=frozenset())
    if trace is not None:
        exact = exactness(flow, ledger.rows, ledger.found.movements)
        seen = seen_trace(
            ledger, flow, trace, lying(flow, trace, exact), exits(flow, ledger.found.movements, trace), exact
        )
    return picture([_victims_as_one(_with_told(seen, told))], limits=SCREEN)


def _with_told(seen: Seen, told: Sequence[TellsOf]) -> Seen:
    """Payments that only the victim tells, beside the others: from the victim, to where they were last seen."""
    first = 1 + max((each.label for each in seen.moved), default=-1)
    moved = tuple(
        Moved(
            at_s=micros(each.at) // 1_000_000,
            payer=NOBODY,
            payee=each.payee,
            fen=each.fen,
            label=label,
            became=HopKind.FOLLOWED,
            exit="",
            movement="",
            is_start=True,
        )
        for label, each in enumerate(told, first)
    )
    there = tuple(Lying(account=each.payee, label=each.label, last_seen_fen=each.fen) for each in moved)
    return replace(seen, moved=(*seen.moved, *moved), lying=(*seen.lying, *there))


def _victims_as_one(seen: Seen) -> Seen:
    """The same money from one box, where many victims paid."""
    if len({each.payer for each in seen.moved if each.is_start}) <= VICTIMS:
        return seen
    return replace(seen, moved=tuple(each._replace(payer=NOBODY) if each.is_start else each for each in seen.moved))
