"""What a bank reports by itself (100401): an incident with a preliminary case, its paperwork to follow.

Nothing leaves for it but what named people allowed before; whoever opens the case list finds it.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import uuid5

from sqlalchemy import Connection

from fanzha.adapters.store.case_messages import CaseMessage, case_of_message, keep_said
from fanzha.adapters.store.cases import add_note, case_of, open_case
from fanzha.adapters.store.elsewhere import units_with
from fanzha.adapters.store.institution_messages import Message, belongs_to
from fanzha.adapters.store.institutions import Profile, institution_called
from fanzha.adapters.store.mentions import NewLink, link_subject
from fanzha.adapters.store.subjects import Identifier, foresee_subjects, subject_id, subject_ids
from fanzha.adapters.store.unit_of_work import act_as, act_as_system, worker
from fanzha.adapters.store.units import find_unit
from fanzha.cases.incident import Source
from fanzha.cases.subjects import CLEANERS, Mention, Role, SubjectKind, cleaned
from fanzha.i18n import Language, text
from fanzha.kernel.clock import rfc3339
from fanzha.kernel.errors import NotFound
from fanzha.kernel.ids import CaseId
from fanzha.kernel.money import fen, yuan_text
from fanzha.kernel.units import UnitPath
from fanzha.protocol.messages import BankReport
from fanzha.protocol.parties import TargetKind
from fanzha.protocol.wire import canonical, read
from fanzha.wiring.answers import keep_learned, mentioned_in, of_lists
from fanzha.wiring.desk import Desk
from fanzha.wiring.filing import NOT_FILED
from fanzha.wiring.house import House
from fanzha.wiring.incidents import NewPaid, NewReport, taken
from fanzha.workflows.answer_sheets import Sender

LANGUAGE: Language = "zh"
"""Notes of cases are written in the language that has effect."""


def take_bank_report(connection: Connection, house: House, message: Message) -> str:
    """The number of the incident, or of the case, that a bank's report became; a completion joins the one it names.

    `Invalid` for a report that nobody could act on: it stays sealed, and its work stands stuck with the reason.
    """
    act_as_system(connection, house.now())
    report = read(BankReport, message.body)
    profile = message.sender
    unit = UnitPath(profile.unit_path)
    act_as(connection, worker(unit), house.now())
    desk = Desk(house=house, connection=connection, actor=worker(unit))
    known = case_of_message(connection, message.institution_id, report.original_application_id or "")
    if known is not None:
        _note(desk, known, "completed", report=report.report_id)
        keep_said(connection, [(_part(message, report, known, unit), ())], house.now())
        _dies_with(desk, message, known)
        return report.report_id
    _foresee(desk, profile, message, report)
    place = _opened(desk, profile, report)
    _name_victim(desk, place, report)
    if report.held_fen:
        _note(desk, place.case_id, "held_by_bank", yuan=yuan_text(report.held_fen))
    _tell_whom_to_call(desk, place, report)
    part = _part(message, report, place.case_id, unit)
    case = case_of(connection, place.case_id)
    keep_learned(desk, [of_lists(part, case, _sender(profile, place.about, message, report), report)])
    _dies_with(desk, message, place.case_id)
    return place.about


def _dies_with(desk: Desk, message: Message, case_id: CaseId) -> None:
    with desk.as_house() as connection:
        belongs_to(connection, message.id, case_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """Where a report went: its case, the number by which people cite it."""

    case_id: CaseId
    about: str


def _opened(desk: Desk, profile: Profile, report: BankReport) -> _Place:
    """An incident; where the payee's institution is none of ours, a case that says so and waits for a person."""
    if _registered(desk, report.target.institution_code):
        incident = taken(desk, _new_report(desk, profile, report))
        return _Place(case_id=incident.case_id, about=incident.number)
    title = text(LANGUAGE, "incidents.bank.case_title", bank=profile.institution.name_zh)
    case = open_case(desk.connection, title, NOT_FILED, desk.actor, desk.now)
    place = _Place(case_id=case.id, about=case.ref)
    told = report.target
    _link(desk, place, cleaned(SubjectKind.ACCOUNT, told.number, Role.PERSON))
    _link(desk, place, cleaned(SubjectKind.NAME, report.victim.name, Role.VICTIM))
    paid, at = yuan_text(report.amount_fen), rfc3339(report.transfer_at)[:16].replace("T", " ")
    _note(desk, case.id, "not_registered", institution=told.institution_name, yuan=paid, at=at)
    return place


