"""The live desk: the board of incidents, the form that takes a report, one incident with its chase."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from fastapi import APIRouter, Request
from starlette.responses import Response

from fanzha.apps.web.console import console_of
from fanzha.apps.web.errors import sentence_of, status_of
from fanzha.apps.web.pages.answers import answer_table, see_other
from fanzha.apps.web.pages.new_order import Trouble, order_form
from fanzha.apps.web.rendering import language_of, render
from fanzha.apps.web.security.sessions import Form, SignedOn
from fanzha.apps.web.views.incidents import (
    AskedPayment,
    AskedReport,
    ChasedLine,
    IncidentAct,
    PaymentLine,
    TodoLine,
)
from fanzha.apps.web.views.tables import Column, Filter, Table, fen_of, moment_of
from fanzha.apps.web.views.visitor import Visitor
from fanzha.cases.incident import REASON_CHARACTERS, WORDS_CHARACTERS, Source
from fanzha.i18n import text
from fanzha.kernel.clock import SHANGHAI
from fanzha.kernel.errors import Conflict, FanzhaError, Forbidden, Illegal, Invalid, NotFound

router = APIRouter()

SCAM_TYPES = tuple(f"ST{number:02d}" for number in (*range(1, 15), 99))
FORM_PAYMENTS = 6
"""Payments that the form has room for at first; more are added on the incident's page."""
ACTS_ON_ACCOUNT = ("exclude", "include", "confirm")
ACTS_ON_ORDERS = ("looked", "revive")
ACTS = ("halt", "resume", "close", *ACTS_ON_ACCOUNT, *ACTS_ON_ORDERS)
"""Acts that need a reason, on a page of their own."""
PRESSED = ("draft", "draft_stops", "identity")
"""Acts of one press, which stay on the incident's page when they cannot be done."""
FIELDS: Mapping[str, str] = {
    "orders.amount_not_positive": "amount",
    "orders.payment_in_future": "at",
    "cases.no_identifier": "payee",
    "institutions.none": "institution",
    "incidents.no_payment": "payee",
    "incidents.payment_not_standing": "instead",
    "cases.empty_text": "reason",
    "cases.long_text": "reason",
}

_OF_A_PAYMENT = ("payee", "amount", "at", "institution", "payee_name", "payer")

PLACES = frozenset({"payee", "amount", "at", "institution", "source", "scam_type", "reported_at", "instead", "reason"})
"""Fields at which the form says what is wrong there."""

BOARD = Table(
    name="incidents",
    columns=(
        Column(key="order_number", kind="reports", sortable=False),
        Column(key="paid_at", kind="gone", sortable=False),
        Column(key="scam_type", kind="code", words="words.scam_type", sortable=False, phone=False),
        Column(key="recoverable_fen", kind="money", short=True),
        Column(key="holding_fen", kind="money", short=True, sortable=False),
        Column(key="lost_fen", kind="money", short=True, sortable=False, phone=False),
        Column(key="doubtful_fen", kind="money", short=True, sortable=False, phone=False),
        Column(key="gone_fen", kind="money", short=True, sortable=False, phone=False),
        Column(key="waiting", kind="count", sortable=False),
        Column(key="state", kind="code", words="words.incident_state", sortable=False, phone=False),
        Column(key="handler", kind="person", sortable=False, phone=False),
        Column(key="unit", kind="choice", sortable=False, phone=False),
    ),
    filters=(
        Filter(key="incident_state", kind="choice", words="words.incident_state", choices=("open", "halted", "closed")),
    ),
    sort="recoverable_fen",
    descending=True,
)


@router.get("/incidents")
def board(request: Request, visitor: SignedOn) -> Response:
    """Open incidents by what can still be had."""
    data = console_of(request).data
    return answer_table(
        request,
        BOARD,
        "live_desk.html",
        lambda query: data.incidents(visitor.actor, query),
        gangs=data.gangs(visitor.actor),
    )


