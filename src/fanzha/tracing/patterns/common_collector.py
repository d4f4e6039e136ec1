"""Common collector: money of several people came together in one account."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fanzha.tracing.patterns.dealings import Dealings
from fanzha.tracing.patterns.passing import numbers_of, ranked, sorted_by_fen
from fanzha.tracing.patterns.pattern import Pattern
from fanzha.tracing.patterns.stretches import grouped
from fanzha.tracing.patterns.typologies import Typology


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class OwnedMoney:
    """Whose money dealings carried: columns of length n, a dealing, an owner's account, and the fen of theirs in it.

    `role` is what the owners are called: victims only where a person named them so.
    """

    dealing: NDArray[np.int64]
    owner: NDArray[np.int64]
    fen: NDArray[np.int64]
    role: str


def paid_by(deals: Dealings, victims: NDArray[np.int64]) -> OwnedMoney:
    """What these victims' accounts themselves paid to others."""
    dealing = np.flatnonzero(np.isin(deals.payer, victims) & deals.counts & (deals.payee >= 0))
    owner = deals.payer[dealing].astype(np.int64)
    return OwnedMoney(dealing=dealing, owner=owner, fen=deals.fen[dealing], role="victims")


def find_common_collectors(deals: Dealings, typology: Typology, money: OwnedMoney) -> tuple[Pattern, ...]:
    """Accounts where money of so many people first came together: no single payment had brought all of them."""
    payee = deals.payee[money.dealing]
    person = deals.person[money.owner]
    counted = deals.counts[money.dealing] & (payee >= 0) & ~np.append(deals.is_end, False)[payee]
    counted &= deals.person[payee] != person
    found = []
    for places in grouped(np.where(counted, payee, -1).astype(np.int64)):
        some = np.unique(money.dealing[places])
        people = np.unique(person[places])
        pairs = np.unique(money.dealing[places] * deals.accounts + person[places]) // deals.accounts
        most_at_once = int(np.unique(pairs, return_counts=True)[1].max())
        fen = int(money.fen[places].sum())
        if len(people) >= typology["least_people"] and most_at_once < len(people) and fen >= typology["least_fen"]:
            found.append(
                Pattern(
                    kind=typology.kind,
                    typology=typology.id,
                    version=typology.version,
                    roles={
                        "account": (int(payee[places[0]]),),
                        "payers": sorted_by_fen(deals, deals.payer, some),
                        money.role: tuple(np.unique(money.owner[places]).tolist()),
                    },
                    movements=numbers_of(deals, some),
                    fen=fen,
                    first_s=int(deals.payee_s[some].min()),
                    last_s=int(deals.payee_s[some].max()),
                    numbers={"people": len(people), "payments": len(some)},
                )
            )
    return ranked(found)
