"""Objections: the board of those that wait, one record, taken at the counter or by telephone, answered."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from fanzha.apps.web.console import console_of
from fanzha.apps.web.errors import sentence_of, status_of
from fanzha.apps.web.pages.answers import answer_table, see_other
from fanzha.apps.web.rendering import render
from fanzha.apps.web.security.sessions import Form, SignedOn
from fanzha.apps.web.views.objections import FoundOrders, ObjectionMoveTold, TakenObjection
from fanzha.apps.web.views.tables import Column, Filter, Table, form_fen
from fanzha.apps.web.views.visitor import Visitor
from fanzha.cases.purposes import CASE_WORK
from fanzha.kernel.errors import FanzhaError, Forbidden, Invalid
from fanzha.orders.objections import TEXT_CHARACTERS, Channel, ObjectionState, Standing

router = APIRouter(prefix="/objections")

STATES = tuple(each.value for each in ObjectionState)
OBJECTIONS = Table(
    name="objections",
    columns=(
        Column(key="objection_number", sortable=False),
        Column(key="rings_at", kind="clock"),
        Column(key="state", kind="code", words="words.objection_state", sortable=False),
        Column(key="person", kind="masked", sortable=False, phone=False),
        Column(key="kind", kind="code", words="words.order_kind", sortable=False, phone=False),
        Column(key="target", kind="masked", sortable=False),
        Column(key="holding_fen", kind="money", sortable=False),
        Column(key="institution", kind="choice", sortable=False, phone=False),
        Column(key="handler", kind="person", sortable=False, phone=False),
        Column(key="unit", kind="choice", sortable=False, phone=False),
        Column(key="received_at", kind="time", sortable=False, phone=False),
    ),
    filters=(Filter(key="state", kind="choice", words="words.objection_state", choices=STATES),),
    sort="rings_at",
)
CHANNELS = tuple(each.value for each in Channel)
STANDINGS = tuple(each.value for each in Standing)
FIELDS = {
    "objections.agent_unnamed": "name",
    "objections.evidence_not_kept": "evidence",
    "objections.too_much_evidence": "evidence",
    "cases.note_length": "says",
    "cases.no_identifier": "phone",
}
"""At which field of the form an error is shown; any other stands above it."""
_BEGINS = ((b"%PDF-", "pdf"), (b"\x89PNG", "png"), (b"\xff\xd8\xff", "jpg"))


@router.get("")
def board(request: Request, visitor: SignedOn) -> Response:
    """Objections, what lapses next first."""
    data = console_of(request).data
    return answer_table(request, OBJECTIONS, "objections.html", lambda query: data.objections(visitor.actor, query))


@router.get("/new")
def new_objection(request: Request, visitor: SignedOn) -> Response:
    """The form about one order; without an order the field in which a number is typed."""
    return _new(request, visitor, dict(request.query_params))


@router.post("/find")
def find(request: Request, visitor: SignedOn, form: Form) -> Response:
    """Orders that restrict the account, number, site or app that was typed."""
    console, typed = console_of(request), form.get("text", "").strip()[:200]
    console.searches.spend(visitor.actor.name)
    found = console.data.restricting(visitor.actor, typed)
    if len(found.orders) == 1:
        return see_other(f"/objections/new?order={found.orders[0].number}")
    return render(request, "objection_find.html", found=found, typed=typed)


@router.post("/new")
def take(request: Request, visitor: SignedOn, form: Form) -> Response:
    """Receive it and show it; what is wrong is said at its field, with everything kept as it was typed."""
    told = TakenObjection(
        order=form.get("order", ""),
        channel=form.get("channel", ""),
        standing=form.get("standing", ""),
        says=form.get("says", "").strip(),
        name=form.get("name", "").strip()[:100],
        phone=form.get("phone", "").strip()[:40],
        evidence=tuple(form.get("evidence", "").split()),
    )
    try:
        number = console_of(request).data.take_objection(visitor.actor, told)
    except FanzhaError as error:
        return _new(request, visitor, dict(form), error)
    return see_other(f"/objections/{number}")


@router.get("/{number}")
def record(request: Request, visitor: SignedOn, number: str) -> Response:
    """The record of an objection."""
    view = console_of(request).data.objection(visitor.actor, number)
    return render(request, "objection.html", view=view)


@router.get("/{number}/do/{move}")
def move_form(request: Request, visitor: SignedOn, number: str, move: str) -> Response:
    """What an answer will do, and what it needs to know."""
    return _form(request, visitor, number, move)


@router.post("/{number}/do/{move}")
def do_move(request: Request, visitor: SignedOn, form: Form, number: str, move: str) -> Response:
    """Do it, and show the objection."""
    try:
        told = ObjectionMoveTold(
            move=move,
            reason=form.get("reason", "").strip(),
            release_fen=form_fen(form, "release"),
        )
        console_of(request).data.answer_objection(visitor.actor, number, told)
    except FanzhaError as error:
        return _form(request, visitor, number, move, dict(form), error)
    return see_other(f"/objections/{number}")


@router.post("/{number}/evidence/{sha256}")
def evidence(request: Request, visitor: SignedOn, form: Form, number: str, sha256: str) -> Response:
    """A file that was shown, as it was shown."""
    purpose = form.get("purpose") or CASE_WORK
    body = console_of(request).data.objection_evidence(visitor.actor, number, sha256, purpose)
    ending = next((name for begins, name in _BEGINS if body.startswith(begins)), "bin")
    headers = {"Content-Disposition": f'attachment; filename="{sha256[:16]}.{ending}"'}
    return Response(body, media_type="application/octet-stream", headers=headers)


def _new(request: Request, visitor: Visitor, typed: dict[str, str], error: FanzhaError | None = None) -> Response:
    if not visitor.actor.may("objections.answer"):
        raise Forbidden("web.may_not")
    number = typed.get("order", "")
    if not number:
        return render(request, "objection_find.html", found=FoundOrders(orders=(), elsewhere=()), typed="")
    data = console_of(request).data
    return render(
        request,
        "objection_new.html",
        status=status_of(error) if error else 200,
        order=data.order(visitor.actor, number),
        before=data.objections_of(visitor.actor, number),
        typed=typed,
        sentence=sentence_of(request, error) if error else "",
        wrong=FIELDS.get(error.code, "") if error else "",
        channels=CHANNELS,
        standings=STANDINGS,
        most_chars=TEXT_CHARACTERS,
    )


def _form(
    request: Request,
    visitor: Visitor,
    number: str,
    move: str,
    typed: dict[str, str] | None = None,
    error: FanzhaError | None = None,
) -> Response:
    """The form, with what was typed and what was wrong with it; one that may not be shown tells why."""
    view = console_of(request).data.objection(visitor.actor, number)
    if not view.writable:
        raise Forbidden("web.may_not")
    if move not in view.moves:
        raise error or Invalid("objections.no_such_answer")
    return render(
        request,
        "objection_act.html",
        status=status_of(error) if error else 200,
        view=view,
        move=move,
        typed=typed or {},
        sentence=sentence_of(request, error) if error else "",
        most_chars=TEXT_CHARACTERS,
    )
