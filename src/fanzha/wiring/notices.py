"""Whom an order restricts is told why, where to object and with what: read out, handed over, on record (反诈法 32)."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from fanzha.adapters.documents.order_letter import SetPaper
from fanzha.adapters.store.order_papers import KeptPaper, papers_of
from fanzha.adapters.store.orders import order_by_number
from fanzha.adapters.store.roles import require
from fanzha.adapters.store.subjects import masked
from fanzha.cases.case import text_of_person
from fanzha.i18n import Language
from fanzha.kernel.errors import Illegal, NotFound
from fanzha.kernel.units import Actor
from fanzha.orders.drafting import REASON_CHARACTERS
from fanzha.orders.effects import RESTRICTING
from fanzha.orders.entries import Entry, EntryKind
from fanzha.orders.objections import Channel
from fanzha.orders.order import Order
from fanzha.wiring.desk import Desk
from fanzha.wiring.house import House
from fanzha.wiring.order_papers import facts_to_tell, note_taken, set_again, tell_person
from fanzha.workflows.order_facts import Form
from fanzha.workflows.order_paper import OrderPaper, order_paper
from fanzha.workflows.order_rows import TO_PERSONS
from fanzha.workflows.paper_facts import translated
from fanzha.workflows.sealed_facts import named, opened


def notice_to_read(desk: Desk, order: Order, reason: str, language: Language) -> OrderPaper:
    """What somebody reads out to whom the order restricts now: everybody masked, nothing issued yet."""
    _require_restricting(order)
    facts = facts_to_tell(desk, order, Form.HOLDER_NOTICE, reason)
    shown = opened(facts, masked(desk.connection, desk.house.keys, set(named(facts))))
    return order_paper(shown if language == "zh" else translated(shown, order.kind, language), language)


def tell_holder(desk: Desk, number: str, reason: str, channel: Channel) -> tuple[Order, SetPaper]:
    """That whom the order restricts was told, by whom and through which channel, with the paper that says it."""
    require(desk.actor, "orders.send_paper")
    order = desk.order(order_by_number(desk.connection, number).id)
    _require_restricting(order)
    order, paper = tell_person(desk, order, Form.HOLDER_NOTICE, text_of_person(reason, REASON_CHARACTERS))
    issued = papers_of(desk.connection, order.id)[-1].number
    told = Entry(kind=EntryKind.TOLD, at=desk.now, by=desk.by, code=f"told.{channel.value}", reason=issued)
    return desk.keep(order, [told]), paper


def take_notice(
    house: House, actor: Actor, number: str, reason: str, purpose: str, channel: Channel = Channel.LETTER
) -> SetPaper:
    """A new notice to whom an order restricts now, in full for a purpose; the audit says who took it."""
    require(actor, "statements.reveal")
    with house.act(actor) as connection:
        desk = Desk(house=house, connection=connection, actor=actor)
        order, paper = tell_holder(desk, number, reason, channel)
        detail = {"form": Form.HOLDER_NOTICE.value, "sha256": paper.sha256}
        note_taken(desk, order, purpose, detail)
    return paper


def take_person_paper(
    house: House, actor: Actor, number: str, paper_id: UUID, purpose: str, language: Language
) -> SetPaper:
    """A paper to whom the order restricts as it was issued, or its copy in another language, in full for a purpose."""
    require(actor, "orders.send_paper")
    require(actor, "statements.reveal")
    with house.act(actor) as connection:
        desk, order = Desk(house=house, connection=connection, actor=actor), order_by_number(connection, number)
        kept = _the(paper_id, papers_of(connection, order.id))
        paper = set_again(house, connection, kept, language)
        note_taken(desk, order, purpose, {"form": kept.form.value, "sha256": paper.sha256})
    return paper


def _the(paper_id: UUID, papers: Iterable[KeptPaper]) -> KeptPaper:
    for each in papers:
        if each.id == paper_id and each.form in TO_PERSONS:
            return each
    raise NotFound("papers.no_such_paper")


def _require_restricting(order: Order) -> None:
    if order.effect not in RESTRICTING:
        raise Illegal("orders.not_in_force", effect=order.effect.value)
