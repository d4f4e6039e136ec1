"""The paper of a signed instruction: told from the order as its last signature left it, then kept as those facts.

Its bytes are kept sealed with the case; set again from the facts they are the same, whatever becomes of the order, of
people's cards and of names since.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from typing import TypeVar
from uuid import UUID

from sqlalchemy import Connection

from fanzha.adapters.documents.order_letter import SetPaper, set_paper
from fanzha.adapters.store.audit import Act, record
from fanzha.adapters.store.cases import case_entries, case_of
from fanzha.adapters.store.institutions import the_institution
from fanzha.adapters.store.kept_files import FileKind, file_if_any
from fanzha.adapters.store.officers import KnownAs, organ_of
from fanzha.adapters.store.order_papers import KeptPaper, NewPaper, keep_paper, paper_for, papers_of
from fanzha.adapters.store.orders import order_as_signed, order_at, order_by_number, order_of, orders_on, stops_on
from fanzha.adapters.store.roles import require
from fanzha.adapters.store.subjects import identifiers_of
from fanzha.adapters.store.unit_of_work import for_a_moment_as_house
from fanzha.cases.case import CaseEntry, CaseState, EntryKind
from fanzha.cases.purposes import purpose_code
from fanzha.i18n import Language, text
from fanzha.kernel.errors import Broken, Illegal
from fanzha.kernel.ids import UserId
from fanzha.kernel.units import Actor
from fanzha.orders.deliveries import Delivery
from fanzha.orders.drafting import ENDINGS
from fanzha.orders.effects import OrderKind
from fanzha.orders.entries import Entry
from fanzha.orders.entries import EntryKind as OrderEntryKind
from fanzha.orders.order import Instruction, Order, Paper
from fanzha.protocol.codes import Ending, meaning
from fanzha.wiring.clocks import HOUSE
from fanzha.wiring.desk import Desk, Once
from fanzha.wiring.house import House
from fanzha.wiring.kept_files import keep_file, open_file
from fanzha.wiring.known_as import answering, seen_as
from fanzha.wiring.law import law_at
from fanzha.workflows.order_facts import AccountTold, EarlierPaper, Form, OrderFacts, PaperNumber
from fanzha.workflows.order_paper import TEMPLATE, file_name, order_paper
from fanzha.workflows.order_words import PaperWords
from fanzha.workflows.paper_facts import (
    Issue,
    Names,
    Notice,
    PersonTold,
    form_of,
    notice_facts,
    paper_facts,
    remedy,
    translated,
)
from fanzha.workflows.sealed_facts import named, opened, sealed

T = TypeVar("T")
_NUMBER = re.compile(r"[A-Z](\d{4})-(\d+)")
_set = lru_cache(maxsize=64)(set_paper)
"""A message that is sent again carries the same paper; setting it takes a process of its own each time."""


def take_paper(house: House, actor: Actor, number: str, instruction_id: UUID, purpose: str) -> SetPaper:
    """The Chinese paper for somebody who prints and serves it, in full for a purpose; the audit says who took it."""
    require(actor, "orders.send_paper")
    require(actor, "statements.reveal")
    with house.act(actor) as connection:
        desk = Desk(house=house, connection=connection, actor=actor)
        order, paper = issued(desk, desk.order(order_by_number(connection, number).id), instruction_id)
        detail = {"instruction": str(instruction_id), "sha256": paper.sha256}
        note_taken(desk, order, purpose, detail)
    return paper


def take_draft(house: House, actor: Actor, number: str, instruction_id: UUID, purpose: str) -> SetPaper:
    """What the paper would say if it were signed as it stands, marked as a draft, for whoever reads before signing."""
    require(actor, "orders.see")
    require(actor, "statements.reveal")
    with house.act(actor) as connection:
        desk, order = Desk(house=house, connection=connection, actor=actor), order_by_number(connection, number)
        facts = draft_facts(house, connection, order, order.instruction(instruction_id))
        paper = _set(order_paper(_in_full(house, connection, facts), is_draft=True))
        detail = {"instruction": str(instruction_id), "sha256": paper.sha256}
        note_taken(desk, order, purpose, detail, "order.draft_taken")
    return paper


def issued(desk: Desk, order: Order, instruction_id: UUID) -> tuple[Order, SetPaper]:
    """The order with its instruction's paper: the one that was kept, else a new one with an entry that names it.

    `Illegal` while a signature is missing.
    """
    entries, paper = enclosed(desk, order, instruction_id)
    return desk.keep(order, entries) if entries else order, paper


def enclosed(desk: Desk, order: Order, instruction_id: UUID) -> tuple[tuple[Entry, ...], SetPaper]:
    """The same for whoever writes more of the order in the same act: a new paper's entry is theirs to keep."""
    kept = paper_for(desk.connection, instruction_id)
    if kept is not None:
        return (), set_again(desk.house, desk.connection, kept)
    entry, paper = issue(desk, order, facts_of(desk, order, instruction_id), instruction_id)
    return (entry,), paper


