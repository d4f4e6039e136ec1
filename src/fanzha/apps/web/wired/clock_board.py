"""The clock board and the queue of signatures, from the house."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time

from sqlalchemy import Connection

from fanzha.adapters.store.clock_rows import ClockRow, rang_since, running_clocks
from fanzha.adapters.store.orders import orders_of
from fanzha.adapters.store.roles import require
from fanzha.apps.web.views.clocks import ClockLine, NextClocks, RangLine, SignLine
from fanzha.apps.web.views.tables import Page, Query
from fanzha.apps.web.wired.house_parts import HouseParts
from fanzha.apps.web.wired.order_names import named
from fanzha.apps.web.wired.order_record import instruction_view, look
from fanzha.apps.web.wired.signing import signable
from fanzha.kernel.clock import SHANGHAI
from fanzha.kernel.units import Actor
from fanzha.wiring.clocks import CLOCK_WORK
from fanzha.wiring.desk import Desk

NEXT = 10
RANG = 50


class WiredClocks(HouseParts):
    """Every clock in sight, and what waits for a signature."""

    def clocks(self, actor: Actor, query: Query) -> Page[ClockLine]:
        """Clocks that run, what rings next first."""
        require(actor, "orders.see")
        wanted = (query.word("clock"),) if query.word("clock") else ()
        with self.house.act(actor) as connection:
            total, rows = running_clocks(connection, CLOCK_WORK, wanted, query.offset, query.size)
            lines = self._lines(connection, rows)
        return Page(rows=lines, total=total, page=query.page, size=query.size)

    def next_clocks(self, actor: Actor) -> NextClocks:
        """The next ones, and those whose time is over already."""
        if not actor.may("orders.see"):
            return NextClocks()
        now = self.house.now()
        with self.house.act(actor) as connection:
            lines = self._lines(connection, running_clocks(connection, CLOCK_WORK, limit=2 * NEXT)[1])
        late = [each for each in lines if each.rings_at <= now]
        return NextClocks(overdue=late, coming=[each for each in lines if each.rings_at > now][:NEXT])

    def rang_today(self, actor: Actor) -> Sequence[RangLine]:
        """What rang since midnight in Shanghai."""
        require(actor, "orders.see")
        midnight = datetime.combine(self.house.now().astimezone(SHANGHAI).date(), time(), SHANGHAI)
        with self.house.act(actor) as connection:
            rang = rang_since(connection, midnight, RANG)
            orders = {each.id: each for each in orders_of(connection, [each.order_id for each in rang])}
            names = named(self.house, connection, list(orders.values()))
            lines = {known: names.line(each) for known, each in orders.items()}
        return [
            RangLine(
                at=each.at,
                clock=each.code.partition(".")[2],
                weight=each.code.partition(".")[0],
                order=lines[each.order_id],
            )
            for each in rang
            if each.order_id in lines
        ]

    def to_sign(self, actor: Actor) -> Sequence[SignLine]:
        """What this person may sign, what waits longest first."""
        require(actor, "orders.see")
        with self.house.act(actor) as connection:
            desk = Desk(house=self.house, connection=connection, actor=actor)
            found = signable(desk)
            names = named(self.house, connection, [each.order for each in found])
            return [
                SignLine(
                    order=names.line(each.order, sealed=True),
                    instruction=instruction_view(look(desk, names, each.order), each.order, instruction),
                )
                for each in found
                for instruction in each.instructions
            ]

    def _lines(self, connection: Connection, rows: Sequence[ClockRow]) -> list[ClockLine]:
        orders = {each.id: each for each in orders_of(connection, [each.order_id for each in rows])}
        names = named(self.house, connection, list(orders.values()))
        lines = []
        for each in rows:
            order = orders.get(each.order_id)
            if order is not None:
                line = names.line(order)
                lines.append(
                    ClockLine(
                        rings_at=each.rings_at,
                        starts_at=each.set_at,
                        clock=each.clock,
                        weight=each.weight,
                        number=line.number,
                        kind=line.kind,
                        target=line.target,
                        institution=line.institution,
                        holding_fen=line.holding_fen,
                        whose=order.opened_by.name,
                        unit=line.unit,
                        case=line.case,
                    )
                )
        return lines
