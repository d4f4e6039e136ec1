"""What a round does to orders that there are: money came, papers follow, and what takes too much is let go."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

from fanzha.adapters.store.authorities import authorities_of_orders
from fanzha.adapters.store.calls import Ringing
from fanzha.adapters.store.orders import order_if_free
from fanzha.cases.incident import Incident
from fanzha.cases.joined import as_one
from fanzha.i18n import text
from fanzha.kernel.ids import SubjectId
from fanzha.kernel.money import fen
from fanzha.orders.authority import Authority
from fanzha.orders.clocks import Weight
from fanzha.orders.drafting import papers_follow
from fanzha.orders.effects import RESTRICTING, OrderKind
from fanzha.orders.entries import Entry
from fanzha.orders.order import Order
from fanzha.orders.proportion import is_to_end, money_came, out_of_proportion, takes_too_much
from fanzha.wiring.calls import call_people
from fanzha.wiring.chase_scene import Scene
from fanzha.wiring.clocks import HOUSE
from fanzha.wiring.desk import Desk
from fanzha.wiring.law import law_at
from fanzha.wiring.letting_go import let_go_by_terms
from fanzha.workflows.chase_funds import ChasedAccount

PERCENT_PPM = 10_000


def kept_to_terms(desk: Desk, seen: Scene) -> Scene:
    """The scene after every restricting order was looked at; one that is busy now is looked at in the next round."""
    restricting = [each.id for some in seen.orders.values() for each in some if each.effect in RESTRICTING]
    if not restricting:
        return seen
    with desk.as_house() as as_house:
        under = authorities_of_orders(as_house, restricting, seen.authorities)
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
    if order.effect not in RESTRICTING:
        return order
    if not [*_due(desk, seen, order, account, authority)] and not _ends(desk, seen, order, account, authority):
        return order
    free = order_if_free(desk.connection, order.id)
    if free is None:
        return order
    found = [*_due(desk, seen, free, account, authority)]
    moved = desk.keep(free, found) if found else free
    if moved.out_of_proportion_at is not None and free.out_of_proportion_at is None:
        ringing = Ringing(order_id=moved.id, clock="share", weight=Weight.ALARM.value, rang_at=desk.now)
        call_people(desk.connection, desk.house, moved, ringing)
    if authority is None or not _ends(desk, seen, moved, account, authority):
        return moved
    return let_go_by_terms(desk, moved, _why(desk, account, authority), authority)


def _why(desk: Desk, account: ChasedAccount | None, authority: Authority) -> str:
    """What people would not have allowed, in the words of the paper."""
    law = law_at(desk.now).authority
    if account is not None and account.lying.mostly_own(law):
        return text("zh", "incidents.reason.own_money", percent=law.own_percent)
    return text("zh", "incidents.reason.too_much", share=authority.limits.least_share_ppm // PERCENT_PPM)


def _ends(desk: Desk, seen: Scene, order: Order, account: ChasedAccount | None, authority: Authority | None) -> bool:
    """Whether it takes more than people allowed, of an account that nobody named."""
    if account is None or authority is None or order.out_of_proportion_at is None or account.is_named:
        return False
    if account.subject in as_one(seen.incidents).confirmed:
        return False
    law = law_at(desk.now).authority
    review = timedelta(minutes=law.review_minutes)
    takes = takes_too_much(account.lying, authority, law)
    return takes and is_to_end(order, is_told=account.is_told, review=review, now=desk.now)


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
            law = law_at(desk.now).authority
            beyond = out_of_proportion(order, account.lying, authority, law, HOUSE, desk.now)
            if beyond is not None:
                yield beyond
    if order.kind is OrderKind.STOP:
        incident = owner(seen, order.target.subject)
        due = None if incident.identity_checked else incident.paperwork_due
        if due != order.papers_due:
            yield papers_follow(order, due, HOUSE, desk.now)
