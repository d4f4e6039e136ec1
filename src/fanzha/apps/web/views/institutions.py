"""What the pages of institutions show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from fanzha.apps.web.views.shown import Choice, Masked


@dataclass(frozen=True, slots=True, kw_only=True)
class TimesLine:
    """How fast one kind of request was answered lately: `trade` is its code, seconds None while nobody answered."""

    trade: str
    can: bool
    needs: tuple[str, ...]
    sent: int
    answered: int
    median_s: int | None
    p95_s: int | None
    failed_share: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class InstitutionLine:
    """An institution as a row: how it stands and since when, whether somebody works there now, what it can.

    `duty` is open, closed (requests wait) or call; `times` those of each kind of order that was asked for lately;
    `check` is unchecked, kept, broken or failed.
    """

    name: str
    institution: Choice
    kind: str
    connector: str
    standing: str
    since: datetime | None
    failure: str
    duty: str
    opens_at: datetime | None
    can: tuple[str, ...]
    demands: tuple[str, ...]
    times: Mapping[str, TimesLine]
    sent: int
    refused: int
    failed: int
    turned_away: int
    check: str
    broken: int
    checked_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyLine:
    """A public key by which its messages are known: `state` is in_force, coming or ended."""

    key_id: str
    algorithm: str
    fingerprint: str
    since: datetime
    until: datetime | None
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactLine:
    """A desk on duty with its masked number."""

    desk: str
    phone: Masked


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionLine:
    """One version of the profile: who entered it, when and why."""

    version: int
    at: datetime
    by: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingLine:
    """One trial of the contract kit: `holds` is holds, broken or untried; `said` what the other side answered, a
    result of the catalogue in `result`, anything else in `note`."""

    check: str
    holds: str
    said: str
    result: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckLine:
    """One run of the contract kit; `failure` and `reason` say why it ended early."""

    at: datetime
    by: str
    version: int
    held: int
    broken: int
    untried: int
    failure: str
    failure_fields: Mapping[str, object]
    findings: tuple[FindingLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DoubtLine:
    """What it said of an order and did not hold: `code` names it."""

    order_number: str
    at: datetime
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InstitutionView:
    """The record of an institution; `days` of the week are 1 to 7, `lately_days` how far back numbers count."""

    line: InstitutionLine
    doubts: tuple[DoubtLine, ...]
    code: str
    exercise: bool
    unit: Choice
    endpoint: str
    days: tuple[int, ...]
    opens: str
    closes: str
    out_of_hours: str
    tolerance_s: int
    batch: int
    papers_later: bool
    contacts: tuple[ContactLine, ...]
    keys: tuple[KeyLine, ...]
    times: tuple[TimesLine, ...]
    versions: tuple[VersionLine, ...]
    checks: tuple[CheckLine, ...]
    checking: bool
    may_check: bool
    lately_days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ExchangeLine:
    """An instruction that went out: `outcome` is done, waits, refused, failed or open, `failure` a code of its line."""

    order_number: str
    trade: str
    sent_at: datetime
    answered_at: datetime | None
    took_s: int | None
    outcome: str
    result: str
    code: str
    failure: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageLine:
    """One message that came: `order_number` is empty where it is about none; `state` of what gives it its effect."""

    message_kind: str
    received_at: datetime
    order_number: str
    result: str
    code: str
    part: int
    final: bool
    state: str
    key_id: str
    bytes: int
    error: str
    error_fields: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusalLine:
    """One call that was turned away: why, at which field, where it went, the fingerprint of what came."""

    at: datetime
    refusal: str
    address: str
    place: str
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TroubleLine:
    """An institution that cannot be used now, as the first page tells it."""

    name: str
    title: Choice
    standing: str
    since: datetime | None
    failure: str
