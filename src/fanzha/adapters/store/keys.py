"""The master keys: they wrap data keys, turn identifiers into subject ids, sign the audit and what institutions get.

They lie in a folder of their own, outside data and backups (house section 4): whoever copies the data folder
has ciphertext, and whoever loses this folder has lost the data. One file a key, 0600, never rewritten.
"""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from hashlib import blake2b, sha256
from pathlib import Path

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from fanzha.adapters.store.locks import locked
from fanzha.kernel.clock import SHANGHAI, utc
from fanzha.kernel.errors import Invalid, NotFound
from fanzha.protocol.keys import SigningKey

KEY_BYTES = 32
_NONCE_BYTES = 12
_ID_BYTES = 4
_FORMAT = b"\x01"
_FILE = re.compile(r"(wrapping|subjects|audit|institutions)-(\d{8})-([0-9a-f]{8})\.key")
_OPTIONAL = frozenset({"institutions"})
"""Keys that an instance may lack: one born before institutions were asked has none until somebody makes it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """The opened master keys; `repr` shows none of them."""

    _wrapping: Mapping[bytes, AESGCM]
    _wrapping_newest: bytes
    _subjects: bytes
    _audit: Mapping[str, Ed25519PrivateKey]
    _audit_newest: str
    _institutions: Mapping[str, bytes]

    def __repr__(self) -> str:
        return "Keys(…)"

    def wrap(self, key: bytes, context: str) -> bytes:
        """A data key encrypted for storage, bound to what it belongs to (`import:<id>`, `subject:<id>`)."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        sealed = self._wrapping[self._wrapping_newest].encrypt(nonce, key, context.encode())
        return _FORMAT + self._wrapping_newest + nonce + sealed

    def unwrap(self, wrapped: bytes, context: str) -> bytes:
        """The data key again; `Invalid` with another master key, another context or a changed byte."""
        head = len(_FORMAT) + _ID_BYTES
        cipher = self._wrapping.get(bytes(wrapped[len(_FORMAT) : head]))
        if wrapped[:1] != _FORMAT or cipher is None:
            raise Invalid("store.keys_unknown_wrapping")
        nonce, sealed = bytes(wrapped[head : head + _NONCE_BYTES]), bytes(wrapped[head + _NONCE_BYTES :])
        try:
            return cipher.decrypt(nonce, sealed, context.encode())
        except InvalidTag as changed:
            raise Invalid("store.keys_wrapping_changed") from changed

    def subject_hash(self, kind: str, canonical: str) -> int:
        """The subject id of an identifier: 63 bits of a keyed hash of kind and canonical text."""
        digest = blake2b(f"{kind}\0{canonical}".encode(), digest_size=8, key=self._subjects, person=b"fanzha.subject")
        return int.from_bytes(digest.digest(), "big") >> 1

    def sign(self, message: bytes) -> tuple[str, bytes]:
        """The newest audit key's id and its Ed25519 signature."""
        return self._audit_newest, self._audit[self._audit_newest].sign(message)

    def audit_public_keys(self) -> dict[str, bytes]:
        """Public audit keys by id, for whoever checks the chain elsewhere."""
        return {name: key.public_key().public_bytes_raw() for name, key in self._audit.items()}

    def institution_keys(self) -> list[tuple[datetime, SigningKey]]:
        """The keys that sign what institutions get, each with the instant from which it does, oldest first."""
        return [
            (_since(name), SigningKey(key_id=f"centre-{name}", private=key)) for name, key in self._institutions.items()
        ]

    def institution_key(self, at: datetime) -> SigningKey:
        """The newest of them that signs at this instant; `NotFound` when none does."""
        in_force = [key for since, key in self.institution_keys() if since <= at]
        if not in_force:
            raise NotFound("store.keys_no_institution_key")
        return in_force[-1]

    def fingerprint(self) -> str:
        """Says which keys an instance was born with, without saying them."""
        return sha256(b"fanzha.keys" + self._subjects).hexdigest()[:16]


