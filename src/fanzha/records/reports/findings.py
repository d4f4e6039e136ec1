"""What is read from a report's words: each finding with its place in the text, how sure it is, and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Certainty(StrEnum):
    """How sure a reading is; a person confirms each."""

    CERTAIN = "certain"
    LIKELY = "likely"
    UNSURE = "unsure"


class Role(StrEnum):
    """What the words around an amount make of it."""

    PAID = "paid"
    RECEIVED = "received"
    REVERSED = "reversed"
    FAILED = "failed"
    ASKED = "asked"
    SUM = "sum"
    LOSS = "loss"
    BALANCE = "balance"
    MENTIONED = "mentioned"


class Side(StrEnum):
    """Whose an account, a name or a bank is."""

    PAYEE = "payee"
    PAYER = "payer"
    UNKNOWN = "unknown"


class Form(StrEnum):
    """What an account's number looks like."""

    CARD = "card"
    NUMBER = "number"
    INCOMPLETE = "incomplete"
    TAIL = "tail"
    WALLET = "wallet"
    PHONE = "phone"


class Fineness(StrEnum):
    """How exactly a time was told."""

    SECOND = "second"
    MINUTE = "minute"
    HOUR = "hour"
    PART_OF_DAY = "part_of_day"
    DAY = "day"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """Something read from `text[start:end]`; `reasons` are codes of the catalogue `words.reading`."""

    start: int
    end: int
    certainty: Certainty
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Amount(Reading):
    """An amount in hundredths of its currency's unit (fen for CNY); `rough` where the text says about or more."""

    fen: int
    currency: str
    role: Role
    rough: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Account(Reading):
    """An account's number in one spelling, `6222*1234` for a masked one, `*1234` for a tail."""

    number: str
    form: Form
    side: Side
    issuer: str
    """The bank whose cards begin so, or empty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bank(Reading):
    """A bank or payment company by its full name; `id` is empty for one that the rulebook does not list."""

    id: str
    name: str
    side: Side


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment(Reading):
    """A time, somewhere in `at` ≤ t < `until`, both UTC."""

    at: datetime
    until: datetime
    fineness: Fineness


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact(Reading):
    """A phone, link, domain, app, or an id of a chat; `kind` is a code of the catalogue `words.contact`."""

    kind: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Name(Reading):
    """A person's or an organisation's name."""

    name: str
    side: Side


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel(Reading):
    """By what way money went; `kind` is a code of the catalogue `words.pay_channel`."""

    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment(Reading):
    """One movement of money that the text tells, with whatever it tells of it; `role` says whether money left."""

    amount: Amount
    role: Role
    payee: Account | None
    payee_name: Name | None
    payee_bank: Bank | None
    payer: Account | None
    payer_bank: Bank | None
    moment: Moment | None
    channel: Channel | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Word(Reading):
    """A word that speaks for a type of scam, with the points it brought."""

    word: str
    points: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ScamType:
    """A type of scam (`domain.md` 2.8) that the words speak for, and which words."""

    code: str
    points: int
    certainty: Certainty
    words: tuple[Word, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt(Reading):
    """Two things in the text that cannot both be so, or something that could not be read; `code` says which."""

    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """Everything read from one text, each list in the order of the text, scam types by points."""

    payments: tuple[Payment, ...]
    amounts: tuple[Amount, ...]
    accounts: tuple[Account, ...]
    banks: tuple[Bank, ...]
    moments: tuple[Moment, ...]
    contacts: tuple[Contact, ...]
    names: tuple[Name, ...]
    scam_types: tuple[ScamType, ...]
    doubts: tuple[Doubt, ...]

    def paid(self) -> tuple[Payment, ...]:
        """The payments by which money left the victim."""
        return tuple(each for each in self.payments if each.role is Role.PAID)
