"""What arrived and what is wrong with it: the row account, its rows, and sheets nobody recognised."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import APIRouter, Request
from starlette.responses import Response

from fanzha.apps.web.console import console_of
from fanzha.apps.web.errors import sentence_of, status_of
from fanzha.apps.web.pages.answers import answer_table, see_other
from fanzha.apps.web.rendering import render
from fanzha.apps.web.security.sessions import Form, SignedOn
from fanzha.apps.web.views.imports import ConfirmedMapping, SourceLine
from fanzha.apps.web.views.tables import Column, Filter, Page, Query, Table, page_of
from fanzha.apps.web.views.visitor import Visitor
from fanzha.kernel.errors import Invalid

router = APIRouter(prefix="/cases/{ref}")

_WHERE = (Filter(key="import", kind="key"), Filter(key="source", kind="key"))
REJECTED = Table(
    name="rejected",
    columns=(
        Column(key="path", kind="path"),
        Column(key="row", kind="count"),
        Column(key="column"),
        Column(key="reason", kind="code", words="reasons"),
    ),
    filters=(*_WHERE, Filter(key="reason", kind="key", words="reasons")),
    sort="path",
)
DUPLICATES = Table(
    name="duplicates",
    columns=(
        Column(key="path", kind="path"),
        Column(key="row", kind="count"),
        Column(key="fate", kind="code", words="words.fate"),
        Column(key="repeats", kind="place", sortable=False),
    ),
    filters=(
        *_WHERE,
        Filter(key="fate", kind="choice", words="words.fate", choices=("duplicate_entry", "duplicate_telling")),
    ),
    sort="path",
)
SHEETS = Table(
    name="sheets",
    columns=(
        Column(key="path", kind="path", sortable=False),
        Column(key="format_id", kind="code", words="words.format"),
        Column(key="certainty", kind="count"),
        Column(key="encoding", phone=False),
        Column(key="data", kind="count"),
        Column(key="accepted", kind="count"),
        Column(key="duplicates", kind="count"),
        Column(key="rejected", kind="count"),
    ),
    filters=(
        Filter(key="import", kind="key"),
        Filter(key="state", kind="choice", words="words.source_state", choices=("read", "unrecognised", "failed")),
    ),
    sort="data",
    descending=True,
)
MAX_COLUMNS = 2_000
OWN_CHARS = 64


@router.get("/quality")
def quality(request: Request, visitor: SignedOn, ref: str) -> Response:
    """The quality report of the case, or of one import (`?import=`)."""
    data = console_of(request).data
    head = data.case(visitor.actor, ref)
    wished = request.query_params.get("import") or None
    view = data.quality(visitor.actor, ref, wished)

    def sheets(query: Query) -> Page[SourceLine]:
        return page_of([each for each in view.sources if query.word("state") in ("", each.state)], query)

    return answer_table(request, SHEETS, "quality.html", sheets, head=head, view=view, wished=wished)


@router.get("/rejected")
def rejected(request: Request, visitor: SignedOn, ref: str) -> Response:
    """Rejected rows: file, row, column, reason."""
    data = console_of(request).data
    head = data.case(visitor.actor, ref)
    return answer_table(
        request,
        REJECTED,
        "rejected.html",
        lambda query: data.rejected(visitor.actor, ref, query),
        lambda query: data.every_rejected(visitor.actor, ref, query),
        head=head,
    )


@router.get("/duplicates")
def duplicates(request: Request, visitor: SignedOn, ref: str) -> Response:
    """Rows that repeat another, and which."""
    data = console_of(request).data
    head = data.case(visitor.actor, ref)
    return answer_table(
        request,
        DUPLICATES,
        "duplicates.html",
        lambda query: data.duplicates(visitor.actor, ref, query),
        lambda query: data.every_duplicate(visitor.actor, ref, query),
        head=head,
    )


@router.get("/imports/{import_id}/mapping/{source}")
def mapping(request: Request, visitor: SignedOn, ref: str, import_id: str, source: str) -> Response:
    """What the columns of an unrecognised sheet are guessed to be."""
    return _mapping(request, visitor, (ref, import_id, source), {})


@router.post("/imports/{import_id}/mapping/{source}")
def confirm(request: Request, visitor: SignedOn, form: Form, ref: str, import_id: str, source: str) -> Response:
    """Read the sheet again by the columns a person confirmed; a mistake is told beside what they chose."""
    told = ConfirmedMapping(fields=_fields(form), own_account=form.get("own_account", "").strip()[:OWN_CHARS])
    try:
        if len(set(told.fields.values())) < len(told.fields):
            raise Invalid("web.field_twice")
        console_of(request).data.confirm_mapping(visitor.actor, ref, import_id, source, told)
    except Invalid as error:
        return _mapping(request, visitor, (ref, import_id, source), form, error)
    return see_other(f"/cases/{ref}")


def _fields(form: Mapping[str, str]) -> dict[int, str]:
    """What the columns are said to be, by their place."""
    told = {key.removeprefix("column-"): value for key, value in form.items() if key.startswith("column-") and value}
    return {int(place): value for place, value in told.items() if place.isdecimal() and int(place) < MAX_COLUMNS}


def _mapping(
    request: Request,
    visitor: Visitor,
    sheet: tuple[str, str, str],
    chosen: Mapping[str, str],
    error: Invalid | None = None,
) -> Response:
    data, (ref, import_id, source) = console_of(request).data, sheet
    head = data.case(visitor.actor, ref)
    return render(
        request,
        "mapping.html",
        status=status_of(error) if error else 200,
        head=head,
        draft=data.mapping_draft(visitor.actor, ref, import_id, source),
        chosen=chosen,
        sentence=sentence_of(request, error) if error else "",
        own_chars=OWN_CHARS,
    )