def issue(desk: Desk, order: Order, facts: OrderFacts, instruction_id: UUID | None = None) -> tuple[Entry, SetPaper]:
    """Set and keep a paper; the order's entry of its number and SHA-256 is the caller's to keep."""
    paper = _set(order_paper(_in_full(desk.house, desk.connection, facts)))
    number = PaperWords(language="zh").number(facts.number, facts.form)
    keep_file(desk.house, desk.connection, (order.case_id, order.unit_path), FileKind.PAPER, paper.pdf, desk.actor)
    new = NewPaper(instruction=instruction_id, number=number, sha256=paper.sha256, template=TEMPLATE, facts=facts)
    keep_paper(desk.connection, order, new)
    entry = Entry(
        kind=OrderEntryKind.PAPER,
        at=desk.now,
        by=HOUSE if desk.actor.user_id is None else desk.by,
        instruction=instruction_id,
        code=f"issued.{paper.sha256}",
        reason=number,
    )
    return entry, paper


def set_again(house: House, connection: Connection, kept: KeptPaper, language: Language = "zh") -> SetPaper:
    """The bytes that were issued, as they were kept; a copy for reading is set from the facts.

    What was issued before bytes were kept is set again: `Broken` where this version of the program sets it otherwise.
    """
    file = file_if_any(connection, kept.case_id, kept.sha256) if language == "zh" else None
    if file is not None:
        name = file_name(kept.facts)
        return SetPaper(pdf=open_file(house, connection, file), sha256=file.sha256, file_name=name)
    facts = _in_full(house, connection, kept.facts)
    if language != "zh" and kept.instruction is None:
        facts = translated(facts, order_of(connection, kept.order_id).kind, language)
    paper = _set(order_paper(facts, language))
    if language == "zh" and paper.sha256 != kept.sha256:
        raise Broken("papers.set_otherwise", number=kept.number, sha256=kept.sha256)
    return paper


def proof_of(house: House, actor: Actor, instruction_id: UUID) -> str:
    """What setting an instruction's paper anew from its facts proves: that it is the *same* bytes as those kept, that
    it is *other* ones, or, where the templates have changed since, nothing (*newer*)."""
    with house.act(actor) as connection:
        kept = paper_for(connection, instruction_id)
        if kept is None:
            raise Illegal("papers.not_signed")
        if kept.template != TEMPLATE:
            return "newer"
        again = _set(order_paper(_in_full(house, connection, kept.facts)))
    return "same" if again.sha256 == kept.sha256 else "other"


def draft_facts(house: House, connection: Connection, order: Order, instruction: Instruction) -> OrderFacts:
    """What the paper of a draft would be made of; `Illegal` once it is signed, for then it has its own."""
    if instruction.paper is not Paper.DRAFT:
        raise Illegal("papers.no_draft", paper=instruction.paper.value)
    names, now = _names(connection, house, order, instruction), house.now()
    issue = Issue(
        number=_number(order, instruction, names.organ),
        at=now,
        law=law_at(now),
        is_exercise=house.instance.birth == "exercise",
    )
    return paper_facts(order, instruction, names, issue)


def number_of(house: House, connection: Connection, order: Order, instruction: Instruction) -> str:
    """The number that an instruction's paper has, or will have."""
    with for_a_moment_as_house(connection, house.now()):
        organ = organ_of(connection, order.unit_path).name
    return PaperWords(language="zh").number(_number(order, instruction, organ), form_of(order, instruction))


