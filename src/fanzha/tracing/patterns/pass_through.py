"""Pass-through: money left an account within minutes of its arrival."""

from __future__ import annotations

import numpy as np

from fanzha.tracing.patterns.dealings import Dealings
from fanzha.tracing.patterns.passing import mostly, passing_pattern, quick_parts, ranked, sorted_by_fen
from fanzha.tracing.patterns.pattern import Pattern
from fanzha.tracing.patterns.stretches import grouped
from fanzha.tracing.patterns.typologies import Typology
from fanzha.tracing.patterns.window_kernels import crowded


def find_pass_through(deals: Dealings, typology: Typology) -> tuple[Pattern, ...]:
    """Accounts from which most of what newcomers paid in was gone soon after, arrival by arrival.

    Arrivals that follow each other within the gap are one finding.
    """
    parts = quick_parts(deals, typology["dwell_s"])
    arrived = deals.is_new(typology["regular_days"]) & (deals.fen >= typology["least_arrival_fen"])
    parts = parts.where(arrived[parts.arrival])
    parts = parts.where(mostly(deals, parts, parts.arrival, typology["passed_bp"]))
    stretch = crowded(parts.account.astype(np.int64), parts.at_s, np.arange(len(parts)), typology["gap_s"], 1)
    found = []
    for places in grouped(stretch):
        some = parts.where(places)
        moved = np.union1d(some.arrival, some.departure)
        if len(moved) >= typology["least_movements"] and some.fen.sum() >= typology["least_fen"]:
            roles = {
                "account": (int(some.account[0]),),
                "payers": sorted_by_fen(deals, deals.payer, np.unique(some.arrival)),
                "payees": sorted_by_fen(deals, deals.payee, np.unique(some.departure)),
            }
            found.append(passing_pattern(deals, typology, some, roles, {"within_s": typology["dwell_s"]}))
    return ranked(found)
