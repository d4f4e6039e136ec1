"""Kernels of traces called once over next to nothing, so that nobody waits for their first use."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from fanzha.adapters.ledger_folder.names import Names
from fanzha.tracing.follow.agenda_kernels import fill_table
from fanzha.tracing.follow.backward import trace_backward
from fanzha.tracing.follow.flow_index import Transfers, append, build_index
from fanzha.tracing.follow.forward import RULES, trace_forward
from fanzha.tracing.follow.question import Direction, Method, Question, TraceLimits
from fanzha.tracing.follow.workspace import room
from fanzha.wiring.ledgers import rehearse_ledger


def rehearse_case() -> None:
    """What the first look at a case, a trace or a chase would wait for."""
    rehearse_ledger()
    rehearse_traces()


def rehearse_traces() -> None:
    """Follow one payment by every rule, over an index, what was appended to it and the names of its accounts."""

    names, some = Names.none(), np.arange(2, dtype=np.int32)
    for _ in range(2):
        names.add(pa.array([str(each) for each in range(5_000)], pa.large_string()))
    moved = Transfers(payer=some, payee=some + 1, amount_fen=np.full(2, 50_000), at_s=np.arange(2))
    index = append(build_index(moved, 3), moved)
    for method in RULES:
        trace_forward(index, Question(starts=(0,), method=method))
    trace_backward(index, Question(starts=(1,), method=Method.LIFO, direction=Direction.BACKWARD))
    fill_table(room(1, 1, TraceLimits()))
