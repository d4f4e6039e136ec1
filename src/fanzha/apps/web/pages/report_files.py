"""Many reports at once: a file is taken row by row, and the page tells what became of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from fanzha.apps.web.console import console_of
from fanzha.apps.web.errors import sentence_of, status_of
from fanzha.apps.web.pages.incidents import SCAM_TYPES
from fanzha.apps.web.rendering import render
from fanzha.apps.web.report_types import words_of_types
from fanzha.apps.web.security.sessions import OneFile, SentFile, SignedOn
from fanzha.apps.web.uploads import clean_name
from fanzha.apps.web.views.report_files import TakenFile
from fanzha.apps.web.views.visitor import Visitor
from fanzha.kernel.errors import FanzhaError, Forbidden, Invalid
from fanzha.rulebook import load_reports

router = APIRouter()


@router.get("/incidents/file")
def file_form(request: Request, visitor: SignedOn) -> Response:
    """What a file of reports must look like, and where it is given."""
    _must_take(visitor)
    return _page(request, None, None)


@router.post("/incidents/file")
def take_file(request: Request, visitor: SignedOn, sent: OneFile) -> Response:
    """Take it; the answer is a page of what became of its rows, and the same file again takes nothing twice."""
    _must_take(visitor)
    try:
        return _page(request, _taken(request, visitor, sent), None)
    except Invalid as error:
        return _page(request, None, error)


def _taken(request: Request, visitor: Visitor, sent: SentFile) -> TakenFile:
    console = console_of(request)
    if not sent.name:
        raise Invalid("web.no_files")
    if len(sent.content) > console.settings.report_file_bytes:
        raise Invalid("web.file_too_large", limit_bytes=console.settings.report_file_bytes)
    name = clean_name(sent.name)
    return console.data.take_file(visitor.actor, name, sent.content, console.settings.report_file_rows)


def _must_take(visitor: Visitor) -> None:
    if not visitor.actor.may("cases.open"):
        raise Forbidden("web.may_not")


def _page(request: Request, taken: TakenFile | None, wrong: FanzhaError | None) -> Response:
    settings = console_of(request).settings
    reports = () if taken is None else taken.reports
    return render(
        request,
        "incident_file.html",
        status=200 if wrong is None else status_of(wrong),
        taken=taken,
        lines=[(each, [sentence_of(request, one, just_sent=True) for one in each.told]) for each in reports],
        left_out=[sentence_of(request, each, just_sent=True) for each in (() if taken is None else taken.left_out)],
        sentence="" if wrong is None else sentence_of(request, wrong, just_sent=True),
        **_columns(),
        most_rows=settings.report_file_rows,
        most_bytes=settings.report_file_bytes,
    )


@cache
def _columns() -> Mapping[str, Sequence[Any]]:
    """The columns that a table needs and those that it may have, by the name that is told in each language, and the
    words for types of scam."""
    told: Mapping[str, Any] = load_reports()["columns"]
    named = {
        field: {"field": field, "heads": names, "zh": names[0], "en": names[-1]}
        for field, names in told["heads"].items()
    }
    others = [names for field, names in named.items() if field not in told["needed"]]
    words = words_of_types()
    types = [{"code": each, "words": words.get(each, ())} for each in SCAM_TYPES]
    needed = [named[each] for each in told["needed"]]
    return {"needed": needed, "others": others, "types": types, "ends": told["type_ends"]}
