"""A process of a simulated institution: its door on a socket, its clock from the centre, its messages sent out."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

import httpx
import uvicorn

from fanzha.kernel.clock import BusinessClock, Clock, WallClock
from fanzha.kernel.errors import FanzhaError, Unavailable
from fanzha.protocol.answer import Answer, Receipt
from fanzha.protocol.fields import MAX_MESSAGE_BYTES
from fanzha.protocol.messages import ClockReading, Push, Refusal
from fanzha.protocol.request import Request
from fanzha.protocol.signing import Envelope, seal, verify
from fanzha.protocol.wire import canonical, read
from fanzha.simulation.institutions.accounts import Settlement, Transfer
from fanzha.simulation.institutions.arrivals import Arrival
from fanzha.simulation.institutions.door import TRANSFERS, Door
from fanzha.simulation.institutions.outbox import Outgoing

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

BEAT_SECONDS = 0.1
CLOCK_SECONDS = 2.0
CALL_SECONDS = 10.0
FIRST_REST, LONGEST_REST = timedelta(seconds=1), timedelta(seconds=30)
_TAKEN = frozenset({200, 202})
_NEVER = frozenset({400, 403, 404, 409, 413})
"""Statuses by which the centre says that this message will never be taken; it stays to be asked for."""


@dataclass(slots=True)
class CentreClock:
    """The centre's business time as it was last read; without a centre the wall's."""

    has_centre: bool
    wall: Clock = field(default_factory=WallClock)
    reading: BusinessClock | None = None

    def now(self) -> datetime:
        """The business time now; `Unavailable` until the centre has told it: exercises have other years."""
        if self.reading is not None:
            return self.reading.now()
        if self.has_centre:
            raise Unavailable("simulation.no_clock")
        return self.wall.now()

    def heard(self, reading: ClockReading, at: datetime) -> None:
        """Go by what the centre said at this instant of our wall."""
        speed = reading.speed_percent / 100
        self.reading = BusinessClock(origin=at, epoch=reading.now, speed=speed, wall=self.wall.now)


@dataclass(slots=True)
class _Rest:
    """When a message may be tried again: each failure doubles the pause."""

    until: datetime
    pause: timedelta = FIRST_REST


class Exchange(Protocol):
    """Messages as tables in a folder, from the institution's side."""

    def waiting(self) -> Iterator[Request]:
        """Requests that lie there."""
        ...

    def take(self, request: Request) -> None:
        """Have a request."""
        ...

    def say(self, said: Answer | Push) -> None:
        """Lay down what there is to tell."""
        ...


@dataclass(slots=True, kw_only=True)
class Post:
    """What goes out of an institution: answers and pushes to the centre, money to its peers, until it is taken; where
    it works by a folder, what comes in too."""

    door: Door
    clock: CentreClock
    client: httpx.AsyncClient
    exchange: Exchange | None = None
    _rests: dict[str, _Rest] = field(default_factory=dict)
    _clock_read_at: datetime | None = None

    async def beat(self) -> None:
        """Once round: the clock, what is due, money, messages."""
        await self._read_clock()
        if self.clock.has_centre and self.clock.reading is None:
            return
        now = self.clock.now()
        self.door.kept.pass_time(now)
        for transfer in self.door.kept.institution.transfers():
            await self._transfer(transfer)
        if self.exchange is not None:
            self._exchanged(self.exchange, now)
        elif self.door.plan.centre is not None:
            for each in self.door.kept.institution.due(now):
                await self._tell(each)

    def _exchanged(self, exchange: Exchange, now: datetime) -> None:
        """Take what lies in the folder, and lay down what is due; while the channel is down everything stays."""
        for request in exchange.waiting():
            reply = self.door.kept.request(request, now)
            if isinstance(reply, Refusal) and reply.retry_after_seconds is not None:
                continue
            exchange.take(request)
            if isinstance(reply, Answer):
                exchange.say(reply)
        for each in self.door.kept.institution.due(now):
            exchange.say(each.message)
            self.door.kept.apply(Arrival(at=now, taken=(each.key,)))

    async def _read_clock(self) -> None:
        wall = self.clock.wall.now()
        fresh = self._clock_read_at is not None and wall - self._clock_read_at < timedelta(seconds=CLOCK_SECONDS)
        if self.door.plan.centre is None or fresh:
            return
        self._clock_read_at = wall
        try:
            status, body = await self._signed("GET", "/institutions/v1/clock", b"")
            if status in _TAKEN:
                self.clock.heard(read(ClockReading, body), self.clock.wall.now())
        except (httpx.HTTPError, FanzhaError):
            return

    async def _tell(self, told: Outgoing) -> None:
        if self._rests_now(told.key):
            return
        place = "answers" if isinstance(told.message, Answer) else "pushes"
        try:
            status, body = await self._signed("POST", f"/institutions/v1/{place}", canonical(told.message))
            if status in _TAKEN:
                read(Receipt, body)
        except (httpx.HTTPError, FanzhaError):
            status = 0
        if status in _TAKEN or status in _NEVER:
            self._rests.pop(told.key, None)
            self.door.kept.apply(Arrival(at=self.clock.now(), taken=(told.key,)))
        else:
            self._rest(told.key)

    async def _transfer(self, transfer: Transfer) -> None:
        if self._rests_now(transfer.payment_id):
            return
        address = next((each.address for each in self.door.plan.peers if each.code == transfer.payee_code), None)
        settled = Settlement(payment_id=transfer.payment_id, accepted=False)
        if address is not None:
            found = await self._handed(address, transfer)
            if found is None:
                self._rest(transfer.payment_id)
                return
            settled = found
        self._rests.pop(transfer.payment_id, None)
        self.door.kept.apply(Arrival(at=self.clock.now(), settled=settled))

    async def _handed(self, address: str, transfer: Transfer) -> Settlement | None:
        headers = {"authorization": f"Bearer {self.door.plan.pass_word}"}
        try:
            answer = await self.client.post(address + TRANSFERS, content=canonical(transfer), headers=headers)
            return read(Settlement, answer.content) if answer.status_code in _TAKEN else None
        except (httpx.HTTPError, FanzhaError):
            return None

    async def _signed(self, method: str, path: str, body: bytes) -> tuple[int, bytes]:
        """Status and body of a signed call to the centre, whose answer must be signed too."""
        url = httpx.URL((self.door.plan.centre or "").rstrip("/") + path)
        plain = {"content-type": "application/json"}
        call = Envelope(
            method=method, authority=url.netloc.decode(), path=url.raw_path.decode(), headers=plain, body=body
        )
        signed = plain | seal(call, self.door.key, self.clock.wall.now(), secrets.token_urlsafe(24))
        call = Envelope(method=method, authority=call.authority, path=call.path, headers=signed, body=body)
        answer = await self.client.request(method, url, content=body, headers=signed)
        headers = {name.lower(): value for name, value in answer.headers.items()}
        told = Envelope(status=answer.status_code, headers=headers, body=answer.content, request=call)
        tolerance = timedelta(seconds=self.door.plan.tolerance_seconds)
        verify(told, self.door.plan.centre_keys, self.clock.wall.now(), tolerance)
        return answer.status_code, answer.content

    def _rests_now(self, key: str) -> bool:
        rest = self._rests.get(key)
        return rest is not None and self.clock.wall.now() < rest.until

    def _rest(self, key: str) -> None:
        before = self._rests.get(key)
        pause = min(LONGEST_REST, before.pause * 2) if before else FIRST_REST
        self._rests[key] = _Rest(self.clock.wall.now() + pause, pause)


