"""One request on an institution's table, and what is decided of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from fanzha.kernel.legal_days import months_after
from fanzha.protocol.facts import Transaction
from fanzha.protocol.request import Request
from fanzha.protocol.trades import Trade
from fanzha.simulation.institutions.accounts import Account, Freeze, Monitor, Stop
from fanzha.simulation.institutions.truth import Deed
from fanzha.simulation.parameters import Parameters

DONE, SHORT, ALREADY = "0000", "1200", "0900"
DATES, TOO_MUCH = "0801", "0202"
ALREADY_STOPPED, FROZEN_TO_LIMIT, FROZEN_WHOLLY, TOO_OFTEN = "1301", "1302", "1303", "1304"
EXTENDED_LATE, LIFTED_LATE = "1800", "1900"
SLACK = timedelta(minutes=5)
"""By so much a term may be over the law's, for clocks that differ."""


class Lie(StrEnum):
    """How an answer is false."""

    NONE = "none"
    NOT_APPLIED = "not_applied"
    FALSE_BALANCE = "false_balance"


@dataclass(slots=True, kw_only=True)
class Block:
    """That a number, site or app is cut off until `ends_at`."""

    application_id: str
    organ: str
    address: str
    starts_at: datetime
    ends_at: datetime
    sham: bool = False
    lifted_at: datetime | None = None

    def runs_at(self, at: datetime) -> bool:
        """Whether it is in force as the institution's books have it."""
        return self.lifted_at is None and self.starts_at <= at < self.ends_at


Measure = Stop | Freeze | Monitor | Block


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """How long the institution may restrict, by its own reading of the law."""

    stop: timedelta
    stops: int
    freeze_months: int
    block: timedelta
    early: timedelta


def terms_of(parameters: Parameters) -> Terms:
    """The terms of the published parameters."""
    return Terms(
        stop=timedelta(hours=parameters.number("terms.stop")),
        stops=parameters.whole("terms.stops"),
        freeze_months=parameters.whole("terms.freeze"),
        block=timedelta(days=parameters.number("terms.block")),
        early=timedelta(hours=parameters.number("terms.early")),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Matter:
    """A request that passed the door's checks, the time, and the measure that it changes."""

    request: Request
    at: datetime
    terms: Terms
    lie: Lie = Lie.NONE
    original: Measure | None = None

    @property
    def sham(self) -> bool:
        """Whether it will be answered and not done."""
        return self.lie is Lie.NOT_APPLIED

    @property
    def starts_at(self) -> datetime:
        """When it takes effect: as asked, but not before now."""
        return max(self.at, self.request.starts_at or self.at)

    def deed(self, deed: Deed, fen: int = 0) -> tuple[Deed, str, int]:
        """What was done under this application, or only pretended."""
        return (Deed.PRETENDED if self.sham else deed, self.request.application_id, fen)


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountMatter(Matter):
    """A matter about an account, wallet or line that the institution has."""

    account: Account


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """What is decided: the code, further fields of the answer, what was truly done, and the measure that came of it."""

    result: str
    told: Mapping[str, Any] = field(default_factory=dict)
    deeds: tuple[tuple[Deed, str, int], ...] = ()
    made: Measure | None = None
    lines: tuple[Transaction, ...] = ()


CHANGED: Mapping[Trade, type] = {
    Trade.STOP: Stop,
    Trade.FREEZE: Freeze,
    Trade.MONITOR_ON: Monitor,
    Trade.BLOCK: Block,
}
"""The measure that each trade makes, which later ones change."""


def renewed_until(start: datetime, freeze: Freeze) -> datetime:
    """When a freeze ends that begins at `start` instead: as many months on, when its term is of whole months."""
    for months in range(1, 25):
        if months_after(freeze.starts_at, months) == freeze.ends_at:
            return months_after(start, months)
    return start + (freeze.ends_at - freeze.starts_at)
