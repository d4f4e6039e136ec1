"""The page on which a picture of money flow is looked at; the picture itself comes from `picture.json`."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from fanzha.apps.web.console import console_of
from fanzha.apps.web.pages.trace_frame import answer, frame
from fanzha.apps.web.rendering import render
from fanzha.apps.web.security.sessions import Form, SignedOn
from fanzha.apps.web.views.cases import CaseHead
from fanzha.apps.web.views.picture import read_picture
from fanzha.apps.web.views.trace import TraceQuestion

router = APIRouter(prefix="/cases/{ref}/trace/picture")


@router.get("")
def page(request: Request, visitor: SignedOn, ref: str) -> Response:
    """The picture of the question that the URL asks."""

    def shown(head: CaseHead, question: TraceQuestion) -> Response:
        return render(request, "trace_picture.html", **frame(request, head, question))

    return answer(request, visitor, shown)


@router.post("/taken")
def taken(request: Request, visitor: SignedOn, form: Form, ref: str) -> Response:
    """Leave the mark of a picture that leaves as a file which the browser makes; without it none is made."""
    console_of(request).data.picture_taken(visitor.actor, ref, read_picture(request.query_params))
    return JSONResponse({})
