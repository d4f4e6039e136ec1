"""The clock board and the queue of signatures, from the house."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta
from uuid import UUID

from sqlalchemy import Connection

from fanzha.adapters.store.calls import Call, calls_since, open_calls, see_call
from fanzha.adapters.store.clock_rows import (
    ClockRow,
    Running,
    count_clocks,
    next_clocks,
    rang_since,
    running_clocks,
)
from fanzha.adapters.store.orders import orders_of
from fanzha.adapters.store.roles import require
from fanzha.apps.web.views.clocks import CallLine, ClockLine, NextClocks, RangLine, SignLine
from fanzha.apps.web.views.orders import OrderLine
from fanzha.apps.web.views.shown import Choice
from fanzha.apps.web.views.tables import Page, Query
from fanzha.apps.web.wired.house_parts import HouseParts
from fanzha.apps.web.wired.order_names import named
from fanzha.apps.web.wired.order_record import instruction_view, look
from fanzha.apps.web.wired.signing import signable
from fanzha.kernel.clock import SHANGHAI
from fanzha.kernel.errors import NotFound
from fanzha.kernel.ids import OrderId
from fanzha.kernel.units import Actor
from fanzha.orders.clocks import ClockKind
from fanzha.orders.order import Order
from fanzha.wiring.clocks import CLOCK_WORK
from fanzha.wiring.desk import Desk
from fanzha.wiring.objections import OBJECTION_CLOCK
from fanzha.wiring.orders import may_let_go

NEXT, OVERDUE = 10, 200
HORIZON_DAYS = 7
"""What rings within a week is shown: a freeze's renewal half a year ahead would only hide it."""
CLOCKS = (CLOCK_WORK, OBJECTION_CLOCK)
RANG, CALLS = 50, 200


class WiredClocks(HouseParts):
    """Every clock in sight, and what waits for a signature."""

    def clocks(self, actor: Actor, query: Query) -> Page[ClockLine]:
        """Clocks that run, what rings next first."""
        require(actor, "orders.see")
        wanted = Running(kinds=CLOCKS, clocks=(query.word("clock"),) if query.word("clock") else ())
        with self.house.act(actor) as connection:
            total, rows = running_clocks(connection, wanted, query.offset, query.size)
            lines = self._lines(connection, rows, actor)
        return Page(rows=lines, total=total, page=query.page, size=query.size)

    def next_clocks(self, actor: Actor) -> NextClocks:
        """Those whose time is over, the next ones within the horizon, and how many there are beside."""
        if not actor.may("orders.see"):
            return NextClocks()
        now = self.house.now()
        horizon = now + timedelta(days=HORIZON_DAYS)
        with self.house.act(actor) as connection:
            late, due, total = count_clocks(connection, Running(kinds=CLOCKS), now, horizon)
            overdue = next_clocks(connection, Running(kinds=CLOCKS, until=now), limit=OVERDUE)
            coming = next_clocks(connection, Running(kinds=CLOCKS, after=now, until=horizon), limit=NEXT)
            return NextClocks(
                overdue=self._lines(connection, overdue, actor),
                coming=self._lines(connection, coming, actor),
                days=HORIZON_DAYS,
                rest=total - len(overdue) - len(coming),
                rest_overdue=late - len(overdue),
                rest_coming=due - late - len(coming),
            )

    def rang_today(self, actor: Actor) -> Sequence[RangLine]:
        """What rang since midnight in Shanghai, and whom it called."""
        require(actor, "orders.see")
        midnight = datetime.combine(self.house.now().astimezone(SHANGHAI).date(), time(), SHANGHAI)
        with self.house.act(actor) as connection:
            rang, calls = rang_since(connection, midnight, RANG), calls_since(connection, midnight, CALLS)
            lines = self._order_lines(connection, [each.order_id for each in rang])
        by_ringing: dict[tuple[OrderId, str, datetime], list[CallLine]] = defaultdict(list)
        for call in calls:
            told = call.ringing
            if told.order_id in lines:
                by_ringing[told.order_id, told.clock, told.rang_at].append(_call_line(call, lines[told.order_id]))
        return [
            RangLine(
                at=each.at,
                clock=each.clock,
                weight=each.weight,
                order=lines[each.order_id],
                calls=by_ringing[each.order_id, each.clock, each.at],
            )
            for each in rang
            if each.order_id in lines
        ]

    def calls(self, actor: Actor) -> Sequence[CallLine]:
        """Calls of this person that they have not seen."""
        if not actor.may("orders.see") or actor.user_id is None:
            return []
        with self.house.act(actor) as connection:
            found = open_calls(connection, actor, CALLS)
            lines = self._order_lines(connection, [each.ringing.order_id for each in found])
        return [_call_line(each, lines[each.ringing.order_id]) for each in found if each.ringing.order_id in lines]

    def see_call(self, actor: Actor, call_id: str) -> None:
        """It was seen."""
        require(actor, "orders.see")
        with self.house.act(actor) as connection:
            see_call(connection, _id(call_id), actor, self.house.now())

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

    def _order_lines(self, connection: Connection, ids: Sequence[OrderId]) -> Mapping[OrderId, OrderLine]:
        orders = orders_of(connection, ids)
        names = named(self.house, connection, orders)
        return {each.id: names.line(each) for each in orders}

    def _lines(self, connection: Connection, rows: Sequence[ClockRow], actor: Actor) -> list[ClockLine]:
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
                        whose=_whose(each, order, line),
                        unit=line.unit,
                        case=line.case,
                        let_go=line.number if may_let_go(actor, order) else "",
                    )
                )
        return lines


def _whose(row: ClockRow, order: Order, line: OrderLine) -> Choice:
    """Whoever must sign, of a clock that calls for a signature; else whoever answers for the order."""
    if row.clock == ClockKind.SIGN and line.signer is not None:
        return line.signer
    return Choice(code="", zh=order.opened_by.name, en=order.opened_by.name)


def _call_line(call: Call, order: OrderLine) -> CallLine:
    return CallLine(
        id=str(call.id),
        at=call.called_at,
        clock=call.ringing.clock,
        weight=call.ringing.weight,
        order=order,
        name=call.called.name,
        part=call.called.part.value,
        for_name=call.called.for_name,
        seen_at=call.seen_at,
        seen_by=call.seen_by,
    )


def _id(call: str) -> UUID:
    """Whatever is no id names no call."""
    try:
        return UUID(call)
    except ValueError:
        raise NotFound("orders.no_such_call") from None
