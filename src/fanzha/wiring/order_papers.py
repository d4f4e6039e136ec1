"""The paper of a signed instruction: told from the order as its last signature left it, then kept as those facts.

Its bytes are kept sealed with the case; set again from the facts they are the same, whatever becomes of the order, of
people's cards and of names since.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from types import MappingProxyType
from typing import TypeVar
from uuid import UUID

from sqlalchemy import Connection

from fanzha.adapters.documents.order_letter import SetPaper, set_paper
from fanzha.adapters.store.audit import Act, record
from fanzha.adapters.store.issued_papers import issue_papers
from fanzha.adapters.store.kept_files import FileKind, KeptFile, file_if_any
from fanzha.adapters.store.officers import organ_of
from fanzha.adapters.store.order_papers import KeptPaper, NewPaper, paper_for, papers_of
from fanzha.adapters.store.orders import order_as_signed, order_by_number, order_of
from fanzha.adapters.store.roles import require
from fanzha.adapters.store.subjects import Identifier, identifiers_of
from fanzha.adapters.store.unit_of_work import for_a_moment_as_house
from fanzha.cases.purposes import purpose_code
from fanzha.i18n import Language, text
from fanzha.kernel.errors import Broken, Illegal
from fanzha.kernel.ids import SubjectId
from fanzha.kernel.units import Actor
from fanzha.orders.entries import Entry, EntryKind
from fanzha.orders.order import Instruction, Order, Paper
from fanzha.wiring.clocks import HOUSE
from fanzha.wiring.desk import Desk
from fanzha.wiring.house import House
from fanzha.wiring.kept_files import open_file, seal_file
from fanzha.wiring.law import law_at
from fanzha.wiring.paper_names import names_of, number_in
from fanzha.workflows.order_facts import EarlierPaper, Form, OrderFacts, PaperNumber
from fanzha.workflows.order_paper import TEMPLATE, file_name, order_paper, require_sound
from fanzha.workflows.order_words import PaperWords
from fanzha.workflows.paper_facts import (
    Issue,
    Notice,
    form_of,
    notice_facts,
    paper_facts,
    remedy,
    translated,
)
from fanzha.workflows.sealed_facts import named, opened

T = TypeVar("T")
KEPT, SIGNED = "paper.kept", "paper.signed"
"""What a desk may know of an instruction before its paper is asked for: its paper, and its order as it was signed."""
EMPTY: Mapping[SubjectId, Identifier] = MappingProxyType({})
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
    issued, paper = enclosing(desk, order, instruction_id)
    keep_issued(desk, issued)
    return tuple(each.entry for each in issued), paper


@dataclass(frozen=True, slots=True, kw_only=True)
class Issued:
    """A paper set and sealed, of which nothing tells yet: its order's entry, its file with the key, its facts."""

    order: Order
    entry: Entry
    file: tuple[KeptFile, bytes]
    paper: NewPaper


def enclosing(desk: Desk, order: Order, instruction_id: UUID) -> tuple[list[Issued], SetPaper]:
    """The same for whoever issues several at once (`keep_issued`): the paper, and what of it is to be kept."""
    foreseen = (KEPT, instruction_id)
    kept = desk.known.pop(foreseen) if foreseen in desk.known else paper_for(desk.connection, instruction_id)
    if kept is not None:
        return [], set_again(desk.house, desk.connection, kept)
    issued, paper = _issued(desk, order, facts_of(desk, order, instruction_id), instruction_id)
    return [issued], paper


def keep_issued(desk: Desk, some: Sequence[Issued]) -> None:
    """Enter the files and the papers; the entries of orders are the caller's to keep."""
    issue_papers(desk.connection, desk.house.keys, [(each.order, each.paper, each.file) for each in some], desk.actor)


