"""One question, whichever way and by whichever rule it is asked."""

from __future__ import annotations

from fanzha.tracing.follow.backward import trace_backward
from fanzha.tracing.follow.conservative import Disputed, trace_conservative
from fanzha.tracing.follow.flow_index import FlowIndex
from fanzha.tracing.follow.forward import trace_forward
from fanzha.tracing.follow.question import Direction, Method, Question
from fanzha.tracing.follow.trace import Trace


def follow(found: FlowIndex, question: Question) -> tuple[Trace, Disputed | None]:
    """The trace, and by the conservative rule where the others disagree; `Invalid` as the rules' own functions say."""
    if question.direction is Direction.BACKWARD:
        return trace_backward(found, question), None
    if question.method is Method.CONSERVATIVE:
        certain = trace_conservative(found, question)
        return certain.trace, certain.disputed
    return trace_forward(found, question), None
