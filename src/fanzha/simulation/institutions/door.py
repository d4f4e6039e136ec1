"""The door of a simulated institution: its three addresses as the published OpenAPI has them, signed both ways."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hmac import compare_digest

from fanzha.kernel.clock import Clock
from fanzha.kernel.errors import FanzhaError, Forbidden, Invalid, NotFound
from fanzha.protocol.answer import Answer
from fanzha.protocol.keys import SigningKey
from fanzha.protocol.messages import Collect, Refusal
from fanzha.protocol.refusing import STATUS, refusal_of
from fanzha.protocol.request import Request
from fanzha.protocol.signing import Envelope, seal, verify
from fanzha.protocol.wire import canonical, read
from fanzha.simulation.institutions.accounts import Transfer
from fanzha.simulation.institutions.arrivals import Arrival
from fanzha.simulation.institutions.behaviour import Line
from fanzha.simulation.institutions.folder import Plan
from fanzha.simulation.institutions.institution import taken_by
from fanzha.simulation.institutions.kept import KeptInstitution

REQUESTS, COLLECT = "/v1/requests", "/v1/collect"
TRANSFERS, ARRIVALS = "/simulation/v1/transfers", "/simulation/v1/arrivals"
_APPLICATION = re.compile(r"/v1/applications/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})")
_BEARER = "Bearer "


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What goes back: status, headers, body."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(slots=True, kw_only=True)
class Door:
    """Who may say what to an institution; business time by one clock, signatures by the wall."""

    kept: KeptInstitution
    plan: Plan
    key: SigningKey
    business: Clock
    wall: Clock
    _nonces: dict[tuple[str, str], datetime] = field(default_factory=dict)
    _times: dict[str, int] = field(default_factory=dict)

    def hear(self, call: Envelope) -> Said | None:
        """What is said to a call; `None` when the line broke and nothing goes back."""
        if call.path in {TRANSFERS, ARRIVALS}:
            return self._inside(call)
        try:
            self._identify(call)
            told = self._answered(call)
        except FanzhaError as error:
            refusal = refusal_of(error, self.wall.now())
            told = (STATUS[refusal.code], refusal)
        if told is None:
            return None
        status, message = told
        body = canonical(message)
        plain = {"content-type": "application/json"}
        answer = Envelope(status=status, headers=plain, body=body, request=call)
        try:
            signed = seal(answer, self.key, self.wall.now(), secrets.token_urlsafe(24))
        except Invalid:  # a call without a signature has none that an answer could be bound to
            signed = {}
        return Said(status=status, headers=plain | signed, body=body)

    def _identify(self, call: Envelope) -> None:
        now = self.wall.now()
        tolerance = timedelta(seconds=self.plan.tolerance_seconds)
        signed = verify(call, self.plan.centre_keys, now, tolerance)
        self._nonces = {nonce: until for nonce, until in self._nonces.items() if until >= now}
        if (signed.key_id, signed.nonce) in self._nonces:
            raise Forbidden("protocol.replayed")
        self._nonces[signed.key_id, signed.nonce] = signed.keep_until

    def _answered(self, call: Envelope) -> tuple[int, object] | None:
        now = self.business.now()
        self.kept.pass_time(now)
        asked = _APPLICATION.fullmatch(call.path)
        if call.method == "GET" and asked:
            return self._status(asked[1], now)
        if call.method == "POST" and call.path == REQUESTS:
            return self._request(read(Request, call.body), now)
        if call.method == "POST" and call.path == COLLECT:
            collect = read(Collect, call.body)
            if collect.taken:
                self.kept.apply(taken_by(collect, now))
            return 200, self.kept.institution.collected(now)
        raise NotFound("protocol.no_such_address")

    def _status(self, application_id: str, now: datetime) -> tuple[int, object] | None:
        institution = self.kept.institution
        return None if institution.behaviour.down_until(now) else (200, institution.status(application_id, now))

    def _request(self, request: Request, now: datetime) -> tuple[int, object] | None:
        time = self._times[request.application_id] = self._times.get(request.application_id, 0) + 1
        line = self.kept.institution.behaviour.line(request.application_id, time)
        if line is Line.BREAKS_BEFORE:
            return None
        reply = self.kept.request(request, now)
        if line is Line.BREAKS_AFTER:
            return None
        if isinstance(reply, Refusal):
            return STATUS[reply.code], reply
        return (200 if isinstance(reply, Answer) else 202), reply

    def _inside(self, call: Envelope) -> Said:
        """What other simulated institutions and the exercise itself say: money that arrives, accounts, payments."""
        given = call.headers.get("authorization", "").removeprefix(_BEARER)
        if not compare_digest(given.encode(), self.plan.pass_word.encode()):
            return Said(status=401, headers={}, body=b"")
        try:
            now = self.business.now()
            if call.path == TRANSFERS:
                outcome = self.kept.apply(Arrival(at=now, transfer=read(Transfer, call.body)))
                return Said(status=200, headers={}, body=canonical(outcome))
            told = read(Arrival, call.body)
            self.kept.apply(Arrival(at=now, opened=told.opened, planned=told.planned))
        except FanzhaError as error:
            status = STATUS[refusal_of(error, self.wall.now()).code]
            return Said(status=status, headers={}, body=error.code.encode())
        return Said(status=204, headers={}, body=b"")
