"""Accounts of a case, and everything its rows say about one."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from fanzha.apps.web.console import console_of
from fanzha.apps.web.pages.answers import answer_table
from fanzha.apps.web.rendering import render
from fanzha.apps.web.security.sessions import SignedOn
from fanzha.apps.web.views.tables import Column, Filter, Table

router = APIRouter(prefix="/cases/{ref}")

ACCOUNTS = Table(
    name="accounts",
    columns=(
        Column(key="account", kind="account"),
        Column(key="kind", kind="code", words="words.account_kind", phone=False),
        Column(key="bank", kind="institution", phone=False),
        Column(key="rows", kind="count", phone=False),
        Column(key="first_at", kind="day", phone=False),
        Column(key="last_at", kind="day", phone=False),
        Column(key="in_fen", kind="money"),
        Column(key="out_fen", kind="money"),
        Column(key="proof", kind="code", words="words.proof"),
    ),
    filters=(
        Filter(key="statement", kind="choice", words="words.statement", choices=("yes", "no")),
        Filter(key="proof", kind="choice", words="words.proof", choices=("proven", "broken", "partly_told", "untold")),
    ),
    sort="in_fen",
    descending=True,
)


@router.get("/accounts")
def accounts(request: Request, visitor: SignedOn, ref: str) -> Response:
    """Accounts of the case."""
    data = console_of(request).data
    head = data.case(visitor.actor, ref)
    return answer_table(
        request,
        ACCOUNTS,
        "accounts.html",
        lambda query: data.accounts(visitor.actor, ref, query),
        lambda query: data.every_account(visitor.actor, ref, query),
        head=head,
    )


@router.get("/accounts/{account}")
def account(request: Request, visitor: SignedOn, ref: str, account: str) -> Response:
    """One account."""
    data = console_of(request).data
    head = data.case(visitor.actor, ref)
    view = data.account(visitor.actor, ref, account)
    victims = [
        each
        for each in data.victims(visitor.actor, ref)
        if view.line.account.key in {owned.key for owned in each.accounts}
    ]
    return render(request, "account.html", head=head, view=view, victims=victims)
