"""What the form of a new order shows, and what a person says in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from fanzha.apps.web.views.orders import OrderLine, Restriction
from fanzha.apps.web.views.shown import AccountRef, BankNames, Choice


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownPayment:
    """The payment that led to the account, as the case's rows tell it."""

    movement: str
    amount_fen: int
    at: datetime
    payer: AccountRef | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderDraft:
    """What is known before anybody types: case, account, its bank by name and as far as registered, the payment.

    `rules` says by kind what such an order does and on what authority; `before` is the order that it puts right, of a
    payment of `paid_before_fen`; `does` tells by an institution's name the kinds of order that it carries out.
    """

    case: str
    case_title: str
    account: AccountRef | None
    bank: BankNames
    institution: str
    payment: KnownPayment | None
    institutions: tuple[Choice, ...]
    rules: Mapping[str, Restriction]
    freeze_terms: tuple[str, ...]
    before: OrderLine | None = None
    paid_before_fen: int | None = None
    does: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedOrder:
    """What a person asks for; `account` and `movement` are keys of what the case knows, in place of typed numbers.
    `before` is the number of an order whose account, holder and payment hold where nothing else is typed.

    `key` is given by whoever asks, so that asking twice opens one order; `sure` repeats the last four digits of a
    card whose check digit fails.
    """

    case: str
    kind: str
    institution: str
    reason: str
    key: str = ""
    target_kind: str = "account"
    account: str = ""
    movement: str = ""
    before: str = ""
    number: str = ""
    holder: str = ""
    holder_class: str = ""
    amount_fen: int | None = None
    paid_at: datetime | None = None
    payer: str = ""
    payer_name: str = ""
    payer_institution: str = ""
    traceable_fen: int | None = None
    limit_fen: int | None = None
    term: str = "ordinary"
    months: int | None = None
    days: int | None = None
    include_interest: bool = False
    query_of: str = ""
    since: datetime | None = None
    until: datetime | None = None
    evidence: str = ""
    sure: str = ""
