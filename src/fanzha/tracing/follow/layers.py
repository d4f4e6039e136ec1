"""How many payments lie between a victim and each account: the layers (一级卡, 二级卡, …) of a trace."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Mapping

from fanzha.tracing.follow.flow_index import Transfers
from fanzha.tracing.follow.trace import HopKind, Hops


def layers(transfers: Transfers, hops: Hops, starts: tuple[int, ...]) -> Mapping[int, int]:
    """Each account that traced money reached, with the fewest payments that led there; who was paid first has 1.

    Backward traces count the same way, from the account that the payments were made from.
    """
    paid: dict[int, set[int]] = defaultdict(set)
    for transfer, kind in zip(hops.transfer.tolist(), hops.kind.tolist(), strict=True):
        if kind == HopKind.FOLLOWED:
            paid[int(transfers.payer[transfer])].add(int(transfers.payee[transfer]))
    first = dict.fromkeys((int(transfers.payee[start]) for start in starts), 1)
    found = {account: layer for account, layer in first.items() if account >= 0}
    waiting = deque(found)
    while waiting:
        payer = waiting.popleft()
        for payee in sorted(paid[payer]):
            if payee not in found:
                found[payee] = found[payer] + 1
                waiting.append(payee)
    return found
