"""What a chase sees: leads of the case's data beside the vault's ids, the register and the orders there are."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
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
from fanzha.cases.incident import Incident
from fanzha.cases.joined import MOST_JOINED, Told, as_one, payments_of
from fanzha.cases.subjects import SubjectKind
from fanzha.cases.told import HolderTold
from fanzha.kernel.ids import CaseId, SubjectId
from fanzha.orders.authority import Authority
from fanzha.orders.order import Order
from fanzha.registers.institutions import named_like
from fanzha.rulebook import load_chase
from fanzha.tracing.follow.case_flow import case_flow
from fanzha.tracing.frontier import Dwell
from fanzha.wiring.authorities import standing_for
from fanzha.wiring.desk import Desk
from fanzha.wiring.ledgers import case_ledger
from fanzha.workflows.chase_accounts import NOTHING_HEARD, Heard, Keeper, by_subject, chased_account, named
from fanzha.workflows.chase_funds import ChasedAccount, ChaseMove, Standing, chase
from fanzha.workflows.chase_leads import Known, LeadFacts, Pace, TellsOf, awaited, known

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
    accounts: Sequence[ChasedAccount]
    parts: Mapping[SubjectId, Mapping[UUID, int]]
    moves: tuple[ChaseMove, ...]
    authorities: Mapping[UUID, Authority]


def scene(desk: Desk, number: str, *, lock: bool = False) -> Scene:
    """The chase of an incident as whoever is at the desk may see it; nothing is changed.

    With `lock` nobody else uses the authorities under which something leaves until the transaction ends.
    """
    asked = incident_numbered(desk.connection, number)
    case = case_of(desk.connection, asked.stands_in)
    cases = joined_cases(desk.connection, case.id)
    together = incidents_of(desk.connection, cases)
    payments, incident = payments_of(together), as_one(together)
    told, tells = _known(desk, case, payments)
    orders = _orders(desk, cases)
    heard = _heard(desk, cases)
    facts = _named(desk, _leads_by_subject(desk, told.leads, orders, incident), heard)
    facts = {**facts, **_awaited(desk, incident, facts, tells)}
    profiles = _profiles(desk, incident, facts)
    parts = {subject: _whose(subject, each, payments, together) for subject, each in facts.items()}
    by_account: dict[SubjectId, list[Order]] = defaultdict(list)
    for each in orders:
        by_account[each.target.subject].append(each)
    accounts = [
        chased_account(
            together, subject, each, parts[subject], _keeper(profiles.get(subject)), heard.get(subject, NOTHING_HEARD)
        )
        for subject, each in facts.items()
    ]
    late = {each.id for each in together if not each.identity_checked and each.paperwork_due <= desk.now}
    accounts = [replace(each, lacks_papers=not late.isdisjoint(each.of)) for each in accounts]

    def allowed(standing: Sequence[Standing]) -> tuple[ChaseMove, ...]:
        return chase(incident, accounts, by_account, standing, desk.now)

    standing, moves = _decided(desk, together, allowed, lock=lock)
    return Scene(
        incident=asked,
        incidents=together,
        case=case,
        known=told,
        facts=facts,
        profiles=profiles,
        orders=by_account,
        accounts=accounts,
        parts=parts,
        moves=moves,
        authorities={each.authority.id: each.authority for each in standing},
    )


def _decided(
    desk: Desk,
    together: Sequence[Incident],
    allowed: Callable[[Sequence[Standing]], tuple[ChaseMove, ...]],
    *,
    lock: bool,
) -> tuple[Sequence[Standing], tuple[ChaseMove, ...]]:
    """Every move under the authorities as they stand; with `lock` alone on those that are used.

    Who uses one shift's authority takes all of them, always in one order; an incident's own are taken by its rounds
    only, which are alone on its case.
    """
    alone: frozenset[UUID] = frozenset()
    while True:
        with desk.as_house() as as_house:
            standing = standing_for(desk.house, as_house, together, alone)
        moves = allowed(standing)
        used = {each.authority_id for each in moves if each.authority_id is not None}
        if not lock or used <= alone:
            return standing, moves
        shifts = {each.authority.id for each in standing if each.authority.incident_id is None}
        alone |= used | (shifts if used & shifts else frozenset())


def incidents_of(connection: Connection, cases: Sequence[CaseId]) -> list[Incident]:
    """The incidents of joined cases, first taken first."""
    return incidents(connection, IncidentQuery(case_ids=tuple(cases), limit=MOST_JOINED))[::-1]


def _whose(
    subject: SubjectId, facts: LeadFacts, payments: Sequence[Told], together: Sequence[Incident]
) -> Mapping[UUID, int]:
    """How much of what lies there is each incident's: a payment that several tell of is the first one's."""
    found: Counter[UUID] = Counter({each.id: 0 for each in together if subject in each.awaited})
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


def _known(desk: Desk, case: Case, told: Sequence[Told]) -> tuple[Known, Sequence[TellsOf]]:
    """What the case's data tells, and the payments in clear."""
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
    return known(ledger, case_flow(ledger.rows, ledger.found), payments, pace(), desk.now), payments


