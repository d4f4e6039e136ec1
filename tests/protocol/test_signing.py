"""Signatures hold for exactly the message that was signed, by a registered key, in its time; RFC 9421's own vector."""

from __future__ import annotations

import datetime as dt
from base64 import b64decode, b64encode
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha512
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from http_message_signatures import HTTPMessageSigner, HTTPMessageVerifier, HTTPSignatureKeyResolver
from http_message_signatures.algorithms import ED25519 as TheirEd25519
from http_sf import parse
from hypothesis import given, settings
from hypothesis import strategies as st

from fanzha.kernel.clock import WallClock
from fanzha.kernel.errors import FanzhaError, Forbidden, Invalid
from fanzha.protocol.keys import PublicKey, SigningKey
from fanzha.protocol.signing import LIFETIME, TAG, Envelope, content_digest, seal, signature_base, verify

NOW = datetime(2026, 11, 22, 8, 30, tzinfo=UTC)
TOLERANCE = timedelta(seconds=30)
NONCE = "n0123456789abcdef"
KEY = SigningKey(key_id="bank-1", private=bytes(range(32)))
PUBLIC = PublicKey(key_id="bank-1", public=KEY.public, since=NOW - timedelta(days=1))
PLAIN = Envelope(method="POST", authority="centre.test:8443", path="/institutions/v1/answers", body=b'{"a":1}')


def sealed(envelope: Envelope = PLAIN, key: SigningKey = KEY, at: datetime = NOW, nonce: str = NONCE) -> Envelope:
    """The message with its three headers."""
    return replace(envelope, headers={**envelope.headers, **seal(envelope, key, at, nonce)})


def accepted(envelope: Envelope, keys: tuple[PublicKey, ...] = (PUBLIC,), now: datetime = NOW) -> None:
    """That the message is taken as signed by one of the keys."""
    assert verify(envelope, keys, now, TOLERANCE).key_id in {each.key_id for each in keys}


def refused(envelope: Envelope, *keys: PublicKey, now: datetime = NOW) -> str:
    """The code with which a message is refused."""
    with pytest.raises(Forbidden) as told:
        verify(envelope, keys or (PUBLIC,), now, TOLERANCE)
    return told.value.code.removeprefix("protocol.")


def test_a_signed_message_is_its_senders() -> None:
    found = verify(sealed(), (PUBLIC,), NOW, TOLERANCE)
    assert (found.key_id, found.nonce, found.created) == ("bank-1", NONCE, NOW)
    assert found.keep_until == NOW + LIFETIME + TOLERANCE


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"method": "PUT"}, "bad_signature"),
        ({"authority": "other.test:8443"}, "bad_signature"),
        ({"authority": "centre.test"}, "bad_signature"),
        ({"path": "/institutions/v1/pushes"}, "bad_signature"),
        ({"body": b'{"a":2}'}, "bad_digest"),
        ({"body": b""}, "bad_digest"),
    ],
)
def test_every_covered_part_is_held(changed: dict[str, Any], code: str) -> None:
    assert refused(replace(sealed(), **changed)) == code


@pytest.mark.parametrize("parameter", ["created", "expires", "nonce", "keyid", "alg", "tag"])
def test_every_parameter_is_signed_and_needed(parameter: str) -> None:
    headers = dict(sealed().headers)
    told = headers["signature-input"]
    pieces = told.split(";")
    place = next(at for at, piece in enumerate(pieces) if piece.startswith(f"{parameter}="))
    without = ";".join(pieces[:place] + pieces[place + 1 :])
    other = {"created": "created=1795336201", "expires": "expires=1795336499"}.get(
        parameter, f'{parameter}="fedcba9876543210"'
    )
    changed = ";".join([*pieces[:place], other, *pieces[place + 1 :]])
    assert changed != told
    for text in (without, changed):
        assert refused(replace(sealed(), headers=headers | {"signature-input": text})) in {
            "bad_signature",
            "no_signature",
            "unknown_key",
            "out_of_time",
        }


@pytest.mark.parametrize("component", ['"@method"', '"@authority"', '"@path"', '"content-digest"'])
def test_a_signature_that_covers_less_is_none(component: str) -> None:
    """Signed with the right key, but over less than it must."""
    names = ("@method", "@authority", "@path", "content-digest")
    covered: list[Any] = [(name, {}) for name in names if f'"{name}"' != component]
    parameters = {
        "created": int(NOW.timestamp()),
        "expires": int(NOW.timestamp()) + 60,
        "nonce": NONCE,
        "keyid": KEY.key_id,
        "alg": "ed25519",
        "tag": TAG,
    }
    headers = {"content-digest": content_digest(PLAIN.body)}
    told, text = signature_base(replace(PLAIN, headers=headers), covered, parameters)
    signature = b64encode(KEY.sign(text)).decode()
    headers |= {"signature-input": f"x={told}", "signature": f"x=:{signature}:"}
    assert refused(replace(PLAIN, headers=headers)) == "bad_signature"


