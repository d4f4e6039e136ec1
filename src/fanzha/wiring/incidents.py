"""Reports as people take them: account, amount and time begin the chase, everything else follows (接报即止付)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Connection

from fanzha.adapters.store.cases import add_note, case_for_change, case_of, next_ref, open_case
from fanzha.adapters.store.incidents import (
    IncidentQuery,
    alone_with,
    alone_with_payees,
    entries_of_incident,
    incident_numbered,
    incidents,
    keep_incident_entries,
    keep_taken,
    next_incident_number,
)
from fanzha.adapters.store.institutions import institution_called
from fanzha.adapters.store.looking import Looking, looking_at
from fanzha.adapters.store.mentions import NewLinks, link_unknown, told_in
from fanzha.adapters.store.roles import require
from fanzha.adapters.store.subjects import Identifier, subject_id
from fanzha.adapters.store.work import NewWork, enqueue_all
from fanzha.cases.case import Case, text_of_person
from fanzha.cases.incident import (
    MOST_PAYMENTS,
    REASON_CHARACTERS,
    Incident,
    IncidentEntry,
    IncidentEntryKind,
    Source,
    ToldAccount,
    ToldPayment,
    right_one,
    words_of_reporter,
)
from fanzha.cases.subjects import Mention, Role, SubjectKind, cleaned
from fanzha.i18n import text
from fanzha.kernel.errors import Conflict, Forbidden, Invalid
from fanzha.kernel.ids import CaseId, SubjectId, uuid7
from fanzha.kernel.money import Fen, fen
from fanzha.orders.drafting import CLOCK_TOLERANCE
from fanzha.wiring.desk import Desk
from fanzha.wiring.filing import NOT_FILED
from fanzha.wiring.law import law_at

CHASE_WORK = "chase"
REPORT_WORK = "report"
"""The first round of a chase, which no other work holds up: what a report names is stopped at once."""
NEXT_WORK = "next_layer"
"""A round after something told that money went on, or after a person acted: what leaves by it waits for no round that
merely sees how things stand."""
ROUND_KINDS = (NEXT_WORK, CHASE_WORK)
"""What one round of an incident answers, whoever wished for it."""
CHASES_FOR = timedelta(hours=72)
"""So long after its report a chase looks by itself; later it looks when something comes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPaid:
    """A payment as the victim tells it, in clear; institutions by short name or code."""

    institution: str
    payee: str
    amount_fen: int
    at: datetime
    payee_name: str = ""
    payer_institution: str = ""
    payer: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewReport:
    """What is known when a report is taken: three facts of one payment suffice; `id` makes two askings one.

    `number` and `ref` are the incident's and its case's where they were taken before; `held_fen` is what a bank that
    reports says it holds already of its first payment.
    """

    source: Source
    reported_at: datetime
    payments: tuple[NewPaid, ...]
    victim: str = ""
    scam_type: str = ""
    words: str = ""
    identity_checked: bool = False
    case: CaseId | None = None
    id: UUID | None = None
    number: str = ""
    ref: str = ""
    held_fen: Fen | None = None


def with_numbers(desk: Desk, new: NewReport) -> NewReport:
    """The report with numbers of its own, in a transaction that ends before it is taken; what is wrong is said first.

    Numbers follow each other, so that whoever takes one waits for whoever has the last one: here for nothing else.
    Those of a report that is refused after all stay unused.
    """
    _require_taker(desk)
    for each in new.payments:
        _payment(desk, each)
    _past(desk, new.reported_at)
    _mentions(new)
    ref = "" if new.case is not None else next_ref(desk.connection, desk.now)
    return replace(new, number=next_incident_number(desk.connection, desk.now), ref=ref)


def take_report(desk: Desk, new: NewReport) -> Incident:
    """A new incident with a preliminary case, whose chase begins in the same transaction."""
    _require_taker(desk)
    return taken(desk, new)


def _require_taker(desk: Desk) -> None:
    require(desk.actor, "cases.open")
    if desk.actor.user_id is None:
        raise Forbidden("orders.by_nobody")


