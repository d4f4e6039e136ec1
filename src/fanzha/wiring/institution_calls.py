"""What institutions say to the centre: believed only when signed by a key of theirs, kept as it came, once.

Nothing said here has an effect by itself: it is evidence with a row of work. What is refused leaves a mark.
Signatures run on wall time, what is received on business time.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from uuid import UUID

from sqlalchemy import Connection

from fanzha.adapters.store.instance import read_clock
from fanzha.adapters.store.institution_messages import (
    MessageKind,
    NewMessage,
    Nonce,
    Refused,
    keep_message,
    record_refusal,
    take_nonce,
)
from fanzha.adapters.store.institutions import Profile, caller_of, institution_of_key
from fanzha.kernel.errors import FanzhaError, Forbidden, NotFound
from fanzha.protocol.answer import Answer, Receipt
from fanzha.protocol.messages import BankReport, ClockReading, Push
from fanzha.protocol.refusing import STATUS, refusal_of
from fanzha.protocol.signing import SEAL_HEADERS, Envelope, Verified, claimed, seal, verify
from fanzha.protocol.wire import canonical, read_canonically
from fanzha.wiring.house import House

ANSWERS, PUSHES, REPORTS = (f"/institutions/v1/{each}" for each in ("answers", "pushes", "reports"))
CLOCK = "/institutions/v1/clock"
LONGEST_PLACE = 200

Message = Answer | Push | BankReport


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What goes back to the institution: status, headers and body."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class _Caller:
    """An institution that signed this call."""

    profile: Profile
    signed: Verified


def hear(house: House, call: Envelope, admit: Callable[[str], None]) -> Answered:
    """What the centre answers to a call: a receipt or the clock, or a refusal, signed wherever that can be.

    `admit` gets the name of an institution that is proven to call, once a call, and refuses what is too much.
    """
    try:
        with house.act_as_house() as connection:
            caller = _identified(house, connection, call)
            admit(caller.profile.institution.name)  # after its proof: only copies beside it use up its own
            status, message = _answered(house, connection, call, caller)
    except FanzhaError as error:
        refusal = refusal_of(error, house.now())
        _mark(house, call, error)
        status, message = STATUS[refusal.code], refusal
    return _signed(house, call, status, canonical(message))


def _identified(house: House, connection: Connection, call: Envelope) -> _Caller:
    """Who calls, by a signature of now that was never seen before; `Forbidden` for everybody else.

    Its nonce is taken with what the call does (`_answered`): of two that come at the same time, one.
    """
    claim = claimed(call)
    profile, was_seen = caller_of(connection, claim.key_id, claim.nonce)
    if profile is None:
        raise Forbidden("protocol.unknown_key")
    told = profile.institution
    signed = verify(call, told.keys, house.wall.now(), told.tolerance, claim)
    if was_seen:
        raise Forbidden("protocol.replayed")
    if told.exercise != (house.instance.birth == "exercise"):
        raise Forbidden("protocol.exercise", path="")
    return _Caller(profile=profile, signed=signed)


def _answered(house: House, connection: Connection, call: Envelope, caller: _Caller) -> tuple[int, object]:
    said: Mapping[tuple[str, str], Callable[[], object]] = {
        ("GET", CLOCK): lambda: _clock(house, connection, _nonce(house, caller)),
        ("POST", ANSWERS): lambda: _taken(house, connection, call, caller, "answer"),
        ("POST", PUSHES): lambda: _taken(house, connection, call, caller, "push"),
        ("POST", REPORTS): lambda: _taken(house, connection, call, caller, "report"),
    }
    answer = said.get((call.method, call.path))
    if answer is None:
        raise NotFound("protocol.no_such_address")
    return (200 if call.method == "GET" else 202), answer()


def _nonce(house: House, caller: _Caller) -> Nonce:
    signed = caller.signed
    return Nonce(key_id=signed.key_id, nonce=signed.nonce, keep_until=signed.keep_until, wall=house.wall.now())


def _clock(house: House, connection: Connection, nonce: Nonce) -> ClockReading:
    if not take_nonce(connection, nonce):
        raise Forbidden("protocol.replayed")
    clock = read_clock(connection)
    return ClockReading(
        now=clock.now(),
        wall=house.wall.now(),
        speed_percent=max(1, round(clock.speed * 100)),
        exercise=house.instance.birth == "exercise",
    )


def _taken(house: House, connection: Connection, call: Envelope, caller: _Caller, kind: MessageKind) -> Receipt:
    """The receipt of a message that is now kept, or was before."""
    (message, text), message_id = _read(kind, call.body)
    told = caller.profile.institution
    if message.institution_code != told.code:
        raise Forbidden("protocol.not_yours", path="institution_code")
    if message.exercise != told.exercise:
        raise Forbidden("protocol.exercise", path="exercise")
    new = NewMessage(
        institution_id=caller.profile.id,
        kind=kind,
        message_id=message_id,
        application_id=None if isinstance(message, BankReport) else UUID(message.application_id),
        key_id=caller.signed.key_id,
        fingerprint=sha256(text).hexdigest(),
        body=call.body,
        seal={name: call.headers[name] for name in SEAL_HEADERS},
    )
    nonce = _nonce(house, caller)
    is_new = keep_message(connection, house.keys, new, house.now(), caller.profile.unit_path, nonce)
    return Receipt(message_id=message_id, received_at=house.now(), repeated=not is_new)


def _read(kind: MessageKind, body: bytes) -> tuple[tuple[Message, bytes], str]:
    """The message of a kind with its canonical text, and its own id."""
    if kind == "answer":
        answer, text = read_canonically(Answer, body)
        return (answer, text), answer.answer_id
    if kind == "push":
        push, text = read_canonically(Push, body)
        return (push, text), push.push_id
    report, text = read_canonically(BankReport, body)
    return (report, text), report.report_id


def _mark(house: House, call: Envelope, error: FanzhaError) -> None:
    """Leave the mark of a refused call: whose key it named, as far as anybody has such a key."""
    with house.act_as_house() as connection:
        try:
            profile = institution_of_key(connection, claimed(call).key_id)
        except FanzhaError:
            profile = None
        refused = Refused(
            institution_id=None if profile is None else profile.id,
            address=call.path[:LONGEST_PLACE],
            code=error.code,
            place=str(error.fields.get("path", ""))[:LONGEST_PLACE],
            body=call.body,
        )
        record_refusal(connection, refused, house.now())


def _signed(house: House, call: Envelope, status: int, body: bytes) -> Answered:
    """The answer, signed; one to a call without a signature cannot be, because it would belong to no call."""
    plain = {"content-type": "application/json", "cache-control": "no-store"}
    envelope = Envelope(status=status, request=call, body=body)
    now = house.wall.now()
    try:
        added = seal(envelope, house.keys.institution_key(now), now, secrets.token_urlsafe(24))
    except FanzhaError:
        added = {}
    return Answered(status=status, headers=plain | added, body=body)
