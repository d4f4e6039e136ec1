"""Where traced money that lies nowhere went: by the account that it left, the start and the way."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from fanzha.tracing.follow.question import Direction
from fanzha.workflows.trace_case import TracedCase, TracedHop

_ENDED = ("left", "below_floor")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """Fen of a start that left an account (backward: came to it) one way: a code of `Exit`, or `below_floor`.

    `first_precision`, `last_precision` are how exactly the times of these hops are told.
    """

    account: str
    name: str
    bank: str
    layers: tuple[int, ...]
    start: str
    way: str
    fen: int
    first_at: datetime
    last_at: datetime
    first_precision: str
    last_precision: str


def ends(found: TracedCase) -> list[Ended]:
    """Most first. With what lies in accounts and is disputed it is all that started, but of an upper bound."""
    is_forward = found.trace.question.direction is Direction.FORWARD
    gone: dict[tuple[str, str, str], list[TracedHop]] = defaultdict(list)
    for hop in found.hops():
        if hop.became in _ENDED:
            gone[hop.payer if is_forward else hop.payee, hop.start, hop.exit or hop.became].append(hop)
    nodes = {number: node for node, number in enumerate(found.ledger.found.accounts.primary)}
    told = [_ended(found, nodes[account], start, way, hops) for (account, start, way), hops in gone.items()]
    return sorted(told, key=lambda each: (-each.fen, each.account, each.start, each.way))


def _ended(found: TracedCase, node: int, start: str, way: str, hops: list[TracedHop]) -> Ended:
    first, last = min(hops, key=lambda hop: hop.at), max(hops, key=lambda hop: hop.at)
    return Ended(
        account=found.ledger.found.accounts.primary[node],
        name=found.ledger.name(node),
        bank=found.ledger.banks.get(node, ""),
        layers=found.layers(node),
        start=start,
        way=way,
        fen=sum(hop.fen for hop in hops),
        first_at=first.at,
        last_at=last.at,
        first_precision=first.precision,
        last_precision=last.precision,
    )
