"""A trace as a person asks for it, answered from a case's ledger and flow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fanzha.kernel.errors import Invalid
from fanzha.tracing.follow.case_flow import NO_TRANSFER, CaseFlow
from fanzha.tracing.follow.question import HOUR_S, Direction, Method, Question
from fanzha.tracing.patterns.typologies import Typologies
from fanzha.workflows.case_ledger import CaseLedger
from fanzha.workflows.trace_case import TracedCase, trace_case
from fanzha.workflows.trace_starts import starting_movement


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A question as a person puts it: payments by id or `ACCOUNT@TIME@FEN`."""

    starts: tuple[str, ...]
    method: Method = Method.FIFO
    direction: Direction = Direction.FORWARD
    horizon_s: int = 72 * HOUR_S
    floor_fen: int = 10_000


def transfers_of(ledger: CaseLedger, flow: CaseFlow, told: Sequence[str]) -> tuple[int, ...]:
    """The transfers that people name; `Invalid` for a movement that moved none of the country's money."""
    numbers = [starting_movement(ledger, each) for each in told]
    found = tuple(int(flow.transfer[number]) for number in numbers)
    if NO_TRANSFER in found:
        raise Invalid("trace.start_moves_nothing")
    return found


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