def taken(desk: Desk, new: NewReport) -> Incident:
    """The incident of a report that a person takes, or that a bank's own message is."""
    if not 1 <= len(new.payments) <= MOST_PAYMENTS:
        raise Invalid("incidents.no_payment", most=MOST_PAYMENTS)
    if new.id is not None:
        alone_with(desk.connection, new.id)
        known = incidents(desk.connection, IncidentQuery(id=new.id))
        if known:
            return known[0]
    told = [_payment(desk, each) for each in new.payments]
    number = new.number or next_incident_number(desk.connection, desk.now)
    case = _case(desk, new, number)
    incident = Incident(
        id=new.id or uuid7(desk.now, desk.house.chance),
        number=number,
        case_id=case.id,
        unit_path=case.unit_path,
        source=new.source,
        reported_at=_past(desk, new.reported_at),
        taken_at=desk.now,
        taken_by_id=desk.actor.user_id,
        taken_by=desk.actor.name,
        victim=_maybe(desk, SubjectKind.NAME, new.victim),
        scam_type=new.scam_type,
        paperwork_due=desk.now + timedelta(hours=law_at(desk.now).paperwork.hours),
        handler=desk.actor.name,
    )
    _mention(desk, case, _mentions(new), number)
    if new.words.strip():
        add_note(desk.connection, case.id, words_of_reporter(new.words), desk.actor, desk.now)
    entries = [_entry(desk, IncidentEntryKind.PAYMENT, payment=each) for each in told]
    if new.identity_checked:
        entries.append(_entry(desk, IncidentEntryKind.IDENTITY))
    if new.held_fen:
        entries.append(_entry(desk, IncidentEntryKind.HELD_BY_BANK, str(new.held_fen), subject=told[0].payee))
    incident = keep_taken(desk.connection, incident, entries, desk.actor, desk.now)
    wish_chase(desk.connection, incident, "taken", desk.now, REPORT_WORK)
    return incident


def enter(desk: Desk, number: str, entries: Sequence[IncidentEntry]) -> Incident:
    """The incident after something happened to it, and its chase looks again."""
    require(desk.actor, "orders.draft")
    incident = locked_incident(desk.connection, number)
    case_for_change(desk.connection, incident.stands_in, desk.actor)
    changed = keep_incident_entries(desk.connection, incident, entries, desk.actor, desk.now)
    history = entries_of_incident(desk.connection, incident.id)
    wish_chase(desk.connection, changed, f"entry{len(history)}", desk.now, NEXT_WORK)
    return changed


def locked_incident(connection: Connection, number: str) -> Incident:
    """The incident, alone on the case in which it is chased until the transaction ends."""
    incident = incident_numbered(connection, number)
    while True:
        case_of(connection, incident.stands_in, lock=True)
        known, incident = incident.stands_in, incident_numbered(connection, number)
        if incident.stands_in == known:
            return incident


def check_identity(desk: Desk, number: str) -> Incident:
    """The reporter's document was seen."""
    return enter(desk, number, [_entry(desk, IncidentEntryKind.IDENTITY)])


def add_payment(desk: Desk, number: str, new: NewPaid, instead: str = "", reason: str = "") -> Incident:
    """One more payment that the victim remembers; or, with a reason, the right one instead of a told one's key."""
    incident = incident_numbered(desk.connection, number)
    case = case_for_change(desk.connection, incident.stands_in, desk.actor)
    _mention(desk, case, _named(new), number)
    payment, why = _payment(desk, new), ""
    if instead:
        payment, why = right_one(incident, payment, instead), _reason(reason)
    return enter(desk, number, [_entry(desk, IncidentEntryKind.PAYMENT, why, payment=payment)])


def halt(desk: Desk, number: str, reason: str) -> Incident:
    """Nothing leaves under standing authority until somebody resumes."""
    return enter(desk, number, [_entry(desk, IncidentEntryKind.HALTED, _reason(reason))])


def resume(desk: Desk, number: str, reason: str) -> Incident:
    """The chase goes on."""
    return enter(desk, number, [_entry(desk, IncidentEntryKind.RESUMED, _reason(reason))])


