"""Keys that sign and verify, with their dates; the algorithm is a field, so that SM2 can come."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Annotated

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from fanzha.kernel.errors import Invalid
from fanzha.protocol.fields import Blob, Code, Text

ED25519 = "ed25519"
MOST_KEYS = 1_000
"""Keys that a process keeps as the library reads them: those of a few hundred institutions, some of them twice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Algorithm:
    """How one algorithm signs, verifies and finds the public half of a private key."""

    sign: Callable[[bytes, bytes], bytes]
    verify: Callable[[bytes, bytes, bytes], bool]
    public_of: Callable[[bytes], bytes]


@lru_cache(maxsize=MOST_KEYS)
def _private(private: bytes) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(private)


@lru_cache(maxsize=MOST_KEYS)
def _public(public: bytes) -> Ed25519PublicKey:
    return Ed25519PublicKey.from_public_bytes(public)


def _verify_ed25519(public: bytes, signature: bytes, text: bytes) -> bool:
    try:
        _public(public).verify(signature, text)
    except (InvalidSignature, ValueError):
        return False
    return True


ALGORITHMS: Mapping[str, Algorithm] = {
    ED25519: Algorithm(
        sign=lambda private, text: _private(private).sign(text),
        verify=_verify_ed25519,
        public_of=lambda private: _private(private).public_key().public_bytes_raw(),
    )
}
"""By the name that RFC 9421 registers (`alg`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningKey:
    """A private key of ours and the id under which the other side knows its public half."""

    key_id: Code
    private: bytes = field(repr=False)
    algorithm: str = ED25519

    def sign(self, text: bytes) -> bytes:
        """The signature of a text."""
        return ALGORITHMS[self.algorithm].sign(self.private, text)

    @property
    def public(self) -> bytes:
        """The public half, raw."""
        return ALGORITHMS[self.algorithm].public_of(self.private)


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicKey:
    """A public key of the other side: it verifies what was signed from `since` until, not including, `until`.

    Keys overlap when one is replaced: both are listed, each with its dates. `Invalid` for an algorithm not known.
    """

    key_id: Code
    public: Annotated[bytes, Blob(64)]
    since: datetime
    until: datetime | None = None
    algorithm: Annotated[str, Text(longest=32)] = ED25519

    def __post_init__(self) -> None:
        """Refuse an algorithm that nobody here can verify, and dates that leave no time."""
        if self.algorithm not in ALGORITHMS:
            raise Invalid("protocol.unknown_algorithm", path="algorithm", known=", ".join(ALGORITHMS))
        if self.until is not None and self.until <= self.since:
            raise Invalid("protocol.backwards", path="until")

    def holds_at(self, at: datetime) -> bool:
        """Whether something signed at this instant may bear this key."""
        return self.since <= at and (self.until is None or at < self.until)

    def verifies(self, signature: bytes, text: bytes) -> bool:
        """Whether the signature is this key's of this text."""
        return ALGORITHMS[self.algorithm].verify(self.public, signature, text)
