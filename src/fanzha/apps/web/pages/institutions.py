"""Institutions: the table of all, the record of one with what went out, what came, what was turned away, its checks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Body, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, Response

from fanzha.apps.web.console import console_of
from fanzha.apps.web.errors import sentence_of, status_of
from fanzha.apps.web.pages.answers import answer_table, see_other
from fanzha.apps.web.pages.orders import KINDS
from fanzha.apps.web.pages.reveal import MAX_AT_ONCE
from fanzha.apps.web.rendering import render
from fanzha.apps.web.security.sessions import Form, SignedOn, check_token
from fanzha.apps.web.views.institutions import InstitutionView
from fanzha.apps.web.views.tables import Column, Filter, Page, Query, Table
from fanzha.apps.web.views.visitor import Visitor
from fanzha.kernel.errors import Illegal
from fanzha.protocol.trades import Trade
from fanzha.registers.institutions import ConnectorKind, InstitutionKind
from fanzha.registers.reach import Reach

router = APIRouter(prefix="/institutions")

NOBODY = "-"
"""In the place of a name: calls under a key that nobody has."""

INSTITUTIONS = Table(
    name="institutions",
    columns=(
        Column(key="institution", kind="choice", sortable=False),
        Column(key="standing", kind="code", words="words.reach"),
        Column(key="since", kind="time", phone=False),
        Column(key="duty", kind="code", words="words.duty", sortable=False),
        Column(key="kind", kind="code", words="words.institution_kind", sortable=False, phone=False),
        Column(key="connector", kind="code", words="words.connector", sortable=False, phone=False),
        Column(key="can", words="words.order_kind", sortable=False, phone=False),
        Column(key="demands", words="words.need", sortable=False, phone=False),
        Column(key="sent", kind="count", phone=False),
        Column(key="refused", kind="count", phone=False),
        Column(key="failed", kind="count"),
        Column(key="turned_away", kind="count", phone=False),
        Column(key="check", kind="code", words="words.check_state", sortable=False, phone=False),
    ),
    filters=(
        Filter(key="standing", kind="choice", words="words.reach", choices=tuple(each.value for each in Reach)),
        Filter(
            key="kind",
            kind="choice",
            words="words.institution_kind",
            choices=tuple(each.value for each in InstitutionKind),
        ),
        Filter(
            key="connector", kind="choice", words="words.connector", choices=tuple(each.value for each in ConnectorKind)
        ),
        Filter(key="can", kind="choice", words="words.order_kind", choices=KINDS),
    ),
    sort="standing",
)
EXCHANGES = Table(
    name="exchanges",
    columns=(
        Column(key="order_number", sortable=False),
        Column(key="trade", kind="code", words="words.trade", sortable=False),
        Column(key="sent_at", kind="moment"),
        Column(key="answered_at", kind="time", phone=False),
        Column(key="took_s", kind="span"),
        Column(key="outcome", kind="code", words="words.outcome", sortable=False),
        Column(key="result", kind="code", words="words.result", sortable=False, phone=False),
        Column(key="code", sortable=False, phone=False),
        Column(key="failure", kind="code", words="words.order_note", sortable=False, phone=False),
    ),
    filters=(
        Filter(key="trade", kind="choice", words="words.trade", choices=tuple(each.value for each in Trade)),
        Filter(
            key="outcome",
            kind="choice",
            words="words.outcome",
            choices=("open", "done", "waits", "refused", "failed"),
        ),
    ),
    sort="sent_at",
    descending=True,
)
MESSAGES = Table(
    name="institution_messages",
    columns=(
        Column(key="received_at", kind="moment"),
        Column(key="message_kind", kind="code", words="words.message_kind", sortable=False),
        Column(key="order_number", sortable=False),
        Column(key="result", kind="code", words="words.result", sortable=False),
        Column(key="code", sortable=False, phone=False),
        Column(key="state", kind="code", words="words.message_state", sortable=False, phone=False),
        Column(key="error", kind="sentence", words="errors", sortable=False, phone=False),
        Column(key="key_id", sortable=False, phone=False),
        Column(key="bytes", kind="size", phone=False),
    ),
    filters=(
        Filter(
            key="message_kind",
            kind="choice",
            words="words.message_kind",
            choices=("answer", "push", "report", "status"),
        ),
    ),
    sort="received_at",
    descending=True,
)
REFUSALS = Table(
    name="institution_refusals",
    columns=(
        Column(key="at", kind="moment"),
        Column(key="refusal", kind="code", words="words.refusal", sortable=False),
        Column(key="place", sortable=False, phone=False),
        Column(key="address", sortable=False),
        Column(key="bytes", kind="size", phone=False),
        Column(key="sha256", sortable=False, phone=False),
    ),
    sort="at",
    descending=True,
)


@router.get("")
def institutions(request: Request, visitor: SignedOn) -> Response:
    """Every institution."""
    data = console_of(request).data
    return answer_table(
        request, INSTITUTIONS, "institutions.html", lambda query: data.institutions(visitor.actor, query)
    )


@router.get("/{name}")
def institution(request: Request, visitor: SignedOn, name: str) -> Response:
    """The record of one."""
    return _record(request, visitor, name)


@router.get("/{name}/exchanges")
def exchanges(request: Request, visitor: SignedOn, name: str) -> Response:
    """What went out to it."""
    data = console_of(request).data
    view = data.institution(visitor.actor, name)
    return _table(request, EXCHANGES, "exchanges", view, lambda query: data.exchanges(visitor.actor, name, query))


@router.get("/{name}/messages")
def messages(request: Request, visitor: SignedOn, name: str) -> Response:
    """What it said."""
    data = console_of(request).data
    view = data.institution(visitor.actor, name)
    return _table(request, MESSAGES, "messages", view, lambda query: data.messages(visitor.actor, name, query))


@router.get("/{name}/refusals")
def refusals(request: Request, visitor: SignedOn, name: str) -> Response:
    """What was turned away of it, or of nobody."""
    data = console_of(request).data
    known = "" if name == NOBODY else name
    view = data.institution(visitor.actor, known) if known else None
    return _table(request, REFUSALS, "refusals", view, lambda query: data.refusals(visitor.actor, known, query))


@router.get("/{name}/checks")
def checks(request: Request, visitor: SignedOn, name: str) -> Response:
    """What the contract kit found."""
    view = console_of(request).data.institution(visitor.actor, name)
    return render(request, "institution_checks.html", view=view, tab="checks")


@router.post("/{name}/check")
def check(request: Request, visitor: SignedOn, form: Form, name: str) -> Response:
    """Run the contract kit in the background."""
    try:
        console_of(request).data.check_institution(visitor.actor, name)
    except Illegal as error:
        return _record(request, visitor, name, error)
    return see_other(f"/institutions/{name}/checks")


@router.post("/{name}/reveal")
async def reveal(
    request: Request,
    visitor: SignedOn,
    name: str,
    asked: Annotated[list[str], Body(max_length=MAX_AT_ONCE)],
    purpose: Annotated[str, Body()],
) -> Response:
    """The numbers of its desks in full, for a purpose."""
    await run_in_threadpool(check_token, request)
    data = console_of(request).data
    return JSONResponse(dict(await run_in_threadpool(data.reveal_contacts, visitor.actor, name, asked, purpose)))


def _record(request: Request, visitor: Visitor, name: str, error: Illegal | None = None) -> Response:
    return render(
        request,
        "institution.html",
        status=status_of(error) if error else 200,
        view=console_of(request).data.institution(visitor.actor, name),
        sentence=sentence_of(request, error) if error else "",
        tab="about",
    )


def _table(
    request: Request, table: Table, tab: str, view: InstitutionView | None, fetch: Callable[[Query], Page[Any]]
) -> Response:
    return answer_table(request, table, "institution_rows.html", fetch, view=view, tab=tab)
