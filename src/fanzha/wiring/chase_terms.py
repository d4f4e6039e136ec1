"""What a round writes of orders that there are: money that came, too little that is traced, papers that follow."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from fanzha.adapters.store.authorities import authorities_of_orders
from fanzha.adapters.store.calls import Ringing
from fanzha.adapters.store.orders import order_if_free
from fanzha.cases.incident import Incident
from fanzha.kernel.ids import SubjectId
from fanzha.kernel.money import fen
from fanzha.orders.authority import Authority
from fanzha.orders.clocks import Weight
from fanzha.orders.drafting import papers_follow
from fanzha.orders.effects import RESTRICTING, OrderKind
from fanzha.orders.entries import Entry
from fanzha.orders.order import Order
from fanzha.orders.proportion import money_came, out_of_proportion
from fanzha.wiring.calls import call_people
from fanzha.wiring.chase_scene import Scene
from fanzha.wiring.clocks import HOUSE
from fanzha.wiring.desk import Desk
from fanzha.workflows.chase_funds import ChasedAccount


def kept_to_terms(desk: Desk, seen: Scene) -> Scene:
    """The scene after every restricting order was looked at; one that is busy now is looked at in the next round."""
    restricting = [each.id for some in seen.orders.values() for each in some if each.effect in RESTRICTING]
    with desk.as_house() as as_house:
        under = authorities_of_orders(as_house, restricting)
    accounts = {each.subject: each for each in seen.accounts}
    orders = {
        subject: [_looked_at(desk, seen, each, accounts.get(subject), under.get(each.id)) for each in some]
        for subject, some in seen.orders.items()
    }
    return replace(seen, orders=orders)


def owner(seen: Scene, account: SubjectId) -> Incident:
    """The incident that answers for an account: the one with most of what lies there, else whose order it is."""
    parts = seen.parts.get(account, {})
    if parts:
        return max(seen.incidents, key=lambda each: parts.get(each.id, -1))
    cases = {each.case_id for each in seen.orders.get(account, ())}
    return next((each for each in seen.incidents if each.case_id in cases), seen.incidents[0])


def _looked_at(
    desk: Desk, seen: Scene, order: Order, account: ChasedAccount | None, authority: Authority | None
) -> Order:
    if order.effect not in RESTRICTING or not [*_due(desk, seen, order, account, authority)]:
        return order
    free = order_if_free(desk.connection, order.id)
    if free is None:
        return order
    found = [*_due(desk, seen, free, account, authority)]
    moved = desk.keep(free, found) if found else free
    if moved.out_of_proportion_at is not None and free.out_of_proportion_at is None:
        ringing = Ringing(order_id=moved.id, clock="share", weight=Weight.ALARM.value, rang_at=desk.now)
        call_people(desk.connection, desk.house, moved, ringing)
    return moved


def _due(
    desk: Desk, seen: Scene, order: Order, account: ChasedAccount | None, authority: Authority | None
) -> Iterator[Entry]:
    """What is to be written of the order now."""
    if account is not None and authority is not None:
        traced = fen(account.lead.fen)
        came = money_came(order, traced, HOUSE, desk.now)
        if came is not None:
            yield came
        elif not order.is_early:
            beyond = out_of_proportion(order, authority, traced, account.balance_fen, HOUSE, desk.now)
            if beyond is not None:
                yield beyond
    if order.kind is OrderKind.STOP:
        incident = owner(seen, order.target.subject)
        due = None if incident.identity_checked else incident.paperwork_due
        if due != order.papers_due:
            yield papers_follow(order, due, HOUSE, desk.now)
