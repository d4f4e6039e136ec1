"""Search everything: asked by POST, so that no identifier ever lies in an address or a log."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from fanzha.apps.web.console import console_of
from fanzha.apps.web.rendering import render
from fanzha.apps.web.security.sessions import Form, SignedOn
from fanzha.apps.web.views.cases import SearchView
from fanzha.cases.purposes import CASE_WORK, purpose_code
from fanzha.kernel.errors import Forbidden

router = APIRouter()
TEXT_CHARS = 200


@router.get("/search")
def search_page(request: Request, visitor: SignedOn) -> Response:
    """An empty search: what can be searched."""
    if not visitor.actor.may("cases.read"):
        raise Forbidden("web.may_not")
    return render(request, "search.html", view=SearchView(), typed="", asked=False, purpose=CASE_WORK)


@router.post("/search")
def search(request: Request, visitor: SignedOn, form: Form) -> Response:
    """Where the text occurs; in other units only whom to call."""
    console, typed = console_of(request), form.get("text", "").strip()[:TEXT_CHARS]
    console.searches.spend(visitor.actor.name)
    purpose = purpose_code(form.get("purpose") or CASE_WORK)  # what the field in the bar is for
    view = console.data.search(visitor.actor, typed, purpose) if typed else SearchView()
    return render(request, "search.html", view=view, typed=typed, asked=bool(typed), purpose=purpose)
