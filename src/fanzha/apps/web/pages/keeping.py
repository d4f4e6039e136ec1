"""How a case is kept: its legal hold, with whom it is shared, how it is erased."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from fastapi import APIRouter, Request
from starlette.responses import Response

from fanzha.apps.web.console import console_of
from fanzha.apps.web.errors import sentence_of, status_of
from fanzha.apps.web.pages.answers import see_other
from fanzha.apps.web.rendering import render
from fanzha.apps.web.security.sessions import Form, SignedOn
from fanzha.apps.web.views.keeping import NewCaseShare
from fanzha.apps.web.views.visitor import Visitor
from fanzha.kernel.errors import Conflict, FanzhaError, Illegal, Invalid, NotFound

router = APIRouter(prefix="/cases/{ref}")

REASON_CHARS = 500
STEPS = ("ask", "refuse", "confirm")


@router.get("/settings")
def settings(request: Request, visitor: SignedOn, ref: str) -> Response:
    """How the case is kept, and what the visitor may do about it."""
    return _page(request, visitor, ref)


@router.post("/hold")
def hold(request: Request, visitor: SignedOn, form: Form, ref: str) -> Response:
    """Put the case under a legal hold, or release it."""
    data, held = console_of(request).data, form.get("held") == "yes"
    return _done(request, visitor, ref, "hold", lambda: data.set_hold(visitor.actor, ref, held, reason_of(form)))


@router.post("/shares")
def share(request: Request, visitor: SignedOn, form: Form, ref: str) -> Response:
    """Let another unit read the case, or read it no more."""
    data, unit = console_of(request).data, form.get("unit", "")
    if form.get("end") == "yes":
        return _done(request, visitor, ref, "shares", lambda: data.unshare(visitor.actor, ref, unit, reason_of(form)))
    new = NewCaseShare(
        unit=unit, purpose=form.get("purpose", ""), until=form.get("until", ""), reason=form.get("reason", "")
    )
    return _done(request, visitor, ref, "shares", lambda: data.share(visitor.actor, ref, new))


@router.post("/erasure")
def erasure(request: Request, visitor: SignedOn, form: Form, ref: str) -> Response:
    """Ask that the case be erased, refuse it, or confirm what somebody else asked."""
    data, step = console_of(request).data, form.get("step", "")
    if step not in STEPS:
        raise Invalid("web.bad_request")
    if step == "confirm":
        return _done(request, visitor, ref, "erasure", lambda: data.erase(visitor.actor, ref))
    act = data.ask_erasure if step == "ask" else data.refuse_erasure
    return _done(request, visitor, ref, "erasure", lambda: act(visitor.actor, ref, reason_of(form)))


def _done(request: Request, visitor: Visitor, ref: str, part: str, act: Callable[[], None]) -> Response:
    """Do it and show the page again; what cannot be done is said beside the form it came from."""
    try:
        act()
    except NotFound as error:
        if error.code == "cases.not_found":
            raise
        return _page(request, visitor, ref, part, error)
    except (Invalid, Conflict, Illegal) as error:
        return _page(request, visitor, ref, part, error)
    return see_other(f"/cases/{ref}/settings")


def _page(request: Request, visitor: Visitor, ref: str, part: str = "", error: FanzhaError | None = None) -> Response:
    data = console_of(request).data
    view = data.keeping(visitor.actor, ref)
    return render(
        request,
        "case_settings.html",
        status=status_of(error) if error else 200,
        head=data.case(visitor.actor, ref),
        view=view,
        kept_because=sentence_of(request, view.kept_because) if view.kept_because else "",
        wrong=part,
        sentence=sentence_of(request, error) if error else "",
        reason_chars=REASON_CHARS,
    )


def reason_of(form: Mapping[str, str]) -> str:
    """Why, in the words of whoever sent the form; `Invalid` when there are none or too many."""
    given = form.get("reason", "").strip()
    if not 1 <= len(given) <= REASON_CHARS:
        raise Invalid("web.text_length", limit=REASON_CHARS)
    return given
