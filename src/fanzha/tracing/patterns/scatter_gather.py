"""Scatter-gather: one account paid several, and these paid one account on."""

from __future__ import annotations

import numpy as np

from fanzha.tracing.patterns.dealings import Dealings, Parts
from fanzha.tracing.patterns.passing import Nodes, passing_pattern, quick_parts, ranked
from fanzha.tracing.patterns.pattern import Pattern, least_fen
from fanzha.tracing.patterns.stretches import by_size, grouped
from fanzha.tracing.patterns.typologies import Typology
from fanzha.tracing.patterns.window_kernels import crowded


def find_scatter_gather(deals: Dealings, typology: Typology) -> tuple[Pattern, ...]:
    """Pairs of accounts between which money went at one time through several people's accounts."""
    parts = _between_strangers(deals, quick_parts(deals, typology["dwell_s"]), typology)
    ends = deals.payer[parts.arrival].astype(np.int64) * deals.accounts + deals.payee[parts.departure]
    order = np.lexsort((parts.departure, parts.at_s, ends))
    parts, ends = parts.where(order), ends[order]
    middle = deals.person[parts.account]
    stretch = crowded(ends, parts.at_s, middle, typology["window_s"], typology["least_people"])
    found = []
    for places in grouped(stretch):
        some = parts.where(places)
        if some.fen.sum() >= typology["least_fen"]:
            roles: dict[str, Nodes] = {
                "payers": (int(deals.payer[some.arrival[0]]),),
                "middle": tuple(by_size(some.account, some.fen)[0].tolist()),
                "payees": (int(deals.payee[some.departure[0]]),),
            }
            people = {"people": len(np.unique(middle[places]))}
            found.append(passing_pattern(deals, typology, some, roles, people))
    return ranked(found)


def _between_strangers(deals: Dealings, parts: Parts, typology: Typology) -> Parts:
    """Parts between two people's accounts of which an arrival's larger part went to one payee."""
    payer, payee = deals.payer[parts.arrival], deals.payee[parts.departure]
    new = deals.is_new(typology["regular_days"])
    known = (payer >= 0) & (payee >= 0)
    strangers = known & (deals.person[payer] != deals.person[payee]) & new[parts.arrival] & new[parts.departure]
    ends = np.append(deals.is_end, False)
    parts = parts.where(strangers & ~ends[payer] & ~ends[payee])
    road = parts.arrival * deals.accounts + deals.payee[parts.departure]
    _, place = np.unique(road, return_inverse=True)
    went = np.zeros(len(parts), np.int64)
    np.add.at(went, place, parts.fen)
    return parts.where(went[place] >= least_fen(deals.fen[parts.arrival], typology["passed_bp"]))