def app_of(door: Door) -> Callable[[Scope, Receive, Send], Awaitable[None]]:
    """The door as an ASGI application."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        body, whole = await _body(receive)
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        path = scope.get("raw_path", b"").decode("ascii", "replace") or scope["path"]
        authority = headers.get("host", "").lower()
        call = Envelope(method=scope["method"], authority=authority, path=path, headers=headers, body=body)
        said = door.hear(call) if whole else None
        if said is None:
            await _break_off(send)
            return
        told = [(name.encode(), value.encode()) for name, value in said.headers.items()]
        told.append((b"content-length", str(len(said.body)).encode()))
        await send({"type": "http.response.start", "status": said.status, "headers": told})
        await send({"type": "http.response.body", "body": said.body})

    return app


async def _body(receive: Receive) -> tuple[bytes, bool]:
    """The body, and whether all of it came; one too large is cut, for the reader to refuse."""
    body, more = bytearray(), True
    while more:
        event = await receive()
        if event["type"] == "http.disconnect":
            return bytes(body), False
        if len(body) <= MAX_MESSAGE_BYTES:
            body += event.get("body", b"")
        more = event.get("more_body", False)
    return bytes(body), True


async def _break_off(send: Send) -> None:
    """End as a broken line does, with something that nobody signed."""
    await send({"type": "http.response.start", "status": 502, "headers": [(b"content-length", b"1")]})
    await send({"type": "http.response.body", "body": b"\0"})


class _Served(uvicorn.Server):
    """A server beside which the institution's post goes its rounds, until it is asked to end."""

    def __init__(self, config: uvicorn.Config, door: Door, clock: CentreClock, exchange: Exchange | None) -> None:
        super().__init__(config)
        self._door, self._clock, self._exchange = door, clock, exchange
        self._over = asyncio.Event()

    async def main_loop(self) -> None:
        """Serve, and carry what is due."""
        async with httpx.AsyncClient(timeout=CALL_SECONDS, trust_env=False) as client:
            post = Post(door=self._door, clock=self._clock, client=client, exchange=self._exchange)
            rounds = asyncio.create_task(self._rounds(post))
            rounds.add_done_callback(self._end)
            try:
                await super().main_loop()
            finally:
                self._over.set()
                await rounds

    def _end(self, rounds: asyncio.Task[None]) -> None:
        """Without its post an institution is of no use: it ends with what ended that, and is started again."""
        self.should_exit = True

    async def _rounds(self, post: Post) -> None:
        while not self._over.is_set():
            await post.beat()
            try:
                await asyncio.wait_for(self._over.wait(), BEAT_SECONDS)
            except TimeoutError:
                continue


def serve(door: Door, clock: CentreClock, descriptor: int, exchange: Exchange | None = None) -> None:
    """Serve the institution on a listening socket until a signal ends it."""
    config = uvicorn.Config(
        app_of(door), fd=descriptor, log_level="warning", access_log=False, server_header=False, lifespan="off"
    )
    _Served(config, door, clock, exchange).run()
    door.kept.close()
