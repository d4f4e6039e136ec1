"""An incident's record below its sums: what happened to it and its orders, what a person must do, what to block."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Connection

from fanzha.adapters.store.cases import case_entries
from fanzha.adapters.store.incidents import entries_of_incident
from fanzha.adapters.store.orders import steps_of
from fanzha.apps.web.views.incidents import IncidentAct, StepLine, TodoLine, ToldContact
from fanzha.apps.web.views.orders import UnseenCode
from fanzha.apps.web.wired.institution_lines import contact_lines
from fanzha.apps.web.wired.order_names import OrderNames
from fanzha.apps.web.wired.order_record import result_of, unseen_code
from fanzha.apps.web.wired.report_words import contacts_in
from fanzha.cases.case import EntryKind as CaseEntryKind
from fanzha.cases.incident import Incident, IncidentEntry, IncidentEntryKind
from fanzha.kernel.errors import NotFound
from fanzha.kernel.ids import SubjectId
from fanzha.orders.clocks import ClockKind
from fanzha.orders.deliveries import Delivery
from fanzha.orders.drafting import ENDINGS
from fanzha.orders.effects import RESTRICTING, Effect
from fanzha.orders.entries import LATE, SILENT, Entry, EntryKind
from fanzha.orders.order import Order, Paper
from fanzha.orders.standing import Waits, waits_for
from fanzha.wiring.chase_look import Look
from fanzha.wiring.desk import Desk
from fanzha.wiring.orders import look_at, revive

MOST_STEPS = 200
CORRECTED = "corrected"
"""What a payment is in the history that was told instead of another one."""
SHOWN = frozenset(
    {
        EntryKind.REJECTED,
        EntryKind.CANCELLED,
        EntryKind.SENT,
        EntryKind.ANSWERED,
        EntryKind.PART,
        EntryKind.DEAD,
        EntryKind.LAPSED,
        EntryKind.CONVERTED,
        EntryKind.UNRELATED,
        EntryKind.CONTRADICTED,
        EntryKind.RANG,
        EntryKind.LOOKED,
    }
)
"""What a duty officer follows; every other entry stands on the order's own page."""
KNOWN_MUST = frozenset({"01", "02", "0300", "0301", "0302", "0303", "0600", "1301", "1302", "1303", "1304", "by_paper"})
"""Results for which `words.must` tells what to do; for every other it is to look at the order."""


RELEASE = ClockKind.RELEASE.value
"""The clock that calls a person to let go what no terms end."""
FAXED = frozenset({"silent", "late", "dead", "by_paper", "0600"})
"""What a form on paper helps with: nobody answers, the institution takes paper only, or lacks the document."""
RUNG_UP = frozenset({"silent", "late", "dead", "0302", "0303"})
"""Where somebody telephones the institution's duty desk."""
THEN: Mapping[str, str] = {
    **dict.fromkeys(("01", "02", "0301"), "anew"),
    "0300": "payment",
    "0600": "apply",
    "1304": "after",
}
"""What mends a refusal: a new order with what was wrong put right, the payment with the right account, the same order
with its paper, or filing and freezing."""


def todo_of(names: OrderNames, told: Incident, orders: Sequence[Order]) -> list[TodoLine]:
    """What waits for a person, a line an account and trouble: failures before signatures, the most fen first."""
    found: dict[tuple[SubjectId, str, str], list[TodoLine]] = defaultdict(list)
    for order in sorted(orders, key=lambda each: (-(each.requested_fen or 0), each.number)):
        for each in _todo(names, order):
            found[order.target.subject, each.what, each.code].append(each)
    lines = [
        replace(
            some[0],
            orders=[*{each.order.number: each.order for each in some}.values()],
            payment=next((one.key for one in told.payments if one.payee == subject), ""),
        )
        for (subject, *_), some in found.items()
    ]
    let_go = {each.number for each in orders if each.target.subject in told.mistaken and _is_kept_on(each)}
    offered = [
        replace(each, then="let_go") if each.code == RELEASE and each.order.number in let_go else each for each in lines
    ]
    return sorted(offered, key=lambda each: each.what == "sign")


def _is_kept_on(order: Order) -> bool:
    """Whether it restricts somebody and nobody has drafted its end."""
    return order.effect in RESTRICTING and not any(each.open and each.act in ENDINGS for each in order.instructions)


def _todo(names: OrderNames, order: Order) -> Iterator[TodoLine]:
    line = [names.line(order)]
    dead = next((each for each in order.instructions if each.delivery is Delivery.DEAD), None)
    unseen = dict.fromkeys(each for each in order.unseen if each != LATE or SILENT not in order.unseen)
    codes = [unseen_code(each) for each in unseen]
    signed = [each for each in order.instructions if each.paper is Paper.SIGNED]
    for each in codes:
        known = each.result or each.code
        what = must_of(each, is_dead=dead is not None, is_over=order.effect is Effect.LAPSED)
        act = "revive" if what == "dead" else "looked"
        named = str(dead.id) if what == "dead" and dead is not None else ""
        paper = str((dead or signed[-1]).id) if signed and what in FAXED else ""
        bank = names.institutions.get(order.institution_id) if what in RUNG_UP else None
        desks = () if bank is None else contact_lines(bank)
        yield TodoLine(
            orders=line,
            what=what,
            code=each.clock or known,
            act=act,
            instruction=named,
            paper=paper,
            then=THEN.get(what, ""),
            desks=desks,
        )
    if not codes and waits_for(order) is Waits.SIGNATURE:
        yield TodoLine(orders=line, what="sign", code="", act="")


