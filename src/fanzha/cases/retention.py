"""How long a case's material is kept, and whether it may be erased now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fanzha.cases.case import ENDED, Case, CaseState
from fanzha.kernel.clock import SHANGHAI, utc
from fanzha.kernel.errors import Illegal, Invalid
from fanzha.kernel.legal_days import months_on


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionClass:
    """A rule of keeping: months after the case's end, or `None` until a named person decides."""

    id: str
    title: Mapping[str, str]
    keep_months: int | None
    source: str
    confidence: str


Classes = Mapping[str, RetentionClass]


def retention_classes(tables: Iterable[Mapping[str, Any]]) -> Classes:
    """The classes of `rulebook/retention.toml` by id."""
    found = [
        RetentionClass(
            id=each["id"],
            title=each["title"],
            keep_months=each.get("keep_months"),
            source=each["source"],
            confidence=each["confidence"],
        )
        for each in tables
    ]
    return {each.id: each for each in found}


def retention_class(classes: Classes, name: str) -> RetentionClass:
    """The class of that id; `Invalid` when there is none."""
    if name not in classes:
        raise Invalid("cases.no_such_retention", known=", ".join(classes))
    return classes[name]


def kept_until(case: Case, classes: Classes) -> datetime | None:
    """When the material of an ended case may be erased; `None` while it is live or until a person decides."""
    keep_months = retention_class(classes, case.retention).keep_months
    if case.state not in ENDED or keep_months is None:
        return None
    return _months_later(case.since, keep_months)


def require_erasable(case: Case, classes: Classes, now: datetime) -> None:
    """`Illegal`, naming the case, while it is live evidence: not ended, kept on, or under a legal hold."""
    if case.state is CaseState.ERASED:
        raise Illegal("cases.case_erased", ref=case.ref)
    if case.held:
        raise Illegal("cases.erasure_held", ref=case.ref)
    if case.state not in ENDED:
        raise Illegal("cases.erasure_live", ref=case.ref)
    until = kept_until(case, classes)
    if until is None:
        raise Illegal("cases.erasure_undecided", ref=case.ref, retention=case.retention)
    if utc(now) < until:
        raise Illegal("cases.erasure_kept", ref=case.ref, until=until.astimezone(SHANGHAI).date())


def _months_later(at: datetime, months: int) -> datetime:
    """The same hour in Shanghai on the day so many months on."""
    local = utc(at).astimezone(SHANGHAI)
    return utc(datetime.combine(months_on(local.date(), months), local.timetz()))
