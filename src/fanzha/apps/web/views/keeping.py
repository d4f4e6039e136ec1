"""What a case's page of settings shows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from fanzha.apps.web.views.shown import Choice
from fanzha.kernel.errors import FanzhaError


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """Who did or asked something, when, and why."""

    at: datetime
    by: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareLine:
    """A unit that may read the case, what for and until when."""

    unit: Choice
    purpose: str
    until: datetime
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCaseShare:
    """What a person says who shares a case: a unit, a purpose code, the last day, why."""

    unit: str
    purpose: str
    until: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepingView:
    """How a case is kept.

    `writable` is false for a case that is only shared with the visitor or was erased; `kept_because` says why it may
    not be erased now; `asked_by_me` asks for somebody else; `units` are those it can still be shared with.
    """

    writable: bool
    erased: bool
    kept_until: datetime | None
    hold: Told | None
    shares: tuple[ShareLine, ...]
    asked: Told | None
    asked_by_me: bool
    kept_because: FanzhaError | None
    units: tuple[Choice, ...]