def test_a_digest_swapped_with_its_body_breaks_the_signature() -> None:
    other = b'{"a":2}'
    headers = {**sealed().headers, "content-digest": content_digest(other)}
    assert refused(replace(sealed(), body=other, headers=headers)) == "bad_signature"


def test_a_digest_nobody_knows_is_none_and_each_known_one_must_hold() -> None:
    body = PLAIN.body
    long = b64encode(sha512(body).digest()).decode()
    for digest, good in (
        ("md5=:AAAA:", False),
        (f"{content_digest(body)}, sha-512=:{long}:", True),
        (f"{content_digest(body)}, sha-512=:AAAA:", False),
        (f"sha-512=:{long}:", True),
        (f"md5=:AAAA:, {content_digest(body)}", True),
    ):
        message = _signed_with_digest(digest)
        if good:
            accepted(message, (PUBLIC,), NOW)
        else:
            assert refused(message) == "bad_digest"


def _signed_with_digest(digest: str) -> Envelope:
    covered: list[Any] = [(name, {}) for name in ("@method", "@authority", "@path", "content-digest")]
    parameters = {
        "created": int(NOW.timestamp()),
        "expires": int(NOW.timestamp()) + 60,
        "nonce": NONCE,
        "keyid": KEY.key_id,
        "alg": "ed25519",
        "tag": TAG,
    }
    headers = {"content-digest": digest}
    told, text = signature_base(replace(PLAIN, headers=headers), covered, parameters)
    signature = b64encode(KEY.sign(text)).decode()
    return replace(PLAIN, headers=headers | {"signature-input": f"x={told}", "signature": f"x=:{signature}:"})


@pytest.mark.parametrize(
    ("now", "good"),
    [
        (NOW - TOLERANCE, True),
        (NOW - TOLERANCE - timedelta(seconds=1), False),
        (NOW + LIFETIME + TOLERANCE, True),
        (NOW + LIFETIME + TOLERANCE + timedelta(seconds=1), False),
    ],
)
def test_a_signature_has_its_time(now: datetime, good: bool) -> None:
    message = sealed()
    if good:
        accepted(message, (PUBLIC,), now)
    else:
        assert refused(message, now=now) == "out_of_time"


def test_keys_overlap_and_end() -> None:
    change = NOW + timedelta(hours=1)
    new = SigningKey(key_id="bank-2", private=bytes(32))
    keys = (
        replace(PUBLIC, until=change + timedelta(hours=1)),
        PublicKey(key_id="bank-2", public=new.public, since=change),
    )
    during, after = change + timedelta(minutes=1), change + timedelta(hours=2)
    assert verify(sealed(at=during), keys, during, TOLERANCE).key_id == "bank-1"
    assert verify(sealed(key=new, at=during), keys, during, TOLERANCE).key_id == "bank-2"
    assert verify(sealed(key=new, at=after), keys, after, TOLERANCE).key_id == "bank-2"
    assert refused(sealed(at=after), *keys, now=after) == "key_not_in_force"
    assert refused(sealed(key=new), *keys) == "key_not_in_force"


def test_a_key_id_may_be_renewed_under_the_same_name() -> None:
    old = PublicKey(key_id="bank-1", public=bytes(32), since=NOW - timedelta(days=9), until=NOW - timedelta(days=8))
    accepted(sealed(), (old, PUBLIC), NOW)


def test_nobody_else_can_sign() -> None:
    stranger = SigningKey(key_id="bank-1", private=bytes(32))
    assert refused(sealed(key=stranger)) == "bad_signature"
    assert refused(sealed(key=replace(KEY, key_id="bank-9"))) == "unknown_key"
    with pytest.raises(Invalid, match="unknown_algorithm"):
        replace(PUBLIC, algorithm="none")


def test_a_private_key_is_never_shown() -> None:
    assert "private" not in repr(KEY)


def test_a_message_with_no_or_several_of_our_signatures_is_refused() -> None:
    assert refused(PLAIN) == "no_signature"
    headers = dict(sealed().headers)
    twice = headers | {
        "signature-input": f"{headers['signature-input']}, b{headers['signature-input'].removeprefix('fanzha')}",
        "signature": f"{headers['signature']}, b{headers['signature'].removeprefix('fanzha')}",
    }
    assert refused(replace(sealed(), headers=twice)) == "no_signature"
    same = headers | {"signature-input": f"{headers['signature-input']}, {headers['signature-input']}"}
    assert refused(replace(sealed(), headers=same)) == "bad_signature"


def test_anothers_signature_beside_ours_disturbs_nobody() -> None:
    headers = dict(sealed().headers)
    both = headers | {
        "signature-input": f'proxy=("@method");created=1;keyid="p", {headers["signature-input"]}',
        "signature": f"proxy=:AAAA:, {headers['signature']}",
    }
    accepted(replace(sealed(), headers=both), (PUBLIC,), NOW)


