"""What institutions know and tell: transactions, holders, their accounts, who froze before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated

from fanzha.protocol.fields import (
    MAX_LISTED,
    Code,
    Currency,
    DocumentType,
    Fen,
    Many,
    Name,
    Number,
    SignedFen,
    Words,
)
from fanzha.protocol.parties import HolderClass


class Side(StrEnum):
    """Whether money left the account (debit) or came in (credit)."""

    DEBIT = "debit"
    CREDIT = "credit"


@dataclass(frozen=True, slots=True, kw_only=True)
class Counterparty:
    """The other end of a transaction, as far as the institution knows it."""

    name: Name | None = None
    number: Number | None = None
    document_type: DocumentType | None = None
    document_number: Number | None = None
    institution_code: Code | None = None
    institution_name: Name | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Transaction:
    """One line of an account, with every field of the national catalogue; `serial` is the institution's own."""

    serial: Number
    at: datetime
    side: Side
    currency: Currency
    amount_fen: Fen
    success: bool
    kind: Name | None = None
    number: Number | None = None
    balance_after_fen: SignedFen | None = None
    counterparty: Counterparty | None = None
    summary: Words | None = None
    branch_name: Name | None = None
    branch_code: Code | None = None
    log_number: Number | None = None
    voucher_kind: Name | None = None
    voucher_number: Number | None = None
    cash: bool | None = None
    terminal: Number | None = None
    place: Words | None = None
    merchant_name: Name | None = None
    merchant_code: Code | None = None
    ip: Number | None = None
    mac: Number | None = None
    teller: Code | None = None
    remark: Words | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PriorFreeze:
    """Another organ's freeze that stands before ours, or a measure upon an account."""

    organ: Name
    currency: Currency
    amount_fen: Fen | None = None
    expires_at: datetime | None = None
    kind: Name | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PriorityRight:
    """Somebody whose claim on an account goes first: a pledge, a court."""

    holder: Name
    amount_fen: Fen | None = None
    currency: Currency | None = None
    expires_at: datetime | None = None
    kind: Name | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """Who holds an account or number: what the institution's own file says."""

    name: Name
    holder_class: HolderClass
    document_type: DocumentType | None = None
    document_number: Number | None = None
    phones: Annotated[tuple[Number, ...], Many(20)] = ()
    home_address: Words | None = None
    work_address: Words | None = None
    employer: Name | None = None
    email: Number | None = None
    legal_person: Name | None = None
    born_on: date | None = None
    opened_at: datetime | None = None
    agent_name: Name | None = None
    agent_document_number: Number | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldAccount:
    """One account of a holder at this institution, with what lies upon it."""

    number: Number
    currency: Currency
    state: Name
    card: Number | None = None
    kind: Name | None = None
    balance_fen: SignedFen | None = None
    available_fen: SignedFen | None = None
    opened_at: datetime | None = None
    closed_at: datetime | None = None
    branch_name: Name | None = None
    branch_code: Code | None = None
    last_transaction_at: datetime | None = None
    measures: Annotated[tuple[PriorFreeze, ...], Many(MAX_LISTED)] = ()
    priority_rights: Annotated[tuple[PriorityRight, ...], Many(MAX_LISTED)] = ()
