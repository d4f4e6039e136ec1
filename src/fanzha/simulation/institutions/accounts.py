"""Accounts in whole fen: what lies in them, what may leave, what stops it; credits come in whatever is stopped."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from fanzha.kernel.errors import Conflict, NotFound
from fanzha.kernel.money import fen
from fanzha.protocol.facts import Counterparty, Holder, PriorFreeze, Side, Transaction
from fanzha.protocol.fields import ApplicationId, Currency, Fen, Name, Number, Words

ALL = None
"""A freeze without limit takes whatever is there."""
_LONG = timedelta(days=3_650)


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """An account, wallet or line that an institution has from the start; `prior` another organ's freeze on it."""

    number: Number
    holder: Holder
    opened_at: datetime
    card: Number | None = None
    currency: Currency = "CNY"
    balance_fen: Fen = 0
    white_listed: bool = False
    lost: bool = False
    prior: PriorFreeze | None = None


@dataclass(slots=True, kw_only=True)
class Stop:
    """A stop: until `ends_at`, unless lifted; a sham one was answered and never made."""

    application_id: str
    organ: str
    matter: str
    starts_at: datetime
    ends_at: datetime
    times: int = 1
    sham: bool = False
    lifted_at: datetime | None = None

    def runs_at(self, at: datetime) -> bool:
        """Whether it is in force as the institution's books have it, sham or not."""
        return self.lifted_at is None and self.starts_at <= at < self.ends_at


@dataclass(slots=True, kw_only=True)
class Freeze:
    """A freeze of so much or of all; it waits while earlier ones leave nothing of the account."""

    application_id: str
    organ: str
    limit_fen: int | None
    starts_at: datetime
    ends_at: datetime
    waiting: bool = False
    sham: bool = False
    released_at: datetime | None = None

    def runs_at(self, at: datetime) -> bool:
        """Whether it is in force or in line; the term of one that waits has not begun."""
        return self.released_at is None and self.starts_at <= at and (self.waiting or at < self.ends_at)

    @property
    def priority(self) -> PriorFreeze:
        """How it is told to those who come after."""
        return PriorFreeze(organ=self.organ, currency="CNY", amount_fen=self.limit_fen, expires_at=self.ends_at)


@dataclass(slots=True, kw_only=True)
class Monitor:
    """That each new transaction is pushed until `ends_at`; `sequence` counts the pushes."""

    application_id: str
    organ: str
    starts_at: datetime
    ends_at: datetime
    sequence: int = 0
    sham: bool = False
    off_at: datetime | None = None

    def runs_at(self, at: datetime) -> bool:
        """Whether transactions are pushed now."""
        return self.off_at is None and self.starts_at <= at < self.ends_at


@dataclass(slots=True, kw_only=True)
class Account:
    """One account with everything that lies on it."""

    opening: Opening
    balance_fen: int
    lines: list[Transaction] = field(default_factory=list)
    stops: list[Stop] = field(default_factory=list)
    freezes: list[Freeze] = field(default_factory=list)
    monitors: list[Monitor] = field(default_factory=list)

    @property
    def number(self) -> str:
        """Its number."""
        return self.opening.number

    def is_stopped(self, at: datetime) -> bool:
        """Whether nothing may leave now."""
        return any(each.runs_at(at) and not each.sham for each in self.stops)

    def stopped_by(self, at: datetime) -> Stop | None:
        """The stop that stands in the books now, sham or not."""
        return next((each for each in self.stops if each.runs_at(at)), None)

    def frozen_fen(self, at: datetime) -> int:
        """What freezes keep of the balance now; never more than is there."""
        return sum(took for _, took in self._takes(at))

    def taken_by(self, freeze: Freeze, at: datetime) -> int:
        """What one freeze keeps now: those before it take first."""
        return sum(took for each, took in self._takes(at) if each is freeze)

    def available_fen(self, at: datetime) -> int:
        """What the holder can still use."""
        return 0 if self.is_stopped(at) else max(0, self.balance_fen) - self.frozen_fen(at)

    def ahead_of(self, freeze: Freeze | None, at: datetime) -> list[Freeze]:
        """Freezes in force that came before this one, or all of them before a new one."""
        place = len(self.freezes) if freeze is None else self.freezes.index(freeze)
        return [each for each in self.freezes[:place] if each.runs_at(at) and not each.waiting and not each.sham]

    def _takes(self, at: datetime) -> Iterator[tuple[Freeze, int]]:
        left = max(0, self.balance_fen)
        for each in self.freezes:
            if each.runs_at(at) and not each.waiting and not each.sham:
                took = left if each.limit_fen is ALL else min(left, each.limit_fen)
                left -= took
                yield each, took


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """One payment out of an account, ordered by its holder for a time to come.

    Without a receiving institution it leaves the banks as cash. `hidden` is a leg through a payment company: the
    payer's books know only the company's name.
    """

    payment_id: ApplicationId
    at: datetime
    payer_number: Number
    amount_fen: Fen
    payee_code: Number | None = None
    payee_number: Number | None = None
    payee_name: Name | None = None
    summary: Words | None = None
    hidden: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """Money on its way to another institution, effective once under its id."""

    payment_id: ApplicationId
    at: datetime
    payer_code: Number
    payee_code: Number
    payee_number: Number
    amount_fen: Fen
    payer_name: Name | None = None
    payer_number: Number | None = None
    payee_name: Name | None = None
    summary: Words | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """What the receiving institution did with a transfer: taken, or sent back."""

    payment_id: ApplicationId
    accepted: bool


