"""The message of an instruction, put together from the vault, the officers' cards, the register and its papers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from fanzha.adapters.documents.order_letter import SetPaper
from fanzha.adapters.store.cases import case_of
from fanzha.adapters.store.officers import OfficerCard
from fanzha.adapters.store.subjects import Identifier, identifiers_of
from fanzha.kernel.errors import NotFound
from fanzha.kernel.ids import SubjectId
from fanzha.orders.effects import OrderKind
from fanzha.orders.order import Capacity, Instruction, Order
from fanzha.protocol.parties import Document, Officer, Organ
from fanzha.protocol.request import Request
from fanzha.registers.institutions import Institution, Need
from fanzha.wiring.desk import Desk
from fanzha.wiring.known_as import answering, seen_as
from fanzha.wiring.law import law_at
from fanzha.wiring.paper_names import institution_told
from fanzha.wiring.sparing import PAGE_BY_PAGE
from fanzha.workflows.order_request import Addressee, Enclosed, Sender, request_for, trade_of

PDF = "application/pdf"
BY_LAW = frozenset({OrderKind.QUERY, OrderKind.MONITOR, OrderKind.FREEZE})
"""Nothing is asked of an account, and nothing frozen or let go, without its notice (程序规定 arts. 238–241)."""
NO_DOCUMENT = "0600"
"""The result of an institution that lacks the legal document."""


def encloses(order: Order, instruction: Instruction, institution: Institution) -> bool:
    """Whether an instruction goes out with its paper: by law, or because the institution demands it, as its profile
    or its refusal of this order says."""
    demanded = institution.needs(trade_of(order.kind, instruction.act, instruction.terms))
    left = instruction.first_sent_at  # what is sent anew is what left first, whatever was said of others since
    lacked = any(
        each.code == NO_DOCUMENT and each.answered_at is not None and (left is None or each.answered_at <= left)
        for each in order.instructions
    )
    return order.kind in BY_LAW or Need.DOCUMENT in demanded or lacked


def request_of(
    desk: Desk, order: Order, instruction: Instruction, institution: Institution, paper: SetPaper | None, now: datetime
) -> Request:
    """The request that an instruction is; `NotFound` or `Invalid` where something it needs is missing or erased."""
    house, connection, since = desk.house, desk.connection, instruction.first_sent_at or now
    clear: Mapping[SubjectId, Identifier] = desk.once(
        ("clear", order.id), lambda: identifiers_of(connection, house.keys, named_in_message(order))
    )
    case = desk.once(("paper.case", order.case_id), lambda: case_of(connection, order.case_id))
    payer = order.payment.payer_institution if order.payment else None
    bank = None if payer is None else institution_told(connection, payer, desk.once)
    enclosed = Enclosed(
        clear={each: told.text for each, told in clear.items()},
        documents=() if paper is None else (_document(paper),),
        case_number=case.ref,
        payer_bank=None if bank is None else Addressee(code=bank.code, name=bank.name_zh),
        stop_hours=law_at(since).stop.hours,
        exercise=house.instance.birth == "exercise",
        by_host=institution.kind not in PAGE_BY_PAGE,
    )
    to = Addressee(code=institution.code, name=institution.name_zh)
    sender = _sender(desk, order, instruction, since)
    return request_for(order, instruction, to, sender, enclosed, now)


def _document(paper: SetPaper) -> Document:
    return Document(name=paper.file_name, media_type=PDF, sha256=paper.sha256, content=paper.pdf)


def _sender(desk: Desk, order: Order, instruction: Instruction, since: datetime) -> Sender:
    """In whose name it goes out.

    What is sent anew names them by the cards that they had when it first left: a new telephone is no new message.
    """
    operator = instruction.drafted_by.user_id
    seconds = [each.by.user_id for each in instruction.signatures if each.capacity is Capacity.SECOND_OFFICER]
    second = seconds[0] if seconds else None
    seen = seen_as(desk.house, desk.connection, order.unit_path, answering(instruction), desk.once)
    organ = seen.organ(since)
    officers = {
        each: _officer(card, seen.names[each]) for each, card in seen.cards(since).items() if each in (operator, second)
    }
    if operator not in officers or (seconds and second not in officers):
        raise NotFound("orders.no_officer_card")
    return Sender(
        organ=Organ(code=organ.code, name=organ.name),
        operator=officers[operator],
        second_officer=officers[second] if second is not None else None,
    )


def _officer(card: OfficerCard, name: str) -> Officer:
    return Officer(
        document_type=card.document_type,
        document_number=card.document_number,
        name=name,
        phone=card.phone,
    )


def named_in_message(order: Order) -> list[SubjectId]:
    """Everybody whom the message names in clear."""
    payment = order.payment
    told = [order.target.subject, order.target.holder]
    if payment is not None:
        told += [payment.payer, payment.payer_name]
    return [each for each in told if each is not None]
