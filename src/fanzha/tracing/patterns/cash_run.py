"""Cash runs: cash drawn from one account again and again within hours."""

from __future__ import annotations

import numpy as np

from fanzha.tracing.patterns.dealings import LONG_S, Dealings
from fanzha.tracing.patterns.passing import numbers_of, ranked
from fanzha.tracing.patterns.pattern import Pattern
from fanzha.tracing.patterns.stretches import grouped
from fanzha.tracing.patterns.typologies import Typology
from fanzha.tracing.patterns.window_kernels import crowded


def find_cash_runs(deals: Dealings, typology: Typology) -> tuple[Pattern, ...]:
    """Accounts from which cash was drawn so often, and so much, within the window."""
    events = deals.events
    drawn = ~events.incoming & deals.is_cash[events.dealing] & deals.counts[events.dealing]
    if typology["window_s"] < LONG_S:
        drawn &= events.timed
    some = np.flatnonzero(drawn)
    dealing, at_s = events.dealing[some], events.at_s[some]
    account = events.account[some].astype(np.int64)
    stretch = crowded(account, at_s, np.arange(len(some)), typology["window_s"], typology["least_movements"])
    found = []
    for places in grouped(stretch):
        run = dealing[places]
        fen, at_night = deals.fen[run], deals.is_night[run]
        if fen.sum() >= typology["least_fen"]:
            numbers = {
                "withdrawals": len(run),
                "night_withdrawals": int(at_night.sum()),
                "night_fen": int(fen[at_night].sum()),
                "largest_fen": int(fen.max()),
                "lasted_s": int(at_s[places[-1]] - at_s[places[0]]),
            }
            found.append(
                Pattern(
                    kind=typology.kind,
                    typology=typology.id,
                    version=typology.version,
                    roles={"account": (int(account[places[0]]),)},
                    movements=numbers_of(deals, run),
                    fen=int(fen.sum()),
                    first_s=int(at_s[places[0]]),
                    last_s=int(at_s[places[-1]]),
                    numbers=numbers,
                )
            )
    return ranked(found)
