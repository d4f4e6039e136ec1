"""A trace as a person asks for it, answered from a case's ledger and flow."""

from __future__ import annotations

from dataclasses import dataclass

from fanzha.tracing.follow.case_flow import CaseFlow
from fanzha.tracing.follow.question import HOUR_S, Direction, Method, Question
from fanzha.tracing.patterns.typologies import Typologies
from fanzha.workflows.case_ledger import CaseLedger
from fanzha.workflows.trace_case import TracedCase, trace_case, transfers_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A question as a person puts it: payments by id or `ACCOUNT@TIME@FEN`."""

    starts: tuple[str, ...]
    method: Method = Method.FIFO
    direction: Direction = Direction.FORWARD
    horizon_s: int = 72 * HOUR_S
    floor_fen: int = 10_000


def answered(ledger: CaseLedger, flow: CaseFlow, asked: Asked, typologies: Typologies) -> TracedCase:
    """The trace that was asked for; errors as `transfers_of` and `Question`."""
    question = Question(
        starts=transfers_of(ledger, flow, asked.starts),
        method=asked.method,
        direction=asked.direction,
        horizon_s=asked.horizon_s,
        floor_fen=asked.floor_fen,
    )
    return trace_case(ledger, flow, question, typologies)
