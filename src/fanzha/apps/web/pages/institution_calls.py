"""The addresses that institutions call, not people: no cookie, no page; each call stands on its own signature."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import APIRouter, Request
from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from fanzha.apps.web.console import console_of
from fanzha.apps.web.errors import LastResort
from fanzha.apps.web.security.guard import INSTITUTIONS
from fanzha.protocol.signing import Envelope

router = APIRouter(prefix=INSTITUTIONS.rstrip("/"))


@router.post("/answers")
@router.post("/pushes")
@router.post("/reports")
@router.get("/clock")
async def heard(request: Request) -> Response:
    """Take an answer, a push or a report: verified, kept, and a receipt for it; or tell the time the centre goes by."""
    scope = request.scope
    call = Envelope(
        method=scope["method"],
        authority=request.headers.get("host", "").lower(),
        path=scope["path"] + ("?" if scope["query_string"] else ""),
        headers=_headers(scope),
        body=await request.body(),
    )
    console = console_of(request)
    answer = await run_in_threadpool(console.data.hear, call, console.calls.spend)
    return Response(answer.body, status_code=answer.status, headers=dict(answer.headers))


TAKEN = frozenset(
    (method, each.path) for each in router.routes if isinstance(each, APIRoute) for method in each.methods or ()
)
"""The methods and addresses that take a call."""


@dataclass(frozen=True, slots=True)
class ShortWay:
    """Takes calls of institutions where they come in, without what only pages need; all else goes on to these."""

    app: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a call, or let it on."""
        is_call = scope["type"] == "http" and (scope["method"], scope["path"]) in TAKEN
        await (_SERVED if is_call else self.app)(scope, receive, send)


async def _serve(scope: Scope, receive: Receive, send: Send) -> None:
    answer = await heard(Request(scope, receive, send))
    await answer(scope, receive, send)


_SERVED = LastResort(_serve, bare=True)


def _headers(scope: Scope) -> dict[str, str]:
    """The headers by name; one that comes several times is one list, as RFC 9421 reads it."""
    found: dict[str, str] = {}
    for raw, told in scope["headers"]:
        name, value = raw.decode("latin-1"), told.decode("latin-1")
        found[name] = f"{found[name]}, {value}" if name in found else value
    return found
