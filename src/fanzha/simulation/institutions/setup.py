"""What a simulated institution is: its kind, how it works, what it can and what it demands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from fanzha.protocol.fields import InstitutionCode, Many, Name
from fanzha.protocol.keys import PublicKey
from fanzha.protocol.parties import TargetKind
from fanzha.protocol.trades import Trade
from fanzha.registers.institutions import (
    ConnectorKind,
    Demand,
    Hours,
    Institution,
    InstitutionKind,
    Need,
    OutOfHours,
    ShortName,
)


class Profile(StrEnum):
    """How it works: by itself, with somebody who confirms, by hand; a prompt one answers at once, for contracts."""

    AUTOMATIC = "automatic"
    SEMI_MANUAL = "semi_manual"
    MANUAL = "manual"
    PROMPT = "prompt"


_ACCOUNT_TRADES = frozenset(Trade) - {Trade.BLOCK, Trade.UNBLOCK, Trade.ACTIVATE}
_BLOCKING = frozenset({Trade.BLOCK, Trade.UNBLOCK})
TRADES: Mapping[InstitutionKind, frozenset[Trade]] = {
    InstitutionKind.BANK: _ACCOUNT_TRADES,
    InstitutionKind.PAYMENT: _ACCOUNT_TRADES - {Trade.QUERY_ACCOUNTS},
    InstitutionKind.CARRIER: _BLOCKING,
    InstitutionKind.RESOLVER: _BLOCKING,
    InstitutionKind.STORE: _BLOCKING,
}
"""What each kind can do."""
TARGETS: Mapping[InstitutionKind, TargetKind] = {
    InstitutionKind.BANK: TargetKind.ACCOUNT,
    InstitutionKind.PAYMENT: TargetKind.ACCOUNT,
    InstitutionKind.CARRIER: TargetKind.PHONE,
    InstitutionKind.RESOLVER: TargetKind.SITE,
    InstitutionKind.STORE: TargetKind.APP,
}
"""What each kind of institution restricts."""
_PAPERS: Mapping[Profile, frozenset[Trade]] = {
    Profile.AUTOMATIC: frozenset({Trade.FREEZE}),
    Profile.SEMI_MANUAL: frozenset({Trade.STOP, Trade.FREEZE, Trade.RELEASE}),
    Profile.MANUAL: frozenset({Trade.STOP, Trade.FREEZE, Trade.RELEASE, Trade.RENEW}),
    Profile.PROMPT: frozenset({Trade.FREEZE}),
}


STAFFED = Hours(days=(1, 2, 3, 4, 5), opens="08:30", closes="17:30")
"""When somebody answers questions where that takes somebody; who stops and releases is there day and night, as banks
must be (Yinfa [2016] No. 86)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """One simulated institution, as its folder keeps it."""

    id: ShortName
    code: InstitutionCode
    name_zh: Name
    name_en: Name
    kind: InstitutionKind
    profile: Profile
    refuses: Annotated[tuple[Trade, ...], Many(len(Trade))] = ()

    @property
    def trades(self) -> frozenset[Trade]:
        """What it can do."""
        return TRADES[self.kind] - set(self.refuses)

    @property
    def hours(self) -> Hours | None:
        """When questions are answered; `None`: at any time."""
        return STAFFED if self.profile in {Profile.SEMI_MANUAL, Profile.MANUAL} else None

    @property
    def papers_later(self) -> bool:
        """Whether it acts on the word that the reporter's papers follow."""
        return self.profile is not Profile.MANUAL

    @property
    def papers(self) -> frozenset[Trade]:
        """The trades for which it demands a legal document."""
        return _PAPERS[self.profile] & self.trades


def profile_of(setup: Setup, endpoint: str, key: PublicKey) -> Institution:
    """The institution as the house's register has it: an exercise's, reached over HTTP, never closed."""
    trades = tuple(sorted(setup.trades))
    demands = tuple(Demand(trade=each, needs=(Need.DOCUMENT,)) for each in trades if each in setup.papers)
    return Institution(
        name=setup.id,
        code=setup.code,
        name_zh=setup.name_zh,
        name_en=setup.name_en,
        kind=setup.kind,
        connector=ConnectorKind.HTTP,
        exercise=True,
        trades=trades,
        out_of_hours=OutOfHours.WORKS,
        hours=setup.hours,
        endpoint=endpoint,
        papers_later=setup.papers_later,
        demands=demands,
        keys=(key,),
    )