def issue(desk: Desk, order: Order, facts: OrderFacts, instruction_id: UUID | None = None) -> tuple[Entry, SetPaper]:
    """Set and keep a paper; the order's entry of its number and SHA-256 is the caller's to keep."""
    issued, paper = _issued(desk, order, facts, instruction_id)
    keep_issued(desk, [issued])
    return issued.entry, paper


def _issued(desk: Desk, order: Order, facts: OrderFacts, instruction_id: UUID | None) -> tuple[Issued, SetPaper]:
    clear: Mapping[SubjectId, Identifier] = desk.known.get(("clear", order.id), {})
    paper = _set(order_paper(_in_full(desk.house, desk.connection, facts, clear)))
    number = PaperWords(language="zh").number(facts.number, facts.form)
    file = seal_file(desk.house, (order.case_id, order.unit_path), FileKind.PAPER, paper.pdf, desk.actor)
    new = NewPaper(instruction=instruction_id, number=number, sha256=paper.sha256, template=TEMPLATE, facts=facts)
    entry = Entry(
        kind=EntryKind.PAPER,
        at=desk.now,
        by=HOUSE if desk.actor.user_id is None else desk.by,
        instruction=instruction_id,
        code=f"issued.{paper.sha256}",
        reason=number,
    )
    return Issued(order=order, entry=entry, file=file, paper=new), paper


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
    names, now = names_of(connection, house, order, instruction), house.now()
    issue = Issue(
        number=number_in(order, instruction, names.organ),
        at=now,
        law=law_at(now),
        is_exercise=house.instance.birth == "exercise",
    )
    return paper_facts(order, instruction, names, issue)


def number_of(house: House, connection: Connection, order: Order, instruction: Instruction) -> str:
    """The number that an instruction's paper has, or will have."""
    with for_a_moment_as_house(connection, house.now()):
        organ = organ_of(connection, order.unit_path).name
    return PaperWords(language="zh").number(number_in(order, instruction, organ), form_of(order, instruction))


def require_paper(desk: Desk, order: Order, instruction: Instruction) -> None:
    """`Invalid` where the paper that the instruction goes out with would lack a fact: said before anybody signs."""
    names = names_of(desk.connection, desk.house, order, instruction, desk.once)
    issue = Issue(
        number=PaperNumber(organ=names.organ, year=0, serial=0), at=desk.now, law=law_at(desk.now), is_exercise=False
    )
    require_sound(paper_facts(order, instruction, names, issue))


def tell_person(desk: Desk, order: Order, form: Form, reason: str) -> tuple[Order, SetPaper]:
    """A notice or an answer to an objection, issued now: reason, channel, documents (anti-fraud law 32)."""
    entry, paper = issue(desk, order, facts_to_tell(desk, order, form, reason))
    return desk.keep(order, [entry]), paper


def facts_to_tell(desk: Desk, order: Order, form: Form, reason: str) -> OrderFacts:
    """What a paper to whom the order restricts would tell if it were issued now."""
    begun = order.applied
    if begun is None:
        raise Illegal("papers.not_signed")
    names, words = names_of(desk.connection, desk.house, order, begun, desk.once), PaperWords(language="zh")
    first = number_in(order, begun, names.organ)
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
    then: Order = desk.known.pop((SIGNED, instruction_id), None) or order_as_signed(
        connection, order.id, instruction_id
    )
    instruction = then.instruction(instruction_id)
    names = names_of(connection, house, then, instruction, desk.once)
    at = instruction.signed_at
    issue = Issue(
        number=number_in(then, instruction, names.organ),
        at=at,
        law=law_at(at),
        is_exercise=house.instance.birth == "exercise",
    )
    return paper_facts(then, instruction, names, issue)


def _in_full(
    house: House, connection: Connection, facts: OrderFacts, known: Mapping[SubjectId, Identifier] = EMPTY
) -> OrderFacts:
    wanted = set(named(facts))
    clear = known if wanted <= known.keys() else identifiers_of(connection, house.keys, wanted)
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
