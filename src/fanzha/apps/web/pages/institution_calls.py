"""The addresses that institutions call, not people: no cookie, no page; each call stands on its own signature."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from fanzha.apps.web.console import console_of
from fanzha.apps.web.security.guard import INSTITUTIONS
from fanzha.protocol.signing import Envelope

router = APIRouter(prefix=INSTITUTIONS.rstrip("/"))


@router.post("/answers")
@router.post("/pushes")
@router.post("/reports")
async def said(request: Request) -> Response:
    """Take an answer, a push or a report: verified, kept, and a receipt for it."""
    return await _heard(request)


@router.get("/clock")
async def clock(request: Request) -> Response:
    """The business time that the centre goes by."""
    return await _heard(request)


async def _heard(request: Request) -> Response:
    body = await request.body()
    call = Envelope(
        method=request.method,
        authority=request.headers.get("host", "").lower(),
        path=request.scope["path"] + ("?" if request.url.query else ""),
        headers=_headers(request),
        body=body,
    )
    console = console_of(request)
    answer = await run_in_threadpool(console.data.hear, call, console.calls.spend)
    return Response(answer.body, status_code=answer.status, headers=dict(answer.headers))


def _headers(request: Request) -> dict[str, str]:
    """The headers by name; one that comes several times is one list, as RFC 9421 reads it."""
    found: dict[str, str] = {}
    for name, value in request.headers.items():
        found[name] = f"{found[name]}, {value}" if name in found else value
    return found
