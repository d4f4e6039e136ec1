"""A signature beside a file: who wrote it, when, and that it is the one that was written."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from hmac import compare_digest
from typing import Annotated

from fanzha.kernel.errors import Forbidden, Invalid
from fanzha.protocol.fields import Blob, Code, FileName, Sha256, Text
from fanzha.protocol.keys import PublicKey, SigningKey
from fanzha.protocol.wire import canonical, read

PURPOSE = b"fanzha-institutions-v1 file\n"
LARGEST_SEAL_BYTES = 4_096


@dataclass(frozen=True, slots=True, kw_only=True)
class FileSeal:
    """What a signature file says: the name and hash of the file, the key and the instant of its writing."""

    name: FileName
    sha256: Sha256
    key_id: Code
    algorithm: Annotated[str, Text(longest=32)]
    created: datetime
    signature: Annotated[bytes, Blob(256)]

    def text(self) -> bytes:
        """What is signed: every other field, each on its line."""
        told = (self.name, self.sha256, self.key_id, self.algorithm, self.created.isoformat())
        return PURPOSE + "\n".join(told).encode()


def seal_file(name: str, content: bytes, key: SigningKey, created: datetime) -> bytes:
    """The signature file of a file."""
    blank = FileSeal(
        name=name,
        sha256=sha256(content).hexdigest(),
        key_id=key.key_id,
        algorithm=key.algorithm,
        created=created,
        signature=b"-",
    )
    signed = FileSeal(
        name=blank.name,
        sha256=blank.sha256,
        key_id=blank.key_id,
        algorithm=blank.algorithm,
        created=created,
        signature=key.sign(blank.text()),
    )
    return canonical(signed)


def verify_file(name: str, content: bytes, seal: bytes, keys: Iterable[PublicKey]) -> str:
    """The id of the key that signed the file; `Forbidden` when it is none of these, not in force, or of another file.

    Files have no nonce and lie as long as they must: whoever takes them knows by their ids what was taken before.
    """
    try:
        told = read(FileSeal, seal, LARGEST_SEAL_BYTES)
    except Invalid:
        raise Forbidden("protocol.bad_signature") from None
    if told.name != name or not compare_digest(told.sha256, sha256(content).hexdigest()):
        raise Forbidden("protocol.bad_digest")
    ours = [each for each in keys if (each.key_id, each.algorithm) == (told.key_id, told.algorithm)]
    if not ours:
        raise Forbidden("protocol.unknown_key")
    in_force = [each for each in ours if each.holds_at(told.created)]
    if not in_force:
        raise Forbidden("protocol.key_not_in_force")
    if not any(each.verifies(told.signature, told.text()) for each in in_force):
        raise Forbidden("protocol.bad_signature")
    return told.key_id