@router.get("/incidents/latest")
def latest(request: Request, visitor: SignedOn) -> Response:
    """The incident that was reported last, as long as it is open, else the board; a step of the guide stays."""
    number = console_of(request).data.latest_incident(visitor.actor)
    step = "?step=halt" if request.query_params.get("step") == "halt" else ""
    return see_other(f"/incidents/{number}{step}" if number else "/incidents")


@router.get("/incidents/latest/after")
def after_latest(request: Request, visitor: SignedOn) -> Response:
    """What is to be done after the hour of the incident that was reported last."""
    number = console_of(request).data.latest_incident(visitor.actor)
    return see_other(f"/incidents/{number}/after" if number else "/incidents")


@router.get("/incidents/new")
def new_report(request: Request, visitor: SignedOn) -> Response:
    """The form that takes a report: three facts of one payment suffice."""
    return _form(request, visitor, {}, None)


@router.post("/incidents/new")
def take_report(request: Request, visitor: SignedOn, form: Form) -> Response:
    """Take the report and show its chase; what is wrong is said at its field, with everything kept as typed."""
    if not visitor.actor.may("cases.open"):
        raise Forbidden("web.may_not")
    try:
        asked = asked_report(form)
        number = console_of(request).data.take_report(visitor.actor, asked)
    except FanzhaError as error:
        return _form(request, visitor, dict(form), _trouble(request, error))
    return see_other(f"/incidents/{number}")


@router.post("/incidents/same")
def same(request: Request, visitor: SignedOn, form: Form) -> Response:
    """Incidents that name the typed account already, as a piece of the form."""
    payees = [form.get(f"payee{place}", "") for place in range(FORM_PAYMENTS)]
    console = console_of(request)
    console.searches.spend(visitor.actor.name)
    found = console.data.same_reports(visitor.actor, [each for each in payees if each.strip()])
    return render(request, "parts/same_incidents.html", same=found)


@router.post("/incidents/read")
def read(request: Request, visitor: SignedOn, form: Form) -> Response:
    """What the pasted words tell, as a piece of the form; nothing is kept until a person takes it over."""
    words = form.get("words", "")[:WORDS_CHARACTERS]
    read = console_of(request).data.read_report(visitor.actor, words, _moment_if_any(form))
    return render(request, "parts/read_words.html", read=read)


@router.get("/incidents/{number}")
def incident(request: Request, visitor: SignedOn, number: str) -> Response:
    """One incident: what is held, moving and gone, what waits for a person, what happened."""
    return render(
        request,
        "incident.html",
        view=console_of(request).data.incident(visitor.actor, number),
        sentence="",
        reason_chars=REASON_CHARACTERS,
    )


@router.get("/incidents/{number}/payments")
def payment_form(request: Request, visitor: SignedOn, number: str) -> Response:
    """The form of one more payment, or of the right one instead of one that was told before."""
    return _payment_form(request, visitor, number, {"instead": request.query_params.get("instead", "")}, None)


@router.post("/incidents/{number}/payments")
def add_payment(request: Request, visitor: SignedOn, form: Form, number: str) -> Response:
    """Add it, and show the chase that follows it too."""
    try:
        wrong, reason = form.get("instead", "")[:80], form.get("reason", "").strip()[: REASON_CHARACTERS + 1]
        told = replace(_payment(form, 0), instead=wrong, reason=reason)
        console_of(request).data.add_told_payment(visitor.actor, number, told)
    except (Invalid, Illegal) as error:
        return _payment_form(request, visitor, number, dict(form), _trouble(request, error))
    return see_other(f"/incidents/{number}")


