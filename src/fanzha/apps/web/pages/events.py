"""One stream of events a browser: imports as they move on, and a beat that proves the line is alive."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import asdict

import anyio
from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response, StreamingResponse

from fanzha.apps.web.console import Console, console_of
from fanzha.apps.web.security.sessions import SignedOn, session_token
from fanzha.apps.web.views.visitor import Visitor
from fanzha.kernel.clock import rfc3339

router = APIRouter()

LOOK_SECONDS = 1.0
BEAT_LOOKS = 10
STREAM_LOOKS = 600
"""Ten minutes, then the browser comes again: a stream must not outlive a session or a deployment."""


@router.get("/events")
def events(request: Request, visitor: SignedOn) -> Response:
    """Server-sent events: `imports` whenever progress changed, `beat` every ten seconds."""
    stream = _stream(console_of(request), visitor, session_token(request))
    return StreamingResponse(stream, media_type="text/event-stream", headers={"X-Accel-Buffering": "no"})


async def _stream(console: Console, visitor: Visitor, token: str) -> AsyncIterator[str]:
    shown = ""
    for look in range(STREAM_LOOKS):
        if look % BEAT_LOOKS == 0:
            now = await run_in_threadpool(console.doors.visitor, token)
            if now is None or now.must_change:
                yield _event("ended", "{}")
                return
            visitor = now  # a right that was taken back meanwhile is not used
            yield _event("beat", "{}")
        moving = await run_in_threadpool(console.data.progress, visitor.actor)
        told = json.dumps([asdict(each) for each in moving], ensure_ascii=False, default=rfc3339)
        if told != shown:
            yield _event("imports", told)
            shown = told
        await anyio.sleep(LOOK_SECONDS)


def _event(name: str, data: str) -> str:
    return f"event: {name}\ndata: {data}\n\n"
