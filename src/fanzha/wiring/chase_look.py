"""What a chase sees: leads of the case's data beside the vault's ids, the register and the orders there are."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from fanzha.adapters.store.case_messages import facts_of_case
from fanzha.adapters.store.case_orders import orders_of_cases
from fanzha.adapters.store.imports import Import
from fanzha.adapters.store.institutions import Profile, every_institution
from fanzha.adapters.store.subjects import Identifier, identifiers_of, subject_ids
from fanzha.cases.incident import Incident
from fanzha.cases.joined import Told, as_one, payments_of
from fanzha.cases.subjects import SubjectKind
from fanzha.cases.told import HolderTold
from fanzha.kernel.ids import CaseId, SubjectId
from fanzha.orders.order import Order
from fanzha.registers.institutions import named_like
from fanzha.tracing.follow.case_flow import CaseFlow
from fanzha.wiring.chase_cases import Chased, chased
from fanzha.wiring.chase_rules import holder_words, pace
from fanzha.wiring.desk import Desk
from fanzha.wiring.ledgers import case_ledger, ledger_alone
from fanzha.workflows.case_ledger import CaseLedger
from fanzha.workflows.chase_accounts import (
    NOTHING_HEARD,
    Heard,
    Keeper,
    believed,
    by_subject,
    chased_account,
    named,
    not_denied,
)
from fanzha.workflows.chase_funds import ChasedAccount
from fanzha.workflows.chase_leads import Known, LeadFacts, TellsOf, awaited, known


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """A look at a chase: what is known, the facts and the institution of each account, its orders, and how much of
    what lies there is each incident's."""

    chased: Chased
    now: datetime
    known: Known
    facts: Mapping[SubjectId, LeadFacts]
    profiles: Mapping[SubjectId, Profile]
    orders: Mapping[SubjectId, Sequence[Order]]
    accounts: Sequence[ChasedAccount]
    parts: Mapping[SubjectId, Mapping[UUID, int]]


def look_at(desk: Desk, number: str) -> Look:
    """Where the money of an incident's chase lies, as whoever is at the desk may see it; nothing is changed."""
    found = chased(desk.connection, number)
    return looked(desk, found, read_case(desk, found))


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseRead:
    """What a look at a chase needs of the database: its case's ledger and orders, what banks told of its accounts,
    everybody whom it names in clear, and the register."""

    ledger: CaseLedger
    flow: CaseFlow
    orders: Sequence[Order]
    heard: Mapping[SubjectId, Heard]
    clear: Mapping[SubjectId, Identifier]
    registered: Sequence[Profile]


def read_case(desk: Desk, found: Chased) -> CaseRead:
    """All of it, each once."""
    (read,) = _read(desk, [found], {found.case.id: case_ledger(desk.house, desk.connection, found.case)})
    return read


def read_alone(desk: Desk, some: Sequence[Chased], imports: Mapping[CaseId, Sequence[Import]]) -> list[CaseRead]:
    """The same of several chases, for a worker of their unit who holds the locks of their cases, of which these imports
    count."""
    house, connection = desk.house, desk.connection
    ledgers = {each.case.id: ledger_alone(house, connection, each.case, imports[each.case.id]) for each in some}
    return _read(desk, some, ledgers)


def _read(desk: Desk, some: Sequence[Chased], ledgers: Mapping[CaseId, CaseLedger]) -> list[CaseRead]:
    """What every chase needs beside its ledger, each read once for all of them."""
    cases = [case for each in some for case in each.cases]
    home = {case: each.case.id for each in some for case in each.cases}
    heard, orders = _heard(desk, home), defaultdict[CaseId, list[Order]](list)
    for each in orders_of_cases(desk.connection, cases):
        orders[home[each.case_id]].append(each)
    named = set[SubjectId]().union(*(named_in(each.together, heard[each.case.id]) for each in some))
    clear = identifiers_of(desk.connection, desk.house.keys, named)
    registered = every_institution(desk.connection)
    return [
        CaseRead(
            ledger=ledgers[case],
            flow=ledgers[case].flow,
            orders=orders[case],
            heard=heard[case],
            clear=clear,
            registered=registered,
        )
        for case in (each.case.id for each in some)
    ]


def named_in(together: Sequence[Incident], heard: Mapping[SubjectId, Heard]) -> set[SubjectId]:
    """Everybody whom incidents, or banks, name and whom a look needs in clear."""
    told = [(each.payee, each.payee_name) for one in together for each in one.payments]
    told += [(who, each.holder) for one in together for who, each in one.awaited.items()]
    banks = {each.holder.name for each in heard.values() if each.holder is not None}
    return banks | {who for pair in told for who in pair if who is not None}


def looked(desk: Desk, found: Chased, read: CaseRead) -> Look:
    """Where the money of a chase lies, as far as anybody told, and who keeps it."""
    together = found.together
    payments, incident = payments_of(together), as_one(together)
    tells = list(_tells(payments, read.clear))
    told = known(read.ledger, read.flow, tells, pace(), desk.now)
    facts = _named(_leads_by_subject(desk, told.leads, read.orders, incident), read)
    facts = {**facts, **_awaited(incident, facts, tells, read.clear)}
    by_account: dict[SubjectId, list[Order]] = defaultdict(list)
    for each in read.orders:
        by_account[each.target.subject].append(each)
    facts = believed(facts, read.heard, by_account, pace().dwell, desk.now)
    profiles = _profiles(read.registered, incident, facts)
    facts = not_denied(facts, by_account, {each: one.id for each, one in profiles.items()})
    parts = {subject: _whose(subject, each, payments, together) for subject, each in facts.items()}
    return Look(
        chased=found,
        now=desk.now,
        known=told,
        facts=facts,
        profiles=profiles,
        orders=by_account,
        accounts=list(_accounts(desk, together, facts, profiles, parts, read.heard)),
        parts=parts,
    )


