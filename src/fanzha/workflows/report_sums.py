"""What a report sums up while hops pass by: a trace of a million of them is never held at once."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from heapq import heappush, heappushpop

from fanzha.kernel.clock import rfc3339
from fanzha.workflows.trace_case import TracedHop


@dataclass(frozen=True, slots=True, kw_only=True)
class HopSums:
    """All hops together and by exit; what raises doubt as (hops, fen).

    `starts`: each start's own payment; `largest`: those with most fen, of equal ones the earliest, in the order in
    which money moved; `digest`: SHA-256 of every hop with its evidence, in their order.
    """

    count: int
    starts: Mapping[str, TracedHop]
    exits: Mapping[str, int]
    contradicted: tuple[int, int]
    unseen: tuple[int, int]
    doubts: Mapping[str, int]
    largest: tuple[TracedHop, ...]
    digest: str


def sum_hops(hops: Iterable[TracedHop], most_kept: int) -> HopSums:
    """Everything that a report counts of these hops, of which it keeps so many."""
    sums, digest = _Sums(most_kept), hashlib.sha256()
    for hop in hops:
        sums.add(hop)
        digest.update(_line(hop).encode())
    return HopSums(
        count=sums.count,
        starts=sums.starts,
        exits=dict(sorted(sums.exits.items(), key=lambda each: (-each[1], each[0]))),
        contradicted=(sums.doubted["contradicted"], sums.doubted_fen["contradicted"]),
        unseen=(sums.doubted["unseen"], sums.doubted_fen["unseen"]),
        doubts=dict(sorted(sums.doubts.items())),
        largest=tuple(hop for _, _, hop in sorted(sums.kept, key=lambda each: -each[1])),
        digest=digest.hexdigest(),
    )


@dataclass(slots=True)
class _Sums:
    """The sums as they grow."""

    most_kept: int
    count: int = 0
    starts: dict[str, TracedHop] = field(default_factory=dict)
    exits: Counter[str] = field(default_factory=Counter)
    doubted: Counter[str] = field(default_factory=Counter)
    doubted_fen: Counter[str] = field(default_factory=Counter)
    doubts: Counter[str] = field(default_factory=Counter)
    kept: list[tuple[int, int, TracedHop]] = field(default_factory=list)

    def add(self, hop: TracedHop) -> None:
        """Count one hop, in the order in which money moved."""
        self._look_at(hop)
        keep = heappush if len(self.kept) < self.most_kept else heappushpop
        keep(self.kept, (hop.fen, -self.count, hop))
        self.count += 1

    def _look_at(self, hop: TracedHop) -> None:
        if hop.became == "left":
            self.exits[hop.exit] += hop.fen
        if hop.order_contradicted:
            self._doubt("contradicted", hop.fen)
        if hop.told is None:
            self._doubt("unseen", hop.fen)
            return
        if hop.told.id == hop.start:
            self.starts.setdefault(hop.start, hop)
        self.doubts.update(hop.told.doubts)

    def _doubt(self, why: str, fen: int) -> None:
        self.doubted[why] += 1
        self.doubted_fen[why] += fen


def _line(hop: TracedHop) -> str:
    told = [
        "" if hop.told is None else hop.told.id,
        rfc3339(hop.at),
        hop.payer,
        hop.payee,
        hop.amount_fen,
        hop.fen,
        hop.start,
        hop.became,
        hop.exit,
        [[each.source.key, each.row] for each in hop.evidence],
    ]
    return json.dumps(told, ensure_ascii=False) + "\n"