def require_paper(desk: Desk, order: Order, instruction: Instruction) -> None:
    """`Invalid` where the paper that the instruction goes out with would lack a fact: said before anybody signs."""
    names = _names(desk.connection, desk.house, order, instruction, desk.once)
    issue = Issue(
        number=PaperNumber(organ=names.organ, year=0, serial=0), at=desk.now, law=law_at(desk.now), is_exercise=False
    )
    order_paper(paper_facts(order, instruction, names, issue))


def tell_person(desk: Desk, order: Order, form: Form, reason: str) -> tuple[Order, SetPaper]:
    """A notice or an answer to an objection, issued now: reason, channel, documents (anti-fraud law 32)."""
    entry, paper = issue(desk, order, facts_to_tell(desk, order, form, reason))
    return desk.keep(order, [entry]), paper


def facts_to_tell(desk: Desk, order: Order, form: Form, reason: str) -> OrderFacts:
    """What a paper to whom the order restricts would tell if it were issued now."""
    begun = order.applied
    if begun is None:
        raise Illegal("papers.not_signed")
    names, words = _names(desk.connection, desk.house, order, begun, desk.once), PaperWords(language="zh")
    first = _number(order, begun, names.organ)
    kept = papers_of(desk.connection, order.id)
    same = [each for each in kept if words.form(each.form, "word") == words.form(form, "word")]
    issued_now = Issue(
        number=replace(first, part=1 + len(same)),
        at=desk.now,
        law=law_at(desk.now),
        is_exercise=desk.house.instance.birth == "exercise",
    )
    told = Notice(
        form=form,
        measure=text("zh", f"words.order_kind.{order.kind.value}"),
        reason=reason,
        remedy=remedy(order.kind, names.organ, names.contact),
    )
    earlier = EarlierPaper(number=words.number(first, form_of(order, begun)), issued_at=begun.signed_at)
    return notice_facts(order, replace(names, earlier=earlier), issued_now, told)


def facts_of(desk: Desk, order: Order, instruction_id: UUID) -> OrderFacts:
    """What the paper is made of, people by their ids in the vault; `Illegal` while a signature is missing."""
    house, connection = desk.house, desk.connection
    then = order_as_signed(connection, order.id, instruction_id)
    instruction = then.instruction(instruction_id)
    names = _names(connection, house, then, instruction, desk.once)
    at = instruction.signed_at
    issue = Issue(
        number=_number(then, instruction, names.organ),
        at=at,
        law=law_at(at),
        is_exercise=house.instance.birth == "exercise",
    )
    return paper_facts(then, instruction, names, issue)


def _in_full(house: House, connection: Connection, facts: OrderFacts) -> OrderFacts:
    clear = identifiers_of(connection, house.keys, set(named(facts)))
    return opened(facts, {each: told.text for each, told in clear.items()})


def note_taken(
    desk: Desk, order: Order, purpose: str, detail: Mapping[str, str], action: str = "order.paper_taken"
) -> None:
    """Leave the mark that somebody took a paper in full, and for what."""
    act = Act(
        action=action,
        object_kind="order",
        object_id=str(order.id),
        unit_path=order.unit_path,
        purpose=purpose_code(purpose),
        detail={"order": order.number, **detail},
    )
    record(desk.connection, act, desk.actor, desk.now)


def _number(order: Order, instruction: Instruction, organ: str) -> PaperNumber:
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


def _names(connection: Connection, house: House, order: Order, instruction: Instruction, once: Once = _anew) -> Names:
    """What the paper tells beside the order; `once` spares whoever drafts many of a case reading the same for each."""
    at, institution = instruction.signed_at, order.institution_id
    case = once(("paper.case", order.case_id), lambda: case_of(connection, order.case_id))
    filed = once(("paper.filed", case.id), lambda: case_entries(connection, case.id, EntryKind.MOVED))
    asked = once(("paper.institution", institution), lambda: the_institution(connection, institution).institution)
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
        payer=_payer(connection, order),
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


def _payer(connection: Connection, order: Order) -> AccountTold | None:
    payment = order.payment
    if payment is None:
        return None
    bank = the_institution(connection, payment.payer_institution).institution if payment.payer_institution else None
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
    number = PaperWords(language="zh").number(_number(order, before, organ), form_of(order, before))
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
