"""An instruction becomes the message that an institution gets: built as it is sent, from what the vault opens then."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from fanzha.kernel.errors import Illegal, Invalid
from fanzha.kernel.ids import SubjectId
from fanzha.orders.answers import lawful_end, prolonged_end
from fanzha.orders.effects import Act, OrderKind
from fanzha.orders.order import Instruction, Order, QueryOf, Terms
from fanzha.orders.sparing import network_host
from fanzha.protocol.parties import Document, HolderClass, Officer, Organ, Payer, Period, Target, TargetKind
from fanzha.protocol.request import Request, Urgency
from fanzha.protocol.trades import Trade

CURRENCY = "CNY"

_TRADES: Mapping[tuple[OrderKind, Act], Trade] = {
    (OrderKind.STOP, Act.APPLY): Trade.STOP,
    (OrderKind.STOP, Act.EXTEND): Trade.EXTEND_STOP,
    (OrderKind.STOP, Act.LIFT): Trade.LIFT_STOP,
    (OrderKind.FREEZE, Act.APPLY): Trade.FREEZE,
    (OrderKind.FREEZE, Act.RENEW): Trade.RENEW,
    (OrderKind.FREEZE, Act.RELEASE): Trade.RELEASE,
    (OrderKind.MONITOR, Act.APPLY): Trade.MONITOR_ON,
    (OrderKind.MONITOR, Act.LIFT): Trade.MONITOR_OFF,
    (OrderKind.BLOCK, Act.APPLY): Trade.BLOCK,
    (OrderKind.BLOCK, Act.LIFT): Trade.UNBLOCK,
}
_QUERIES = {
    QueryOf.DETAILS: Trade.QUERY_DETAILS,
    QueryOf.HOLDER: Trade.QUERY_HOLDER,
    QueryOf.ACCOUNTS: Trade.QUERY_ACCOUNTS,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """In whose name a message goes out: the organ, the officer who drafted it, the second who signed."""

    organ: Organ
    operator: Officer
    second_officer: Officer | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Addressee:
    """To whom it goes."""

    code: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Enclosed:
    """What goes along: clear identifiers by their vault ids, papers, the case's number, the payer's bank by name.

    `by_host`: whoever gets it knows hosts, not addresses of pages.
    """

    clear: Mapping[SubjectId, str]
    documents: tuple[Document, ...]
    case_number: str
    payer_bank: Addressee | None
    stop_hours: int
    exercise: bool
    by_host: bool = False


def trade_of(kind: OrderKind, act: Act, terms: Terms) -> Trade:
    """By which trade of the protocol an instruction travels; `Illegal` for an act that the kind does not have."""
    if kind is OrderKind.QUERY:
        if terms.query_of is None:
            raise Invalid("orders.query_of_missing")
        return _QUERIES[terms.query_of]
    if (kind, act) not in _TRADES:
        raise Illegal("orders.no_such_act", kind=kind.value, act=act.value)
    return _TRADES[kind, act]


def request_for(
    order: Order, instruction: Instruction, to: Addressee, sender: Sender, enclosed: Enclosed, now: datetime
) -> Request:
    """The message of an instruction, the same each time it is sent; `Invalid` where it can no longer be said.

    That is where the vault no longer opens whom it concerns, a field is bad, or the term that was asked for is over.
    """
    terms, since = instruction.terms, asked_since(order, instruction, now)
    ends_at = asked_end(order, instruction, enclosed.stop_hours, since)
    if ends_at is not None and ends_at <= now:
        raise Invalid("orders.asked_term_over")
    _require_in_time(order, instruction, now)
    changes = instruction.act is not Act.APPLY
    return Request(
        application_id=str(instruction.id),
        trade=trade_of(order.kind, instruction.act, terms),
        target=_target(order, to, enclosed),
        organ=sender.organ,
        operator=sender.operator,
        second_officer=sender.second_officer,
        applied_at=instruction.drafted_at,
        urgency=Urgency.URGENT if order.kind is OrderKind.STOP else Urgency.NORMAL,
        exercise=enclosed.exercise,
        original_application_id=str(_first(order).id) if changes else None,
        case_number=enclosed.case_number,
        payer=_payer(order, enclosed),
        currency=CURRENCY if order.payment or terms.limit_fen or terms.release_fen else None,
        amount_fen=order.payment.amount_fen if order.payment else None,
        transfer_at=order.payment.at if order.payment else None,
        reason=instruction.reason,
        starts_at=None if changes else since,
        expires_at=ends_at,
        period=_period(instruction),
        limit_fen=terms.limit_fen,
        release_fen=terms.release_fen,
        include_interest=terms.include_interest if order.kind is OrderKind.FREEZE else None,
        monitor_days=terms.days if order.kind is OrderKind.MONITOR else None,
        documents=enclosed.documents,
    )


def _first(order: Order) -> Instruction:
    """The instruction that made the order what it is: the last application that was not refused."""
    made = [each for each in order.instructions if each.act is Act.APPLY]
    return made[-1]


def _target(order: Order, to: Addressee, enclosed: Enclosed) -> Target:
    target, number = order.target, _opened(enclosed, order.target.subject)
    kind = TargetKind(target.kind.value)
    return Target(
        kind=kind,
        institution_code=to.code,
        institution_name=to.name,
        number=network_host(number) if kind is TargetKind.SITE and enclosed.by_host else number,
        holder_name=None if target.holder is None else _opened(enclosed, target.holder),
        holder_class=HolderClass(target.holder_class) if target.holder_class else None,
    )


def _payer(order: Order, enclosed: Enclosed) -> Payer | None:
    payment = order.payment
    if payment is None:
        return None
    bank = enclosed.payer_bank
    return Payer(
        institution_code=bank.code if bank else None,
        institution_name=bank.name if bank else None,
        name=None if payment.payer_name is None else _opened(enclosed, payment.payer_name),
        number=None if payment.payer is None else _opened(enclosed, payment.payer),
    )


def _opened(enclosed: Enclosed, subject: SubjectId) -> str:
    if subject not in enclosed.clear:
        raise Invalid("orders.identifier_erased")
    return enclosed.clear[subject]


def _period(instruction: Instruction) -> Period | None:
    since, until = instruction.terms.since, instruction.terms.until
    return None if since is None or until is None else Period(since, until)


def asked_since(order: Order, instruction: Instruction, now: datetime) -> datetime:
    """From when what is asked for is to run: a stop from when it first leaves, anything else from its last signature.

    A stop's paper asks for hours from the moment of stopping; any other names its days, and its message asks for those.
    """
    return (instruction.first_sent_at or now) if order.kind is OrderKind.STOP else instruction.signed_at


def _require_in_time(order: Order, instruction: Instruction, now: datetime) -> None:
    """`Illegal` where what is to be prolonged ended before this first left: only what was asked in time goes on."""
    prolongs = instruction.act in {Act.EXTEND, Act.RENEW} and instruction.first_sent_at is None
    if prolongs and order.ends_at is not None and order.ends_at <= now:
        raise Illegal("orders.prolonged_too_late")


def asked_end(order: Order, instruction: Instruction, stop_hours: int, since: datetime) -> datetime | None:
    """The end that is asked for: by law from `since`, or from the end that is to be put off."""
    match instruction.act:
        case Act.APPLY:
            return lawful_end(order.kind, instruction, since, stop_hours)
        case Act.EXTEND | Act.RENEW:
            return prolonged_end(order, instruction, stop_hours)
    return None
