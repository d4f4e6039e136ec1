"""The live desk, from the house: the board of incidents, one with its chase, reports taken, acts done."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection

from fanzha.adapters.store.cases import case_of
from fanzha.adapters.store.incidents import (
    IncidentQuery,
    Stakes,
    Together,
    all_stakes,
    board,
    incident_numbered,
    incidents,
    together,
)
from fanzha.adapters.store.institutions import every_institution
from fanzha.adapters.store.roles import require
from fanzha.apps.web.views.incidents import (
    AskedPayment,
    AskedReport,
    ChasedLine,
    Handover,
    IncidentAct,
    IncidentLine,
    IncidentView,
    MoveLine,
    PaymentLine,
    ToldContact,
)
from fanzha.apps.web.views.institutions import ContactLine
from fanzha.apps.web.views.orders import OrderLine
from fanzha.apps.web.views.shown import Choice, Masked
from fanzha.apps.web.views.tables import Page, Query
from fanzha.apps.web.wired.authorities import authority_line
from fanzha.apps.web.wired.chase_graph import LIKELY_PPM, graph_of
from fanzha.apps.web.wired.house_parts import HouseParts
from fanzha.apps.web.wired.incident_steps import ALIKE, act_on_alike, contacts_of, steps_of_chase, todo_of
from fanzha.apps.web.wired.institution_lines import contact_lines
from fanzha.apps.web.wired.masks import subject_of
from fanzha.apps.web.wired.opening import unit_choice
from fanzha.apps.web.wired.order_names import OrderNames, named_with
from fanzha.apps.web.wired.orders import key_id
from fanzha.cases.incident import Incident, IncidentEntryKind, IncidentState, Source
from fanzha.kernel.errors import Invalid, NotFound
from fanzha.kernel.ids import SubjectId
from fanzha.kernel.units import Actor, covers
from fanzha.orders.effects import OrderKind
from fanzha.orders.proportion import beyond_traced
from fanzha.wiring.authorities import standing_for
from fanzha.wiring.chase import draft_move, draft_stops, holds_all, stakes_at, stops_together, stops_waiting
from fanzha.wiring.chase_look import look_at
from fanzha.wiring.chase_scene import Scene, scene
from fanzha.wiring.corrections import correct_payment
from fanzha.wiring.desk import Desk
from fanzha.wiring.handover import hand_over, next_officers
from fanzha.wiring.house import House
from fanzha.wiring.incidents import (
    NewPaid,
    NewReport,
    add_payment,
    check_identity,
    close_incident,
    halt,
    judge_account,
    resume,
    same_payees,
    same_report,
    take_report,
    with_numbers,
)
from fanzha.workflows.chase_funds import ChaseMove, Waiting
from fanzha.workflows.chase_leads import LeadFacts

_OPEN = (IncidentState.OPEN, IncidentState.HALTED)
_JUDGED = {
    "exclude": IncidentEntryKind.EXCLUDED,
    "include": IncidentEntryKind.INCLUDED,
    "confirm": IncidentEntryKind.CONFIRMED,
}
_DONE: Mapping[str, Callable[[Desk, str, str], Incident]] = {
    "halt": halt,
    "resume": resume,
    "close": close_incident,
    "identity": lambda desk, number, reason: check_identity(desk, number),
}


def reported(house: House, actor: Actor, asked: AskedReport, *, from_file: bool = False) -> tuple[str, str]:
    """The number of the incident that a report became, and whether it was `taken`, `repeated` by the same key, or has
    the `same` payments of the same reporter as an incident that somebody took: of files, which several may send."""
    new = NewReport(
        source=_one_of(asked.source),
        reported_at=asked.reported_at or house.now(),
        payments=tuple(new_paid(each) for each in asked.payments),
        victim=asked.victim,
        scam_type=asked.scam_type,
        words=asked.words,
        identity_checked=asked.identity_checked,
        id=key_id(actor, asked.key),
    )
    with house.act(actor) as connection:
        is_new = new.id is None or not incidents(connection, IncidentQuery(id=new.id))
        desk = Desk(house=house, connection=connection, actor=actor)
        if from_file and is_new and (same := same_report(desk, new)):
            return same.number, "same"
        if is_new:
            new = with_numbers(desk, new)
    with house.act(actor) as connection:
        desk = Desk(house=house, connection=connection, actor=actor)
        if from_file and is_new and (same := same_report(desk, new)):  # sent by somebody else meanwhile
            return same.number, "repeated" if same.id == new.id else "same"
        return take_report(desk, new).number, "taken" if is_new else "repeated"


def new_paid(told: AskedPayment) -> NewPaid:
    """A payment as it was typed, for the desk."""
    return NewPaid(
        institution=told.institution,
        payee=told.payee,
        payee_name=told.payee_name,
        amount_fen=told.amount_fen,
        at=told.at,
        payer=told.payer,
    )


class WiredIncidents(HouseParts):
    """Incidents: board, take, show, act."""

    def incidents(self, actor: Actor, query: Query) -> Page[IncidentLine]:
        """Incidents in sight, the most that can still be had first."""
        require(actor, "orders.see")
        asked = query.word("incident_state")
        states = (IncidentState(asked),) if asked else _OPEN
        with self.house.act(actor) as connection:
            total, found = board(connection, states, query.offset, query.size, least_first=not query.descending)
            lines = incident_lines(connection, found)
        return Page(rows=lines, total=total, page=query.page, size=query.size)

    def report_institutions(self, actor: Actor) -> Sequence[Choice]:
        """The institutions at which a payee's account may be."""
        require(actor, "cases.open")
        with self.house.act(actor) as connection:
            known = [each.institution for each in every_institution(connection)]
        return [
            Choice(code=each.name, zh=each.name_zh, en=each.name_en)
            for each in known
            if each.kind.value in {"bank", "payment"}
        ]

    def same_reports(self, actor: Actor, payees: Sequence[str]) -> Sequence[IncidentLine]:
        """Incidents that name one of these accounts already."""
        require(actor, "cases.open")
        with self.house.act(actor) as connection:
            desk = Desk(house=self.house, connection=connection, actor=actor)
            found = same_payees(desk, payees)
            return lines_of(connection, found)

    def take_report(self, actor: Actor, asked: AskedReport) -> str:
        """The number of the incident; the same key again is the same incident."""
        return reported(self.house, actor, asked)[0]

    def latest_incident(self, actor: Actor) -> str:
        """The number of the open incident that was reported last; empty without one."""
        require(actor, "orders.see")
        with self.house.act(actor) as connection:
            newest = incidents(connection, IncidentQuery(limit=1))
        return next((each.number for each in newest if each.state in _OPEN), "")

    def add_told_payment(self, actor: Actor, number: str, told: AskedPayment) -> None:
        """One more payment that the victim remembers, or the right one instead of a told one."""
        require(actor, "orders.draft")
        with self.house.act(actor) as connection:
            desk = Desk(house=self.house, connection=connection, actor=actor)
            if told.instead:
                correct_payment(desk, number, new_paid(told), told.instead, told.reason)
            else:
                add_payment(desk, number, new_paid(told))

    def incident(self, actor: Actor, number: str) -> IncidentView:
        """One incident with its chase."""
        require(actor, "orders.see")
        with self.house.act(actor) as connection:
            desk = Desk(house=self.house, connection=connection, actor=actor)
            return _view(desk, scene(desk, number))

    def act_on_incident(self, actor: Actor, number: str, told: IncidentAct) -> str:
        """The page that shows what came of it."""
        require(actor, "orders.draft")
        with self.house.act(actor) as connection:
            desk = Desk(house=self.house, connection=connection, actor=actor)
            if told.act == "draft":
                order = draft_move(desk, number, _kind(told.kind), subject_of(told.account), told.holder)
                return f"/orders/{order.number}"
            if told.act == "draft_stops":
                draft_stops(desk, number)
            elif told.act in _JUDGED:
                judge_account(desk, number, _JUDGED[told.act], subject_of(told.account), told.reason)
            elif told.act in ALIKE:
                act_on_alike(desk, look_at(desk, number), told)
            elif told.act == "hand_over":
                hand_over(desk, [number], told.account, told.reason)
            elif told.act in _DONE:
                _DONE[told.act](desk, number, told.reason)
            else:
                raise Invalid("web.bad_filter", name="act")
        return f"/incidents/{number}"

    def handover(self, actor: Actor) -> Handover:
        """Open incidents in sight, and the people to whom one may hand them over."""
        require(actor, "orders.draft")
        with self.house.act(actor) as connection:
            _, found = board(connection, _OPEN, 0, MOST_HANDED, least_first=False)
            mine = [(told, stakes) for told, stakes in found if covers(actor.scope, told.unit_path)]
            desk = Desk(house=self.house, connection=connection, actor=actor)
            people = [each.login for each in next_officers(desk, {told.unit_path for told, _ in mine})]
            lines = incident_lines(connection, mine)
        return Handover(incidents=lines, mine=actor.name, people=people)

    def hand_over(self, actor: Actor, numbers: Sequence[str], to: str, note: str) -> None:
        """Somebody else answers for these from now on: for all of them, or none if one cannot be handed over."""
        with self.house.act(actor) as connection:
            hand_over(Desk(house=self.house, connection=connection, actor=actor), numbers, to, note)

    def told_contact(self, actor: Actor, number: str, at: int) -> tuple[str, ToldContact]:
        """The case of an incident and one of the contacts that its report names."""
        require(actor, "orders.draft")
        with self.house.act(actor) as connection:
            told = incident_numbered(connection, number)
            found = {each.at: each for each in contacts_of(connection, told)}
            if at not in found:
                raise NotFound("incidents.not_found", number=number)
            return case_of(connection, told.stands_in).ref, found[at]


