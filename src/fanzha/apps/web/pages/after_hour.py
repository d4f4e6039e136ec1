"""After the hour of an incident: file and freeze before the stops lapse, gather, tell the victim, a page to print."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from fanzha.apps.web.console import console_of
from fanzha.apps.web.errors import sentence_of, status_of
from fanzha.apps.web.pages.answers import see_other
from fanzha.apps.web.pages.new_order import Trouble
from fanzha.apps.web.rendering import language_of, render
from fanzha.apps.web.security.sessions import Form, SignedOn
from fanzha.apps.web.views.after_hour import AfterAct
from fanzha.apps.web.views.visitor import Visitor
from fanzha.cases.incident import REASON_CHARACTERS
from fanzha.cases.purposes import purpose_code
from fanzha.kernel.errors import Illegal, Invalid

router = APIRouter(prefix="/incidents/{number}")


@router.get("/after")
def after(request: Request, visitor: SignedOn, number: str) -> Response:
    """What is held and until when, what is there and what is missing, what the victim was told."""
    return _page(request, visitor, number, {}, None)


@router.post("/after/{act}")
def do_after(request: Request, visitor: SignedOn, form: Form, number: str, act: str) -> Response:
    """Do it, and show what came of it."""
    told = AfterAct(act=act, words=form.get("words", "").strip(), code=form.get("code", "")[:40])
    try:
        console_of(request).data.do_after(visitor.actor, number, told)
    except (Invalid, Illegal) as error:
        trouble = Trouble(sentence=sentence_of(request, error), place=act + told.code, status=status_of(error))
        return _page(request, visitor, number, {trouble.place: told.words}, trouble)
    return see_other(f"/incidents/{number}/after")


@router.post("/summary")
def summary(request: Request, visitor: SignedOn, form: Form, number: str) -> Response:
    """The incident on one page as PDF: in full for a purpose, masked without one."""
    purpose = form.get("purpose", "")
    code, language = purpose_code(purpose) if purpose else "", language_of(request)
    taken = console_of(request).data.incident_summary(visitor.actor, number, code, language)
    headers = {"Content-Disposition": f'attachment; filename="{taken.file_name}"'}
    return Response(taken.pdf, media_type="application/pdf", headers=headers)


def _page(request: Request, visitor: Visitor, number: str, typed: dict[str, str], trouble: Trouble | None) -> Response:
    return render(
        request,
        "incident_after.html",
        status=trouble.status if trouble else 200,
        view=console_of(request).data.after_hour(visitor.actor, number),
        typed=typed,
        trouble=trouble,
        reason_chars=REASON_CHARACTERS,
    )
