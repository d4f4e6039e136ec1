"""Everything that can happen to an institution, as values: what is kept in its journal, and nothing else changes it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fanzha.protocol.fields import Many, Number
from fanzha.protocol.request import Request
from fanzha.simulation.institutions.accounts import Opening, Payment, Settlement, Transfer

MOST_AT_ONCE = 10_000
"""Accounts or payments of one arrival."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """What arrives at one business time; an empty one is time that passes. `taken` names what the centre has had."""

    at: datetime
    opened: Annotated[tuple[Opening, ...], Many(MOST_AT_ONCE)] = ()
    planned: Annotated[tuple[Payment, ...], Many(MOST_AT_ONCE)] = ()
    request: Request | None = None
    transfer: Transfer | None = None
    settled: Settlement | None = None
    taken: Annotated[tuple[Number, ...], Many(MOST_AT_ONCE)] = ()
