"""What a simulated institution is: its kind, how it works, what it can and what it demands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from fanzha.protocol.fields import Code, InstitutionCode, Many, Name
from fanzha.protocol.parties import TargetKind
from fanzha.protocol.trades import Trade


class Kind(StrEnum):
    """What kind of institution it is."""

    BANK = "bank"
    PAYMENT = "payment"
    CARRIER = "carrier"
    RESOLVER = "resolver"
    STORE = "store"


class Profile(StrEnum):
    """How it works: by itself, with somebody who confirms, by hand; a prompt one answers at once, for contracts."""

    AUTOMATIC = "automatic"
    SEMI_MANUAL = "semi_manual"
    MANUAL = "manual"
    PROMPT = "prompt"


_ACCOUNT_TRADES = frozenset(Trade) - {Trade.BLOCK, Trade.UNBLOCK, Trade.ACTIVATE}
_BLOCKING = frozenset({Trade.BLOCK, Trade.UNBLOCK})
TRADES: Mapping[Kind, frozenset[Trade]] = {
    Kind.BANK: _ACCOUNT_TRADES,
    Kind.PAYMENT: _ACCOUNT_TRADES - {Trade.QUERY_ACCOUNTS},
    Kind.CARRIER: _BLOCKING | {Trade.QUERY_HOLDER},
    Kind.RESOLVER: _BLOCKING,
    Kind.STORE: _BLOCKING,
}
"""What each kind can do."""
TARGETS: Mapping[Kind, TargetKind] = {
    Kind.BANK: TargetKind.ACCOUNT,
    Kind.PAYMENT: TargetKind.ACCOUNT,
    Kind.CARRIER: TargetKind.PHONE,
    Kind.RESOLVER: TargetKind.SITE,
    Kind.STORE: TargetKind.APP,
}
"""What each kind of institution restricts."""
_PAPERS: Mapping[Profile, frozenset[Trade]] = {
    Profile.AUTOMATIC: frozenset({Trade.FREEZE}),
    Profile.SEMI_MANUAL: frozenset({Trade.STOP, Trade.FREEZE, Trade.RELEASE}),
    Profile.MANUAL: frozenset({Trade.STOP, Trade.FREEZE, Trade.RELEASE, Trade.RENEW}),
    Profile.PROMPT: frozenset({Trade.FREEZE}),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """One simulated institution, as its folder keeps it."""

    id: Code
    code: InstitutionCode
    name_zh: Name
    name_en: Name
    kind: Kind
    profile: Profile
    refuses: Annotated[tuple[Trade, ...], Many(len(Trade))] = ()

    @property
    def trades(self) -> frozenset[Trade]:
        """What it can do."""
        return TRADES[self.kind] - set(self.refuses)

    @property
    def papers(self) -> frozenset[Trade]:
        """The trades for which it demands a legal document."""
        return _PAPERS[self.profile] & self.trades