MOST_HANDED = 200


def _one_of(source: str) -> Source:
    try:
        return Source(source)
    except ValueError:
        raise Invalid("web.bad_filter", name="source") from None


def _kind(kind: str) -> OrderKind:
    try:
        return OrderKind(kind)
    except ValueError:
        raise Invalid("web.bad_filter", name="kind") from None


def incident_lines(connection: Connection, found: Sequence[tuple[Incident, Stakes]]) -> list[IncidentLine]:
    """Incidents as rows."""
    shared = together(connection, found)
    units = {path: unit_choice(connection, path) for path in {told.unit_path for told, _ in found}}
    return [_line(told, stakes, shared[told.id], units[told.unit_path]) for told, stakes in found]


def lines_of(connection: Connection, some: Sequence[Incident]) -> list[IncidentLine]:
    """Incidents as rows, as their chase last stood."""
    stakes = all_stakes(connection, [each.id for each in some])
    return incident_lines(connection, [(each, stakes[each.id]) for each in some])


def _line(told: Incident, stakes: Stakes, shared: Together, unit: Choice) -> IncidentLine:
    return IncidentLine(
        number=told.number,
        taken_at=told.taken_at,
        paid_at=min((each.at for each in told.payments), default=told.reported_at),
        source=told.source.value,
        scam_type=told.scam_type,
        lost_fen=told.lost_fen,
        holding_fen=stakes.held_fen,
        recoverable_fen=stakes.recoverable_fen,
        doubtful_fen=stakes.doubtful_fen,
        gone_fen=stakes.gone_fen,
        together=shared.incidents,
        waiting=shared.waiting,
        state=told.state.value,
        handler=told.handler,
        unit=unit,
    )


