"""How many payments lie between a victim and each account: the layers (一级卡, 二级卡, …) of a trace."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from fanzha.tracing.follow.flow_index import FlowIndex
from fanzha.tracing.follow.question import Direction
from fanzha.tracing.follow.trace import HopKind, Trace


def layers(index: FlowIndex, trace: Trace) -> Mapping[int, int]:
    """Each account that traced money passed, with the fewest payments that lead there; the first one has 1.

    Forward that is whoever the victim paid; backward whoever made the payment that is asked about.
    """
    followed = trace.hops.transfer[trace.hops.kind == HopKind.FOLLOWED]
    led: dict[int, set[int]] = defaultdict(set)
    for here, there in zip(*_ends(index, followed, trace), strict=True):
        led[here].add(there)
    _, first = _ends(index, np.array(trace.question.starts, np.int64), trace)
    found = {account: 1 for account in first if account >= 0}
    waiting = deque(found)
    while waiting:
        account = waiting.popleft()
        for other in sorted(led[account]):
            if other not in found:
                found[other] = found[account] + 1
                waiting.append(other)
    return found


def _ends(index: FlowIndex, transfers: NDArray[np.int64], trace: Trace) -> tuple[list[int], list[int]]:
    """From whom and to whom the trace follows these transfers."""
    moved = index.moved(transfers)
    ends = (moved.payer.tolist(), moved.payee.tolist())
    return ends if trace.question.direction is Direction.FORWARD else ends[::-1]