def judge_account(desk: Desk, number: str, kind: IncidentEntryKind, account: SubjectId, reason: str) -> Incident:
    """A named person leaves an account alone, takes it in again, or confirms it as involved."""
    if kind not in {IncidentEntryKind.EXCLUDED, IncidentEntryKind.INCLUDED, IncidentEntryKind.CONFIRMED}:
        raise Invalid("incidents.no_judgement")
    incident = incident_numbered(desk.connection, number)
    if not any(told_in(desk.connection, each, account) for each in (incident.case_id, incident.stands_in)):
        raise Invalid("incidents.not_of_case")
    return enter(desk, number, [_entry(desk, kind, _reason(reason), subject=account)])


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAwaited:
    """An account to which money is awaited, in clear; its institution by short name or code."""

    institution: str
    account: str
    holder: str = ""


def await_money(desk: Desk, number: str, new: NewAwaited, reason: str) -> Incident:
    """A named person finds an account involved before money was seen to come: authority may stop it now."""
    why, incident = _reason(reason), incident_numbered(desk.connection, number)
    case = case_for_change(desk.connection, incident.stands_in, desk.actor)
    account = cleaned(SubjectKind.ACCOUNT, new.account, Role.ORDERED)
    holder = [cleaned(SubjectKind.NAME, new.holder, Role.ORDERED)] if new.holder.strip() else []
    _mention(desk, case, [account, *holder], number)
    told = ToldAccount(
        institution_id=institution_called(desk.connection, new.institution).id,
        holder=_maybe(desk, SubjectKind.NAME, new.holder),
        at=desk.now,
    )
    entry = _entry(desk, IncidentEntryKind.CONFIRMED, why, subject=_id(desk, account))
    return enter(desk, number, [replace(entry, account=told)])


def close_incident(desk: Desk, number: str, outcome: str) -> Incident:
    """All that could be held is held: the chase ends, the case goes on."""
    return enter(desk, number, [_entry(desk, IncidentEntryKind.CLOSED, _reason(outcome))])


def same_payees(desk: Desk, payees: Sequence[str], limit: int = 20) -> list[Incident]:
    """Incidents in sight that name one of these accounts: the same report again, or another victim of one gang."""
    found: dict[UUID, Incident] = {}
    for each in payees:
        payee = _maybe(desk, SubjectKind.ACCOUNT, each)
        if payee is not None:
            found |= {one.id: one for one in incidents(desk.connection, IncidentQuery(payee=payee, limit=limit))}
    return sorted(found.values(), key=lambda each: each.taken_at, reverse=True)[:limit]


def same_report(desk: Desk, new: NewReport) -> Incident | None:
    """The incident in sight that has every payment of this report from the same reporter; nobody else takes a report
    of these payees from a file until the transaction ends.

    Where nothing tells who reported, what one person takes under two keys is two reports, as the keys say.
    """
    told = [_payment(desk, each) for each in new.payments]
    alone_with_payees(desk.connection, {each.payee for each in told})
    victim, payers = _maybe(desk, SubjectKind.NAME, new.victim), {each.payer for each in told} - {None}
    first, *others = [incidents(desk.connection, IncidentQuery(paid=each.what)) for each in told]
    ids = [{each.id for each in some} for some in others]
    for each in first:
        known = victim is not None or bool(payers) or each.taken_by_id != desk.actor.user_id
        is_same = each.victim == victim and payers <= {paid.payer for paid in each.payments}
        if known and is_same and all(each.id in some for some in ids):
            return each
    return None


def wish_chase(connection: Connection, incident: Incident, cause: str, at: datetime, kind: str = CHASE_WORK) -> None:
    """Let the chase look at `at`; each cause is a row of its own, so that none is lost beside a running one."""
    enqueue_all(connection, [wished_chase(incident, cause, at, kind)], at)


