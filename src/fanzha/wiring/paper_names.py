"""What a paper tells beside its order: its number, who answers for it, what went before."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TypeVar

from sqlalchemy import Connection

from fanzha.adapters.store.cases import case_entries, case_of
from fanzha.adapters.store.institutions import the_institution
from fanzha.adapters.store.officers import KnownAs
from fanzha.adapters.store.orders import order_at, orders_on, stops_on
from fanzha.cases.case import CaseEntry, CaseState, EntryKind
from fanzha.kernel.ids import InstitutionId, UserId
from fanzha.orders.deliveries import Delivery
from fanzha.orders.drafting import ENDINGS
from fanzha.orders.effects import OrderKind
from fanzha.orders.order import Instruction, Order, Paper
from fanzha.protocol.codes import Ending, meaning
from fanzha.registers.institutions import Institution
from fanzha.wiring.desk import Once
from fanzha.wiring.house import House
from fanzha.wiring.known_as import answering, seen_as
from fanzha.workflows.order_facts import AccountTold, EarlierPaper, PaperNumber
from fanzha.workflows.order_words import PaperWords
from fanzha.workflows.paper_facts import Names, PersonTold, form_of
from fanzha.workflows.sealed_facts import sealed

T = TypeVar("T")
_NUMBER = re.compile(r"[A-Z](\d{4})-(\d+)")


def institution_told(connection: Connection, which: InstitutionId, once: Once) -> Institution:
    """The institution as papers and messages name it."""
    return once(("paper.institution", which), lambda: the_institution(connection, which).institution)


def number_in(order: Order, instruction: Instruction, organ: str) -> PaperNumber:
    """The order's own number, and which of its papers with the same word this is."""
    words = PaperWords(language="zh")
    same = [
        each.id
        for each in order.instructions
        if (each.paper is Paper.SIGNED or each.id == instruction.id)
        and words.form(form_of(order, each), "word") == words.form(form_of(order, instruction), "word")
    ]
    found = _NUMBER.fullmatch(order.number)
    year, serial = (int(found[1]), int(found[2])) if found else (0, 0)
    return PaperNumber(organ=organ, year=year, serial=serial, part=1 + same.index(instruction.id))


def _anew(_: object, read: Callable[[], T]) -> T:
    return read()


def names_of(connection: Connection, house: House, order: Order, instruction: Instruction, once: Once = _anew) -> Names:
    """What the paper tells beside the order; `once` spares whoever drafts many of a case reading the same for each."""
    at, institution = instruction.signed_at, order.institution_id
    case = once(("paper.case", order.case_id), lambda: case_of(connection, order.case_id))
    filed = once(("paper.filed", case.id), lambda: case_entries(connection, case.id, EntryKind.MOVED))
    asked = institution_told(connection, institution, once)
    seen = seen_as(house, connection, order.unit_path, answering(instruction), once)
    organ, (people, contact) = seen.organ().name, _people(seen, instruction)
    return Names(
        organ=organ,
        contact=contact,
        institution=asked.name_zh,
        case_number=case.ref,
        case_title=case.title,
        case_filed_at=_filed_at(filed, at),
        people=people,
        target=sealed(order.target.subject),
        holder=sealed(order.target.holder),
        payer=_payer(connection, order, once),
        earlier=_earlier(order, instruction, organ),
        earlier_stops=_earlier_stops(connection, order, at, once),
    )


def _people(seen: KnownAs, instruction: Instruction) -> tuple[Mapping[UserId, PersonTold], str]:
    """Everybody who answers for the instruction, and the drafter's telephone."""
    cards = seen.cards()
    people = {
        each: PersonTold(name=name, police_id=cards[each].document_number if each in cards else "")
        for each, name in seen.names.items()
    }
    drafter = instruction.drafted_by.user_id
    return people, cards[drafter].phone if drafter in cards else ""


def _payer(connection: Connection, order: Order, once: Once) -> AccountTold | None:
    payment = order.payment
    if payment is None:
        return None
    told = payment.payer_institution
    bank = None if told is None else institution_told(connection, told, once)
    return AccountTold(
        holder=sealed(payment.payer_name),
        number=sealed(payment.payer),
        institution=bank.name_zh if bank else "",
    )


def _earlier(order: Order, instruction: Instruction, organ: str) -> EarlierPaper | None:
    """The paper by which the measure stands: the last that began or prolonged it, as its institution said."""
    earlier = order.instructions[: [each.id for each in order.instructions].index(instruction.id)]
    standing = [each for each in earlier if each.act not in ENDINGS and _carried_out(each)]
    if not standing:
        return None
    before = standing[-1]
    number = PaperWords(language="zh").number(number_in(order, before, organ), form_of(order, before))
    return EarlierPaper(number=number, issued_at=before.signed_at)


def _carried_out(instruction: Instruction) -> bool:
    """Whether its institution said that it did so: what was refused, given up or never answered stands for nothing."""
    return instruction.delivery is Delivery.ANSWERED and meaning(instruction.code).ending in {
        Ending.EFFECT,
        Ending.WAITS,
    }


def _earlier_stops(connection: Connection, order: Order, at: datetime, once: Once) -> int:
    """How often our other orders had stopped the account by then."""
    target = order.target.subject
    if order.kind is not OrderKind.STOP or not once(("stops", target), lambda: stops_on(connection, target)):
        return 0
    others = [each.id for each in orders_on(connection, order.target.subject, OrderKind.STOP) if each.id != order.id]
    return sum(order_at(connection, each, at).times for each in others)


def _filed_at(moves: Sequence[CaseEntry], before: datetime) -> datetime | None:
    """When the case was last filed before the paper was issued."""
    filed = [each.at for each in moves if each.value == CaseState.FILED and each.at <= before]
    return max(filed, default=None)
