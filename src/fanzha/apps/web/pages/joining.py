"""Incidents joined into one case, and accounts to which money is awaited: both a named person's act, with why."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from fanzha.apps.web.console import console_of
from fanzha.apps.web.errors import sentence_of, status_of
from fanzha.apps.web.pages.answers import see_other
from fanzha.apps.web.rendering import render
from fanzha.apps.web.security.sessions import Form, SignedOn
from fanzha.apps.web.views.incidents import AskedAwaited
from fanzha.apps.web.views.visitor import Visitor
from fanzha.cases.incident import REASON_CHARACTERS
from fanzha.kernel.errors import FanzhaError, Forbidden, Illegal, Invalid

router = APIRouter(prefix="/incidents/{number}")
CHOSEN = "chosen-"


@router.get("/join")
def join_form(request: Request, visitor: SignedOn, number: str) -> Response:
    """Incidents that look like the same gang's, why, and room for any other."""
    return _join(request, visitor, number, {}, None)


@router.post("/join")
def join(request: Request, visitor: SignedOn, form: Form, number: str) -> Response:
    """Join the chosen ones, all of them or none."""
    chosen = [name.removeprefix(CHOSEN) for name in form if name.startswith(CHOSEN)]
    chosen += [each[:40] for each in form.get("others", "").split()]
    try:
        console_of(request).data.join_incidents(visitor.actor, number, chosen, form.get("reason", "").strip())
    except (Invalid, Illegal) as error:
        return _join(request, visitor, number, dict(form), error)
    return see_other(f"/incidents/{number}")


@router.get("/await")
def await_form(request: Request, visitor: SignedOn, number: str) -> Response:
    """An account that a person finds involved before money was seen to come."""
    return _await(request, visitor, number, {}, None)


@router.post("/await")
def await_money(request: Request, visitor: SignedOn, form: Form, number: str) -> Response:
    """From now on authority may stop it; what nobody confirms is let go in time."""
    asked = AskedAwaited(
        institution=form.get("institution", "")[:80],
        account=form.get("account", "").strip()[:80],
        holder=form.get("holder", "").strip()[:80],
        reason=form.get("reason", "").strip(),
    )
    try:
        console_of(request).data.await_money(visitor.actor, number, asked)
    except (Invalid, Illegal) as error:
        return _await(request, visitor, number, dict(form), error)
    return see_other(f"/incidents/{number}")


def _join(
    request: Request, visitor: Visitor, number: str, typed: dict[str, str], error: FanzhaError | None
) -> Response:
    return render(
        request,
        "incident_join.html",
        status=status_of(error) if error else 200,
        view=console_of(request).data.alike(visitor.actor, number),
        typed=typed,
        sentence=sentence_of(request, error) if error else "",
        chosen=CHOSEN,
        reason_chars=REASON_CHARACTERS,
    )


def _await(
    request: Request, visitor: Visitor, number: str, typed: dict[str, str], error: FanzhaError | None
) -> Response:
    if not visitor.actor.may("orders.draft"):
        raise Forbidden("web.may_not")
    data = console_of(request).data
    return render(
        request,
        "incident_await.html",
        status=status_of(error) if error else 200,
        view=data.incident(visitor.actor, number),
        institutions=data.report_institutions(visitor.actor),
        typed=typed,
        sentence=sentence_of(request, error) if error else "",
        reason_chars=REASON_CHARACTERS,
    )