REQUEST = sealed()
ANSWERED = Envelope(status=200, request=REQUEST, body=b'{"ok":true}')


def test_a_response_belongs_to_the_request_it_answers() -> None:
    answer = sealed(ANSWERED, nonce="r0123456789abcdef")
    accepted(answer, (PUBLIC,), NOW)
    other = sealed(nonce="o0123456789abcdef")
    assert refused(replace(answer, request=other)) == "bad_signature"
    assert refused(replace(answer, status=202)) == "bad_signature"
    assert refused(replace(answer, body=b"{}")) == "bad_digest"
    assert refused(replace(answer, request=None)) == "bad_signature"
    assert refused(replace(answer, status=None, request=None, method="POST")) == "bad_signature"


def test_a_request_is_no_response() -> None:
    assert refused(replace(sealed(), status=200, request=REQUEST)) == "bad_signature"


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(["signature", "signature-input", "content-digest"]), st.text(max_size=60))
def test_no_header_does_worse_than_be_refused(name: str, text: str) -> None:
    headers = {**sealed().headers, name: text}
    with pytest.raises(FanzhaError):
        verify(replace(sealed(), headers=headers), (PUBLIC,), NOW, TOLERANCE)


def test_a_header_of_any_length_is_refused_quickly() -> None:
    assert refused(replace(sealed(), headers={**sealed().headers, "signature": "x" * 5_000})) == "no_signature"


# RFC 9421, appendix B: its test request, test key and section B.2.6

RFC_PUBLIC = b64decode("JrQLj5P/89iXES9+vFgrIy29clF9CC/oPPsw3c5D0bs=")
RFC_PRIVATE = b64decode("n4Ni+HpISpVObnQMW0wOhCKROaIKqKtW/2ZYb2p9KcU=")
RFC_REQUEST = Envelope(
    method="POST",
    authority="example.com",
    path="/foo",
    headers={
        "host": "example.com",
        "date": "Tue, 20 Apr 2021 02:07:55 GMT",
        "content-type": "application/json",
        "content-length": "18",
    },
    body=b'{"hello": "world"}',
)
RFC_INPUT = (
    'sig-b26=("date" "@method" "@path" "@authority" "content-type" "content-length")'
    ';created=1618884473;keyid="test-key-ed25519"'
)
RFC_SIGNATURE = "wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw=="


def test_the_rfcs_own_vector() -> None:
    inputs: Any = parse(RFC_INPUT.encode(), tltype="dictionary")
    told, text = signature_base(RFC_REQUEST, *inputs["sig-b26"])
    assert f"sig-b26={told}" == RFC_INPUT
    assert text.decode().split("\n")[:2] == ['"date": Tue, 20 Apr 2021 02:07:55 GMT', '"@method": POST']
    key = SigningKey(key_id="test-key-ed25519", private=RFC_PRIVATE)
    assert key.public == RFC_PUBLIC
    assert b64encode(key.sign(text)).decode() == RFC_SIGNATURE
    public = PublicKey(key_id="test-key-ed25519", public=RFC_PUBLIC, since=NOW)
    assert public.verifies(b64decode(RFC_SIGNATURE), text)
    assert not public.verifies(b64decode(RFC_SIGNATURE), text + b" ")


# The other implementation agrees


@dataclass
class Theirs:
    """A request as the other library wants it."""

    method: str
    url: str
    headers: dict[str, str]


class Keys(HTTPSignatureKeyResolver):
    """Our one key, for the other library."""

    def resolve_public_key(self, key_id: str) -> Any:
        return Ed25519PublicKey.from_public_bytes(KEY.public)

    def resolve_private_key(self, key_id: str) -> Any:
        return Ed25519PrivateKey.from_private_bytes(KEY.private)


def test_another_implementation_verifies_ours() -> None:
    now = WallClock().now()
    headers = dict(sealed(at=now).headers)
    theirs = Theirs("POST", f"https://{PLAIN.authority}{PLAIN.path}", headers)
    verifier = HTTPMessageVerifier(signature_algorithm=TheirEd25519, key_resolver=Keys())
    assert verifier.verify(theirs, expect_tag=TAG, body=PLAIN.body)[0].parameters["nonce"] == NONCE


def test_ours_verifies_another_implementation() -> None:
    theirs = Theirs("POST", f"https://{PLAIN.authority}{PLAIN.path}", {"Content-Type": "application/json"})
    HTTPMessageSigner(signature_algorithm=TheirEd25519, key_resolver=Keys()).sign(
        theirs,
        key_id=KEY.key_id,
        created=NOW,
        expires=NOW + dt.timedelta(seconds=60),
        nonce=NONCE,
        tag=TAG,
        covered_component_ids=("@path", "content-type", "@method", "@authority"),
        body=PLAIN.body,
    )
    message = replace(PLAIN, headers={name.lower(): value for name, value in theirs.headers.items()})
    assert verify(message, (PUBLIC,), NOW, TOLERANCE).key_id == KEY.key_id