def is_signed(public_key: bytes, message: bytes, signature: bytes) -> bool:
    """Whether the Ed25519 signature is of this message by this key."""
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def make_keys(folder: Path, home: Path, now: datetime) -> Keys:
    """Make the keys that are missing in `folder`, then open it; two processes at once end with one set."""
    folder, home = folder.expanduser().absolute(), home.expanduser().absolute()
    if folder.resolve().is_relative_to(home.resolve()):
        raise Invalid("store.keys_inside_data", keys=folder, home=home)
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with locked(folder / ".lock"):
            _make_missing(folder, now)
    except OSError as refused:
        raise Invalid("store.keys_not_writable", keys=folder) from refused
    return open_keys(folder)


def _make_missing(folder: Path, now: datetime) -> None:
    for purpose in ("wrapping", "subjects", "audit", "institutions"):
        if not any(folder.glob(f"{purpose}-*.key")):
            _make(folder, purpose, now)


def open_keys(folder: Path) -> Keys:
    """The keys of an instance; `NotFound` when one is missing, `Invalid` when others may read them."""
    found: dict[str, dict[str, bytes]] = {"wrapping": {}, "subjects": {}, "audit": {}, "institutions": {}}
    folder = folder.expanduser().absolute()
    for path in sorted(folder.glob("*.key")) if folder.is_dir() else []:
        named = _FILE.fullmatch(path.name)
        if named:
            found[named[1]][f"{named[2]}-{named[3]}"] = _read(path)
    for purpose, keys in found.items():
        if not keys and purpose not in _OPTIONAL:
            raise NotFound("store.keys_absent", keys=folder, purpose=purpose)
    wrapping = {bytes.fromhex(name[-8:]): AESGCM(key) for name, key in found["wrapping"].items()}
    return Keys(
        _wrapping=wrapping,
        _wrapping_newest=list(wrapping)[-1],
        _subjects=next(iter(found["subjects"].values())),
        _audit={name: Ed25519PrivateKey.from_private_bytes(key) for name, key in found["audit"].items()},
        _audit_newest=list(found["audit"])[-1],
        _institutions=found["institutions"],
    )


def add_audit_key(folder: Path, now: datetime) -> None:
    """Make a new dated audit key; seals made before keep theirs."""
    _make(folder.expanduser().absolute(), "audit", now)


def add_institution_key(folder: Path, since: datetime) -> None:
    """Make a new key for messages to institutions, which signs from the day of `since` on."""
    _make(folder.expanduser().absolute(), "institutions", since)


@cache
def _since(name: str) -> datetime:
    """The day in Shanghai that a key is named by, at its beginning."""
    return datetime.strptime(name[:8], "%Y%m%d").replace(tzinfo=SHANGHAI)


def _make(folder: Path, purpose: str, now: datetime) -> None:
    """Write a key, whole or not at all, under a name that says its purpose, day and fingerprint."""
    key = secrets.token_bytes(KEY_BYTES)
    day = utc(now).astimezone(SHANGHAI).strftime("%Y%m%d")
    name = f"{purpose}-{day}-{sha256(b'fanzha.key' + key).hexdigest()[:8]}.key"
    handle = os.open(folder / f".{name}", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.write(handle, key.hex().encode() + b"\n")
        os.fsync(handle)
    finally:
        os.close(handle)
    (folder / f".{name}").rename(folder / name)


def _read(path: Path) -> bytes:
    try:
        state, content = path.stat(), path.read_text("ascii")
    except OSError as refused:
        raise Invalid("store.keys_unreadable", file=path) from refused
    if state.st_mode & 0o077:
        raise Invalid("store.keys_open_to_others", file=path)
    try:
        key = bytes.fromhex(content.strip())
    except ValueError as garbled:
        raise Invalid("store.keys_garbled", file=path) from garbled
    if len(key) != KEY_BYTES or sha256(b"fanzha.key" + key).hexdigest()[:8] != path.stem[-8:]:
        raise Invalid("store.keys_garbled", file=path)
    return key
