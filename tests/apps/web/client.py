"""A browser without a screen: requests straight into the application, one after the other."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Iterator, Mapping
from types import TracebackType
from typing import Any, Self

import httpx
from fastapi import FastAPI

A_THING_OF_THE_PROGRAM = re.compile(r"\b[A-Z][A-Za-z]+\(\w+=|&lt;[A-Za-z_.]+ object at|\bdatetime\.datetime\(")
"""What a page shows that was given a value where it should show words for it."""


class Client:
    """Asks the application as httpx would ask a server; redirects are told, not followed."""

    def __init__(
        self, app: FastAPI, *, base_url: str, headers: Mapping[str, str], cookies: Mapping[str, str] | None = None
    ) -> None:
        self._loop = asyncio.Runner()
        self._inner = httpx.AsyncClient(
            transport=httpx.ASGITransport(app=app), base_url=base_url, headers=headers, cookies=dict(cookies or {})
        )

    @property
    def cookies(self) -> httpx.Cookies:
        """What the application gave to keep."""
        return self._inner.cookies

    @property
    def headers(self) -> httpx.Headers:
        """What every request carries."""
        return self._inner.headers

    def request(self, method: str, path: str, **sent: Any) -> httpx.Response:
        """The application's whole answer; `content` may be made piece by piece."""
        if isinstance(sent.get("content"), Iterator):
            sent["content"] = _pieces(sent["content"])
        answer = self._loop.run(self._inner.request(method, path, **sent))
        if answer.headers.get("content-type", "").startswith("text/html"):
            assert not (thing := A_THING_OF_THE_PROGRAM.search(answer.text)), (path, thing[0])
        return answer

    def get(self, path: str, **sent: Any) -> httpx.Response:
        """The answer to GET."""
        return self.request("GET", path, **sent)

    def post(self, path: str, **sent: Any) -> httpx.Response:
        """The answer to POST."""
        return self.request("POST", path, **sent)

    def put(self, path: str, **sent: Any) -> httpx.Response:
        """The answer to PUT."""
        return self.request("PUT", path, **sent)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._loop.run(self._inner.aclose())
        self._loop.close()


async def _pieces(content: Iterator[bytes]) -> AsyncIterator[bytes]:
    for each in content:
        yield each
