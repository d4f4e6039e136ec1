"""The outermost door, before any page: hosts, origins of unsafe requests, headers of every answer."""

from __future__ import annotations

from collections.abc import Mapping
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

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in SECURITY_HEADERS.items():
                    headers[name] = value
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        refusal = self._refusal(scope)
        answer: ASGIApp = PlainTextResponse(refusal[1], status_code=refusal[0]) if refusal else self.app
        await answer(scope, receive if scope["method"] == "PUT" else _bounded(receive, _limit(scope)), send_guarded)

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


def _limit(scope: Scope) -> int:
    return MAX_MESSAGE_BYTES if scope["path"].startswith(INSTITUTIONS) else BODY_BYTES


def _bounded(receive: Receive, limit: int) -> Receive:
    """The same request; one that grows too large without having said so ends as refused."""
    taken = 0

    async def counted() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > limit:
            raise HTTPException(413)
        return message

    return counted


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
