"""Chains of dealings of nearly equal amounts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fanzha.tracing.patterns.dealings import LONG_S, Dealings
from fanzha.tracing.patterns.link_kernels import equal_links
from fanzha.tracing.patterns.passing import numbers_of
from fanzha.tracing.patterns.pattern import BP, Pattern, least_fen, share_bp
from fanzha.tracing.patterns.typologies import Typology


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Links:
    """For each dealing the next of its chain (`then`: int64[m], −1 for none); `cut`: accounts not read to their end."""

    then: NDArray[np.int64]
    cut: NDArray[np.int64]


def links_of(deals: Dealings, typology: Typology) -> Links:
    """Each dealing with the one by which its payee passed nearly the same on to a third account, soon after."""
    events = deals.events
    ends = np.append(deals.is_end, False)
    usable = deals.counts & (deals.fen >= typology["least_fen"]) & deals.is_new(typology["regular_days"])
    usable &= ~ends[deals.payer] & ~ends[deals.payee]
    if typology["hop_s"] < LONG_S:
        usable &= deals.payer_timed & deals.payee_timed
    then, cut = equal_links(
        events.bounds,
        (events.dealing, events.incoming, events.at_s, deals.fen[events.dealing]),
        (deals.payer, deals.payee, usable),
        least_fen(deals.fen, BP - typology["shrink_bp"]),
        typology["hop_s"],
        typology["comparisons"],
    )
    return Links(then=then, cut=np.flatnonzero(cut))


def chain_pattern(
    deals: Dealings, typology: Typology, chain: NDArray[np.int64], roles: dict[str, tuple[int, ...]]
) -> Pattern:
    """The pattern that a chain of dealings proves."""
    fen = deals.fen[chain]
    return Pattern(
        kind=typology.kind,
        typology=typology.id,
        version=typology.version,
        roles=roles,
        movements=numbers_of(deals, chain),
        fen=int(fen[-1]),
        first_s=int(deals.payer_s[chain[0]]),
        last_s=int(deals.payee_s[chain[-1]]),
        numbers={
            "payments": len(chain),
            "first_fen": int(fen[0]),
            "last_fen": int(fen[-1]),
            "kept_bp": share_bp(int(fen[-1]), int(fen[0])),
            "lasted_s": max(0, int(deals.payee_s[chain[-1]] - deals.payer_s[chain[0]])),
        },
        is_conclusive=True,
    )