def _awaited(
    desk: Desk, incident: Incident, facts: Mapping[SubjectId, LeadFacts], tells: Sequence[TellsOf]
) -> dict[SubjectId, LeadFacts]:
    """Accounts that a named person found involved and to which no money is traced yet."""
    some = {each: told for each, told in incident.awaited.items() if each not in facts}
    if not some or not tells:
        return {}
    wanted = {*some, *(each.holder for each in some.values() if each.holder is not None)}
    clear = identifiers_of(desk.connection, desk.house.keys, wanted)
    last = max(tells, key=lambda each: each.at)
    return {
        subject: awaited(clear[subject].text, clear[told.holder].text if told.holder in clear else "", last, told.at)
        for subject, told in some.items()
        if subject in clear
    }


def _leads_by_subject(
    desk: Desk, leads: Sequence[LeadFacts], orders: Sequence[Order], incident: Incident
) -> dict[SubjectId, LeadFacts]:
    """Each lead by the vault's id of its account."""
    ids = subject_ids(
        desk.house.keys, {Identifier(SubjectKind.ACCOUNT, each) for lead in leads for each in lead.identifiers}
    )
    known_already = {each.target.subject for each in orders} | {each.payee for each in incident.payments}
    return by_subject(leads, {each.text: subject for each, subject in ids.items()}, known_already)


def _profiles(desk: Desk, incident: Incident, facts: Mapping[SubjectId, LeadFacts]) -> dict[SubjectId, Profile]:
    """Where each account is: as the report says, else as statements name its bank."""
    registered = every_institution(desk.connection)
    by_id = {each.id: each for each in registered}
    by_name = {each.institution.name: each for each in registered}
    named = {each.payee: each.institution_id for each in incident.payments}
    named |= {subject: each.institution_id for subject, each in incident.awaited.items()}
    told = {subject: by_id[each] for subject, each in named.items() if each in by_id}
    found = dict(told)
    for subject, each in facts.items():
        fits = named_like([one.institution for one in registered], each.bank)
        if subject not in found and fits is not None:
            found[subject] = by_name[fits.name]
    return found


def _heard(desk: Desk, cases: Sequence[CaseId]) -> dict[SubjectId, Heard]:
    found: dict[SubjectId, Heard] = {}
    for each in facts_of_case(desk.connection, *cases):
        before, told = found.get(each.fact.subject, NOTHING_HEARD), each.fact.told
        if isinstance(told, HolderTold):
            found[each.fact.subject] = replace(before, holder=told)
        elif told.balance_fen is not None:
            found[each.fact.subject] = replace(before, balance_fen=told.balance_fen)
    return found


def _named(
    desk: Desk, facts: Mapping[SubjectId, LeadFacts], heard: Mapping[SubjectId, Heard]
) -> dict[SubjectId, LeadFacts]:
    """Facts with names that the vault opens."""
    told = {each: one.holder.name for each, one in heard.items() if one.holder is not None}
    clear = identifiers_of(desk.connection, desk.house.keys, told.values())
    return named(facts, {each: clear[name].text for each, name in told.items() if name in clear})


def _keeper(profile: Profile | None) -> Keeper | None:
    return None if profile is None else Keeper(profile.id, profile.institution.kind)