def _view(desk: Desk, seen: Scene) -> IncidentView:
    look, connection = seen.look, desk.connection
    told, together = look.chased.asked, look.chased.together
    orders = [order for some in look.orders.values() for order in some]
    wanted = [told.victim, *look.facts, *(each for one in told.payments for each in (one.payee, one.payee_name))]
    names = named_with(desk.house, connection, orders, [each for each in wanted if each is not None])
    lines = sorted((names.line(each) for each in orders), key=lambda each: each.opened_at, reverse=True)
    standing = standing_for(desk, together)
    stops, others = stops_waiting(seen), [each for each in together if each.id != told.id]
    stakes = stakes_at(seen, desk.now)
    (line, *same) = incident_lines(connection, [(each, stakes[each.id]) for each in (told, *others)])
    return IncidentView(
        line=line,
        stops_waiting=stops,
        stops_together=stops_together(seen),
        case=look.chased.case.ref,
        victim=names.subject(told.victim, sealed=False),
        payments=[
            PaymentLine(
                payee=names.subject(each.payee, sealed=False) or Masked(""),
                name=names.subject(each.payee_name, sealed=False),
                institution=names.institution(each.institution_id),
                amount_fen=each.amount_fen,
                at=each.at,
                key=each.key,
            )
            for each in told.payments
        ],
        accounts=[_chased(seen, names, subject, desk.now) for subject in look.facts],
        orders=lines,
        steps=steps_of_chase(connection, names, told, orders),
        todo=todo_of(names, told, orders),
        contacts=contacts_of(connection, told),
        authorities=[authority_line(desk, each) for each in standing],
        identity_checked_at=told.identity_checked_at,
        paperwork_due=told.paperwork_due,
        outcome=told.outcome,
        writable=desk.actor.may("orders.draft") and covers(desk.actor.scope, told.unit_path),
        same=same,
        graph=graph_of(desk, look),
    )


