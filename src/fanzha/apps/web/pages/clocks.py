"""Boards: every clock by what rings next, and what waits for one's signature."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from fanzha.apps.web.console import console_of
from fanzha.apps.web.pages.answers import answer_table, see_other
from fanzha.apps.web.rendering import render
from fanzha.apps.web.security.sessions import Form, SignedOn
from fanzha.apps.web.views.tables import Column, Filter, Table
from fanzha.orders.clocks import ClockKind

router = APIRouter()

CALLS_FOR = (*(each.value for each in ClockKind), "objection_alarm", "objection_due")
"""What a clock may call for: an order's own, and the two of an objection to it."""
CLOCKS = Table(
    name="clocks",
    columns=(
        Column(key="rings_at", kind="clock"),
        Column(key="clock", kind="code", words="words.clock", sortable=False),
        Column(key="weight", kind="code", words="words.clock_weight", sortable=False, phone=False),
        Column(key="holding_fen", kind="money", sortable=False),
        Column(key="order_number", sortable=False),
        Column(key="kind", kind="code", words="words.order_kind", sortable=False, phone=False),
        Column(key="target", sortable=False, phone=False),
        Column(key="institution", kind="choice", sortable=False, phone=False),
        Column(key="whose", kind="choice", sortable=False, phone=False),
        Column(key="unit", kind="choice", sortable=False, phone=False),
        Column(key="let_go", kind="let_go", sortable=False),
    ),
    filters=(
        Filter(
            key="clock",
            kind="choice",
            words="words.clock",
            choices=CALLS_FOR,
        ),
    ),
    sort="rings_at",
)


@router.get("/clocks")
def clocks(request: Request, visitor: SignedOn) -> Response:
    """The clock board."""
    data = console_of(request).data
    return answer_table(
        request,
        CLOCKS,
        "clocks.html",
        lambda query: data.clocks(visitor.actor, query),
        rang=data.rang_today(visitor.actor),
        calls=data.calls(visitor.actor),
    )


@router.post("/clocks/calls/{call}/seen")
def seen(request: Request, visitor: SignedOn, form: Form, call: str) -> Response:
    """The person who was called has seen it."""
    console_of(request).data.see_call(visitor.actor, call)
    return see_other("/" if form.get("back") == "home" else "/clocks")


@router.get("/sign")
def to_sign(request: Request, visitor: SignedOn) -> Response:
    """The queue of signatures: orders, and standing authorities that this person may sign."""
    data = console_of(request).data
    lines = data.to_sign(visitor.actor)
    given = [each for each in data.authorities(visitor.actor) if each.may_sign]
    return render(request, "sign.html", lines=lines, authorities=given, standing_in=data.standing_in(visitor.actor))
