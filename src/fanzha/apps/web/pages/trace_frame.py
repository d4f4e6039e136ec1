"""What pages about one question share: the form that asks it, and what they say where it cannot be asked."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from fastapi import Request
from starlette.datastructures import QueryParams
from starlette.responses import Response

from fanzha.apps.web.console import console_of
from fanzha.apps.web.errors import sentence_of, status_of
from fanzha.apps.web.pages.answers import see_other
from fanzha.apps.web.rendering import render
from fanzha.apps.web.views.cases import CaseHead
from fanzha.apps.web.views.tables import link
from fanzha.apps.web.views.trace import QUESTION, TraceQuestion, read_question
from fanzha.apps.web.views.victims import Proposals
from fanzha.apps.web.views.visitor import Visitor
from fanzha.kernel.errors import FanzhaError, Invalid, NotFound
from fanzha.tracing.follow.question import HOUR_S, Direction, Method

DAY_S = 24 * HOUR_S
HORIZONS_S = (DAY_S, 3 * DAY_S, 7 * DAY_S, 15 * DAY_S, 30 * DAY_S, 90 * DAY_S, 365 * DAY_S, 3_650 * DAY_S)
FLOORS_FEN = (1, 10_000, 100_000, 1_000_000)
"""What the form offers; a URL may ask for any other, which the form then offers too."""


def answer(request: Request, visitor: Visitor, answered: Callable[[CaseHead, TraceQuestion], Response]) -> Response:
    """The answer to the URL's question; without one, what to choose; where it cannot be asked, why and what to do."""
    data, ref = console_of(request).data, request.path_params["ref"]
    head = data.case(visitor.actor, ref)
    question = TraceQuestion()
    try:
        question = read_question(request.query_params)
        if question.asks:
            return answered(head, question)
    except (Invalid, NotFound) as error:
        return _refused(request, head, question, error, status_of(error))
    if request.url.path != f"/cases/{ref}/trace":
        return see_other(f"/cases/{ref}/trace")
    try:
        proposals = data.trace_proposals(visitor.actor, ref)
    except NotFound as error:
        return _refused(request, head, question, error, HTTPStatus.OK)
    return render(request, "trace_none.html", proposals=proposals, sentence="", **frame(request, head, question))


def _refused(request: Request, head: CaseHead, question: TraceQuestion, error: FanzhaError, status: int) -> Response:
    """The page that says why nothing can be followed, with the rest of the payments where some can be."""
    shown = frame(request, head, question)
    told = error.fields.get("known")
    known = [("from", each) for each in told] if isinstance(told, tuple) else []
    return render(
        request,
        "trace_none.html",
        status=status,
        code=error.code,
        sentence=sentence_of(request, error),
        rest=link(QueryParams([*known, *_manner(shown["asked"])])) if known else "",
        proposals=Proposals(),
        **shown,
    )


def _manner(asked: QueryParams) -> list[tuple[str, str]]:
    return [(name, told) for name, told in asked.multi_items() if name not in ("from", "of", "way")]


def frame(request: Request, head: CaseHead, question: TraceQuestion) -> dict[str, Any]:
    """What every page about a question shows: the form that asks it, and the question for links."""
    asked = QueryParams([(name, told) for name, told in request.query_params.multi_items() if name in QUESTION])
    return {
        "head": head,
        "question": question,
        "asked": asked,
        "home": request.url.path + link(asked),
        "methods": tuple(Method),
        "directions": tuple(Direction),
        "horizons": {_written(each): each for each in sorted({*HORIZONS_S, question.horizon_s})},
        "floors": sorted({*FLOORS_FEN, question.floor_fen}),
    }


def _written(seconds: int) -> str:
    """A horizon as URLs carry it."""
    return f"{seconds}s" if seconds % HOUR_S else f"{seconds // HOUR_S}h"
