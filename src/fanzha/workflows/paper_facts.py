"""The facts of an instruction's paper, from the order as it stands and the names that the vault and registers know."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from fanzha.i18n import Language, text
from fanzha.kernel.errors import Broken, Invalid
from fanzha.kernel.ids import UserId
from fanzha.orders.effects import Act, OrderKind
from fanzha.orders.law import LawPack
from fanzha.orders.order import By, Instruction, Order, QueryOf
from fanzha.workflows.order_facts import (
    AccountTold,
    ChannelTold,
    EarlierPaper,
    Form,
    Officer,
    OrderFacts,
    PaperNumber,
    PaymentTold,
    PriorFreezeTold,
    Remedy,
)
from fanzha.workflows.order_request import asked_end
from fanzha.workflows.order_words import PaperWords

OFFICER = "officer"

_FORMS: Mapping[tuple[OrderKind, Act], Form] = {
    (OrderKind.STOP, Act.APPLY): Form.STOP_APPLY,
    (OrderKind.STOP, Act.EXTEND): Form.STOP_EXTEND,
    (OrderKind.STOP, Act.LIFT): Form.STOP_LIFT,
    (OrderKind.MONITOR, Act.APPLY): Form.MONITOR_APPLY,
    (OrderKind.MONITOR, Act.LIFT): Form.MONITOR_LIFT,
    (OrderKind.FREEZE, Act.APPLY): Form.FREEZE_APPLY,
    (OrderKind.FREEZE, Act.RENEW): Form.FREEZE_RENEW,
    (OrderKind.FREEZE, Act.RELEASE): Form.FREEZE_LIFT,
    (OrderKind.BLOCK, Act.APPLY): Form.BLOCK_APPLY,
    (OrderKind.BLOCK, Act.LIFT): Form.BLOCK_LIFT,
}
_QUERIES = {
    QueryOf.DETAILS: Form.QUERY_DETAILS,
    QueryOf.HOLDER: Form.QUERY_HOLDER,
    QueryOf.ACCOUNTS: Form.QUERY_ACCOUNTS,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonTold:
    """An officer by name and police number."""

    name: str
    police_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """What an order knows by id alone, in clear: the organ, the institution, the case, who and what it concerns.

    `earlier` is the latest paper of the same order, `earlier_stops` counts our other orders' stops of the account.
    """

    organ: str
    contact: str
    institution: str
    case_number: str
    case_title: str
    people: Mapping[UserId, PersonTold]
    target: str
    holder: str = ""
    holder_document: str = ""
    payer: AccountTold | None = None
    case_filed_at: datetime | None = None
    earlier: EarlierPaper | None = None
    earlier_stops: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """When a paper is issued, under which number and law, and whether in an exercise."""

    number: PaperNumber
    at: datetime
    law: LawPack
    is_exercise: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """What a person is told: in which form, of which measure, why, and where to object with which documents."""

    form: Form
    measure: str
    reason: str
    remedy: Remedy


def remedy(kind: OrderKind, organ: str, contact: str, language: Language = "zh") -> Remedy:
    """Where somebody restricted by such an order may object, and the documents that such an objection needs."""
    words = PaperWords(language=language)
    needed = words.say("remedy.channel_of" if kind is OrderKind.BLOCK else "remedy.account")
    channel = words.say("remedy.channel", organ=organ)
    return Remedy(channel=channel, contact=contact, documents=tuple(needed.split("\n")))


REASONS = ("received", "passed_on", "named", "channel")
"""What whom an order restricts may be told of its reason; nothing of the case itself."""


def reason_in_words(code: str, language: Language) -> str:
    """One of `REASONS` in words."""
    return PaperWords(language=language).say(f"told_reason.{code}")


def translated(facts: OrderFacts, kind: OrderKind, language: Language) -> OrderFacts:
    """The facts of a paper to a person, with what the house words itself in another language."""
    said = {reason_in_words(each, "zh"): reason_in_words(each, language) for each in REASONS}
    return replace(
        facts,
        measure=text(language, f"words.order_kind.{kind.value}"),
        remedy=remedy(kind, facts.organ, facts.contact, language),
        reason=said.get(facts.reason, facts.reason),
    )


def form_of(order: Order, instruction: Instruction) -> Form:
    """Which paper an instruction has."""
    terms = instruction.terms
    if order.kind is OrderKind.QUERY:
        if terms.query_of is None:
            raise Invalid("orders.query_of_missing")
        return _QUERIES[terms.query_of]
    form = _FORMS[order.kind, instruction.act]
    if form is Form.FREEZE_APPLY and order.prior:
        return Form.FREEZE_WAITING
    if form is Form.FREEZE_LIFT and terms.release_fen is not None and terms.release_fen < order.holding_fen:
        return Form.FREEZE_RELEASE
    return form


def paper_facts(order: Order, instruction: Instruction, names: Names, issue: Issue) -> OrderFacts:
    """The facts of an instruction's paper, as they are when it is issued."""
    is_channel, terms, form = order.kind is OrderKind.BLOCK, instruction.terms, form_of(order, instruction)
    amount_fen, left_fen = _money(order, instruction, form)
    begun = order.applied or instruction
    return OrderFacts(
        form=form,
        number=issue.number,
        order=order.number,
        application_id=str(instruction.id),
        law=issue.law.id,
        organ=names.organ,
        addressee=names.institution,
        case_number=names.case_number,
        case_title=names.case_title,
        case_filed_at=names.case_filed_at,
        issued_at=issue.at,
        officers=_officers(instruction, names),
        reason=instruction.reason,
        contact=names.contact,
        is_exercise=issue.is_exercise,
        account=None if is_channel else _account(order, names),
        channel=_channel(order, begun, names) if is_channel else None,
        payment=_payment(order, names),
        earlier=replace(names.earlier, until=order.ends_at) if names.earlier else None,
        prior=tuple(
            PriorFreezeTold(organ=each.organ, amount_fen=each.amount_fen, until=each.ends_at) for each in order.prior
        ),
        amount_fen=amount_fen,
        left_fen=left_fen,
        hours=issue.law.stop.hours if order.kind is OrderKind.STOP else None,
        times=names.earlier_stops + order.times + 1 if order.kind is OrderKind.STOP else None,
        since=terms.since or (order.ends_at if instruction.act is Act.RENEW else issue.at),
        until=terms.until or asked_end(order, instruction, issue.law.stop.hours, issue.at),
        include_interest=begun.terms.include_interest,
    )