def _new_report(desk: Desk, profile: Profile, report: BankReport) -> NewReport:
    """The report as one that a person would take; its id is the bank's own, so that one report is one incident."""
    target = report.target
    cleaned(SubjectKind.ACCOUNT, target.number if target.kind is TargetKind.ACCOUNT else "", Role.ORDERED)
    return NewReport(
        source=Source.BANK,
        reported_at=report.reported_at,
        payments=(
            NewPaid(
                institution=target.institution_code,
                payee=target.number,
                payee_name=target.holder_name or "",
                amount_fen=report.amount_fen,
                at=report.transfer_at,
                payer_institution=_registered(desk, report.payer.institution_code),
                payer=report.payer.number or "",
            ),
        ),
        victim=report.victim.name,
        words=report.told or "",
        id=uuid5(profile.id, report.report_id),
        held_fen=None if report.held_fen is None else fen(report.held_fen),
    )


def _foresee(desk: Desk, profile: Profile, message: Message, report: BankReport) -> None:
    """Everybody whom the report names goes into the vault at once, in one order: two reports never wait crosswise."""
    victim, target, sender = report.victim, report.target, _sender(profile, "", message, report)
    told = {(each.kind, each.text) for each in mentioned_in(report, sender)}
    told |= {(SubjectKind.ACCOUNT, target.number), (SubjectKind.ACCOUNT, report.payer.number or "")}
    told |= {(SubjectKind.NAME, target.holder_name or ""), (SubjectKind.NAME, victim.name)}
    told |= {(SubjectKind.DOCUMENT, victim.document_number), (SubjectKind.PHONE, victim.phone or "")}
    clean = {Identifier(kind, CLEANERS[kind](each)) for kind, each in told}
    named = {each for each in clean if each.text}
    foresee_subjects(desk.connection, desk.house.keys, subject_ids(desk.house.keys, named), desk.now)


def _registered(desk: Desk, code: str | None) -> str:
    """The code of an institution of ours; empty for others, which the report names in words."""
    try:
        return institution_called(desk.connection, code).institution.code if code else ""
    except NotFound:
        return ""


def _name_victim(desk: Desk, place: _Place, report: BankReport) -> None:
    """The victim's document and telephone, by which other reports of theirs are found."""
    told = ((SubjectKind.DOCUMENT, report.victim.document_number), (SubjectKind.PHONE, report.victim.phone or ""))
    for kind, number in told:
        clean = CLEANERS[kind](number)
        if clean:
            _link(desk, place, Mention(kind, clean, Role.PERSON))


def _link(desk: Desk, place: _Place, mention: Mention) -> None:
    link = NewLink(case_id=place.case_id, mention=mention, reason=place.about)
    link_subject(desk.connection, desk.house.keys, link, desk.actor, desk.now)


def _tell_whom_to_call(desk: Desk, place: _Place, report: BankReport) -> None:
    """Other units whose cases name the same account: whom to call, and nothing else of them (house law 12)."""
    told = (report.target.number, report.payer.number or "")
    clean = {CLEANERS[SubjectKind.ACCOUNT](each) for each in told} - {""}
    ids = [subject_id(desk.house.keys, Identifier(SubjectKind.ACCOUNT, each)) for each in sorted(clean)]
    for path in units_with(desk.connection, ids):
        found = find_unit(desk.connection, path) if path != desk.actor.scope else None
        if found is not None:
            _note(desk, place.case_id, "known_elsewhere", unit=found.name_zh, contact=found.contact or "-")


def _note(desk: Desk, case_id: CaseId, code: str, **fields: object) -> None:
    add_note(desk.connection, case_id, text(LANGUAGE, f"incidents.bank.{code}", **fields), desk.actor, desk.now)


def _part(message: Message, report: BankReport, case_id: CaseId, unit: UnitPath) -> CaseMessage:
    return CaseMessage(
        message_id=message.id,
        said_id=report.report_id,
        case_id=case_id,
        unit_path=unit,
        order_id=None,
        institution_id=message.institution_id,
        import_id=None,
        rows=len(report.transactions),
        at=message.received_at,
    )


def _sender(profile: Profile, about: str, message: Message, report: BankReport) -> Sender:
    """Whose lines a report tells: those of the payee where it is this bank's, else of the payer."""
    told = report.target.number if report.target.institution_code == profile.institution.code else report.payer.number
    return Sender(
        institution=profile.institution.name_zh,
        code=profile.institution.code,
        about=about,
        asked=CLEANERS[SubjectKind.ACCOUNT](told or ""),
        received_at=message.received_at,
        body=canonical(report),
    )
