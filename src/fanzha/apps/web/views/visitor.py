"""Who looks at the pages."""

from __future__ import annotations

from dataclasses import dataclass

from fanzha.kernel.units import Actor


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """A logged-in person: the actor they are, how pages call them, and the secret their forms must carry."""

    actor: Actor
    display_name: str
    unit_zh: str
    unit_en: str
    csrf: str
    must_change: bool = False
    has_password: bool = True
    may_choose_unit: bool = False