def _accounts(
    desk: Desk,
    together: Sequence[Incident],
    facts: Mapping[SubjectId, LeadFacts],
    profiles: Mapping[SubjectId, Profile],
    parts: Mapping[SubjectId, Mapping[UUID, int]],
    heard: Mapping[SubjectId, Heard],
) -> Iterator[ChasedAccount]:
    """Each account as a chase looks at it, and whether its incidents' papers were seen."""
    late = {each.id for each in together if not each.identity_checked and each.paperwork_due <= desk.now}
    unseen = {each.id for each in together if not each.identity_checked}
    for subject, each in facts.items():
        keeper, said = _keeper(profiles.get(subject)), heard.get(subject, NOTHING_HEARD)
        account = chased_account(together, subject, each, parts[subject], keeper, said)
        if unseen:
            first = bool(account.of) and account.of <= unseen and not _trusts(profiles.get(subject))
            account = replace(account, lacks_papers=not late.isdisjoint(account.of), papers_first=first)
        yield account


def _whose(
    subject: SubjectId, facts: LeadFacts, payments: Sequence[Told], together: Sequence[Incident]
) -> Mapping[UUID, int]:
    """How much of what lies there is each incident's: a payment that several tell of is the first one's."""
    found: Counter[UUID] = Counter({each.id: 0 for each in together if subject in each.awaited})
    for place, lying in facts.parts.items():
        first, *others = payments[place].of
        found.update({first: lying, **dict.fromkeys(others, 0)})
    return found


def _tells(told: Sequence[Told], clear: Mapping[SubjectId, Identifier]) -> Iterator[TellsOf]:
    """The payments in clear, but for those to accounts that are erased."""
    for place, each in enumerate(one.payment for one in told):
        if each.payee in clear:
            yield TellsOf(
                place=place,
                payee=clear[each.payee].text,
                payee_name=_text(clear, each.payee_name),
                fen=each.amount_fen,
                at=each.at,
            )


def _awaited(
    incident: Incident,
    facts: Mapping[SubjectId, LeadFacts],
    tells: Sequence[TellsOf],
    clear: Mapping[SubjectId, Identifier],
) -> dict[SubjectId, LeadFacts]:
    """Accounts that a named person found involved and to which no money is traced yet."""
    some = {each: told for each, told in incident.awaited.items() if each not in facts}
    if not some or not tells:
        return {}
    last = max(tells, key=lambda each: each.at)
    return {
        subject: awaited(clear[subject].text, _text(clear, told.holder), last, told.at)
        for subject, told in some.items()
        if subject in clear
    }


def _text(clear: Mapping[SubjectId, Identifier], who: SubjectId | None) -> str:
    """In clear, as far as somebody was named and is not erased."""
    return clear[who].text if who is not None and who in clear else ""


def _leads_by_subject(
    desk: Desk, leads: Sequence[LeadFacts], orders: Sequence[Order], incident: Incident
) -> dict[SubjectId, LeadFacts]:
    """Each lead by the vault's id of its account."""
    ids = subject_ids(
        desk.house.keys, {Identifier(SubjectKind.ACCOUNT, each) for lead in leads for each in lead.identifiers}
    )
    known_already = {each.target.subject for each in orders} | {each.payee for each in incident.payments}
    return by_subject(leads, {each.text: subject for each, subject in ids.items()}, known_already)


def _profiles(
    registered: Sequence[Profile], incident: Incident, facts: Mapping[SubjectId, LeadFacts]
) -> dict[SubjectId, Profile]:
    """Where each account is: as the report says, else as statements name its bank."""
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


def _heard(desk: Desk, home: Mapping[CaseId, CaseId]) -> Mapping[CaseId, Mapping[SubjectId, Heard]]:
    """What banks told in these cases, by the case in which each is chased."""
    heard: dict[CaseId, dict[SubjectId, Heard]] = {each: {} for each in home.values()}
    for each in facts_of_case(desk.connection, *home):
        found, told = heard[home[each.case_id]], each.fact.told
        before = found.get(each.fact.subject, NOTHING_HEARD)
        if isinstance(told, HolderTold):
            found[each.fact.subject] = replace(before, holder=told)
        elif told.balance_fen is not None:
            found[each.fact.subject] = replace(before, balance_fen=told.balance_fen, balance_at=each.fact.at)
    return heard


def _named(facts: Mapping[SubjectId, LeadFacts], read: CaseRead) -> dict[SubjectId, LeadFacts]:
    """Facts with names that the vault opens."""
    told = {each: one.holder.name for each, one in read.heard.items() if one.holder is not None}
    names = {each: read.clear[name].text for each, name in told.items() if name in read.clear}
    return named(facts, names, holder_words())


def _keeper(profile: Profile | None) -> Keeper | None:
    return None if profile is None else Keeper(profile.id, profile.institution.kind)


def _trusts(profile: Profile | None) -> bool:
    """Whether an account's institution acts before papers were seen; nothing hinders where nobody knows which it is."""
    return profile is None or profile.institution.papers_later
