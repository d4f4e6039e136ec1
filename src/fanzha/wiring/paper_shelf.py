"""The papers of one order as people find them: issued ones, those that are ready, drafts that say so."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection

from fanzha.adapters.documents.order_letter import SetPaper
from fanzha.adapters.store.order_papers import KeptPaper, papers_of
from fanzha.adapters.store.orders import order_by_number
from fanzha.kernel.errors import FanzhaError
from fanzha.kernel.units import Actor
from fanzha.orders.order import Instruction, Order, Paper
from fanzha.wiring.house import House
from fanzha.wiring.notices import take_person_paper
from fanzha.wiring.order_papers import number_of, take_draft, take_paper
from fanzha.workflows.order_facts import Form
from fanzha.workflows.paper_facts import form_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelved:
    """A paper by the id under which it is taken (its own, or its instruction's while it is not issued).

    `sha256` is empty until it is issued, `number` while it is a draft; `instruction` None for a paper to a person.
    """

    id: UUID
    form: Form
    instruction: UUID | None
    is_draft: bool
    number: str = ""
    sha256: str = ""
    issued_at: datetime | None = None


def shelf(house: House, connection: Connection, order: Order) -> list[Shelved]:
    """Every paper of an order: of its instructions as they were made, then those to the person whom it restricts."""
    issued = papers_of(connection, order.id)
    kept = {each.instruction: each for each in issued if each.instruction}
    ours = (each for each in order.instructions if each.id in kept or each.paper in {Paper.DRAFT, Paper.SIGNED})
    found = [_issued(kept[each.id]) if each.id in kept else _unissued(house, connection, order, each) for each in ours]
    return [*found, *(_issued(each) for each in issued if each.instruction is None)]


def take(house: House, actor: Actor, number: str, which: UUID, purpose: str) -> SetPaper:
    """The PDF of a paper on the shelf, on record with what it is for."""
    with house.act(actor) as connection:
        order = order_by_number(connection, number)
        issued = {each.id: each.instruction for each in papers_of(connection, order.id)}
        wanted = issued.get(which) or which
        instruction = next((each for each in order.instructions if each.id == wanted), None)
    if instruction is None:
        return take_person_paper(house, actor, number, which, purpose, "zh")
    taken = take_draft if instruction.paper is Paper.DRAFT else take_paper
    return taken(house, actor, number, wanted, purpose)


def _issued(kept: KeptPaper) -> Shelved:
    return Shelved(
        id=kept.id,
        form=kept.form,
        instruction=kept.instruction,
        is_draft=False,
        number=kept.number,
        sha256=kept.sha256,
        issued_at=kept.issued_at,
    )


def _unissued(house: House, connection: Connection, order: Order, instruction: Instruction) -> Shelved:
    is_draft = instruction.paper is Paper.DRAFT
    return Shelved(
        id=instruction.id,
        form=form_of(order, instruction),
        instruction=instruction.id,
        is_draft=is_draft,
        number="" if is_draft else _numbered(house, connection, order, instruction),
    )


def _numbered(house: House, connection: Connection, order: Order, instruction: Instruction) -> str:
    """The number; empty where the organ has no card, so that the record can be read all the same."""
    try:
        return number_of(house, connection, order, instruction)
    except FanzhaError:
        return ""
