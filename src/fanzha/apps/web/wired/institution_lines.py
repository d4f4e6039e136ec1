"""Institutions as rows and records."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256

from fanzha.adapters.store.institution_checks import Checked, KeptCheck
from fanzha.apps.web.views.institutions import (
    CheckLine,
    ContactLine,
    FindingLine,
    InstitutionLine,
    KeyLine,
    TimesLine,
)
from fanzha.apps.web.views.shown import Choice, Masked
from fanzha.apps.web.wired.order_record import result_of
from fanzha.kernel.identifiers import phone
from fanzha.protocol.keys import PublicKey
from fanzha.protocol.messages import RefusalCode
from fanzha.protocol.trades import Trade
from fanzha.registers.answer_times import AnswerTimes
from fanzha.registers.institutions import Institution, Need, OutOfHours
from fanzha.wiring.institution_watch import Watched

KINDS: Mapping[str, tuple[Trade, ...]] = {
    "query": (Trade.QUERY_DETAILS, Trade.QUERY_HOLDER, Trade.QUERY_ACCOUNTS),
    "monitor": (Trade.MONITOR_ON, Trade.MONITOR_OFF),
    "stop": (Trade.STOP, Trade.EXTEND_STOP, Trade.LIFT_STOP),
    "freeze": (Trade.FREEZE, Trade.RENEW, Trade.RELEASE),
    "block": (Trade.BLOCK, Trade.UNBLOCK),
}
"""The trades of each kind of order; the first that was asked for stands for its kind in the table."""
_NOTHING = AnswerTimes(sent=0, answered=0, median_seconds=None, p95_seconds=None, failed_share=None)


def institution_line(each: Watched) -> InstitutionLine:
    """An institution as a row."""
    told, check = each.profile.institution, each.last_check
    return InstitutionLine(
        name=told.name,
        institution=title_of(told),
        kind=told.kind.value,
        connector=told.connector.value,
        standing=each.standing.reach.value,
        since=each.standing.since,
        failure=each.standing.failure,
        duty=_duty(each),
        opens_at=None if each.works_now else each.opens_at,
        can=tuple(kind for kind, trades in KINDS.items() if any(map(told.can, trades))),
        demands=tuple(need.value for need in Need if any(need in demand.needs for demand in told.demands)),
        times={kind: times_line(told, trade, each.measured) for kind, trade in _measured(each)},
        sent=sum(times.sent for times in each.measured.values()),
        refused=each.refused,
        failed=each.failed,
        turned_away=each.turned_away,
        check=_check(check),
        broken=check.broken if check else 0,
        checked_at=check.at if check else None,
    )


def title_of(told: Institution) -> Choice:
    """Its two names; the code is its short name, as addresses have it."""
    return Choice(code=told.name, zh=told.name_zh, en=told.name_en)


def times_line(told: Institution, trade: Trade, measured: Mapping[Trade, AnswerTimes]) -> TimesLine:
    """What it can of a trade, what it demands, and how fast it did it."""
    times = measured.get(trade, _NOTHING)
    return TimesLine(
        trade=trade.value,
        can=told.can(trade),
        needs=tuple(need.value for need in Need if need in told.needs(trade)),
        sent=times.sent,
        answered=times.answered,
        median_s=None if times.median_seconds is None else round(times.median_seconds),
        p95_s=None if times.p95_seconds is None else round(times.p95_seconds),
        failed_share=times.failed_share,
    )


def key_line(key: PublicKey, wall: datetime) -> KeyLine:
    """A key by its fingerprint, never itself a secret, and whether it is in force."""
    ended = key.until is not None and key.until <= wall
    return KeyLine(
        key_id=key.key_id,
        algorithm=key.algorithm,
        fingerprint=sha256(key.public).hexdigest(),
        since=key.since,
        until=key.until,
        state="in_force" if key.holds_at(wall) else "ended" if ended else "coming",
    )


def contact_lines(told: Institution) -> tuple[ContactLine, ...]:
    """Its desks with their numbers masked; a ref asks for the whole number."""
    lines = []
    for number, each in enumerate(told.contacts):
        shown = phone.mask(each.phone)
        lines.append(ContactLine(desk=each.desk, phone=Masked(shown, f"d{number}" if shown != each.phone else None)))
    return tuple(lines)


def check_line(told: Institution, check: KeptCheck) -> CheckLine:
    """A run of the kit with its findings, those that do not hold first."""
    findings = sorted((_finding(each) for each in check.findings), key=lambda each: each.holds != "broken")
    holds = [each.holds for each in findings]
    fields = {"institution": told.name, "reason": check.reason}
    return CheckLine(
        at=check.at,
        by=check.actor_name,
        version=check.version,
        held=holds.count("holds"),
        broken=holds.count("broken"),
        untried=holds.count("untried"),
        failure=check.failure,
        failure_fields=fields,
        findings=tuple(findings),
    )


def _finding(each: Checked) -> FindingLine:
    holds = "untried" if each.holds is None else "holds" if each.holds else "broken"
    refused = f"refused.{each.said}" if each.said in set(RefusalCode) else each.said
    return FindingLine(check=each.check, holds=holds, said=each.said, result=result_of(each.said), note=refused)


def _measured(each: Watched) -> list[tuple[str, Trade]]:
    found = []
    for kind, trades in KINDS.items():
        asked = [trade for trade in trades if trade in each.measured]
        if asked:
            found.append((kind, asked[0]))
    return found


def _duty(each: Watched) -> str:
    if each.works_now:
        return "open"
    return "call" if each.profile.institution.out_of_hours is OutOfHours.CALL else "closed"


def _check(check: KeptCheck | None) -> str:
    if check is None:
        return "unchecked"
    if check.failure:
        return "failed"
    return "broken" if check.broken else "kept"
