"""An incident: what somebody reports, what is known of it by now, and how far the paperwork has come (接报即止付)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from fanzha.cases.case import text_of_person
from fanzha.kernel.errors import Illegal, Invalid
from fanzha.kernel.ids import CaseId, InstitutionId, SubjectId, UserId
from fanzha.kernel.money import Fen
from fanzha.kernel.units import UnitPath

WORDS_CHARACTERS = 20_000
REASON_CHARACTERS = 500
MOST_PAYMENTS = 200


class Source(StrEnum):
    """By which way a report came."""

    EMERGENCY = "110"
    HOTLINE = "96110"
    STATION = "station"
    BANK = "bank"
    FILE = "file"


class IncidentState(StrEnum):
    """Where an incident stands: its chase runs, a person halted it, or all is held or gone and it is closed."""

    OPEN = "open"
    HALTED = "halted"
    CLOSED = "closed"


class IncidentEntryKind(StrEnum):
    """What happens to an incident after it was reported."""

    PAYMENT = "payment"
    IDENTITY = "identity"
    DETAILS = "details"
    HELD_BY_BANK = "held_by_bank"
    HALTED = "halted"
    RESUMED = "resumed"
    EXCLUDED = "excluded"
    INCLUDED = "included"
    CONFIRMED = "confirmed"
    BALKED = "balked"
    HANDED_OVER = "handed_over"
    JOINED = "joined"
    CLOSED = "closed"
    EVIDENCE = "evidence"
    FOLLOWED_UP = "followed_up"


AFTERWARDS = frozenset({IncidentEntryKind.EVIDENCE, IncidentEntryKind.FOLLOWED_UP, IncidentEntryKind.JOINED})
"""What goes on when the chase is over."""


What = tuple[SubjectId, Fen, datetime]
"""What makes two tellings one payment: the payee's account, how much, when."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldPayment:
    """A payment as the victim tells it: to which account of which institution, how much, when, under whose name.

    It stands `instead` of one that was told before and was wrong.
    """

    institution_id: InstitutionId
    payee: SubjectId
    payee_name: SubjectId | None
    amount_fen: Fen
    at: datetime
    payer_institution_id: InstitutionId | None = None
    payer: SubjectId | None = None
    instead: What | None = None

    @property
    def what(self) -> What:
        """What makes two tellings one payment."""
        return self.payee, self.amount_fen, self.at

    @property
    def key(self) -> str:
        """Its name among the payments of its incident, which tells nobody whose account it is."""
        return f"{self.payee:016x}-{self.amount_fen}-{int(self.at.timestamp())}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldAccount:
    """An account that a named person found involved before money came: at which institution, whose, when."""

    institution_id: InstitutionId
    holder: SubjectId | None
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentEntry:
    """One thing that happened: who, when, what it concerns; `value` is a code or a person's words.

    Of what the chase could not do it is `kind:code`, the kind of order and why; of evidence `code:where it lies`; of
    what the bank that reports says it holds already, the fen."""

    kind: IncidentEntryKind
    at: datetime
    by_id: UserId | None
    by_name: str
    value: str = ""
    subject: SubjectId | None = None
    payment: ToldPayment | None = None
    account: ToldAccount | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """An incident as its entries leave it.

    `payments` are those that stand, without what was told wrongly and put right; `mistaken` are the accounts that only
    such a telling named;
    `identity_checked`: the reporter's document was seen (银发〔2016〕86号), until then the orders' paperwork is to
    follow by `paperwork_due`; `excluded` accounts are left alone by the chase, `confirmed` ones a named person found
    involved, of which `awaited` were told before money was seen to come; `balked` are the orders that could not be
    made, which are tried again when a person includes the account or resumes the chase; `evidence` are codes of
    what is kept, `follow_ups` how often the victim was told how things stand; `handler` is whoever answers for it in
    this shift.
    """

    id: UUID
    number: str
    case_id: CaseId
    unit_path: UnitPath
    source: Source
    reported_at: datetime
    taken_at: datetime
    taken_by_id: UserId | None
    taken_by: str
    victim: SubjectId | None
    scam_type: str
    paperwork_due: datetime
    state: IncidentState = IncidentState.OPEN
    payments: tuple[ToldPayment, ...] = ()
    identity_checked_at: datetime | None = None
    excluded: frozenset[SubjectId] = field(default=frozenset())
    confirmed: frozenset[SubjectId] = field(default=frozenset())
    mistaken: frozenset[SubjectId] = field(default=frozenset())
    balked: Mapping[tuple[SubjectId, str], str] = field(default_factory=dict)
    awaited: Mapping[SubjectId, ToldAccount] = field(default_factory=dict)
    handler: str = ""
    joined_to: CaseId | None = None
    outcome: str = ""
    evidence: frozenset[str] = field(default=frozenset())
    follow_ups: int = 0

    @property
    def stands_in(self) -> CaseId:
        """The case in which it is chased: the one it was joined to, else its own."""
        return self.joined_to or self.case_id

    @property
    def lost_fen(self) -> Fen:
        """What the victim says was paid."""
        return Fen(sum(each.amount_fen for each in self.payments))

    def names(self, account: SubjectId) -> bool:
        """Whether a person answers for it that the report names this account: a bank's own word is confirmed first."""
        told = any(each.payee == account for each in self.payments)
        return told and (self.taken_by_id is not None or account in self.confirmed)

    @property
    def identity_checked(self) -> bool:
        """Whether the reporter's document was seen."""
        return self.identity_checked_at is not None


