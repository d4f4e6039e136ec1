"""HTTP message signatures (RFC 9421) and content digests (RFC 9530), as far as the institution protocol uses them.

A request covers its method, authority, path and content digest; a response covers its status, its content digest and
the signature of the request that it answers. More may be covered, never less. Time, keys and nonces are passed in;
whether a nonce was seen before is the caller's to know, for as long as `Verified.keep_until` says.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import lru_cache
from hashlib import sha256, sha512
from hmac import compare_digest
from typing import Any, NamedTuple

from http_sf import parse, ser

from fanzha.kernel.clock import from_seconds, micros
from fanzha.kernel.errors import Forbidden, Invalid
from fanzha.protocol.keys import PublicKey, SigningKey

TAG = "fanzha-institutions-v1"
"""What our signatures are for: one made for another purpose is none here."""
LABEL = "fanzha"
REQUEST_COVERS = ("@method", "@authority", "@path", "content-digest")
RESPONSE_COVERS = ("@status", "content-digest", "signature;req")
LIFETIME = timedelta(minutes=5)
"""The longest time that one signature may be good for."""
SEAL_HEADERS = ("content-digest", "signature-input", "signature")
LONGEST_SEAL = 4_096
"""Characters of one of the three headers."""

_HASHES: Mapping[str, Any] = {"sha-256": sha256, "sha-512": sha512}
_NONCE = re.compile(r"[A-Za-z0-9_-]{16,64}")
_PARAMETERS = frozenset({"created", "expires", "nonce", "keyid", "alg", "tag"})
Component = tuple[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """An HTTP message as its signature sees it; a response (`status`) knows the request that it answers.

    `authority` is the host, in lower case and with its port unless that is the scheme's own; `headers` have names in
    lower case. The protocol has no query strings, so that nothing of an address lies outside the signature.
    """

    method: str = ""
    authority: str = ""
    path: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    status: int | None = None
    request: Envelope | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """Who signed and when; the pair of key and nonce must not be seen again before `keep_until`."""

    key_id: str
    nonce: str
    created: datetime
    keep_until: datetime


class Claim(NamedTuple):
    """What a message says of its signature, of which nothing is proven: its label, what it covers, its parameters."""

    label: str
    covered: list[Component]
    parameters: dict[str, Any]

    @property
    def key_id(self) -> str:
        """The key that it says it is signed with."""
        return str(self.parameters["keyid"])

    @property
    def nonce(self) -> str:
        """What says that it is this message and no other of the key."""
        return str(self.parameters["nonce"])


def content_digest(body: bytes) -> str:
    """The `Content-Digest` header of a body."""
    return f"sha-256=:{b64encode(sha256(body).digest()).decode()}:"


def seal(envelope: Envelope, key: SigningKey, created: datetime, nonce: str) -> dict[str, str]:
    """The three headers that a message needs beside its own, signed with our key at this instant."""
    headers = {**envelope.headers, "content-digest": content_digest(envelope.body)}
    start = micros(created) // 1_000_000
    parameters = {
        "created": start,
        "expires": start + int(LIFETIME.total_seconds()),
        "nonce": nonce,
        "keyid": key.key_id,
        "alg": key.algorithm,
        "tag": TAG,
    }
    covered = [_component(each) for each in _covers(envelope)]
    told, text = signature_base(replace(envelope, headers=headers), covered, parameters)
    signature = b64encode(key.sign(text)).decode()
    return {
        "content-digest": headers["content-digest"],
        "signature-input": f"{LABEL}={told}",
        "signature": f"{LABEL}=:{signature}:",
    }


def verify(
    envelope: Envelope, keys: Iterable[PublicKey], now: datetime, tolerance: timedelta, claim: Claim | None = None
) -> Verified:
    """Who signed the message; `Forbidden` with the code of a refusal when nobody whose key we hold did, or not now.

    `tolerance` is how far the other side's clock may be off ours, `claim` what this message claims, where it was read.
    """
    label, covered, parameters = claim or claimed(envelope)
    created, expires = from_seconds(parameters["created"]), from_seconds(parameters["expires"])
    if not created < expires <= created + LIFETIME or not created - tolerance <= now <= expires + tolerance:
        raise Forbidden("protocol.out_of_time")
    key = _key(keys, parameters, created)
    signature = _dictionary(envelope.headers, "signature").get(label, (None, {}))[0]
    try:
        _, text = signature_base(envelope, covered, parameters)
    except (Invalid, ValueError):
        raise Forbidden("protocol.bad_signature") from None
    if not isinstance(signature, bytes) or not key.verifies(signature, text):
        raise Forbidden("protocol.bad_signature")
    _check_digest(envelope)
    return Verified(key_id=key.key_id, nonce=parameters["nonce"], created=created, keep_until=expires + tolerance)


def claimed(envelope: Envelope) -> Claim:
    """What the message says of its signature; `Forbidden` when it says nothing that may be."""
    return Claim(*_our_input(envelope))


def signature_base(
    envelope: Envelope, covered: Sequence[Component], parameters: Mapping[str, Any]
) -> tuple[str, bytes]:
    """The signature parameters as a structured field, and the text that is signed (RFC 9421 section 2.5).

    `Invalid` when a component is covered twice or is not there.
    """
    named = [ser((name, dict(given))) if given else _named(name) for name, given in covered]
    if len(set(named)) != len(named):
        raise Invalid("protocol.bad_component")
    told = f"({' '.join(named)}){ser((True, dict(parameters))).removeprefix('?1')}"
    lines = [f"{name}: {_value(envelope, each)}" for name, each in zip(named, covered, strict=True)]
    return told, "\n".join([*lines, f'"@signature-params": {told}']).encode("ascii")


@lru_cache(maxsize=256)
def _named(name: str) -> str:
    """A component without parameters, as a structured field: the same few in every message."""
    return ser((name, {}))


def _value(envelope: Envelope, component: Component) -> str:
    """What a component says here; one that this house does not know is refused."""
    name, given = component
    if given.get("req") is True and len(given) == 1 and envelope.request is not None:
        return _value(envelope.request, (name, {}))
    if given:
        raise Invalid("protocol.bad_component")
    derived = {"@method": envelope.method, "@authority": envelope.authority, "@path": envelope.path}
    if envelope.status is not None:
        derived = {"@status": str(envelope.status)}
    found = derived.get(name) if name.startswith("@") else envelope.headers.get(name)
    if found is None or not found.isascii() or not found.replace("\t", " ").isprintable():
        raise Invalid("protocol.bad_component")
    return found.strip()


def _covers(envelope: Envelope) -> tuple[str, ...]:
    return REQUEST_COVERS if envelope.status is None else RESPONSE_COVERS


def _component(told: str) -> Component:
    name, _, flag = told.partition(";")
    return (name, {flag: True} if flag else {})


def _our_input(envelope: Envelope) -> tuple[str, list[Component], dict[str, Any]]:
    """Our one signature among those of the message: its label, what it covers, its parameters."""
    ours = [
        (label, members, parameters)
        for label, (members, parameters) in _dictionary(envelope.headers, "signature-input").items()
        if isinstance(members, list) and parameters.get("tag") == TAG
    ]
    if len(ours) != 1:
        raise Forbidden("protocol.no_signature")
    label, members, parameters = ours[0]
    covered = {_shown(member) for member in members}
    if not covered.issuperset(_covers(envelope)) or set(parameters) != _PARAMETERS or not _are_sound(parameters):
        raise Forbidden("protocol.bad_signature")
    return label, [(name, given) for name, given in members], parameters


def _shown(member: tuple[Any, Mapping[str, Any]]) -> str:
    name, given = member
    return ";".join([str(name), *(str(flag) for flag, value in given.items() if value is True)])


def _are_sound(parameters: Mapping[str, Any]) -> bool:
    texts = all(type(parameters[name]) is str for name in ("nonce", "keyid", "alg"))
    times = all(type(parameters[name]) is int and 0 <= parameters[name] < 2**33 for name in ("created", "expires"))
    return texts and times and _NONCE.fullmatch(parameters["nonce"]) is not None


def _dictionary(headers: Mapping[str, str], name: str) -> dict[str, Any]:
    text = headers.get(name, "")
    if not text or len(text) > LONGEST_SEAL:
        raise Forbidden("protocol.no_signature")
    try:
        found: Any = parse(text.encode("ascii"), tltype="dictionary", on_duplicate_key=_refuse_twice)
    except (ValueError, RecursionError):
        raise Forbidden("protocol.bad_signature") from None
    return dict(found)


def _refuse_twice(key: str, context: str) -> None:
    raise ValueError


def _key(keys: Iterable[PublicKey], parameters: Mapping[str, Any], created: datetime) -> PublicKey:
    ours = [
        key
        for key in keys
        if compare_digest(key.key_id.encode(), parameters["keyid"].encode()) and key.algorithm == parameters["alg"]
    ]
    if not ours:
        raise Forbidden("protocol.unknown_key")
    for key in ours:
        if key.holds_at(created):
            return key
    raise Forbidden("protocol.key_not_in_force")


def _check_digest(envelope: Envelope) -> None:
    """Refuse a body that is not the digest's: every algorithm we know must agree, and one must be there."""
    told = _dictionary(envelope.headers, "content-digest")
    known = {name: value for name, (value, _) in told.items() if name in _HASHES}
    agree = [
        isinstance(value, bytes) and compare_digest(_HASHES[name](envelope.body).digest(), value)
        for name, value in known.items()
    ]
    if not agree or not all(agree):
        raise Forbidden("protocol.bad_digest")
