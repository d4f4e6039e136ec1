"""What a paper of an order is made of: facts alone, in full, as they stood when it was issued."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Form(StrEnum):
    """The papers of the trade: one a kind of order and act, and those to the person whom an order restricts."""

    STOP_APPLY = "stop_apply"
    STOP_EXTEND = "stop_extend"
    STOP_LIFT = "stop_lift"
    QUERY_DETAILS = "query_details"
    QUERY_HOLDER = "query_holder"
    QUERY_ACCOUNTS = "query_accounts"
    MONITOR_APPLY = "monitor_apply"
    MONITOR_LIFT = "monitor_lift"
    FREEZE_APPLY = "freeze_apply"
    FREEZE_WAITING = "freeze_waiting"
    FREEZE_RENEW = "freeze_renew"
    FREEZE_RELEASE = "freeze_release"
    FREEZE_LIFT = "freeze_lift"
    BLOCK_APPLY = "block_apply"
    BLOCK_LIFT = "block_lift"
    HOLDER_NOTICE = "holder_notice"
    OBJECTION_UPHELD = "objection_upheld"
    OBJECTION_IN_PART = "objection_in_part"
    OBJECTION_REJECTED = "objection_rejected"


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperNumber:
    """A paper's number: the organ's own words, year, the order's serial in it, and which paper of its word it is."""

    organ: str
    year: int
    serial: int
    part: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Officer:
    """Somebody who answers for a paper: as what (a key of `papers.capacity`), and when they signed; `None`: by hand."""

    capacity: str
    name: str
    police_id: str
    signed_at: datetime | None = None
    for_name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountTold:
    """An account as papers name it; `document` is the holder's identity document, kind and number."""

    holder: str
    number: str
    institution: str
    holder_class: str = ""
    document: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelTold:
    """A number, site or app: which of them, itself, its name, and the SHA-256 of the evidence."""

    kind: str
    value: str
    name: str = ""
    evidence: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentTold:
    """The payment on which a stop rests."""

    payer: AccountTold
    amount_fen: int
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PriorFreezeTold:
    """A freeze before ours, as the bank told it."""

    organ: str
    amount_fen: int | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlierPaper:
    """The paper that this one goes on from or ends: its number in full, its day, and until when it holds."""

    number: str
    issued_at: datetime
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Remedy:
    """What the law owes the person restricted: where to object, and with which documents (反诈法 art. 32)."""

    channel: str
    contact: str
    documents: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderFacts:
    """Everything that a paper may tell; which of it a form needs is the form's.

    `amount_fen` is what is frozen or released, `left_fen` what stays frozen after a part is released; `since` and
    `until` (the first instant at which it no longer holds) bound the measure or a query's period; `times` counts stops
    of the account, this one included; `law` is the pack by which it was made.
    """

    form: Form
    number: PaperNumber
    order: str
    application_id: str
    law: str
    organ: str
    addressee: str
    case_number: str
    case_title: str
    issued_at: datetime
    officers: tuple[Officer, ...]
    reason: str
    contact: str
    is_exercise: bool
    account: AccountTold | None = None
    channel: ChannelTold | None = None
    payment: PaymentTold | None = None
    earlier: EarlierPaper | None = None
    prior: tuple[PriorFreezeTold, ...] = ()
    remedy: Remedy | None = None
    case_filed_at: datetime | None = None
    amount_fen: int | None = None
    left_fen: int | None = None
    hours: int | None = None
    times: int | None = None
    since: datetime | None = None
    until: datetime | None = None
    include_interest: bool | None = None
    measure: str = ""
