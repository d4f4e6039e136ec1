"""What arrived and what is wrong with it: the row account, its rows, and sheets nobody recognised."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from fanzha.apps.web.console import console_of
from fanzha.apps.web.pages.answers import answer_table, see_other
from fanzha.apps.web.rendering import render
from fanzha.apps.web.security.sessions import Form, SignedOn
from fanzha.apps.web.views.tables import Column, Filter, Table
from fanzha.kernel.errors import Invalid

router = APIRouter(prefix="/cases/{ref}")

_WHERE = (Filter(key="import", kind="key"), Filter(key="source", kind="key"))
REJECTED = Table(
    name="rejected",
    columns=(
        Column(key="path", kind="path"),
        Column(key="row", kind="count", sortable=False),
        Column(key="column", sortable=False),
        Column(key="reason", kind="code", words="reasons", sortable=False),
    ),
    filters=(*_WHERE, Filter(key="reason", kind="key", words="reasons")),
    sort="path",
)
DUPLICATES = Table(
    name="duplicates",
    columns=(
        Column(key="path", kind="path"),
        Column(key="row", kind="count", sortable=False),
        Column(key="fate", kind="code", words="words.fate", sortable=False),
        Column(key="repeats", kind="place", sortable=False),
    ),
    filters=(
        *_WHERE,
        Filter(key="fate", kind="choice", words="words.fate", choices=("duplicate_entry", "duplicate_telling")),
    ),
    sort="path",
)
MAX_COLUMNS = 2_000


@router.get("/quality")
def quality(request: Request, visitor: SignedOn, ref: str) -> Response:
    """The quality report of the case, or of one import (`?import=`)."""
    data = console_of(request).data
    head = data.case(visitor.actor, ref)
    wished = request.query_params.get("import") or None
    return render(request, "quality.html", head=head, view=data.quality(visitor.actor, ref, wished), wished=wished)


@router.get("/rejected")
def rejected(request: Request, visitor: SignedOn, ref: str) -> Response:
    """Rejected rows: file, row, column, reason."""
    data = console_of(request).data
    head = data.case(visitor.actor, ref)
    return answer_table(
        request, REJECTED, "rejected.html", lambda query: data.rejected(visitor.actor, ref, query), head=head
    )


@router.get("/duplicates")
def duplicates(request: Request, visitor: SignedOn, ref: str) -> Response:
    """Rows that repeat another, and which."""
    data = console_of(request).data
    head = data.case(visitor.actor, ref)
    return answer_table(
        request, DUPLICATES, "duplicates.html", lambda query: data.duplicates(visitor.actor, ref, query), head=head
    )


@router.get("/imports/{import_id}/mapping/{source}")
def mapping(request: Request, visitor: SignedOn, ref: str, import_id: str, source: str) -> Response:
    """What the columns of an unrecognised sheet are guessed to be."""
    data = console_of(request).data
    head = data.case(visitor.actor, ref)
    return render(request, "mapping.html", head=head, draft=data.mapping_draft(visitor.actor, ref, import_id, source))


@router.post("/imports/{import_id}/mapping/{source}")
def confirm(request: Request, visitor: SignedOn, form: Form, ref: str, import_id: str, source: str) -> Response:
    """Read the sheet again by the columns a person confirmed."""
    fields: dict[int, str] = {}
    for key, value in form.items():
        place = key.removeprefix("column-")
        if key.startswith("column-") and place.isdecimal() and int(place) < MAX_COLUMNS and value:
            fields[int(place)] = value
    if len(set(fields.values())) < len(fields):
        raise Invalid("web.field_twice")
    console_of(request).data.confirm_mapping(visitor.actor, ref, import_id, source, fields)
    return see_other(f"/cases/{ref}")
