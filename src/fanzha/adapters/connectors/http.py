"""The open HTTP protocol to one institution: signed both ways, bounded in time, size and pace, to its address only.

A request that failed before it left is tried again, and so is every question; one that may have arrived never is.
Nothing of a body is logged.
"""

from __future__ import annotations

import re
import secrets
import ssl
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import lru_cache
from ipaddress import ip_address
from threading import Lock
from typing import Any, TypeVar

import httpx
import structlog

from fanzha.adapters.connectors.port import InstitutionUnusable, Reply, RequestFailed, require_application_id
from fanzha.kernel.clock import Clock
from fanzha.kernel.errors import FanzhaError, Forbidden, Invalid
from fanzha.protocol.answer import Answer, Receipt, Status
from fanzha.protocol.fields import MAX_MESSAGE_BYTES, UUID_TEXT
from fanzha.protocol.keys import SigningKey
from fanzha.protocol.messages import BankReport, Collect, Collected, Push, Refusal
from fanzha.protocol.request import Request
from fanzha.protocol.signing import SEAL_HEADERS, Envelope, seal, verify
from fanzha.protocol.wire import canonical, read
from fanzha.registers.institutions import Institution

M = TypeVar("M")
PLAIN_HEADERS = {
    "content-type": "application/json",
    "accept": "application/json",
    "accept-encoding": "identity",
    "user-agent": "fanzha",
    "connection": "close",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How long and how often a connector tries: each phase, the whole, how many times, how many a second."""

    connect: timedelta = timedelta(seconds=5)
    phase: timedelta = timedelta(seconds=15)
    whole: timedelta = timedelta(seconds=30)
    tries: int = 3
    pause: timedelta = timedelta(milliseconds=200)
    per_second: int = 20


@dataclass(slots=True)
class Pace:
    """At most so many calls a second, evenly; a caller waits for its turn."""

    per_second: int
    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    _next: float = 0.0
    _lock: Lock = field(default_factory=Lock)

    def wait(self) -> None:
        """Come back when it is this caller's turn."""
        with self._lock:
            now = self.monotonic()
            turn = max(now, self._next)
            self._next = turn + 1 / self.per_second
        if turn > now:
            self.sleep(turn - now)


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpConnector:
    """One institution over HTTP; `key` gives our signing key of the moment, `wall` the time that signatures bear."""

    institution: Institution
    key: Callable[[], SigningKey]
    wall: Clock
    limits: Limits = Limits()
    pace: Pace = field(default_factory=lambda: Pace(Limits().per_second))
    line: httpx.BaseTransport = field(default_factory=lambda: http_line())
    log: Any = field(default_factory=structlog.get_logger)

    def send(self, request: Request) -> Reply[Receipt | Answer | Refusal]:
        """POST /v1/requests: an answer at once, or a receipt, or a refusal."""
        body = canonical(request)
        kinds: Mapping[int, type[Receipt | Answer]] = {200: Answer, 202: Receipt}
        reply: Reply[Receipt | Answer | Refusal] = self._call("POST", "/v1/requests", body, kinds, safe=False)
        match reply.message:
            case Answer() as answer:
                self._require(answer.application_id == request.application_id, "other_application")
                self._require_own((answer,))
                self._require(answer.exercise == request.exercise, "exercise")
            case Receipt() as receipt:
                self._require(receipt.message_id == request.application_id, "other_application")
        return reply

    def ask(self, application_id: str) -> Reply[Status | Refusal]:
        """GET /v1/applications/ID."""
        require_application_id(application_id)
        reply = self._call("GET", f"/v1/applications/{application_id}", b"", {200: Status}, safe=True)
        if isinstance(reply.message, Status):
            self._require(reply.message.application_id == application_id, "other_application")
            self._require_own(reply.message.answers)
        return reply

    def collect(self, taken: tuple[str, ...]) -> Reply[Collected | Refusal]:
        """POST /v1/collect; asking twice gives the same twice, so that it may be tried again."""
        reply = self._call("POST", "/v1/collect", canonical(Collect(taken)), {200: Collected}, safe=True)
        if isinstance(reply.message, Collected):
            self._require_own((*reply.message.answers, *reply.message.pushes, *reply.message.reports))
        return reply

    def _call(
        self, method: str, path: str, body: bytes, kinds: Mapping[int, type[M]], *, safe: bool
    ) -> Reply[M | Refusal]:
        """One exchange, tried again where nothing left the house, or where asking again does no harm."""
        for left in reversed(range(self.limits.tries)):
            self.pace.wait()
            try:
                return self._exchange(method, path, body, kinds)
            except InstitutionUnusable:
                if not left:
                    raise
            except RequestFailed:
                if not left or not safe:
                    raise
            rest = self.limits.pause.total_seconds() * (1 + secrets.randbelow(1000) / 1000)
            self.pace.sleep(rest * 2 ** (self.limits.tries - 1 - left))
        raise InstitutionUnusable(self.institution.name, "never_tried")

    def _exchange(self, method: str, path: str, body: bytes, kinds: Mapping[int, type[M]]) -> Reply[M | Refusal]:
        started = self.pace.monotonic()
        answer = self.transfer(self.sealed(method, path, body))
        try:
            key = verify(answer, self.institution.keys, self.wall.now(), self.institution.tolerance)
        except Forbidden as refused:
            raise self._failed(refused.code.removeprefix("protocol.")) from None
        try:
            kind: type[Any] = kinds.get(answer.status or 0, Refusal)
            message = read(kind, answer.body)
        except Invalid as wrong:
            raise self._failed(wrong.code.removeprefix("protocol.")) from None
        took = round((self.pace.monotonic() - started) * 1000)
        self.log.info(
            "institution.asked", institution=self.institution.name, path=_plain(path), status=answer.status, ms=took
        )
        kept = {name: answer.headers[name] for name in SEAL_HEADERS}
        return Reply(message=message, body=answer.body, seal=kept, key_id=key.key_id)

    def transfer(self, signed: Envelope) -> Envelope:
        """The response to a request exactly as it stands, within all limits; what never left is *unusable*."""
        ends = self.pace.monotonic() + self.limits.whole.total_seconds()
        try:
            with closing(self.line.handle_request(self._outgoing(signed))) as answer:
                if answer.is_redirect or answer.headers.get("content-encoding", "identity") != "identity":
                    raise self._failed("redirect" if answer.is_redirect else "encoded")
                told = bytearray()
                for piece in answer.iter_bytes():  # not encoded, see above
                    told += piece
                    if len(told) > MAX_MESSAGE_BYTES:
                        raise self._failed("too_large")
                    if self.pace.monotonic() > ends:
                        raise self._failed("too_slow")
                headers = {name.lower(): each for name, each in answer.headers.items()}
                return Envelope(status=answer.status_code, headers=headers, body=bytes(told), request=signed)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol):
            raise self._unusable("no_connection") from None
        except httpx.TimeoutException:
            raise self._failed("timeout") from None
        except httpx.HTTPError:
            raise self._failed("broken_off") from None

    def _outgoing(self, signed: Envelope) -> httpx.Request:
        whole, connect = self.limits.phase.total_seconds(), self.limits.connect.total_seconds()
        limits = httpx.Timeout(whole, connect=connect).as_dict()
        url = httpx.URL(endpoint_of(self.institution, signed.path))
        return httpx.Request(
            signed.method, url, content=signed.body, headers=dict(signed.headers), extensions={"timeout": limits}
        )

    def sealed(self, method: str, path: str, body: bytes) -> Envelope:
        """A request of the protocol to this institution, signed now with a nonce of its own."""
        url = httpx.URL(endpoint_of(self.institution) + path)
        plain = PLAIN_HEADERS
        envelope = Envelope(
            method=method, authority=url.netloc.decode(), path=url.raw_path.decode(), headers=plain, body=body
        )
        added = seal(envelope, self.key(), self.wall.now(), secrets.token_urlsafe(24))
        return replace(envelope, headers=plain | added)

    def _require(self, holds: bool, reason: str) -> None:
        """What is signed and yet about something else is no answer to us."""
        if not holds:
            raise self._failed(reason)

    def _require_own(self, said: Iterable[Answer | Push | BankReport]) -> None:
        self._require({each.institution_code for each in said} <= {self.institution.code}, "other_institution")

    def _failed(self, reason: str) -> FanzhaError:
        self.log.warning("institution.request_failed", institution=self.institution.name, reason=reason)
        return RequestFailed(self.institution.name, reason)

    def _unusable(self, reason: str) -> FanzhaError:
        self.log.warning("institution.unusable", institution=self.institution.name, reason=reason)
        return InstitutionUnusable(self.institution.name, reason)


