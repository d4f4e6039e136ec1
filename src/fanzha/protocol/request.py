"""What the centre asks of an institution: one message that makes or changes an order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated

from fanzha.kernel.errors import Invalid
from fanzha.protocol.fields import MAX_DOCUMENTS, ApplicationId, Code, Currency, Fen, Many, Number, Whole, Words
from fanzha.protocol.parties import Document, Officer, Organ, Payer, Period, Target, TargetKind
from fanzha.protocol.trades import Trade

LONGEST_MONITOR_DAYS = 100
"""The national catalogue lets monitoring run for at most a hundred days (`domain.md` 2.2)."""


class Urgency(StrEnum):
    """How soon it must be done: 01 and 02 of the national catalogue."""

    NORMAL = "normal"
    URGENT = "urgent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request, effective once under its application id; `Invalid` when it lacks what its trade needs.

    `amount_fen` is the victim's transfer, `limit_fen` the most to freeze, `release_fen` what to release of a freeze
    (absent: all of it). `period` is what a query of details asks for. An original application is the instruction that
    made the order which this one changes.
    """

    application_id: ApplicationId
    trade: Trade
    target: Target
    organ: Organ
    operator: Officer
    applied_at: datetime
    urgency: Urgency
    exercise: bool
    original_application_id: ApplicationId | None = None
    case_number: Number | None = None
    case_type: Code | None = None
    payer: Payer | None = None
    currency: Currency | None = None
    amount_fen: Fen | None = None
    transfer_at: datetime | None = None
    reason: Words | None = None
    remark: Words | None = None
    starts_at: datetime | None = None
    expires_at: datetime | None = None
    period: Period | None = None
    limit_fen: Fen | None = None
    release_fen: Fen | None = None
    include_interest: bool | None = None
    monitor_days: Annotated[int, Whole(1, LONGEST_MONITOR_DAYS)] | None = None
    second_officer: Officer | None = None
    documents: Annotated[tuple[Document, ...], Many(MAX_DOCUMENTS)] = ()

    def __post_init__(self) -> None:
        """Refuse what no institution could carry out."""
        for code, path in _faults(self):
            raise Invalid(code, path=path)


NEEDS: Mapping[Trade, tuple[str, ...]] = {
    Trade.STOP: ("currency", "amount_fen", "transfer_at", "reason", "starts_at", "expires_at"),
    Trade.LIFT_STOP: ("reason",),
    Trade.EXTEND_STOP: ("reason", "expires_at"),
    Trade.FREEZE: ("case_number", "currency", "limit_fen", "starts_at", "expires_at", "include_interest"),
    Trade.RELEASE: ("reason",),
    Trade.RENEW: ("case_number", "expires_at"),
    Trade.QUERY_DETAILS: ("period",),
    Trade.QUERY_HOLDER: (),
    Trade.MONITOR_ON: ("starts_at", "monitor_days"),
    Trade.MONITOR_OFF: ("reason",),
    Trade.QUERY_ACCOUNTS: (),
    Trade.BLOCK: ("reason", "starts_at", "expires_at"),
    Trade.UNBLOCK: ("reason",),
}
"""Fields that a request of a trade must have beside those that every request has."""
_BLOCKED = frozenset({TargetKind.PHONE, TargetKind.SITE, TargetKind.APP})


def _faults(request: Request) -> Iterator[tuple[str, str]]:
    trade = request.trade
    if trade is Trade.ACTIVATE:
        yield "protocol.not_asked", "trade"
        return
    for name in NEEDS[trade]:
        if getattr(request, name) is None:
            yield "protocol.needed_by_trade", name
    if (trade.changes is None) != (request.original_application_id is None):
        yield "protocol.original_misplaced", "original_application_id"
    if (trade in {Trade.BLOCK, Trade.UNBLOCK}) != (request.target.kind in _BLOCKED):
        yield "protocol.wrong_target", "target.kind"
    if trade in {Trade.STOP, Trade.FREEZE} and request.target.holder_name is None:
        yield "protocol.needed_by_trade", "target.holder_name"
    if request.starts_at and request.expires_at and request.expires_at <= request.starts_at:
        yield "protocol.backwards", "expires_at"
    for name in ("amount_fen", "limit_fen", "release_fen"):
        if getattr(request, name) == 0:
            yield "protocol.no_amount", name
