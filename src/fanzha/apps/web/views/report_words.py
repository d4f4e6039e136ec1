"""What was read from a report's words, as the form offers it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from fanzha.apps.web.views.shown import Choice


@dataclass(frozen=True, slots=True, kw_only=True)
class WordsPiece:
    """A stretch of the text; `of` names the suggestions (`p0`, `c2`) that rest on it, none for plain text."""

    text: str
    of: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadPayment:
    """A payment as the text tells it; what it does not tell is None or empty.

    `institution` is the registered one that the bank's name or the card's first digits (`by_digits`) mean; `bank` is
    the name as it was told.
    """

    mark: str
    role: str
    certainty: str
    amount_fen: int
    payee: str
    payee_name: str
    bank: str
    institution: Choice | None
    by_digits: bool
    at: datetime | None
    fineness: str
    payer: str
    doubts: Sequence[str] = ()

    @property
    def clock(self) -> datetime | None:
        """The time that the form may be filled with: none where only a day or a part of it is told, whose hour a
        person adds."""
        return None if self.fineness in ("day", "part_of_day") else self.at


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadContact:
    """A phone, link, app or account of a chat that the text names; `blockable` where a carrier can block its kind."""

    mark: str
    kind: str
    value: str
    target: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadType:
    """A type of scam that the words speak for."""

    mark: str
    code: str
    certainty: str
    words: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadWords:
    """The text in pieces, and beside it what a person may take over; `victim` maps a mark to a name."""

    pieces: Sequence[WordsPiece]
    payments: Sequence[ReadPayment]
    contacts: Sequence[ReadContact]
    types: Sequence[ReadType]
    victim: Mapping[str, str]
    doubts: Sequence[str]

    @property
    def found(self) -> bool:
        """Whether there is anything to take over."""
        return bool(self.payments or self.contacts or self.types or self.victim)
