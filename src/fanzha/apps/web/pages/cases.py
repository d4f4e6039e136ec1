"""The table of cases, and opening one."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from fanzha.apps.web.console import console_of
from fanzha.apps.web.errors import sentence_of, status_of
from fanzha.apps.web.pages.answers import answer_table, see_other
from fanzha.apps.web.rendering import render
from fanzha.apps.web.security.sessions import Form, SignedOn
from fanzha.apps.web.views.cases import NewCase
from fanzha.apps.web.views.tables import Column, Filter, Table
from fanzha.kernel.errors import FanzhaError, Forbidden, Invalid

router = APIRouter()

CASES = Table(
    name="cases",
    columns=(
        Column(key="ref"),
        Column(key="title"),
        Column(key="state", kind="code", words="words.case_state"),
        Column(key="unit", kind="choice", sortable=False, phone=False),
        Column(key="retention", kind="choice", sortable=False, phone=False),
        Column(key="files", kind="count", phone=False),
        Column(key="accounts", kind="count", phone=False),
        Column(key="movements", kind="count", phone=False),
        Column(key="opened_at", kind="time", phone=False),
        Column(key="changed_at", kind="time"),
    ),
    filters=(
        Filter(
            key="state",
            kind="choice",
            words="words.case_state",
            choices=("preliminary", "filed", "dismissed", "closed", "erased"),
        ),
        Filter(key="after", kind="after"),
        Filter(key="until", kind="until"),
    ),
    sort="changed_at",
    descending=True,
)

TITLE_CHARS = 120
RETENTION = "criminal"
"""What most cases become; the form offers it first."""


@router.get("/cases")
def cases(request: Request, visitor: SignedOn) -> Response:
    """Cases in sight."""
    data = console_of(request).data
    return answer_table(request, CASES, "cases.html", lambda query: data.cases(visitor.actor, query))


@router.get("/cases/new")
def new_case(request: Request, visitor: SignedOn) -> Response:
    """The form that opens a case."""
    if not visitor.actor.may("cases.open"):
        raise Forbidden("web.may_not")
    return _form(request, visitor, {"retention": RETENTION}, "")


@router.post("/cases/new")
def open_case(request: Request, visitor: SignedOn, form: Form) -> Response:
    """Open the case and go to its files, because files are what comes next."""
    data = console_of(request).data
    try:
        title = form.get("title", "").strip()
        if not 1 <= len(title) <= TITLE_CHARS:
            raise Invalid("web.title_length", limit=TITLE_CHARS)
        new = NewCase(title=title, retention=form.get("retention", ""), unit=form.get("unit", ""))
        ref = data.open_case(visitor.actor, new)
    except FanzhaError as error:
        return _form(request, visitor, dict(form), sentence_of(request, error), status_of(error))
    return see_other(f"/cases/{ref}")


def _form(request: Request, visitor: SignedOn, typed: dict[str, str], sentence: str, status: int = 200) -> Response:
    data = console_of(request).data
    return render(
        request,
        "case_new.html",
        status=status,
        typed=typed,
        sentence=sentence,
        retentions=data.retention_classes(),
        units=data.units(visitor.actor),
        title_chars=TITLE_CHARS,
    )