def must_of(code: UnseenCode, *, is_dead: bool, is_over: bool) -> str:
    """What a person must do about a code: a word of `words.must`; a clock that rang in vain is over with its order."""
    known = code.result or code.code
    if code.clock and code.code not in {SILENT, LATE}:
        return "lapsed" if is_over else "clock"
    if code.clock:
        return code.clock
    return known if known in KNOWN_MUST else "dead" if is_dead else "look"


def act_on_alike(desk: Desk, look: Look, told: IncidentAct) -> None:
    """One act about each of the orders that fail alike: all of them that still wait, or none if one may not be."""
    orders = {each.number: each for some in look.orders.values() for each in some}
    if not told.orders or any(each not in orders for each in told.orders):
        raise NotFound("incidents.not_found", number=look.chased.asked.number)
    for order in sorted((orders[each] for each in set(told.orders)), key=lambda each: each.id):
        dead = [each.id for each in order.instructions if each.delivery is Delivery.DEAD]
        if told.act == "revive":
            for each in dead[:1]:
                revive(desk, order.id, each, told.reason)
        elif order.unseen:
            look_at(desk, order.id, told.reason)


ALIKE = frozenset({"looked", "revive"})
"""Acts about all orders of a line of what a person must do."""


def steps_of_chase(
    connection: Connection, names: OrderNames, told: Incident, orders: Sequence[Order]
) -> list[StepLine]:
    """What happened to the incident and to the orders of its chase, newest first."""
    by_id = {each.id: each for each in orders}
    found = steps_of(connection, set(by_id), SHOWN, MOST_STEPS)
    steps = [_order_step(names, by_id[order_id], entry) for order_id, entry in found]
    entries = entries_of_incident(connection, told.id)
    notes = _handed_over_with(connection, told, entries)
    own = [
        StepLine(
            at=each.at,
            kind=CORRECTED if _instead(each) else each.kind.value,
            by=each.by_name,
            is_house=each.by_id is None,
            account=names.subject(each.subject or (each.payment.payee if each.payment else None), sealed=False),
            words="" if each.kind is IncidentEntryKind.HELD_BY_BANK else each.value,
            note=notes.get(each.at, "") if each.kind is IncidentEntryKind.HANDED_OVER else "",
            amount_fen=_fen_of(each),
            instead=names.subject(_instead(each), sealed=False),
        )
        for each in reversed(entries)
    ]
    return sorted([*steps, *own], key=lambda each: each.at, reverse=True)[:MOST_STEPS]


def _handed_over_with(
    connection: Connection, told: Incident, entries: Sequence[IncidentEntry]
) -> Mapping[datetime, str]:
    """What each hand-over told the next officer, by when it was; the case keeps it as a note."""
    handed = {(each.at, each.by_name) for each in entries if each.kind is IncidentEntryKind.HANDED_OVER}
    notes = case_entries(connection, told.case_id, CaseEntryKind.NOTE) if handed else ()
    return {each.at: each.value for each in notes if (each.at, each.actor_name) in handed}


def _fen_of(entry: IncidentEntry) -> int | None:
    """What was paid, or what its bank says it holds already."""
    if entry.kind is IncidentEntryKind.HELD_BY_BANK:
        return int(entry.value)
    return None if entry.payment is None else entry.payment.amount_fen


def _instead(entry: IncidentEntry) -> SubjectId | None:
    """The account to which a payment was told before this entry put it right."""
    wrong = None if entry.payment is None else entry.payment.instead
    return None if wrong is None else wrong[0]


def _order_step(names: OrderNames, order: Order, entry: Entry) -> StepLine:
    acts: Mapping[UUID, str] = {each.id: each.act.value for each in order.instructions}
    result = result_of(entry.code) if entry.kind is not EntryKind.CONVERTED else ""
    clock = entry.kind is EntryKind.RANG
    return StepLine(
        at=entry.at,
        kind=entry.kind.value,
        by=entry.by.name,
        is_house=entry.by.user_id is None,
        order=order.number,
        order_kind=order.kind.value,
        act=acts.get(entry.instruction, "") if entry.instruction else "",
        account=names.subject(order.target.subject, sealed=False),
        institution=names.institution(order.institution_id),
        result=result,
        code=entry.code if result else "",
        note="" if result else entry.code.partition(".")[2] if clock else entry.code,
        words=entry.reason,
        amount_fen=entry.amounts.held_fen,
        ends_at=entry.ends_at,
    )


def contacts_of(connection: Connection, told: Incident) -> list[ToldContact]:
    """The numbers, sites and apps that the words of the report name and that an institution can block."""
    return [
        ToldContact(at=at, kind=each.kind, value=each.value, target=each.target, words=around)
        for at, (each, around) in enumerate(contacts_in("\n".join(_words(connection, told)), told.reported_at))
    ]


def _words(connection: Connection, told: Incident) -> Iterable[str]:
    """What was written down when the report was taken."""
    notes = case_entries(connection, told.case_id, CaseEntryKind.NOTE)
    until = told.taken_at + WRITTEN_WITHIN
    return [each.value for each in notes if told.taken_at <= each.at <= until and each.actor_name == told.taken_by][:1]


WRITTEN_WITHIN = timedelta(minutes=1)
"""The words are written in the transaction that takes the report."""
