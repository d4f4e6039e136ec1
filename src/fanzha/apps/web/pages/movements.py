"""Movements of a case, and the rows that tell of one."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from fanzha.apps.web.console import console_of
from fanzha.apps.web.pages.answers import answer_table, see_other
from fanzha.apps.web.rendering import render
from fanzha.apps.web.security.sessions import Form, SignedOn
from fanzha.apps.web.views.tables import Column, Filter, Table
from fanzha.kernel.errors import NotFound

router = APIRouter(prefix="/cases/{ref}")

EXITS = ("none", "outside", "cash", "merchant", "payment_company", "crypto_trader", "fee", "interest")
DOUBTS = (
    "any",
    "matched_by_mask",
    "matched_by_absence",
    "matched_by_name",
    "matched_late",
    "clock_contradiction",
    "leftover",
    "reversal_unmatched",
)

MOVEMENTS = Table(
    name="movements",
    columns=(
        Column(key="at", kind="moment"),
        Column(key="payer", kind="account"),
        Column(key="payee", kind="account"),
        Column(key="amount_fen", kind="money"),
        Column(key="exit", kind="code", words="words.exit", phone=False),
        Column(key="doubts", kind="codes", words="words.doubt", phone=False),
        Column(key="tellings", kind="count", phone=False),
    ),
    filters=(
        Filter(key="after", kind="after"),
        Filter(key="until", kind="until"),
        Filter(key="at_least", kind="fen"),
        Filter(key="at_most", kind="fen"),
        Filter(key="account", kind="key"),
        Filter(key="import", kind="key"),
        Filter(key="direction", kind="choice", words="words.direction", choices=("out", "in")),
        Filter(key="exit", kind="choice", words="words.exit", choices=EXITS),
        Filter(key="doubt", kind="choice", words="words.doubt", choices=DOUBTS),
    ),
    sort="at",
)


@router.get("/movements")
def movements(request: Request, visitor: SignedOn, ref: str) -> Response:
    """Movements of the case, filtered, sorted, a page at a time."""
    data = console_of(request).data
    head = data.case(visitor.actor, ref)
    chosen = request.query_params.get("account")
    account = data.account(visitor.actor, ref, chosen).line.account if chosen else None
    return answer_table(
        request,
        MOVEMENTS,
        "movements.html",
        lambda query: data.movements(visitor.actor, ref, query),
        lambda query: data.every_movement(visitor.actor, ref, query),
        head=head,
        account=account,
    )


@router.get("/movements/{movement}")
def movement(request: Request, visitor: SignedOn, ref: str, movement: str) -> Response:
    """One movement and the rows that tell of it, as they lay; a fragment when a table row opens it."""
    data = console_of(request).data
    head = data.case(visitor.actor, ref)
    view = data.movement(visitor.actor, ref, movement)
    template = "evidence.html" if request.headers.get("hx-request") else "movement.html"
    return render(request, template, head=head, view=view)


@router.post("/find-account")
def find_account(request: Request, visitor: SignedOn, form: Form, ref: str) -> Response:
    """From a number that a person types to the account's page, whose address says nothing personal."""
    console = console_of(request)
    console.searches.spend(visitor.actor.name)  # else the hidden middle of a number is found by trying
    found = console.data.find_account(visitor.actor, ref, form.get("text", "").strip()[:200])
    if found is None:
        raise NotFound("web.no_such_account")
    return see_other(f"/cases/{ref}/accounts/{found}")
