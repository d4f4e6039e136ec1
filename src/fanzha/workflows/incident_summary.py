"""An incident on one page: what was reported, what is held where and until when, what was done, what is still to do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SummaryPayment:
    """A payment as the victim told it."""

    at: datetime
    account: str
    holder: str
    institution: str
    fen: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SummaryAccount:
    """An account of the chase: what lay there by all that is told, what is held of it, by which order until when.

    Where nothing is held, `order` is the last that was to hold it, `effect` how it stands, `code` why it was refused.
    """

    layer: int
    account: str
    holder: str
    institution: str
    traced_fen: int
    held_fen: int
    order: str
    until: datetime | None
    effect: str = ""
    code: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentSummary:
    """Everything that the page says; identifiers as whoever takes it may read them, times only those of the data.

    `gone_fen` is what is told to have left to where nobody can follow it: nothing of it is expected only.
    """

    number: str
    case: str
    case_state: str
    unit: str
    source: str
    scam_type: str
    victim: str
    handler: str
    reported_at: datetime
    taken_at: datetime
    first_order_at: datetime | None
    first_hold_at: datetime | None
    last_hold_at: datetime | None
    as_of: datetime
    lost_fen: int
    held_fen: int
    gone_fen: int
    payments: Sequence[SummaryPayment]
    accounts: Sequence[SummaryAccount]
    evidence: Sequence[str]
    missing: Sequence[str]
    follow_ups: Sequence[tuple[datetime, str]]
    outcome: str
    is_exercise: bool
    is_masked: bool
