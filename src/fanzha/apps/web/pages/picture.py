"""The picture of a trace, as data for the browser that draws it, and what people put on it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, Response

from fanzha.apps.web.console import console_of
from fanzha.apps.web.picture_lines import marks_lines, picture_lines
from fanzha.apps.web.rendering import language_of
from fanzha.apps.web.security.sessions import SignedOn, check_token
from fanzha.apps.web.views.picture import read_picture
from fanzha.tracing.picture.marks import picture_name, read_mark

router = APIRouter(prefix="/cases/{ref}/trace")


@router.get("/picture.json")
def picture(request: Request, visitor: SignedOn, ref: str) -> Response:
    """The picture of the question that the URL asks, laid out."""
    data = console_of(request).data
    question = read_picture(request.query_params)
    head = data.case(visitor.actor, ref)
    view = data.picture(visitor.actor, ref, question)
    return JSONResponse(
        picture_lines(head.ref, view, data.marks(visitor.actor, ref, question.picture), language_of(request))
    )


@router.post("/picture/marks")
async def mark(request: Request, visitor: SignedOn, ref: str, told: Annotated[dict[str, object], Body()]) -> Response:
    """One more mark, and what all of them come to now."""
    await run_in_threadpool(check_token, request)
    picture, data = picture_name(request.query_params.get("picture")), console_of(request).data
    view = await run_in_threadpool(data.add_mark, visitor.actor, ref, picture, read_mark(told))
    return JSONResponse(marks_lines(view))
