"""How many payments lie between a victim and each account: the layers (一级卡, 二级卡, …) of a trace."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Mapping

from fanzha.tracing.follow.flow_index import Transfers
from fanzha.tracing.follow.question import Direction
from fanzha.tracing.follow.trace import HopKind, Trace


def layers(transfers: Transfers, trace: Trace) -> Mapping[int, int]:
    """Each account that traced money passed, with the fewest payments that lead there; the first one has 1.

    Forward that is whoever the victim paid; backward whoever made the payment that is asked about.
    """
    ends = (transfers.payer, transfers.payee)
    here, there = ends if trace.question.direction is Direction.FORWARD else ends[::-1]
    led: dict[int, set[int]] = defaultdict(set)
    for transfer, kind in zip(trace.hops.transfer.tolist(), trace.hops.kind.tolist(), strict=True):
        if kind == HopKind.FOLLOWED:
            led[int(here[transfer])].add(int(there[transfer]))
    first = (int(there[start]) for start in trace.question.starts)
    found = {account: 1 for account in first if account >= 0}
    waiting = deque(found)
    while waiting:
        account = waiting.popleft()
        for other in sorted(led[account]):
            if other not in found:
                found[other] = found[account] + 1
                waiting.append(other)
    return found
