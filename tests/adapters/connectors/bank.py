"""A small institution that keeps the protocol, and the ways in which one may break it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import httpx

from fanzha.kernel.clock import Clock
from fanzha.kernel.errors import FanzhaError, Invalid
from fanzha.kernel.ids import uuid7
from fanzha.protocol.answer import Answer, Progress, Receipt, Status
from fanzha.protocol.keys import PublicKey, SigningKey
from fanzha.protocol.messages import Collect, Collected, Refusal, RefusalCode
from fanzha.protocol.request import Request
from fanzha.protocol.signing import Envelope, Verified, seal, verify
from fanzha.protocol.trades import QUERIES, Trade
from fanzha.protocol.wire import canonical, fingerprint, read
from tests.registers.institutions import BANK, BANK_KEY

CENTRE_KEY = SigningKey(key_id="centre-1", private=bytes(range(1, 33)))
TOLERANCE = timedelta(seconds=30)


@dataclass(kw_only=True)
class Bank:
    """Takes signed requests, answers each application once, tells how far it is; `breaks` names what it does wrong."""

    wall: Clock
    since: datetime
    centre: PublicKey | None = None
    later: bool = False
    breaks: str = ""
    requests: dict[str, Request] = field(default_factory=dict)
    answers: dict[str, Answer] = field(default_factory=dict)
    nonces: set[str] = field(default_factory=set)
    effects: list[tuple[Trade, str]] = field(default_factory=list)
    calls: int = 0

    def transport(self) -> httpx.MockTransport:
        """This bank behind httpx, without a socket."""
        return httpx.MockTransport(self.handle)

    def handle(self, call: httpx.Request) -> httpx.Response:
        """One call: verified, done, answered, signed."""
        self.calls += 1
        asked = Envelope(
            method=call.method,
            authority=call.headers["host"],
            path=call.url.raw_path.decode(),
            headers={name.lower(): each for name, each in call.headers.items()},
            body=call.read(),
        )
        status, message = self._answered(asked)
        return self._signed(asked, status, canonical(message))

    def _answered(self, asked: Envelope) -> tuple[int, object]:
        try:
            self._known(asked)
            return self._done(asked)
        except Invalid as wrong:
            path = str(wrong.fields.get("path", "")) or None
            too_large = wrong.code == "protocol.too_large"
            return (
                (413, self._refusal(RefusalCode.TOO_LARGE))
                if too_large
                else (
                    400,
                    self._refusal(RefusalCode.FORMAT, path),
                )
            )
        except FanzhaError as refused:
            name = refused.code.removeprefix("protocol.")
            code = RefusalCode(name) if name in set(RefusalCode) else RefusalCode.BAD_SIGNATURE
            return (409 if code is RefusalCode.OTHER_CONTENT else 401), self._refusal(code)

    def _known(self, asked: Envelope) -> Verified | None:
        if self.breaks == "believes_anybody":
            return None
        keys = (self.centre or PublicKey(key_id=CENTRE_KEY.key_id, public=CENTRE_KEY.public, since=self.since),)
        found = verify(asked, keys, self.wall.now(), TOLERANCE)
        if found.nonce in self.nonces and self.breaks != "forgets_nonces":
            raise _Replayed()
        self.nonces.add(found.nonce)
        return found

    def _done(self, asked: Envelope) -> tuple[int, object]:
        if asked.path.endswith("/v1/requests"):
            return self._taken(read(Request, asked.body))
        if asked.path.endswith("/v1/collect"):
            taken = set(read(Collect, asked.body).taken)
            waiting = tuple(each for each in self.answers.values() if each.answer_id not in taken)
            return 200, Collected(more=False, answers=waiting)
        application = asked.path.rpartition("/")[2]
        answer = self.answers.get(application)
        progress = Progress.NOT_KNOWN
        if application in self.requests:
            progress = Progress.DONE if answer else Progress.WORKING
        answers = (answer,) if answer else ()
        return 200, Status(application_id=application, progress=progress, as_of=self.wall.now(), answers=answers)

    def _taken(self, request: Request) -> tuple[int, object]:
        before = self.requests.get(request.application_id)
        if before is not None and fingerprint(before) != fingerprint(request):
            raise _OtherContent()
        if before is None or self.breaks == "does_it_twice":
            self.requests[request.application_id] = request
            self.effects.append((request.trade, request.target.number))
            answer = self._answer(request)
            if self.breaks != "never_answers":
                self.answers[request.application_id] = answer
        if self.later:
            return 202, Receipt(
                message_id=request.application_id, received_at=self.wall.now(), repeated=before is not None
            )
        return 200, self.answers[request.application_id]

    def _answer(self, request: Request) -> Answer:
        """What becomes of a request: money is held once a target, original applications must be known."""
        result = "0000"
        if request.original_application_id and request.original_application_id not in self.requests:
            result = "0400"
        done = result == "0000"
        held: dict[str, Any] = {}
        if request.trade is Trade.STOP:
            held = {"held_fen": request.amount_fen, "balance_fen": request.amount_fen}
        elif request.trade is Trade.FREEZE:
            held = {"frozen_fen": request.limit_fen, "balance_fen": request.limit_fen}
        if done and request.trade not in QUERIES and request.expires_at:
            start = request.starts_at or self.wall.now()
            held |= {"started_at": start, "ends_at": request.expires_at}
        return Answer(
            answer_id=str(uuid7(self.wall.now())),
            application_id=request.application_id,
            institution_code="999900000099" if self.breaks == "speaks_for_others" else BANK.code,
            trade=request.trade,
            result=result,
            answered_at=self.wall.now(),
            part=1,
            final=True,
            exercise=request.exercise,
            number=request.target.number,
            **(held if done else {}),
        )

    def _refusal(self, code: RefusalCode, path: str | None = None) -> Refusal:
        return Refusal(code=code, at=self.wall.now(), path=path)

    def _signed(self, asked: Envelope, status: int, body: bytes) -> httpx.Response:
        answer = Envelope(status=status, request=asked, body=body)
        if self.breaks == "answers_unsigned" or "signature" not in asked.headers:
            return httpx.Response(status, content=body, headers={"content-type": "application/json"})
        nonce = UUID(bytes=uuid7(self.wall.now()).bytes).hex
        return httpx.Response(status, content=body, headers=seal(answer, BANK_KEY, self.wall.now(), nonce))


class _Replayed(FanzhaError):
    def __init__(self) -> None:
        super().__init__("protocol.replayed")


class _OtherContent(FanzhaError):
    def __init__(self) -> None:
        super().__init__("protocol.other_content")


def tampered(bank: Bank, change: Callable[[httpx.Response], httpx.Response]) -> httpx.MockTransport:
    """The bank behind somebody who changes its answers on the way."""
    return httpx.MockTransport(lambda call: change(bank.handle(call)))


def other_body(answer: httpx.Response) -> httpx.Response:
    """The same headers over something else."""
    body = answer.content.replace(b'"0000"', b'"0302"').replace(b'"repeated":false', b'"repeated":true')
    return httpx.Response(answer.status_code, content=body, headers=_without_length(answer))


def other_status(answer: httpx.Response) -> httpx.Response:
    """The same answer as if it were a receipt."""
    return httpx.Response(202, content=answer.content, headers=_without_length(answer))


def _without_length(answer: httpx.Response) -> dict[str, str]:
    return {name: each for name, each in answer.headers.items() if name.lower() != "content-length"}
