"""The typologies that this program brings with it, read once; stages and workflows are given them."""

from __future__ import annotations

from functools import cache

from fanzha.rulebook import load_typologies
from fanzha.tracing.patterns.typologies import Typologies, typologies


@cache
def live_typologies() -> Typologies:
    """What makes a pattern, as of this version of the program."""
    return typologies(load_typologies())