def _chased(seen: Scene, names: OrderNames, subject: SubjectId, now: datetime) -> ChasedLine:
    look, incident = seen.look, seen.look.chased.asked
    facts, lead = look.facts[subject], look.facts[subject].lead
    profile = look.profiles.get(subject)
    orders = look.orders.get(subject, ())
    held = sum(each.holding_fen for each in orders)
    beyond, fen_hours = beyond_traced(orders, lead.fen, now)
    mine: list[OrderLine] = [names.line(each) for each in orders]
    chance = 100 * lead.recoverable_fen // lead.fen if lead.fen else 0
    likely = lead.there_ppm >= LIKELY_PPM and not holds_all(orders)
    return ChasedLine(
        key=f"{subject:016x}",
        account=names.subject(subject, sealed=False) or Masked(""),
        holder=names.masked_name(facts.name),
        institution=None if profile is None else names.institution(profile.id),
        bank=facts.bank,
        layer=lead.layer,
        fen=lead.fen,
        balance_fen=facts.balance_fen,
        held_fen=held,
        recoverable_fen=0 if held >= lead.fen or holds_all(orders) else lead.recoverable_fen,
        chance=chance,
        came_at=lead.came_at,
        beyond_fen=beyond,
        beyond_fen_hours=fen_hours,
        place=_place(facts, held, likely=likely),
        excluded=subject in incident.excluded,
        confirmed=subject in incident.confirmed,
        orders=mine,
        moves=[
            _move(each, () if profile is None else contact_lines(profile.institution))
            for each in seen.moves
            if each.account.subject == subject
        ],
        complete=facts.is_complete,
    )


def _place(facts: LeadFacts, held_fen: int, *, likely: bool) -> str:
    """Where its money stands, as a word of `words.chase_place`."""
    if facts.is_absent and held_fen == 0:
        return "absent"
    if facts.lead.fen == 0:
        return "awaited"
    return "held" if held_fen >= facts.lead.fen else "moving" if likely else "doubtful"


def _move(move: ChaseMove, desks: Sequence[ContactLine]) -> MoveLine:
    is_error = "." in move.waits and move.waits not in {each.value for each in Waiting}
    return MoveLine(
        kind=move.kind.value,
        query_of=str(move.query_of or ""),
        account=f"{move.account.subject:016x}",
        waits="" if is_error else str(move.waits),
        because=move.waits if is_error else "",
        recoverable_fen=move.recoverable_fen,
        desks=desks if move.waits == Waiting.PAPERS_FIRST else (),
    )
