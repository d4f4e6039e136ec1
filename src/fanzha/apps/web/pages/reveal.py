"""Clear values of masked ones: asked with a purpose, shown for a minute, marked in the audit."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, Response

from fanzha.apps.web.console import console_of
from fanzha.apps.web.security.sessions import SignedOn, check_token
from fanzha.cases.purposes import PURPOSES
from fanzha.kernel.errors import Forbidden, Invalid

router = APIRouter(prefix="/cases/{ref}")

MAX_AT_ONCE = 200
"""A page's worth: revealing a whole case value by value should take a person's clicks, and leave a mark each."""


@router.post("/reveal")
async def reveal(
    request: Request,
    visitor: SignedOn,
    ref: str,
    asked: Annotated[list[str], Body(max_length=MAX_AT_ONCE)],
    purpose: Annotated[str, Body()],
) -> Response:
    """The clear values by their refs."""
    await run_in_threadpool(check_token, request)
    if purpose not in PURPOSES:
        raise Invalid("web.purpose_missing")
    if not visitor.actor.may("statements.reveal"):
        raise Forbidden("web.may_not")
    data = console_of(request).data
    return JSONResponse(dict(await run_in_threadpool(data.reveal, visitor.actor, ref, asked, purpose)))
