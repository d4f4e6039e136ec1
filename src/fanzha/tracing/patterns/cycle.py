"""Cycle: nearly the same amount came back, through others, to the account that had paid it."""

from __future__ import annotations

from fanzha.tracing.patterns.dealings import Dealings
from fanzha.tracing.patterns.link_kernels import circles
from fanzha.tracing.patterns.links import chain_pattern, links_of
from fanzha.tracing.patterns.passing import ranked
from fanzha.tracing.patterns.pattern import Pattern
from fanzha.tracing.patterns.stretches import grouped
from fanzha.tracing.patterns.typologies import Typology


def find_cycles(deals: Dealings, typology: Typology) -> tuple[Pattern, ...]:
    """Circles of payments through at least two other accounts."""
    then = links_of(deals, typology).then
    closed = circles(then, deals.payer, deals.payee, typology["least_movements"], typology["most_movements"])
    return ranked(
        chain_pattern(
            deals,
            typology,
            circle,
            {"account": (int(deals.payer[circle[0]]),), "middle": tuple(deals.payee[circle[:-1]].tolist())},
        )
        for circle in grouped(closed)
    )
