"""The outermost door, before any page: hosts, origins of unsafe requests, headers of every answer."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from fanzha.protocol.fields import MAX_MESSAGE_BYTES

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
NEVER = frozenset({"TRACE", "TRACK", "CONNECT"})
"""Methods that no address takes, wherever they come from: they are told which it does."""

BODY_BYTES = 1024 * 1024
"""The largest body that a page holds in memory, whoever sends it; a file comes by PUT, which goes to disk as it comes.

The largest honest one is a mapping form of 2,000 columns, about 200 kB.
"""

BODY_SECONDS = 60
"""So long may a body take that a page holds in memory, and each piece of a file; slower ones only hold a place."""

INSTITUTIONS = "/institutions/v1/"
"""Where institutions call: no browser, no cookie; each call is signed, so that no other page can have made it."""

SECURITY_HEADERS: Mapping[str, str] = MappingProxyType(
    {
        "Content-Security-Policy": (
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
            "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
        ),
        "X-Content-Type-Options": "nosniff",
        # `no-referrer` would make browsers send `Origin: null` with our own forms.
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    }
)


@dataclass(frozen=True, slots=True)
class Guard:
    """Refuses foreign hosts, unsafe requests of foreign pages and huge bodies; puts headers on every answer."""

    app: ASGIApp
    hosts: frozenset[str]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or refuse it in one plain word."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        body = _Body(receive, None if scope["method"] == "PUT" else _limit(scope))

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                if body.is_late:
                    MutableHeaders(scope=message)["Connection"] = "close"  # or what still trickles in keeps it open
                message["headers"] = _guarded(message["headers"])
            await send(message)

        refusal = self._refusal(scope)
        answer: ASGIApp = PlainTextResponse(refusal[1], status_code=refusal[0]) if refusal else self.app
        await answer(scope, body, send_guarded)

    def _refusal(self, scope: Scope) -> tuple[int, str] | None:
        headers = Headers(scope=scope)
        if host_name(headers.get("host", "")) not in self.hosts:
            return 421, "host"
        if "\0" in scope["path"]:
            return 400, "path"
        if scope["method"] not in SAFE_METHODS | NEVER and not _from_own_page(scope, headers):
            return 403, "origin"
        if scope["method"] != "PUT" and int(headers.get("content-length", "0")) > _limit(scope):
            return 413, "body"
        return None


_ON_EVERY_ANSWER = [(name.lower().encode(), value.encode()) for name, value in SECURITY_HEADERS.items()]
_OURS = frozenset(name for name, _ in _ON_EVERY_ANSWER)


def _guarded(headers: Iterable[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """The headers of an answer with ours instead of any of the same name; one that says nothing else is not kept."""
    theirs = [each for each in headers if each[0] not in _OURS]
    if all(name != b"cache-control" for name, _ in theirs):
        theirs.append((b"cache-control", b"no-store"))
    return theirs + _ON_EVERY_ANSWER


def _limit(scope: Scope) -> int:
    return MAX_MESSAGE_BYTES if scope["path"].startswith(INSTITUTIONS) else BODY_BYTES


@dataclass(slots=True)
class _Body:
    """The request's body as it comes: one that grows too large without having said so, or comes too slowly, is refused.

    A file (no `most`) is as large as its reader lets it be; each piece of it has its time. After the body whoever
    serves may wait for as long as they like.
    """

    receive: Receive
    most: int | None
    taken: int = 0
    is_whole: bool = False
    is_late: bool = False
    _until: float | None = None

    async def __call__(self) -> Message:
        """The next piece."""
        if self.is_whole:
            return await self.receive()
        message = await self._in_time()
        self.is_whole = not message.get("more_body", False)
        self.taken += len(message.get("body", b""))
        if self.most is not None and self.taken > self.most:
            raise HTTPException(413)
        return message

    async def _in_time(self) -> Message:
        if self._until is None or self.most is None:
            self._until = asyncio.get_running_loop().time() + BODY_SECONDS
        try:
            async with asyncio.timeout_at(self._until):
                return await self.receive()
        except TimeoutError:
            self.is_late = True
            raise HTTPException(408) from None


def host_name(host: str) -> str:
    """The name in a Host header, without its port: `[::1]:8000` → `[::1]`."""
    name, colon, port = host.lower().rpartition(":")
    return name if colon and port.isdigit() else host.lower()


def _from_own_page(scope: Scope, headers: Headers) -> bool:
    """Whether the browser says that one of our own pages asks (Fetch Metadata, else the Origin header)."""
    site = headers.get("sec-fetch-site")
    if site is not None and site != "same-origin":
        return False
    origin = headers.get("origin")
    if origin is not None:
        return origin == f"{scope['scheme']}://{headers.get('host', '')}"
    return site is not None or scope["path"].startswith(INSTITUTIONS)
