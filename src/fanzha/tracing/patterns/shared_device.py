"""Shared device: accounts of several people paid from one terminal or address."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from fanzha.tracing.patterns.dealings import DAY_S, Dealings
from fanzha.tracing.patterns.devices import DeviceUses
from fanzha.tracing.patterns.passing import numbers_of, ranked, sorted_by_fen
from fanzha.tracing.patterns.pattern import Pattern
from fanzha.tracing.patterns.stretches import grouped
from fanzha.tracing.patterns.typologies import Typology
from fanzha.tracing.patterns.window_kernels import crowded


def find_shared_devices(deals: Dealings, typology: Typology) -> tuple[Pattern, ...]:
    """Devices from which several people's accounts paid within a window; one that very many use is public.

    One that they share for weeks is a home or an office; a cash machine tells nothing of who stands there.
    """
    return ranked(each for uses in deals.devices for each in _shared(deals, typology, uses))


def _shared(deals: Dealings, typology: Typology, uses: DeviceUses) -> Iterator[Pattern]:
    wanted = deals.counts & ~deals.is_cash & (deals.payer >= 0) & ~np.append(deals.is_end, False)[deals.payer]
    some = wanted[uses.dealing]
    code, dealing = uses.code[some], uses.dealing[some]
    at_s = deals.payer_s[dealing]
    order = np.lexsort((dealing, at_s, code))
    code, dealing, at_s = code[order], dealing[order], at_s[order]
    person = deals.person[deals.payer[dealing]]
    for places in grouped(crowded(code, at_s, person, typology["window_s"], typology["least_people"])):
        paid = np.sort(dealing[places])
        people, fen = len(np.unique(person[places])), int(deals.fen[paid].sum())
        lasted_s = int(at_s[places[-1]] - at_s[places[0]])
        few = people <= typology["most_people"] and lasted_s < typology["regular_days"] * DAY_S
        if few and fen >= typology["least_fen"]:
            accounts = sorted_by_fen(deals, deals.payer, paid)
            yield Pattern(
                kind=typology.kind,
                typology=typology.id,
                version=typology.version,
                roles={"accounts": accounts},
                movements=numbers_of(deals, paid),
                fen=fen,
                first_s=int(at_s[places[0]]),
                last_s=int(at_s[places[-1]]),
                numbers={"people": people, "accounts": len(accounts), "payments": len(paid), "lasted_s": lasted_s},
                clue_kind=uses.kind,
                clue=uses.values[int(code[places[0]])],
            )
