"""Test payment: a few fen came to an account first, then a large sum."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fanzha.tracing.patterns.dealings import LONG_S, Dealings
from fanzha.tracing.patterns.passing import numbers_of, ranked, sorted_by_fen
from fanzha.tracing.patterns.pattern import Pattern
from fanzha.tracing.patterns.stretches import grouped
from fanzha.tracing.patterns.typologies import Typology


def find_test_payments(deals: Dealings, typology: Typology) -> tuple[Pattern, ...]:
    """Accounts that a newcomer paid a trifle, and soon after, with few payments between, somebody new a large sum."""
    events = deals.events
    came = np.flatnonzero(events.incoming & deals.counts[events.dealing] & ~deals.is_end[events.account])
    if typology["window_s"] < LONG_S:
        came = came[events.timed[came]]
    dealing, fen = events.dealing[came], deals.fen[events.dealing[came]]
    wanted = (deals.is_new(typology["regular_days"]) & ~deals.is_cash & (deals.payer >= 0))[dealing]
    is_trifle = wanted & (fen <= typology["trifle_fen"])
    since = _first_within(events.account[came], events.at_s[came], typology["window_s"])
    trifles = np.concatenate([[0], np.cumsum(is_trifle)])
    low, high = trifles[since], trifles[:-1]
    quiet = np.arange(len(came)) - since <= typology["most_arrivals"]
    tested = np.flatnonzero(wanted & (fen >= typology["least_fen"]) & (high > low) & quiet)
    apart = np.append(False, low[tested][1:] >= high[tested][:-1])
    trifle = np.flatnonzero(is_trifle)
    return ranked(
        _pattern(deals, typology, came[trifle[low[at[0]] : high[at[-1]]]], came[at])
        for at in (tested[places] for places in (grouped(np.cumsum(apart)) if len(tested) else ()))
    )


def _first_within(account: NDArray[np.int32], at_s: NDArray[np.int64], window_s: int) -> NDArray[np.int64]:
    """The place of the first event of the same account that is no more than the window earlier."""
    since = at_s - at_s.min(initial=0)
    place = account.astype(np.int64) << 40
    return np.asarray(np.searchsorted(place | since, place | np.maximum(since - window_s, 0)), np.int64)


def _pattern(deals: Dealings, typology: Typology, trifles: NDArray[np.int64], large: NDArray[np.int64]) -> Pattern:
    """The finding that these events make; both lists are in order."""
    events = deals.events
    tests, payments = events.dealing[trifles], events.dealing[large]
    fen = deals.fen[payments]
    last_test_s = int(events.at_s[trifles[trifles < large[0]][-1]])
    return Pattern(
        kind=typology.kind,
        typology=typology.id,
        version=typology.version,
        roles={
            "account": (int(events.account[large[0]]),),
            "testers": sorted_by_fen(deals, deals.payer, tests),
            "payers": sorted_by_fen(deals, deals.payer, payments),
        },
        movements=numbers_of(deals, np.union1d(tests, payments)),
        fen=int(fen.sum()),
        first_s=int(events.at_s[trifles[0]]),
        last_s=int(events.at_s[large[-1]]),
        numbers={
            "tests": len(tests),
            "test_fen": int(deals.fen[tests].sum()),
            "payments": len(payments),
            "largest_fen": int(fen.max()),
            "waited_s": int(events.at_s[large[0]]) - last_test_s,
        },
    )
