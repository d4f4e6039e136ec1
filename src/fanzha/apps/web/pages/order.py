"""One order: its record, and what may be done about it."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from fanzha.apps.web.console import console_of
from fanzha.apps.web.errors import sentence_of, status_of
from fanzha.apps.web.pages.answers import see_other
from fanzha.apps.web.rendering import render
from fanzha.apps.web.security.sessions import Form, SignedOn
from fanzha.apps.web.views.orders import OrderAct
from fanzha.apps.web.views.tables import form_fen
from fanzha.apps.web.views.visitor import Visitor
from fanzha.kernel.errors import FanzhaError, Invalid
from fanzha.orders.drafting import REASON_CHARACTERS
from fanzha.orders.effects import RESTRICTING

router = APIRouter(prefix="/orders/{number}")

MOST_MONTHS = 36


@router.get("")
def order(request: Request, visitor: SignedOn, number: str) -> Response:
    """The record of an order."""
    data = console_of(request).data
    return render(
        request,
        "order.html",
        view=data.order(visitor.actor, number),
        objections=data.objections_of(visitor.actor, number),
        restricting=RESTRICTING,
    )


@router.get("/do/{act}")
def act_form(request: Request, visitor: SignedOn, number: str, act: str) -> Response:
    """What an act will do, and what it needs to know."""
    return _form(request, number, act, request.query_params.get("instruction", ""))


@router.post("/do/{act}")
def do_act(request: Request, visitor: SignedOn, form: Form, number: str, act: str) -> Response:
    """Do it, and show the order."""
    try:
        told = OrderAct(
            act=act,
            reason=form.get("reason", "").strip(),
            instruction=form.get("instruction", ""),
            months=_months(form.get("months", "")),
            release_fen=_release(form),
            key=form.get("key", "")[:64],
        )
        console_of(request).data.act_on(visitor.actor, number, told)
    except FanzhaError as error:
        if form.get("quick"):
            raise
        return _form(request, number, act, form.get("instruction", ""), dict(form), error)
    return see_other("/sign" if form.get("back") == "sign" else f"/orders/{number}")


@router.post("/evidence")
def evidence(request: Request, visitor: SignedOn, form: Form, number: str) -> Response:
    """The evidence on which the order rests, or a reply told on it, as it was kept: a file that is saved, never run."""
    file = console_of(request).data.evidence(visitor.actor, number, form.get("purpose", ""), form.get("reply", ""))
    headers = {
        "Content-Disposition": f'attachment; filename="{number}-evidence{ENDINGS.get(file.media_type, ".bin")}"',
        "Cache-Control": "no-store",
    }
    return Response(file.body, media_type=file.media_type, headers=headers)


ENDINGS = {
    "application/pdf": ".pdf", "image/png": ".png", "image/jpeg": ".jpg", "image/gif": ".gif", "image/webp": ".webp",
    "text/plain": ".txt",
}  # fmt: skip


def _form(
    request: Request,
    number: str,
    act: str,
    instruction: str,
    typed: dict[str, str] | None = None,
    error: FanzhaError | None = None,
) -> Response:
    """The form, with what was typed and what was wrong with it; one that may not be shown any more tells that error."""
    visitor: Visitor = request.state.visitor
    try:
        asked = console_of(request).data.act_form(visitor.actor, number, act, instruction)
    except FanzhaError as failure:
        raise (error or failure) from None
    return render(
        request,
        "order_act.html",
        status=status_of(error) if error else 200,
        asked=asked,
        view=asked.order,
        typed=typed or {},
        sentence=sentence_of(request, error) if error else "",
        reason_chars=REASON_CHARACTERS,
    )


def _months(given: str) -> int | None:
    if not given:
        return None
    if not (given.isascii() and given.isdigit() and len(given) <= 2 and 1 <= int(given) <= MOST_MONTHS):
        raise Invalid("web.bad_number", name="months")
    return int(given)


def _release(form: Form) -> int | None:
    """The fen to release; None releases all of it."""
    return None if form.get("whole") else form_fen(form, "release")
