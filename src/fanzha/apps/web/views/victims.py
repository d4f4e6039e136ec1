"""Whom people named victims of a case, as pages show it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from fanzha.apps.web.views.movements import MovementLine
from fanzha.apps.web.views.shown import AccountRef, Masked


@dataclass(frozen=True, slots=True, kw_only=True)
class VictimLine:
    """Who was named a victim, by whom and why; `accounts` are theirs in the case's files, `link` takes it back."""

    who: Masked
    accounts: tuple[AccountRef, ...]
    reason: str
    at: datetime
    by: str
    link: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposals:
    """Where a trace may begin: who the victims are, how much they paid in all, and the largest of it."""

    victims: Sequence[VictimLine] = ()
    payments: int = 0
    fen: int = 0
    foremost: Sequence[MovementLine] = ()
