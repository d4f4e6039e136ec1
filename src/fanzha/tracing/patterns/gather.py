"""Gather: money that came from many went on to few."""

from __future__ import annotations

from fanzha.tracing.patterns.dealings import Dealings
from fanzha.tracing.patterns.fanning import find_fans
from fanzha.tracing.patterns.pattern import Pattern
from fanzha.tracing.patterns.typologies import Typology


def find_gather(deals: Dealings, typology: Typology) -> tuple[Pattern, ...]:
    """Accounts that many people who were new to them paid, and that paid it on to few."""
    return find_fans(deals, typology, out=False)
