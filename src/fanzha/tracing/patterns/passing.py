"""Money that did not stay: the parts of dealings that left an account soon after they came."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from fanzha.tracing.patterns.dealings import LONG_S, Dealings, Parts
from fanzha.tracing.patterns.pattern import Pattern, least_fen, share_bp
from fanzha.tracing.patterns.stretches import by_size
from fanzha.tracing.patterns.typologies import Typology

Nodes = tuple[int, ...]


def quick_parts(deals: Dealings, dwell_s: int) -> Parts:
    """Parts that stayed so long at the most, in accounts that are no merchant and no company's pool."""
    parts = deals.parts
    quick = (parts.dwell_s <= dwell_s) & ~deals.is_end[parts.account]
    return parts.where(quick if dwell_s >= LONG_S else quick & parts.timed)


def mostly(deals: Dealings, parts: Parts, dealing: NDArray[np.int64], least_bp: int) -> NDArray[np.bool_]:
    """Which parts belong to a dealing (their arrival or departure) of which these parts make up so much."""
    passed = np.zeros(len(deals), np.int64)
    np.add.at(passed, dealing, parts.fen)
    return np.asarray(passed[dealing] >= least_fen(deals.fen[dealing], least_bp), np.bool_)


def passing_pattern(
    deals: Dealings, typology: Typology, parts: Parts, roles: dict[str, Nodes], more: dict[str, int]
) -> Pattern:
    """The pattern that these parts prove, with what every kind of passing on is measured by."""
    arrivals, departures = np.unique(parts.arrival), np.unique(parts.departure)
    moved = np.union1d(arrivals, departures)
    in_fen, passed_fen = int(deals.fen[arrivals].sum()), int(parts.fen.sum())
    stayed = sum(fen * dwell for fen, dwell in zip(parts.fen.tolist(), parts.dwell_s.tolist(), strict=True))
    return Pattern(
        kind=typology.kind,
        typology=typology.id,
        version=typology.version,
        roles=roles,
        movements=numbers_of(deals, moved),
        fen=passed_fen,
        first_s=int(parts.at_s.min()),
        last_s=int((parts.at_s + parts.dwell_s).max()),
        numbers={
            "arrivals": len(arrivals),
            "departures": len(departures),
            "in_fen": in_fen,
            "out_fen": int(deals.fen[departures].sum()),
            "passed_bp": share_bp(passed_fen, in_fen),
            "dwell_s": stayed // passed_fen,
            **more,
        },
        is_conclusive=not deals.is_inconclusive[np.unique(parts.account)].any(),
    )


def numbers_of(deals: Dealings, some: NDArray[np.int64]) -> tuple[int, ...]:
    """The numbers of the movements of these dealings."""
    return tuple(deals.number[some].tolist())


def sorted_by_fen(deals: Dealings, party: NDArray[np.int32], some: NDArray[np.int64]) -> Nodes:
    """The accounts that are this party of these dealings, most fen first, nobody left out."""
    some = some[party[some] >= 0]
    return tuple(by_size(party[some], deals.fen[some])[0].tolist())


def ranked(found: Iterable[Pattern]) -> tuple[Pattern, ...]:
    """Patterns in their order: most fen first, then by time and movements."""
    return tuple(sorted(found, key=lambda each: (-each.fen, each.first_s, each.movements, each.clue)))
