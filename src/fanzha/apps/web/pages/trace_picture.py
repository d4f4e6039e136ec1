"""The page on which a picture of money flow is looked at; the picture itself comes from `picture.json`."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, Response

from fanzha.apps.web.console import console_of
from fanzha.apps.web.pages.trace_frame import answer, frame
from fanzha.apps.web.rendering import render
from fanzha.apps.web.security.sessions import SignedOn, check_token
from fanzha.apps.web.views.cases import CaseHead
from fanzha.apps.web.views.trace import TraceQuestion
from fanzha.kernel.errors import Forbidden
from fanzha.tracing.picture.drawing import PictureLimits

router = APIRouter(prefix="/cases/{ref}/trace/picture")


@router.get("")
def page(request: Request, visitor: SignedOn, ref: str) -> Response:
    """The picture of the question that the URL asks."""

    def shown(head: CaseHead, question: TraceQuestion) -> Response:
        return render(request, "trace_picture.html", **frame(request, head, question))

    return answer(request, visitor, shown)


@router.post("/taken")
async def taken(
    request: Request,
    visitor: SignedOn,
    ref: str,
    nodes: Annotated[int, Body(embed=True, ge=0, le=PictureLimits().nodes * 2)],
) -> Response:
    """Leave the mark of a picture that leaves as a file which the browser makes; without it none is made."""
    await run_in_threadpool(check_token, request)
    if not visitor.actor.may("statements.export"):
        raise Forbidden("web.may_not")
    data = console_of(request).data
    await run_in_threadpool(data.exported, visitor.actor, ref, "trace_picture", nodes)
    return JSONResponse({})