@router.get("/incidents/{number}/do/{act}")
def act_form(request: Request, visitor: SignedOn, number: str, act: str) -> Response:
    """What an act will do, and why somebody does it."""
    if not visitor.actor.may("orders.draft"):
        raise Forbidden("web.may_not")
    view = console_of(request).data.incident(visitor.actor, number)
    account = next((each for each in view.accounts if each.key == request.query_params.get("account", "")), None)
    asked = request.query_params.get("order", ""), request.query_params.get("what", "")
    line = next((each for each in view.todo if each.act == act and (each.order.number, each.what) == asked), None)
    if not view.writable or act not in ACTS or _lacks(act, account, line):
        raise NotFound("incidents.not_found", number=number)
    return render(
        request,
        "incident_act.html",
        view=view,
        act=act,
        account=account,
        line=line,
        typed="",
        trouble=None,
        reason_chars=REASON_CHARACTERS,
    )


@router.get("/incidents/{number}/block/{at}")
def block(request: Request, visitor: SignedOn, number: str, at: int) -> Response:
    """The form of a block of a number, site or app that the report names; nothing is kept yet."""
    case, told = console_of(request).data.told_contact(visitor.actor, number, at)
    typed = {
        "case": case, "kind": "block", "target_kind": told.target, "number": told.value, "evidence_words": told.words,
        "contact": f"{number}-{at}",
    }  # fmt: skip
    return order_form(request, visitor, typed, None)


@router.post("/incidents/{number}/do/{act}")
def do_act(request: Request, visitor: SignedOn, form: Form, number: str, act: str) -> Response:
    """Do it, and show what came of it."""
    told = IncidentAct(
        act=act,
        reason=form.get("reason", "").strip(),
        account=form.get("account", "")[:64],
        kind=form.get("kind", "")[:16],
        orders=form.get("orders", "").split(),
        holder=form.get("holder", "").strip()[:200],
    )
    try:
        return see_other(console_of(request).data.act_on_incident(visitor.actor, number, told))
    except (Invalid, Illegal, Conflict) as error:
        if act not in (*ACTS, *PRESSED):
            raise
        return _not_done(request, visitor, number, told, error)


def _not_done(request: Request, visitor: Visitor, number: str, told: IncidentAct, error: FanzhaError) -> Response:
    """Why nothing was done: on the form, with what was typed, where that can be mended, else on the incident."""
    view = console_of(request).data.incident(visitor.actor, number)
    account = next((each for each in view.accounts if each.key == told.account), None)
    asked = set(told.orders)
    alike = (each for each in view.todo if each.act == told.act and asked & {one.number for one in each.orders})
    line = next(alike, None)
    is_name = error.code == "orders.holder_missing" and account is not None
    is_mended = told.act in ACTS and isinstance(error, Invalid) and not _lacks(told.act, account, line)
    trouble = _trouble(request, error)
    return render(
        request,
        "incident_act.html" if is_name or is_mended else "incident.html",
        status=trouble.status,
        view=view,
        sentence=trouble.sentence,
        trouble=None if is_name else trouble,
        typed=told.reason,
        act=told.act,
        account=account,
        kind=told.kind,
        line=line,
        reason_chars=REASON_CHARACTERS,
    )


def _lacks(act: str, account: ChasedLine | None, line: TodoLine | None) -> bool:
    """Whether what the act is about is not, or no longer, on the incident's page."""
    return (act in ACTS_ON_ACCOUNT and account is None) or (act in ACTS_ON_ORDERS and line is None)


def asked_report(form: Mapping[str, str]) -> AskedReport:
    """What the form asks for; `Invalid` names the field that cannot be understood."""
    payments = [_payment(form, place) for place in range(FORM_PAYMENTS) if place == 0 or _is_told(form, place)]
    return AskedReport(
        source=form.get("source", Source.EMERGENCY.value),
        reported_at=_moment(form, "reported_at"),
        payments=payments,
        victim=form.get("victim", "").strip()[:200],
        scam_type=_scam_type(form.get("scam_type", "")),
        words=form.get("words", "")[: WORDS_CHARACTERS + 1],
        identity_checked=form.get("identity_checked") == "yes",
        key=form.get("key", "")[:64],
    )


