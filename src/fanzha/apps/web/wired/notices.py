"""The holder's notice as the console shows it, records it as told and hands it out."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from fanzha.adapters.store.orders import entries_of, order_by_number
from fanzha.adapters.store.roles import require
from fanzha.apps.web.views.objections import NoticeView, ToldLine
from fanzha.apps.web.wired.house_parts import HouseParts
from fanzha.apps.web.wired.objections import person_papers
from fanzha.apps.web.wired.order_names import named
from fanzha.i18n import Language
from fanzha.kernel.errors import Invalid, NotFound
from fanzha.kernel.units import Actor, covers
from fanzha.orders.effects import OrderKind
from fanzha.orders.entries import EntryKind
from fanzha.orders.objections import Channel
from fanzha.orders.order import Order
from fanzha.wiring.desk import Desk
from fanzha.wiring.notices import notice_to_read, take_person_paper, tell_holder
from fanzha.workflows.paper_facts import REASONS, reason_in_words

_EVER = datetime(1, 1, 1, tzinfo=UTC)


class WiredNotices(HouseParts):
    """What whom an order restricts is told."""

    def notice(self, actor: Actor, number: str, reason: str, language: Language) -> NoticeView:
        """The notice as it would be read out now, and when it was told."""
        require(actor, "orders.see")
        with self.house.act(actor) as connection:
            desk = Desk(house=self.house, connection=connection, actor=actor)
            order = order_by_number(connection, number)
            chosen = reason if reason in REASONS else _likely(order)
            paper = notice_to_read(desk, order, reason_in_words(chosen, "zh"), language)
            return NoticeView(
                order=named(self.house, connection, [order]).line(order, sealed=True),
                title=paper.title,
                opening=paper.opening,
                rows=tuple((each.label, each.lines) for each in paper.rows),
                closing=paper.closing,
                reason=chosen,
                reasons=REASONS,
                told=tuple(
                    ToldLine(at=each.at, by=each.by.name, channel=each.code.removeprefix("told."), paper=each.reason)
                    for each in reversed(entries_of(connection, order.id))
                    if each.kind is EntryKind.TOLD
                ),
                papers=person_papers(connection, order.id, _EVER),
                writable=covers(actor.scope, order.unit_path) and actor.may("orders.send_paper"),
            )

    def tell_holder(self, actor: Actor, number: str, reason: str, channel: str) -> None:
        """Record that it was told, through which channel, and issue the paper that says so."""
        if reason not in REASONS or channel not in {each.value for each in Channel}:
            raise Invalid("web.bad_filter", name="reason" if reason not in REASONS else "channel")
        with self.house.act(actor) as connection:
            desk = Desk(house=self.house, connection=connection, actor=actor)
            tell_holder(desk, number, reason_in_words(reason, "zh"), Channel(channel))

    def person_paper(self, actor: Actor, number: str, paper: str, purpose: str, language: Language) -> bytes:
        """A paper to whom the order restricts, as PDF."""
        try:
            wanted = UUID(paper)
        except ValueError:
            raise NotFound("papers.no_such_paper") from None
        return take_person_paper(self.house, actor, number, wanted, purpose, language).pdf


def _likely(order: Order) -> str:
    """What fits such an order most often."""
    return "channel" if order.kind is OrderKind.BLOCK else "received"