def wished_chase(incident: Incident | Looking, cause: str, at: datetime, kind: str = CHASE_WORK) -> NewWork:
    """The row of work by which the chase looks at `at`."""
    payload = {"incident": str(incident.id), "number": incident.number}
    return NewWork(kind=kind, key=f"{incident.id}:{cause}", unit_path=incident.unit_path, due_at=at, payload=payload)


def wish_chases_of(desk: Desk, cases: Collection[CaseId], cause: str, kind: str = CHASE_WORK) -> None:
    """Let the chases of cases look again, because something of these moved: one look is for all incidents of a chase.

    A closed one looks too, for what it stopped is still held to its terms.
    """
    looking = looking_at(desk.connection, cases)
    enqueue_all(desk.connection, [wished_chase(each, cause, desk.now, kind) for each in looking], desk.now)


def _case(desk: Desk, new: NewReport, number: str) -> Case:
    if new.case is not None:
        return case_for_change(desk.connection, new.case, desk.actor)
    title = text("zh", "incidents.case_title", number=number)
    try:
        return open_case(desk.connection, title, NOT_FILED, desk.actor, desk.now, ref=new.ref)
    except Conflict:  # somebody chose it as their own reference: no report is refused for that
        return open_case(desk.connection, title, NOT_FILED, desk.actor, desk.now)


def _payment(desk: Desk, new: NewPaid) -> ToldPayment:
    if new.amount_fen <= 0:
        raise Invalid("orders.amount_not_positive")
    payer_at = new.payer_institution
    return ToldPayment(
        institution_id=institution_called(desk.connection, new.institution).id,
        payee=_id(desk, cleaned(SubjectKind.ACCOUNT, new.payee, Role.ORDERED)),
        payee_name=_maybe(desk, SubjectKind.NAME, new.payee_name),
        amount_fen=fen(new.amount_fen),
        at=_past(desk, new.at),
        payer_institution_id=institution_called(desk.connection, payer_at).id if payer_at else None,
        payer=_maybe(desk, SubjectKind.ACCOUNT, new.payer),
    )


def is_later(at: datetime, now: datetime) -> bool:
    """Whether a time that somebody tells lies later than now, by more than clocks differ."""
    return at > now + CLOCK_TOLERANCE


def _past(desk: Desk, at: datetime) -> datetime:
    if is_later(at, desk.now):
        raise Invalid("orders.payment_in_future")
    return at


def _mentions(new: NewReport) -> list[Mention]:
    mentions = [mention for each in new.payments for mention in _named(each)]
    if new.victim.strip():
        mentions.append(cleaned(SubjectKind.NAME, new.victim, Role.VICTIM))
    return mentions


def _named(new: NewPaid) -> Iterator[Mention]:
    yield cleaned(SubjectKind.ACCOUNT, new.payee, Role.ORDERED)
    if new.payee_name.strip():
        yield cleaned(SubjectKind.NAME, new.payee_name, Role.ORDERED)
    if new.payer.strip():
        yield cleaned(SubjectKind.ACCOUNT, new.payer, Role.VICTIM)


def _mention(desk: Desk, case: Case, mentions: Iterable[Mention], number: str) -> None:
    told = NewLinks(case=case, mentions=mentions, reason=number)
    link_unknown(desk.connection, desk.house.keys, told, desk.actor, desk.now)


def _entry(
    desk: Desk,
    kind: IncidentEntryKind,
    value: str = "",
    *,
    subject: SubjectId | None = None,
    payment: ToldPayment | None = None,
) -> IncidentEntry:
    return IncidentEntry(
        kind=kind,
        at=desk.now,
        by_id=desk.actor.user_id,
        by_name=desk.actor.name,
        value=value,
        subject=subject,
        payment=payment,
    )


def _reason(reason: str) -> str:
    return text_of_person(reason, REASON_CHARACTERS)


def _maybe(desk: Desk, kind: SubjectKind, told: str) -> SubjectId | None:
    return _id(desk, cleaned(kind, told, Role.ORDERED)) if told.strip() else None


def _id(desk: Desk, told: Mention) -> SubjectId:
    return subject_id(desk.house.keys, Identifier(told.kind, told.text))
