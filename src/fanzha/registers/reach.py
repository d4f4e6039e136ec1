"""Whether an institution can be used now, and since when, by what was last heard of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from fanzha.registers.institutions import ConnectorKind, Institution

UNUSABLE = "connectors.institution_unusable"
"""The code of a failure after which nothing was sent at all."""


class Reach(StrEnum):
    """Whether it can be used; in the order in which a person must act."""

    UNUSABLE = "unusable"
    SILENT = "silent"
    NO_KEY = "no_key"
    UNTRIED = "untried"
    USABLE = "usable"
    BY_HAND = "by_hand"


TROUBLES = frozenset({Reach.UNUSABLE, Reach.SILENT, Reach.NO_KEY})


@dataclass(frozen=True, slots=True, kw_only=True)
class Contacts:
    """When it was last heard and since when without a failure; since when it failed since, and by which code."""

    heard_at: datetime | None = None
    heard_since: datetime | None = None
    failed_since: datetime | None = None
    failure: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How an institution stands: `since` None where nothing was tried; `failure` says by which code it fails."""

    reach: Reach
    since: datetime | None = None
    failure: str = ""


def standing(institution: Institution, contacts: Contacts, wall: datetime) -> Standing:
    """Whether it can be used: one failure after it was last heard is enough to doubt it, one answer to trust it."""
    if institution.connector is ConnectorKind.PAPER:
        return Standing(reach=Reach.BY_HAND)
    if institution.keys and not any(each.holds_at(wall) for each in institution.keys):
        ended = [each.until for each in institution.keys if each.until is not None and each.until <= wall]
        return Standing(reach=Reach.NO_KEY, since=max(ended, default=None))
    if contacts.failed_since is not None:
        reach = Reach.UNUSABLE if contacts.failure == UNUSABLE else Reach.SILENT
        return Standing(reach=reach, since=contacts.failed_since, failure=contacts.failure)
    if contacts.heard_at is None:
        return Standing(reach=Reach.UNTRIED)
    return Standing(reach=Reach.USABLE, since=contacts.heard_since)
