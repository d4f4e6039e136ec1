"""Relay: nearly the same amount handed on from account to account."""

from __future__ import annotations

from fanzha.tracing.patterns.dealings import Dealings
from fanzha.tracing.patterns.link_kernels import chains
from fanzha.tracing.patterns.links import chain_pattern, links_of
from fanzha.tracing.patterns.passing import ranked
from fanzha.tracing.patterns.pattern import Pattern
from fanzha.tracing.patterns.stretches import grouped
from fanzha.tracing.patterns.typologies import Typology


def find_relays(deals: Dealings, typology: Typology) -> tuple[Pattern, ...]:
    """Chains of so many payments, each passing on nearly what the one before had brought."""
    found = []
    for chain in grouped(chains(links_of(deals, typology).then)):
        if len(chain) >= typology["least_movements"]:
            middle = deals.payee[chain[:-1]].tolist()
            roles = {
                "middle": tuple(dict.fromkeys(middle)),
                "payers": tuple(node for node in deals.payer[chain[:1]].tolist() if node >= 0),
                "payees": tuple(node for node in deals.payee[chain[-1:]].tolist() if node >= 0),
            }
            found.append(chain_pattern(deals, typology, chain, roles))
    return ranked(found)
