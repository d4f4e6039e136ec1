"""Who signs what, in whose place and until when, as pages show it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from fanzha.apps.web.views.shown import Choice


@dataclass(frozen=True, slots=True, kw_only=True)
class SignerLine:
    """Somebody who signs; `for_name` empty and `until` None in their own right."""

    name: str
    for_name: str = ""
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CapacityLine:
    """A capacity and everybody who signs in it now; nobody where `people` is empty."""

    capacity: Choice
    people: tuple[SignerLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class UnsignedAct:
    """An act that nobody can sign now; `terms` empty for every term of it."""

    kind: str
    act: str
    terms: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitSigning:
    """A unit's capacities, what nobody there can sign, and the units below it of which the same holds."""

    unit: Choice
    capacities: tuple[CapacityLine, ...]
    unsigned: tuple[UnsignedAct, ...]
    alike: tuple[Choice, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedUnder:
    """An order that was signed in somebody's name."""

    number: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DelegationLine:
    """A delegation: whose capacity, lent to whom, from when until when and why; `state` as words know it."""

    id: str
    from_name: str
    to_name: str
    capacity: Choice
    unit: Choice
    since: datetime
    until: datetime
    reason: str
    state: str
    ended_at: datetime | None
    may_end: bool
    signed: tuple[SignedUnder, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DelegationsView:
    """Who may sign what today, and the delegations in sight, newest first."""

    units: tuple[UnitSigning, ...]
    delegations: tuple[DelegationLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LendForm:
    """What somebody may lend, to whom, and for how long at most; nothing to lend is no form."""

    capacities: Sequence[Choice] = ()
    people: Sequence[Choice] = ()
    longest_days: int = 0
    reason_chars: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class StandingIn:
    """For whom the reader signs now, as what, until when."""

    for_name: str
    capacity: Choice
    until: datetime