def told(incident: Incident, entries: Iterable[IncidentEntry]) -> Incident:
    """The incident after these entries; `Illegal` for what cannot happen to it any more."""
    for each in entries:
        incident = _after(incident, each)
    return incident


def _after(incident: Incident, entry: IncidentEntry) -> Incident:
    if incident.state is IncidentState.CLOSED and entry.kind not in AFTERWARDS:
        raise Illegal("incidents.closed", number=incident.number)
    match entry.kind:
        case IncidentEntryKind.PAYMENT if entry.payment is not None:
            return _paid(incident, entry.payment)
        case IncidentEntryKind.IDENTITY:
            return replace(incident, identity_checked_at=incident.identity_checked_at or entry.at)
        case IncidentEntryKind.DETAILS:
            return replace(incident, scam_type=entry.value, victim=entry.subject or incident.victim)
        case IncidentEntryKind.HALTED:
            return replace(incident, state=_moved(incident, IncidentState.OPEN, IncidentState.HALTED))
        case IncidentEntryKind.RESUMED:
            again = _moved(incident, IncidentState.HALTED, IncidentState.OPEN)
            return replace(incident, state=again, balked={})
        case IncidentEntryKind.CLOSED:
            return replace(incident, state=IncidentState.CLOSED, outcome=entry.value)
        case IncidentEntryKind.HANDED_OVER:
            return replace(incident, handler=entry.value)
        case IncidentEntryKind.EVIDENCE:
            return replace(incident, evidence=incident.evidence | {entry.value.partition(":")[0]})
        case IncidentEntryKind.FOLLOWED_UP:
            return replace(incident, follow_ups=incident.follow_ups + 1)
        case IncidentEntryKind.JOINED:
            return replace(incident, joined_to=CaseId(UUID(entry.value)))
    return _judged(incident, entry)


def _judged(incident: Incident, entry: IncidentEntry) -> Incident:
    """What a named person says of one account; nobody's account is both excluded and confirmed."""
    if entry.subject is None:
        return incident
    one = frozenset({entry.subject})
    match entry.kind:
        case IncidentEntryKind.EXCLUDED:
            awaited = {each: told for each, told in incident.awaited.items() if each != entry.subject}
            left = incident.confirmed - one
            return replace(incident, excluded=incident.excluded | one, confirmed=left, awaited=awaited)
        case IncidentEntryKind.INCLUDED:
            again = {each: code for each, code in incident.balked.items() if each[0] != entry.subject}
            return replace(incident, excluded=incident.excluded - one, balked=again)
        case IncidentEntryKind.BALKED:
            kind, _, code = entry.value.partition(":")
            return replace(incident, balked={**incident.balked, (entry.subject, kind): code})
        case IncidentEntryKind.CONFIRMED:
            if entry.account is not None:
                incident = replace(incident, awaited={**incident.awaited, entry.subject: entry.account})
            return replace(
                incident,
                confirmed=incident.confirmed | one,
                excluded=incident.excluded - one,
                mistaken=incident.mistaken - one,
            )
    return incident


def _paid(incident: Incident, payment: ToldPayment) -> Incident:
    if payment.instead is not None:
        return _put_right(incident, payment, payment.instead)
    if payment.what in {each.what for each in incident.payments}:
        return incident
    if len(incident.payments) >= MOST_PAYMENTS:
        raise Invalid("incidents.too_many_payments", most=MOST_PAYMENTS)
    return replace(incident, payments=(*incident.payments, payment), mistaken=incident.mistaken - {payment.payee})


def _put_right(incident: Incident, payment: ToldPayment, wrong: What) -> Incident:
    """The incident with a payment in the place of a wrong one; what was said of an account that nothing names any more
    was said of the wrong account."""
    if wrong not in {each.what for each in incident.payments}:
        raise Illegal("incidents.payment_not_standing")
    stand = {each.what: each for each in (payment if one.what == wrong else one for one in incident.payments)}
    named = {each.payee for each in stand.values()}
    mistaken = (incident.mistaken | {wrong[0]}) - named
    return replace(
        incident,
        payments=tuple(stand.values()),
        mistaken=mistaken,
        confirmed=incident.confirmed - mistaken,
        awaited={each: told for each, told in incident.awaited.items() if each not in mistaken},
    )


def right_one(incident: Incident, payment: ToldPayment, key: str) -> ToldPayment:
    """A payment that stands instead of the one of that key: what nobody tells of it is as it was told there."""
    wrong = next((each for each in incident.payments if each.key == key), None)
    if wrong is None:
        raise Illegal("incidents.payment_not_standing")
    return replace(
        payment,
        instead=wrong.what,
        payee_name=payment.payee_name or wrong.payee_name,
        payer=payment.payer or wrong.payer,
        payer_institution_id=payment.payer_institution_id or wrong.payer_institution_id,
    )


def _moved(incident: Incident, must: IncidentState, to: IncidentState) -> IncidentState:
    if incident.state is not must:
        raise Illegal("incidents.no_such_move", state=incident.state.value, to=to.value)
    return to


def words_of_reporter(text: str) -> str:
    """What the reporter said, as it is kept sealed with the case."""
    return text_of_person(text, WORDS_CHARACTERS)
