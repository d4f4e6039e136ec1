"""Many on one side of an account and few on the other, one soon after the other."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fanzha.tracing.patterns.dealings import Dealings, Parts
from fanzha.tracing.patterns.passing import mostly, passing_pattern, quick_parts, ranked, sorted_by_fen
from fanzha.tracing.patterns.pattern import Pattern, share_bp
from fanzha.tracing.patterns.stretches import by_size, grouped
from fanzha.tracing.patterns.typologies import Typology
from fanzha.tracing.patterns.window_kernels import crowded


def find_fans(deals: Dealings, typology: Typology, *, out: bool) -> tuple[Pattern, ...]:
    """Accounts that within a window were paid by many people and paid few on (`out`: the other way round)."""
    parts = _of_newcomers(deals, quick_parts(deals, typology["dwell_s"]), typology, out=out)
    many, at_s = _many_side(deals, parts, out=out)
    stretch = crowded(
        parts.account.astype(np.int64), at_s, deals.person[many], typology["window_s"], typology["least_people"]
    )
    return ranked(
        found
        for places in grouped(stretch)
        if (found := _pattern(deals, typology, parts.where(places), out=out)) is not None
    )


def _of_newcomers(deals: Dealings, parts: Parts, typology: Typology, *, out: bool) -> Parts:
    """Parts whose dealing on the many side is with a newcomer, large enough, and for the most part passed on."""
    party = deals.payee if out else deals.payer
    wanted = deals.is_new(typology["regular_days"]) & (deals.fen >= typology["least_part_fen"]) & (party >= 0)
    parts = parts.where(wanted[parts.departure if out else parts.arrival])
    return parts.where(mostly(deals, parts, parts.departure if out else parts.arrival, typology["passed_bp"]))


def _many_side(deals: Dealings, parts: Parts, *, out: bool) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    if out:
        return deals.payee[parts.departure], parts.at_s + parts.dwell_s
    return deals.payer[parts.arrival], parts.at_s


def _pattern(deals: Dealings, typology: Typology, parts: Parts, *, out: bool) -> Pattern | None:
    """The finding, unless too little moved or the few are not few."""
    payers = deals.payer[parts.arrival]
    payees = deals.payee[parts.departure]
    _, fen = by_size(payers if out else payees, parts.fen)
    few_bp = share_bp(int(fen[: typology["few"]].sum()), int(fen.sum()))
    moved = np.unique(parts.departure if out else parts.arrival)
    if (
        len(moved) < typology["least_movements"]
        or parts.fen.sum() < typology["least_fen"]
        or few_bp < typology["few_bp"]
    ):
        return None
    roles = {
        "account": (int(parts.account[0]),),
        "payers": sorted_by_fen(deals, deals.payer, np.unique(parts.arrival)),
        "payees": sorted_by_fen(deals, deals.payee, np.unique(parts.departure)),
    }
    many = len(np.unique(deals.person[payees if out else payers]))
    return passing_pattern(deals, typology, parts, roles, {"people": many, "few_bp": few_bp})
