"""The first page."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from fanzha.apps.web.console import console_of
from fanzha.apps.web.pages.answers import see_other
from fanzha.apps.web.rendering import render
from fanzha.apps.web.security.sessions import SignedOn
from fanzha.apps.web.views.tables import Page, Query
from fanzha.apps.web.views.work import WorkLine
from fanzha.wiring.handling import READ

router = APIRouter()
GOLDEN = Query(sort="recoverable_fen", descending=True, size=5)
"""The golden minutes: the open incidents with the most still to be had."""
STUCK = Query(filters={"state": "stuck"}, sort="due_at", descending=False, size=5)
"""Work that did not come to its end and waits for a person."""
NOTHING: Page[WorkLine] = Page(rows=(), total=0)


@router.get("/")
def home(request: Request, visitor: SignedOn) -> Response:
    """What lapses next and what is overdue, what is stuck, who cannot be reached, what waits, runs, the last cases."""
    if visitor.actor.institution_id is not None:
        return see_other("/seat")
    data = console_of(request).data
    clocks = data.next_clocks(visitor.actor)
    golden = data.incidents(visitor.actor, GOLDEN).rows if visitor.actor.may("orders.see") else ()
    return render(
        request,
        "home.html",
        golden=golden,
        view=data.home(visitor.actor),
        clocks=clocks,
        calls=data.calls(visitor.actor),
        stuck=data.work(visitor.actor, STUCK) if visitor.actor.may(READ) else NOTHING,
        troubled=data.troubled_institutions(visitor.actor),
        standing_in=data.standing_in(visitor.actor),
    )
