"""Scatter: money that came from few went on to many."""

from __future__ import annotations

from fanzha.tracing.patterns.dealings import Dealings
from fanzha.tracing.patterns.fanning import find_fans
from fanzha.tracing.patterns.pattern import Pattern
from fanzha.tracing.patterns.typologies import Typology


def find_scatter(deals: Dealings, typology: Typology) -> tuple[Pattern, ...]:
    """Accounts that paid many people whom they did not know with money that few had just paid in."""
    return find_fans(deals, typology, out=True)