@dataclass(slots=True)
class Books:
    """All accounts of one institution; every change of a balance goes through `debit` and `credit`."""

    code: str
    accounts: dict[str, Account] = field(default_factory=dict)
    cards: dict[str, str] = field(default_factory=dict)
    opened_fen: int = 0
    came_fen: int = 0
    went_fen: int = 0
    serial: int = 0

    def open(self, opening: Opening) -> None:
        """Have an account; a number that is taken is a `Conflict`."""
        if opening.number in self.accounts or opening.card in self.cards:
            raise Conflict("simulation.number_taken", institution=self.code)
        account = Account(opening=opening, balance_fen=fen(opening.balance_fen))
        if opening.prior is not None:
            account.freezes.append(_foreign(opening, opening.prior))
        self.accounts[opening.number] = account
        if opening.card is not None:
            self.cards[opening.card] = opening.number
        self.opened_fen += opening.balance_fen

    def find(self, number: str) -> Account | None:
        """The account of this number or card; `main_sub` is its main account when it has that one sub-account."""
        known = self.accounts.get(self.cards.get(number, number))
        main, _, sub = number.partition("_")
        if known is None and sub and not sub.strip("01"):
            return self.accounts.get(self.cards.get(main, main))
        return known

    def account(self, number: str) -> Account:
        """The account of this number; `NotFound` when there is none."""
        found = self.find(number)
        if found is None:
            raise NotFound("simulation.no_account", institution=self.code)
        return found

    def held_by(self, document: str) -> list[Account]:
        """Every account of a holder, by the holder's document."""
        return [each for each in self.accounts.values() if each.opening.holder.document_number == document]

    def debit(self, account: Account, amount_fen: int, at: datetime, other: Counterparty, why: str | None) -> bool:
        """Take money out, unless a stop, a freeze or the balance forbids it; the attempt stands in the books."""
        allowed = 0 < amount_fen <= account.available_fen(at)
        if allowed:
            account.balance_fen -= amount_fen
            self.went_fen += amount_fen
        self._write(account, Side.DEBIT, amount_fen, at, (other, why, allowed))
        return allowed

    def credit(self, account: Account, amount_fen: int, at: datetime, other: Counterparty, why: str | None) -> None:
        """Put money in, whatever is stopped or frozen."""
        account.balance_fen = fen(account.balance_fen + amount_fen)
        self.came_fen += amount_fen
        self._write(account, Side.CREDIT, amount_fen, at, (other, why, True))

    @property
    def balance_fen(self) -> int:
        """What lies in all accounts; always what was there at first, and came, without what went."""
        return sum(each.balance_fen for each in self.accounts.values())

    def _write(
        self, account: Account, side: Side, amount_fen: int, at: datetime, told: tuple[Counterparty, str | None, bool]
    ) -> None:
        self.serial += 1
        other, why, success = told
        line = Transaction(
            serial=f"{self.code[-4:]}{self.serial:010d}",
            at=at,
            side=side,
            currency=account.opening.currency,
            amount_fen=amount_fen,
            success=success,
            number=account.number,
            balance_after_fen=account.balance_fen,
            counterparty=other,
            summary=why,
            cash=other.institution_code is None,
        )
        account.lines.append(line)


def _foreign(opening: Opening, prior: PriorFreeze) -> Freeze:
    return Freeze(
        application_id="",
        organ=prior.organ,
        limit_fen=prior.amount_fen,
        starts_at=opening.opened_at,
        ends_at=prior.expires_at or opening.opened_at + _LONG,
    )