def _is_told(form: Mapping[str, str], place: int) -> bool:
    """Whether anything of this payment was typed: what is not all there is told, and never left out."""
    return any(form.get(f"{name}{place}", "").strip() for name in _OF_A_PAYMENT)


def _payment(form: Mapping[str, str], place: int) -> AskedPayment:
    def field(name: str) -> str:
        return form.get(f"{name}{place}", "").strip()[:200]

    at = _moment(form, f"at{place}")
    if not field("payee"):
        raise Invalid("web.bad_filter", name=f"payee{place}")
    if at is None:
        raise Invalid("web.bad_filter", name=f"at{place}")
    if not field("institution"):
        raise Invalid("web.bad_filter", name=f"institution{place}")
    return AskedPayment(
        institution=field("institution"),
        payee=field("payee"),
        payee_name=field("payee_name"),
        amount_fen=fen_of(f"amount{place}", field("amount")),
        at=at,
        payer=field("payer"),
    )


def _trouble(request: Request, error: FanzhaError) -> Trouble:
    """What is wrong, in words of the form, at its field; above the form where it has no such field."""
    place = FIELDS.get(error.code) or str(error.fields.get("name", ""))
    field = place.rstrip("0123456789")
    if field not in PLACES:
        place, field = "", ""
    sentence = sentence_of(request, error)
    if field and error.code in {"web.bad_filter", "institutions.none"}:
        is_other = field == "payee" and place not in {field, f"{field}0"}
        sentence = text(language_of(request), f"web.report_wrong.{'other_' if is_other else ''}{field}")
    return Trouble(sentence=sentence, place=place, status=status_of(error))


def _scam_type(given: str) -> str:
    if given and given not in SCAM_TYPES:
        raise Invalid("web.bad_filter", name="scam_type")
    return given


def _moment(form: Mapping[str, str], name: str) -> datetime | None:
    given = form.get(name, "").strip()
    return moment_of(name, given) if given else None


def _moment_if_any(form: Mapping[str, str]) -> datetime | None:
    """When it was reported; while that is half typed, now."""
    try:
        return _moment(form, "reported_at")
    except Invalid:
        return None


def _payment_form(
    request: Request, visitor: Visitor, number: str, typed: dict[str, str], trouble: Trouble | None
) -> Response:
    if not visitor.actor.may("orders.draft"):
        raise Forbidden("web.may_not")
    data = console_of(request).data
    view = data.incident(visitor.actor, number)
    wrong = next((each for each in view.payments if each.key == typed.get("instead")), None)
    return render(
        request,
        "incident_payment.html",
        status=trouble.status if trouble else 200,
        view=view,
        wrong=wrong,
        carried={each.key: _carried(request, each) for each in view.payments},
        reason_chars=REASON_CHARACTERS,
        institutions=data.report_institutions(visitor.actor),
        typed=typed if trouble or wrong is None else {**typed, **_carried(request, wrong)},
        trouble=trouble,
    )


def _carried(request: Request, wrong: PaymentLine) -> dict[str, str]:
    """What the form of a right payment takes over from the wrong one."""
    return {
        "amount0": f"{wrong.amount_fen // 100}.{wrong.amount_fen % 100:02d}",
        "at0": wrong.at.astimezone(SHANGHAI).strftime("%Y-%m-%dT%H:%M:%S"),
        "institution0": wrong.institution.code,
        "reason": text(language_of(request), "web.incidents.correct_why"),
    }


def _form(request: Request, visitor: Visitor, typed: dict[str, str], trouble: Trouble | None) -> Response:
    return render(
        request,
        "incident_new.html",
        status=trouble.status if trouble else 200,
        institutions=console_of(request).data.report_institutions(visitor.actor),
        typed=typed,
        trouble=trouble,
        sources=tuple(each.value for each in Source if each is not Source.FILE),
        scam_types=SCAM_TYPES,
        places=range(FORM_PAYMENTS),
    )
