"""What whom an order restricts is told: read out at the counter, recorded as told, handed out as a paper."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from fanzha.apps.web.console import console_of
from fanzha.apps.web.errors import sentence_of, status_of
from fanzha.apps.web.pages.answers import see_other
from fanzha.apps.web.rendering import language_of, render
from fanzha.apps.web.security.sessions import Form, SignedOn
from fanzha.apps.web.views.visitor import Visitor
from fanzha.i18n import Language
from fanzha.kernel.errors import FanzhaError
from fanzha.orders.objections import Channel

router = APIRouter(prefix="/orders/{number}")


@router.get("/notice")
def notice(request: Request, visitor: SignedOn, number: str) -> Response:
    """The notice as it is read out, in either language, and when it was told."""
    return _page(request, visitor, number, dict(request.query_params))


@router.post("/notice")
def tell(request: Request, visitor: SignedOn, form: Form, number: str) -> Response:
    """Record that it was told, and issue its paper."""
    try:
        data = console_of(request).data
        data.tell_holder(visitor.actor, number, form.get("reason", ""), form.get("channel", ""))
    except FanzhaError as error:
        return _page(request, visitor, number, dict(form), error)
    return see_other(f"/orders/{number}/notice")


@router.post("/notices/{paper}")
def paper(request: Request, visitor: SignedOn, form: Form, number: str, paper: str) -> Response:
    """A paper to the person as PDF, for a purpose."""
    language: Language = "en" if form.get("language") == "en" else "zh"
    purpose = form.get("purpose") or "case_work"
    body = console_of(request).data.person_paper(visitor.actor, number, paper, purpose, language)
    headers = {"Content-Disposition": f'attachment; filename="{number}-{language}.pdf"'}
    return Response(body, media_type="application/pdf", headers=headers)


def _page(
    request: Request, visitor: Visitor, number: str, typed: dict[str, str], error: FanzhaError | None = None
) -> Response:
    """Read out in the language that was chosen, else in the page's."""
    chosen = typed.get("read", "")
    language: Language = "zh" if chosen == "zh" else "en" if chosen == "en" else language_of(request)
    try:
        view = console_of(request).data.notice(visitor.actor, number, typed.get("reason", ""), language)
    except FanzhaError as failure:
        raise (error or failure) from None
    return render(
        request,
        "notice.html",
        status=status_of(error) if error else 200,
        view=view,
        read=language,
        sentence=sentence_of(request, error) if error else "",
        channels=tuple(each.value for each in Channel),
    )
