"""The picture of a trace, as data for the browser that draws it."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from fanzha.apps.web.console import console_of
from fanzha.apps.web.picture_lines import picture_lines
from fanzha.apps.web.security.sessions import SignedOn
from fanzha.apps.web.views.picture import read_picture

router = APIRouter(prefix="/cases/{ref}/trace")


@router.get("/picture.json")
def picture(request: Request, visitor: SignedOn, ref: str) -> Response:
    """The picture of the question that the URL asks, laid out."""
    data = console_of(request).data
    question = read_picture(request.query_params)
    head = data.case(visitor.actor, ref)
    return JSONResponse(picture_lines(head.ref, data.picture(visitor.actor, ref, question)))