def notice_facts(order: Order, names: Names, issue: Issue, notice: Notice) -> OrderFacts:
    """The facts of a paper to whom the order restricts: what, why, until when, and what can be done against it."""
    is_channel = order.kind is OrderKind.BLOCK
    return OrderFacts(
        form=notice.form,
        number=issue.number,
        order=order.number,
        application_id="",
        law=issue.law.id,
        organ=names.organ,
        addressee=names.holder or names.target,
        case_number=names.case_number,
        case_title=names.case_title,
        issued_at=issue.at,
        officers=(),
        reason=notice.reason,
        contact=names.contact,
        is_exercise=issue.is_exercise,
        account=None if is_channel else _account(order, names),
        channel=_channel(order, order.applied or order.instructions[-1], names) if is_channel else None,
        earlier=names.earlier,
        remedy=notice.remedy,
        until=order.ends_at,
        measure=notice.measure,
    )


def _money(order: Order, instruction: Instruction, form: Form) -> tuple[int | None, int | None]:
    """What a freeze's paper is about, and what stays frozen after it."""
    terms, holding = instruction.terms, order.holding_fen
    match form:
        case Form.FREEZE_APPLY | Form.FREEZE_WAITING:
            return terms.limit_fen, None
        case Form.FREEZE_RENEW:
            return holding or (order.applied.terms.limit_fen if order.applied else None), None
        case Form.FREEZE_RELEASE if terms.release_fen is not None:
            return terms.release_fen, holding - terms.release_fen
        case Form.FREEZE_LIFT:
            return holding or (order.applied.terms.limit_fen if order.applied else None), None
    return None, None


def _payment(order: Order, names: Names) -> PaymentTold | None:
    if order.payment is None or names.payer is None:
        return None
    return PaymentTold(payer=names.payer, amount_fen=order.payment.amount_fen, at=order.payment.at)


def _officers(instruction: Instruction, names: Names) -> tuple[Officer, ...]:
    """Who drafted it, then who signed it, with the moments at which they did."""

    def officer(by: By, capacity: str, at: datetime, for_user: UserId | None = None) -> Officer:
        if by.user_id is None or by.user_id not in names.people:
            raise Broken("papers.signed_by_nobody")
        person = names.people[by.user_id]
        stands_for = names.people[for_user].name if for_user else ""
        return Officer(
            capacity=capacity, name=person.name, police_id=person.police_id, signed_at=at, for_name=stands_for
        )

    drafter = officer(instruction.drafted_by, OFFICER, instruction.drafted_at)
    signers = (officer(each.by, each.capacity.value, each.at, each.for_user) for each in instruction.signatures)
    return (drafter, *signers)


def _account(order: Order, names: Names) -> AccountTold:
    return AccountTold(
        holder=names.holder,
        number=names.target,
        institution=names.institution,
        holder_class=order.target.holder_class,
        document=names.holder_document,
    )


def _channel(order: Order, begun: Instruction, names: Names) -> ChannelTold:
    kind = order.target.kind.value
    return ChannelTold(kind=kind, value=names.target, name=names.holder, evidence=begun.terms.evidence)
