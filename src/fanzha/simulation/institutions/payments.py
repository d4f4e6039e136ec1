"""Simulated money moves: out of an account at its time, to another institution, and back when nobody takes it there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from fanzha.kernel.money import MAX_FEN
from fanzha.protocol.facts import Counterparty
from fanzha.registers.institutions import InstitutionKind
from fanzha.simulation.institutions.accounts import Account, Books, Payment, Settlement, Transfer
from fanzha.simulation.institutions.setup import Setup

Seen = Callable[[Account, datetime], None]
"""Who is told that a line was written on an account."""


@dataclass(slots=True)
class Till:
    """Payments that were ordered, transfers that are under way, and those that came, each effective once."""

    setup: Setup
    books: Books
    planned: dict[str, Payment] = field(default_factory=dict)
    under_way: dict[str, Transfer] = field(default_factory=dict)
    came: dict[str, bool] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)
    cash_fen: int = 0

    def plan(self, payment: Payment) -> bool:
        """Have a payment made at its time; one that is known already is not made again."""
        if payment.payment_id in self.planned:
            return False
        self.planned[payment.payment_id] = payment
        return True

    def pay(self, payment_id: str, at: datetime, seen: Seen) -> None:
        """Make a payment now, as far as stop, freeze and balance let it."""
        payment = self.planned[payment_id]
        account = self.books.find(payment.payer_number)
        if account is None:
            self.refused.append(payment_id)
            return
        paid = self.books.debit(account, payment.amount_fen, at, _payee(payment), payment.summary)
        seen(account, at)
        if not paid:
            self.refused.append(payment_id)
        elif payment.payee_code is None:
            self.cash_fen += payment.amount_fen
        else:
            self._send(payment, account, at, seen)

    def take(self, transfer: Transfer, at: datetime, seen: Seen) -> Settlement:
        """Put a transfer on its account, once; one for an account that is not there goes back."""
        known = self.came.get(transfer.payment_id)
        if known is not None:
            return Settlement(payment_id=transfer.payment_id, accepted=known)
        account = self.books.find(transfer.payee_number)
        accepted = account is not None and _can_take(account, transfer.amount_fen)
        self.came[transfer.payment_id] = accepted
        if account is not None and accepted:
            payer = Counterparty(
                name=transfer.payer_name, number=transfer.payer_number, institution_code=transfer.payer_code
            )
            self.books.credit(account, transfer.amount_fen, at, payer, transfer.summary)
            seen(account, at)
        return Settlement(payment_id=transfer.payment_id, accepted=accepted)

    def settle(self, settlement: Settlement, at: datetime, seen: Seen) -> None:
        """A transfer ended: gone for good, or back on the account that it left."""
        transfer = self.under_way.pop(settlement.payment_id, None)
        if transfer is None or settlement.accepted:
            return
        payment = self.planned[settlement.payment_id]
        account = self.books.account(payment.payer_number)
        self.books.credit(account, transfer.amount_fen, at, _payee(payment), payment.summary)
        seen(account, at)

    def _send(self, payment: Payment, account: Account, at: datetime, seen: Seen) -> None:
        unnamed = self.setup.kind is InstitutionKind.PAYMENT
        transfer = Transfer(
            payment_id=payment.payment_id,
            at=at,
            payer_code=self.setup.code,
            payer_name=self.setup.name_zh if unnamed else account.opening.holder.name,
            payer_number=None if unnamed else account.number,
            payee_code=payment.payee_code or "",
            payee_number=payment.payee_number or "",
            amount_fen=payment.amount_fen,
            payee_name=payment.payee_name,
            summary=payment.summary,
        )
        self.under_way[payment.payment_id] = transfer
        if transfer.payee_code == self.setup.code:
            self.settle(self.take(transfer, at, seen), at, seen)


def _can_take(account: Account, amount_fen: int) -> bool:
    """Whether the account is in use and the sum one that the house believes."""
    return not account.opening.lost and account.balance_fen + amount_fen <= MAX_FEN


def _payee(payment: Payment) -> Counterparty:
    """The other end as the payer's books know it: through a payment company without a number."""
    number = None if payment.hidden else payment.payee_number
    return Counterparty(name=payment.payee_name, number=number, institution_code=payment.payee_code)
