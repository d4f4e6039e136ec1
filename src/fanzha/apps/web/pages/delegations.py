"""Delegation and absence: who may sign what today, and a capacity lent for a while."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from fanzha.apps.web.console import console_of
from fanzha.apps.web.errors import sentence_of, status_of
from fanzha.apps.web.pages.answers import see_other
from fanzha.apps.web.rendering import render
from fanzha.apps.web.security.sessions import Form, SignedOn
from fanzha.apps.web.views.tables import moment_of
from fanzha.apps.web.views.visitor import Visitor
from fanzha.kernel.errors import FanzhaError, Forbidden
from fanzha.wiring.delegating import Lent

router = APIRouter(prefix="/delegations")

FIELDS = {
    "access.no_such_person": "to",
    "orders.delegation_to_oneself": "to",
    "orders.capacity_missing": "capacity",
    "orders.no_such_capacity": "capacity",
    "orders.delegation_time": "until",
    "cases.empty_text": "reason",
    "cases.long_text": "reason",
}
"""At which field of the form an error is shown; one that names its field stands there, any other above the form."""


@router.get("")
def board(request: Request, visitor: SignedOn) -> Response:
    """Who may sign what today, and every delegation in sight."""
    return _page(request, visitor, {})


@router.post("")
def lend(request: Request, visitor: SignedOn, form: Form) -> Response:
    """Lend a capacity of one's own; what is wrong is said at its field, with everything kept as it was typed."""
    if not visitor.actor.may("orders.delegate"):
        raise Forbidden("web.may_not")
    try:
        lent = Lent(
            to_login=form.get("to", "").strip()[:100],
            capacity=form.get("capacity", "").strip()[:100],
            since=moment_of("since", form.get("since", "").strip()),
            until=moment_of("until", form.get("until", "").strip()),
            reason=form.get("reason", "").strip(),
        )
        console_of(request).data.lend(visitor.actor, lent)
    except FanzhaError as error:
        return _page(request, visitor, dict(form), error)
    return see_other("/delegations")


@router.post("/{delegation}/end")
def end(request: Request, visitor: SignedOn, delegation: str) -> Response:
    """Take it back from now on; what was signed under it stays signed."""
    console_of(request).data.end_delegation(visitor.actor, delegation)
    return see_other("/delegations")


def _page(request: Request, visitor: Visitor, typed: dict[str, str], error: FanzhaError | None = None) -> Response:
    data = console_of(request).data
    return render(
        request,
        "delegations.html",
        status=status_of(error) if error else 200,
        view=data.delegations(visitor.actor),
        form=data.lend_form(visitor.actor),
        typed=typed,
        sentence=sentence_of(request, error) if error else "",
        wrong=(FIELDS.get(error.code) or str(error.fields.get("name", ""))) if error else "",
    )
