"""What a chase sees: leads of the case's data beside the vault's ids, the register and the orders there are."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import cast
from uuid import UUID

from sqlalchemy import Connection

from fanzha.adapters.store.case_messages import facts_of_case
from fanzha.adapters.store.cases import case_of, joined_cases
from fanzha.adapters.store.incidents import IncidentQuery, incident_numbered, incidents
from fanzha.adapters.store.institutions import Profile, every_institution
from fanzha.adapters.store.orders import OrderQuery, list_orders
from fanzha.adapters.store.subjects import Identifier, identifiers_of, subject_ids
from fanzha.cases.case import Case
from fanzha.cases.incident import Incident, IncidentState
from fanzha.cases.joined import MOST_JOINED, Told, as_one, payments_of
from fanzha.cases.subjects import SubjectKind
from fanzha.cases.told import HolderTold
from fanzha.kernel.ids import CaseId, SubjectId
from fanzha.kernel.money import fen
from fanzha.orders.authority import AccountSort
from fanzha.orders.order import Order
from fanzha.registers.institutions import InstitutionKind, named_like
from fanzha.rulebook import load_chase
from fanzha.tracing.follow.case_flow import case_flow
from fanzha.tracing.frontier import Dwell
from fanzha.wiring.authorities import standing_for
from fanzha.wiring.desk import Desk
from fanzha.wiring.ledgers import case_ledger
from fanzha.workflows.chase_funds import ChasedAccount, ChaseMove, chase
from fanzha.workflows.chase_leads import Known, LeadFacts, Pace, TellsOf, known, together

ORDERS_AT_ONCE = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """A chase as it stands now: what is known, the facts and the institution of each account, orders, every move.

    `incident` is the one that was asked for, `incidents` all that are chased with it in one case, first taken first;
    `parts` is how much of what lies in an account is each incident's.
    """

    incident: Incident
    incidents: Sequence[Incident]
    case: Case
    known: Known
    facts: Mapping[SubjectId, LeadFacts]
    profiles: Mapping[SubjectId, Profile]
    orders: Mapping[SubjectId, Sequence[Order]]
    parts: Mapping[SubjectId, Mapping[UUID, int]]
    moves: tuple[ChaseMove, ...]


def scene(desk: Desk, number: str, *, lock: bool = False) -> Scene:
    """The chase of an incident as whoever is at the desk may see it; nothing is changed.

    With `lock` nobody else uses its authorities until the transaction ends.
    """
    asked = incident_numbered(desk.connection, number)
    case = case_of(desk.connection, asked.stands_in)
    cases = joined_cases(desk.connection, case.id)
    together = incidents_of(desk.connection, cases)
    payments, incident = payments_of(together), as_one(together)
    told = _known(desk, case, payments)
    orders = _orders(desk, cases)
    heard = _heard(desk, cases)
    facts = _named(desk, _by_subject(desk, told.leads, orders, incident), heard)
    profiles = _profiles(desk, incident, facts)
    parts = {subject: _whose(each, payments) for subject, each in facts.items()}
    by_account: dict[SubjectId, list[Order]] = defaultdict(list)
    for each in orders:
        by_account[each.target.subject].append(each)
    accounts = [
        _account(together, subject, each, parts[subject], profiles.get(subject), heard.get(subject, _NOTHING))
        for subject, each in facts.items()
    ]
    with desk.as_house() as as_house:
        standing = standing_for(desk.house, as_house, together, lock=lock)
    return Scene(
        incident=asked,
        incidents=together,
        case=case,
        known=told,
        facts=facts,
        profiles=profiles,
        orders=by_account,
        parts=parts,
        moves=chase(incident, accounts, by_account, standing, desk.now),
    )


def incidents_of(connection: Connection, cases: Sequence[CaseId]) -> list[Incident]:
    """The incidents of joined cases, first taken first."""
    return incidents(connection, IncidentQuery(case_ids=tuple(cases), limit=MOST_JOINED))[::-1]


def _whose(facts: LeadFacts, payments: Sequence[Told]) -> Mapping[UUID, int]:
    """How much of what lies there is each incident's: a payment that several tell of is the first one's."""
    found: Counter[UUID] = Counter()
    for place, lying in facts.parts.items():
        first, *others = payments[place].of
        found.update({first: lying, **dict.fromkeys(others, 0)})
    return found


def _orders(desk: Desk, cases: Sequence[CaseId]) -> list[Order]:
    """All orders of the cases, oldest first: one that is not seen would be made again."""
    found: list[Order] = []
    wanted = OrderQuery(case_ids=tuple(cases), sort="opened_at", descending=False, limit=ORDERS_AT_ONCE)
    total = 1
    while len(found) < total:
        total, more = list_orders(desk.connection, replace(wanted, offset=len(found)))
        found += more
        if not more:
            break
    return found


@cache
def pace() -> Pace:
    """How fast money goes on, as this version of the program expects it."""
    told = cast("Mapping[str, list[float]]", load_chase()["dwell"])
    dwell = Dwell(
        median_s=tuple(60 * each for each in told["median_minutes"]), log_sd=tuple(map(float, told["log_sd"]))
    )
    return Pace(dwell=dwell, delay_s={})


def _known(desk: Desk, case: Case, told: Sequence[Told]) -> Known:
    ledger = case_ledger(desk.house, desk.connection, case)
    wanted = {each for one in told for each in (one.payment.payee, one.payment.payee_name) if each is not None}
    clear = identifiers_of(desk.connection, desk.house.keys, wanted)
    payments = [
        TellsOf(
            place=place,
            payee=clear[each.payee].text,
            payee_name=clear[each.payee_name].text if each.payee_name in clear else "",
            fen=each.amount_fen,
            at=each.at,
        )
        for place, each in enumerate(one.payment for one in told)
        if each.payee in clear
    ]
    return known(ledger, case_flow(ledger.rows, ledger.found), payments, pace(), desk.now)


def _by_subject(
    desk: Desk, leads: Sequence[LeadFacts], orders: Sequence[Order], incident: Incident
) -> dict[SubjectId, LeadFacts]:
    """Each lead by the id under which the case knows its account already, else by that of its first identifier.

    What was told of one account by victims only stands beside what its statements tell: it is one lead.
    """
    ids = subject_ids(
        desk.house.keys, {Identifier(SubjectKind.ACCOUNT, each) for lead in leads for each in lead.identifiers}
    )
    known_already = {each.target.subject for each in orders} | {each.payee for each in incident.payments}
    found: dict[SubjectId, LeadFacts] = {}
    for lead in leads:
        mine = [ids[Identifier(SubjectKind.ACCOUNT, each)] for each in lead.identifiers]
        subject = next((each for each in mine if each in known_already), mine[0])
        found[subject] = together(found[subject], lead) if subject in found else lead
    return found


def _profiles(desk: Desk, incident: Incident, facts: Mapping[SubjectId, LeadFacts]) -> dict[SubjectId, Profile]:
    """Where each account is: as the report says, else as statements name its bank."""
    registered = every_institution(desk.connection)
    by_id = {each.id: each for each in registered}
    by_name = {each.institution.name: each for each in registered}
    told = {each.payee: by_id[each.institution_id] for each in incident.payments if each.institution_id in by_id}
    found = dict(told)
    for subject, each in facts.items():
        fits = named_like([one.institution for one in registered], each.bank)
        if subject not in found and fits is not None:
            found[subject] = by_name[fits.name]
    return found


@dataclass(frozen=True, slots=True)
class _Heard:
    """What banks told last of an account: its holder, and its balance."""

    holder: HolderTold | None = None
    balance_fen: int | None = None


_NOTHING = _Heard()


def _heard(desk: Desk, cases: Sequence[CaseId]) -> dict[SubjectId, _Heard]:
    found: dict[SubjectId, _Heard] = {}
    for each in facts_of_case(desk.connection, *cases):
        before, told = found.get(each.fact.subject, _NOTHING), each.fact.told
        if isinstance(told, HolderTold):
            found[each.fact.subject] = replace(before, holder=told)
        elif told.balance_fen is not None:
            found[each.fact.subject] = replace(before, balance_fen=told.balance_fen)
    return found


def _named(
    desk: Desk, facts: Mapping[SubjectId, LeadFacts], heard: Mapping[SubjectId, _Heard]
) -> dict[SubjectId, LeadFacts]:
    """Facts with the holder's name as the bank's own file has it, where nobody else told one."""
    told = {each: one.holder.name for each, one in heard.items() if one.holder is not None}
    clear = identifiers_of(desk.connection, desk.house.keys, told.values())
    return {
        subject: each if each.name or told.get(subject) not in clear else replace(each, name=clear[told[subject]].text)
        for subject, each in facts.items()
    }


def _account(
    together: Sequence[Incident],
    subject: SubjectId,
    facts: LeadFacts,
    parts: Mapping[UUID, int],
    profile: Profile | None,
    heard: _Heard,
) -> ChasedAccount:
    states = {each.state for each in together if each.id in parts}
    return ChasedAccount(
        lead=facts.lead,
        subject=subject,
        institution_id=None if profile is None else profile.id,
        sorts=frozenset(_sorts(facts, profile, heard)),
        balance_fen=facts.balance_fen if heard.balance_fen is None else fen(heard.balance_fen),
        is_named=any(each.names(subject) for each in together),
        has_name=bool(facts.name),
        of=frozenset(parts),
        is_halted=IncidentState.HALTED in states,
        is_over=states == {IncidentState.CLOSED},
    )


def _sorts(facts: LeadFacts, profile: Profile | None, heard: _Heard) -> Iterator[AccountSort]:
    """What sort of account it is, as far as its bank or its place tells."""
    if profile is not None and profile.institution.kind is InstitutionKind.PAYMENT and not facts.name:
        yield AccountSort.PAYMENT_POOL
    if heard.holder is not None and heard.holder.holder_class:
        yield AccountSort(heard.holder.holder_class)
