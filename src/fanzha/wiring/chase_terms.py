"""What a round does to orders that there are: money came, papers follow, and what takes too much is let go."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from fanzha.adapters.store.authorities import authorities_of_orders
from fanzha.adapters.store.calls import Ringing
from fanzha.adapters.store.orders import order_if_free
from fanzha.cases.incident import Incident
from fanzha.cases.joined import as_one
from fanzha.i18n import text
from fanzha.kernel.ids import OrderId, SubjectId
from fanzha.orders.authority import Authority
from fanzha.orders.clocks import Weight
from fanzha.orders.drafting import papers_follow
from fanzha.orders.effects import RESTRICTING, OrderKind
from fanzha.orders.entries import Entry
from fanzha.orders.order import Order
from fanzha.orders.proportion import review_ends, told_mistaken, traced_now
from fanzha.wiring.calls import call_people
from fanzha.wiring.chase_look import Look
from fanzha.wiring.chase_scene import Scene
from fanzha.wiring.clocks import HOUSE
from fanzha.wiring.desk import Desk
from fanzha.wiring.law import law_at
from fanzha.wiring.letting_go import let_go_by_terms
from fanzha.workflows.stop_terms import StopTerms

PERCENT_PPM = 10_000


def kept_to_terms(desk: Desk, scenes: Sequence[Scene]) -> list[Scene]:
    """The scenes after every restricting order was looked at; one that is busy now is looked at in the next round."""
    restricting = [each.id for seen in scenes for each in _restricting(seen)]
    if not restricting:
        return list(scenes)
    known = {who: each for seen in scenes for who, each in seen.authorities.items()}
    with desk.as_house() as as_house:
        under = authorities_of_orders(as_house, restricting, known)
    return [_kept_to_terms(desk, seen, under) if any(_restricting(seen)) else seen for seen in scenes]


def _restricting(seen: Scene) -> Iterator[Order]:
    return (each for some in seen.look.orders.values() for each in some if each.effect in RESTRICTING)


def _kept_to_terms(desk: Desk, seen: Scene, under: Mapping[OrderId, Authority]) -> Scene:
    look = seen.look
    together, accounts = look.chased.together, {each.subject: each for each in look.accounts}
    incident = as_one(together)
    mistaken, now = incident.mistaken - accounts.keys(), desk.now
    law = law_at(now).authority

    def terms(order: Order) -> StopTerms | None:
        subject = order.target.subject
        authority = under.get(order.id)
        if authority is None:
            return None
        return StopTerms(
            account=accounts.get(subject),
            others=look.orders[subject],
            authority=authority,
            law=law,
            spared=subject in incident.confirmed or any(each.names(subject) for each in together),
            by=HOUSE,
            now=now,
            mistaken=subject in mistaken,
        )

    orders = {
        subject: [
            _looked_at(desk, each, owner(look, subject), terms(each), mistaken=subject in mistaken)
            if each.effect in RESTRICTING
            else each
            for each in some
        ]
        for subject, some in look.orders.items()
    }
    return replace(seen, look=replace(look, orders=orders))


def owner(look: Look, account: SubjectId) -> Incident:
    """The incident that answers for an account: the one with most of what lies there, else whose order it is."""
    together, parts = look.chased.together, look.parts.get(account, {})
    if parts:
        return max(together, key=lambda each: parts.get(each.id, -1))
    cases = {each.case_id for each in look.orders.get(account, ())}
    return next((each for each in together if each.case_id in cases), together[0])


def reviews_end(look: Look, now: datetime) -> Iterator[tuple[Order, datetime]]:
    """Every stop for which people were called and that nobody keeps, with when it is let go unless somebody does."""
    law = law_at(now).authority
    for some in look.orders.values():
        for each in some:
            ends_at = review_ends(each, some, law)
            if ends_at is not None and ends_at > now:
                yield each, ends_at


def _looked_at(desk: Desk, order: Order, incident: Incident, terms: StopTerms | None, *, mistaken: bool) -> Order:
    now = terms.now if terms else desk.now

    def due(order: Order) -> list[Entry]:
        by_hand = told_mistaken(order, HOUSE, now) if mistaken and terms is None else ()
        return [*(terms.due(order) if terms else by_hand), *_papers(order, incident, now)]

    if not (due(order) or (terms and terms.ends(order))):
        return order
    free = order_if_free(desk.connection, order.id)
    if free is None:
        return order
    found = due(free)
    moved = desk.keep(free, found) if found else free
    if moved.out_of_proportion_at is not None and free.out_of_proportion_at is None:
        ringing = Ringing(order_id=moved.id, clock="share", weight=Weight.ALARM.value, rang_at=desk.now)
        call_people(desk.connection, desk.house, moved, ringing)
    if terms is None or not terms.ends(moved):
        return moved
    traced = traced_now(moved, terms.lying(moved).traced_fen, HOUSE, desk.now)
    moved = moved if traced is None else desk.keep(moved, [traced])
    return let_go_by_terms(desk, moved, _why(moved, terms), terms.authority)


def _why(order: Order, terms: StopTerms) -> str:
    """What people would not have allowed, in the words of the paper."""
    if terms.mistaken:
        return text("zh", "incidents.reason.mistaken")
    if terms.account is None:
        return text("zh", "incidents.reason.nothing_left")
    if terms.lying(order).mostly_own(terms.law):
        return text("zh", "incidents.reason.own_money", percent=terms.law.own_percent)
    share = terms.authority.limits.least_share_ppm // PERCENT_PPM
    return text("zh", "incidents.reason.too_much", share=share)


def _papers(order: Order, incident: Incident, now: datetime) -> Iterator[Entry]:
    """Until when the papers of the report must follow a stop."""
    if order.kind is OrderKind.STOP:
        due = None if incident.identity_checked else incident.paperwork_due
        if due != order.papers_due:
            yield papers_follow(order, due, HOUSE, now)
