"""Where money of a case went: the question, its answer, and the rows behind every number of it."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from fanzha.apps.web.console import console_of
from fanzha.apps.web.rendering import render
from fanzha.apps.web.security.sessions import SignedOn
from fanzha.apps.web.views.trace import read_question
from fanzha.tracing.follow.question import Method

router = APIRouter(prefix="/cases/{ref}/trace")


@router.get("")
def trace(request: Request, visitor: SignedOn, ref: str) -> Response:
    """What became of the payments that the URL names, or which to choose."""
    data = console_of(request).data
    head = data.case(visitor.actor, ref)
    question = read_question(request.query_params)
    view = data.trace(visitor.actor, ref, question) if question.asks else None
    return render(request, "trace.html", head=head, question=question, view=view, methods=tuple(Method))
