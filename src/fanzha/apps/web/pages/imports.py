"""The files of a case: sent, imported in the background, excluded and brought back."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import unquote

from fastapi import APIRouter, Depends, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, Response

from fanzha.apps.web.console import console_of
from fanzha.apps.web.pages.answers import answer_table, see_other
from fanzha.apps.web.rendering import render
from fanzha.apps.web.security.sessions import Form, SignedOn, check_token
from fanzha.apps.web.uploads import Uploads
from fanzha.apps.web.views.imports import ImportLine
from fanzha.apps.web.views.tables import Column, Filter, Query, Table, page_of
from fanzha.apps.web.views.visitor import Visitor
from fanzha.kernel.errors import Forbidden, Invalid

router = APIRouter(prefix="/cases/{ref}")
REASON_CHARS = 500
CHOSEN_AT_ONCE = 200

IMPORTS = Table(
    name="imports",
    columns=(
        Column(key="at", kind="time"),
        Column(key="by", kind="person", phone=False),
        Column(key="files", kind="files", sortable=False),
        Column(key="bytes", kind="size", phone=False),
        Column(key="standing", kind="code", words="words.import_state"),
        Column(key="data", kind="count", phone=False),
        Column(key="accepted", kind="count"),
        Column(key="duplicates", kind="count", phone=False),
        Column(key="rejected", kind="count"),
        Column(key="id", kind="act", sortable=False),
    ),
    filters=(
        Filter(key="standing", kind="choice", words="words.import_state", choices=("done", "excluded", "failed")),
        Filter(key="after", kind="after"),
        Filter(key="until", kind="until"),
    ),
    sort="at",
    descending=True,
)


def uploads_of(request: Request) -> Uploads:
    """Where this console's browsers put their files."""
    settings = console_of(request).settings
    return Uploads(folder=settings.uploads, file_bytes=settings.upload_bytes, files=settings.upload_files)


Incoming = Annotated[Uploads, Depends(uploads_of)]


@router.get("")
def files(request: Request, visitor: SignedOn, ref: str) -> Response:
    """The case's first tab: what came in, and where more is dropped."""
    data = console_of(request).data
    head = data.case(visitor.actor, ref)
    return answer_table(
        request,
        IMPORTS,
        "case_files.html",
        lambda query: page_of([each for each in data.imports(visitor.actor, ref) if _fits(each, query)], query),
        head=head,
        running=[each for each in data.progress(visitor.actor) if each.case == ref and each.state != "done"],
    )


def _fits(each: ImportLine, query: Query) -> bool:
    after, until = query.moment("after"), query.moment("until")
    in_time = (after is None or each.at >= after) and (until is None or each.at < until)
    return in_time and query.word("standing") in ("", each.standing)


@router.post("/uploads")
def open_batch(request: Request, visitor: SignedOn, form: Form, ref: str, incoming: Incoming) -> Response:
    """Open a batch for files that belong together."""
    console_of(request).data.case(visitor.actor, ref)
    _must_import(visitor)
    return JSONResponse({"batch": incoming.open(visitor.actor.name, ref)})


@router.put("/uploads/{batch}")
async def receive(request: Request, visitor: SignedOn, ref: str, batch: str, incoming: Incoming) -> Response:
    """One file as the request's body, its name in a header: streamed to disk, never held in memory."""
    await run_in_threadpool(check_token, request)
    _must_import(visitor)
    place = await run_in_threadpool(incoming.place, batch, visitor.actor.name, ref)
    name = unquote(request.headers.get("x-file-name", ""))
    return JSONResponse({"bytes": await incoming.receive(place, name, request.stream())})


@router.post("/uploads/{batch}")
def start(request: Request, visitor: SignedOn, form: Form, ref: str, batch: str, incoming: Incoming) -> Response:
    """Import the batch's files in the background; what the import did not take over is thrown away."""
    place = incoming.place(batch, visitor.actor.name, ref)
    sent = incoming.received(place)
    try:
        if not sent:
            raise Invalid("web.no_files")
        started = console_of(request).data.start_import(visitor.actor, ref, sent)
    finally:
        incoming.discard(place)
    return JSONResponse({"import": started, "next": f"/cases/{ref}"})


@router.post("/imports/{import_id}/retry")
def retry(request: Request, visitor: SignedOn, form: Form, ref: str, import_id: str) -> Response:
    """Try again an import that could not begin."""
    console_of(request).data.retry_import(visitor.actor, ref, import_id)
    return see_other(f"/cases/{ref}")


@router.get("/exclusion")
def exclusion(request: Request, visitor: SignedOn, ref: str) -> Response:
    """The form that excludes the chosen imports (`?import=`, any number) or brings them back: what it touches, why."""
    data = console_of(request).data
    head = data.case(visitor.actor, ref)
    chosen = request.query_params.getlist("import")[:CHOSEN_AT_ONCE]
    lines = [each for each in data.imports(visitor.actor, ref) if each.id in chosen and each.state == "done"]
    excluded = request.query_params.get("back") == "yes"
    lines = [each for each in lines if each.excluded is excluded]
    if not lines:
        raise Invalid("web.none_chosen")
    return render(request, "case_exclusion.html", head=head, lines=lines, excluded=excluded, reason_chars=REASON_CHARS)


@router.post("/exclusion")
def set_exclusion(request: Request, visitor: SignedOn, form: Form, ref: str) -> Response:
    """Exclude the imports or bring them back; both are entries with a reason, nothing is deleted."""
    reason, chosen = form.get("reason", "").strip(), form.get("imports", "").split()
    if not 1 <= len(reason) <= REASON_CHARS:
        raise Invalid("web.text_length", limit=REASON_CHARS)
    if not 1 <= len(chosen) <= CHOSEN_AT_ONCE:
        raise Invalid("web.none_chosen")
    excluded = form.get("excluded") == "yes"
    console_of(request).data.set_excluded(visitor.actor, ref, chosen, excluded, reason)
    return see_other(f"/cases/{ref}")


def _must_import(visitor: Visitor) -> None:
    if not visitor.actor.may("statements.import"):
        raise Forbidden("web.may_not")