def http_line() -> httpx.BaseTransport:
    """A way that goes nowhere else: no proxy of the environment, the machine's own authorities; what httpx puts above
    it, redirects, cookies and credentials, is what no call has.

    No connection is kept: one that the other side just closed would leave a request in doubt.
    """
    return httpx.HTTPTransport(
        trust_env=False, verify=ssl.create_default_context(), limits=httpx.Limits(max_keepalive_connections=0)
    )


def endpoint_of(institution: Institution, path: str = "") -> str:
    """The institution's address without a slash at its end, or a whole path at it; `Invalid` if not safe to call.

    Only `https`, or `http` on this machine; no names, passwords, queries or fragments in it.
    """
    told = _safe(institution.endpoint or "")
    if told is None:
        raise Invalid("connectors.bad_endpoint", institution=institution.name)
    host, whole = told
    return host + path if path else whole


@lru_cache(maxsize=1_000)
def _safe(endpoint: str) -> tuple[str, str] | None:
    """An address up to its host, and all of it; None where it is not safe to call."""
    try:
        url = httpx.URL(endpoint)
    except httpx.InvalidURL:
        return None
    secure = url.scheme == "https" or (url.scheme == "http" and _is_loopback(url.host))
    if not secure or not url.host or url.userinfo or url.query or url.fragment or "?" in endpoint:
        return None
    return f"{url.scheme}://{url.netloc.decode()}", str(url).rstrip("/")


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _plain(path: str) -> str:
    """A path without the id in it."""
    return re.sub(UUID_TEXT, "ID", path)
