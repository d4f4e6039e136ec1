"""What institutions tell of accounts and holders: facts with a source and a time, never our own reckoning."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from fanzha.kernel.ids import SubjectId


class FactKind(StrEnum):
    """What a fact tells of."""

    HOLDER = "holder"
    HOLDING = "holding"


@dataclass(frozen=True, slots=True, kw_only=True)
class HolderTold:
    """Who holds an account by the bank's file, as the vault knows them.

    `agrees`: whether that is the name by which the case knows the holder; None where the case knows none.
    """

    name: SubjectId
    document: SubjectId | None = None
    document_type: str = ""
    holder_class: str = ""
    agrees: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """What lies on an account at an instant by its bank: what is there, what can be used, what we and others hold.

    These are different things and are never added together; None is not told.
    """

    balance_fen: int | None = None
    available_fen: int | None = None
    held_fen: int | None = None
    others_fen: int | None = None
    state: str = ""


Told = HolderTold | Holding


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """That a message told something of an account at the institution's own time."""

    subject: SubjectId
    at: datetime
    told: Told

    @property
    def kind(self) -> FactKind:
        """What it tells of."""
        return FactKind.HOLDER if isinstance(self.told, HolderTold) else FactKind.HOLDING
