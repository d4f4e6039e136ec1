"""The picture of a trace: data for the browser that draws it, what people put on it, and a file."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, Response

from fanzha.apps.web.console import console_of
from fanzha.apps.web.picture_lines import marks_lines, picture_lines
from fanzha.apps.web.rendering import language_of
from fanzha.apps.web.security.sessions import Form, SignedOn, check_token
from fanzha.apps.web.views.picture import read_picture
from fanzha.cases.purposes import purpose_code
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


@router.get("/picture.svg")
def svg(request: Request, visitor: SignedOn, ref: str) -> Response:
    """The picture as a file, masked; that it left is on record."""
    return _file(request, visitor, ref, "")


@router.post("/picture.svg")
def svg_in_full(request: Request, visitor: SignedOn, form: Form, ref: str) -> Response:
    """The picture as a file with numbers and names in full, for a purpose that goes on record."""
    return _file(request, visitor, ref, purpose_code(form.get("purpose", "")))


def _file(request: Request, visitor: SignedOn, ref: str, purpose: str) -> Response:
    question, data = read_picture(request.query_params), console_of(request).data
    drawn = data.picture_svg(visitor.actor, ref, question, purpose, language_of(request))
    headers = {"Content-Disposition": f'attachment; filename="{ref}-picture.svg"'}
    return Response(drawn, media_type="image/svg+xml", headers=headers)


@router.post("/picture/marks")
async def mark(request: Request, visitor: SignedOn, ref: str, told: Annotated[dict[str, object], Body()]) -> Response:
    """One more mark, and what all of them come to now."""
    await run_in_threadpool(check_token, request)
    picture, data = picture_name(request.query_params.get("picture")), console_of(request).data
    view = await run_in_threadpool(data.add_mark, visitor.actor, ref, picture, read_mark(told))
    return JSONResponse(marks_lines(view))
