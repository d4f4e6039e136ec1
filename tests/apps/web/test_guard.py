"""The outermost door: bodies that come too slowly, and waiting that is nobody's fault."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from fastapi import FastAPI, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from fanzha.apps.web.errors import add_error_pages
from fanzha.apps.web.security import guard
from fanzha.apps.web.security.guard import Guard

PIECE: Message = {"type": "http.request", "body": b"a", "more_body": True}
LAST: Message = {"type": "http.request", "body": b"b", "more_body": False}
GONE: Message = {"type": "http.disconnect"}


@pytest.fixture(autouse=True)
def no_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever has to be waited for comes too late, on every machine."""
    monkeypatch.setattr(guard, "BODY_SECONDS", 0.0)


def reads() -> ASGIApp:
    """An application that reads what it is sent, in every way that ours does."""
    app = FastAPI()
    app.add_api_route("/raw", _raw, methods=["POST", "PUT"])
    app.add_api_route("/told", _told, methods=["POST"])
    add_error_pages(app)
    return Guard(app, frozenset({"here"}))


async def _raw(request: Request) -> Response:
    body = await request.body()
    assert (await request.receive())["type"] == "http.disconnect"
    return Response(str(len(body)))


async def _told(told: dict[str, str]) -> Response:
    return Response(str(len(told)))


async def _served(scope: Scope, comes: Receive, send: Send) -> None:
    await reads()(scope, comes, send)


def asked(method: str, path: str, comes: Callable[[], Awaitable[Message]]) -> tuple[int, dict[bytes, bytes], bytes]:
    """Status, headers and body of the answer to a request whose body comes so."""
    sent: list[Message] = []
    headers = {"host": "here", "origin": "http://here", "content-type": "application/json"}
    headers |= {"accept": "application/json", "accept-language": "en"}
    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "query_string": b"",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
    }

    async def send(message: Message) -> None:
        sent.append(message)

    asyncio.run(_served(scope, comes, send))
    body = b"".join(each.get("body", b"") for each in sent[1:])
    return sent[0]["status"], dict(sent[0]["headers"]), body


@pytest.mark.parametrize(("method", "path"), [("POST", "/raw"), ("PUT", "/raw"), ("POST", "/told")])
def test_a_body_that_never_ends_is_given_up_and_its_connection_closed(method: str, path: str) -> None:
    come = [PIECE]

    async def comes() -> Message:
        if come:
            return come.pop()
        await asyncio.Event().wait()
        raise AssertionError

    status, headers, _ = asked(method, path, comes)
    assert status in (400, 408)
    assert headers[b"connection"] == b"close"


def test_who_has_sent_everything_is_waited_for() -> None:
    come = [GONE, LAST, PIECE]

    async def comes() -> Message:
        if len(come) == 1:
            await asyncio.sleep(0)  # what takes any time at all would be too late
        return come.pop()

    status, headers, body = asked("POST", "/raw", comes)
    assert (status, body) == (200, b"2")
    assert b"connection" not in headers
