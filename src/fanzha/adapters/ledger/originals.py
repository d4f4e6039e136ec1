"""The bytes of every file as it came, kept under their SHA-256 and sealed with the import's key."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from fanzha.adapters.ledger.sealed import FRAME, SealedReader, SealedWriter, open_sealed
from fanzha.kernel.errors import Broken


@dataclass(frozen=True, slots=True, kw_only=True)
class Original:
    """One file as it came: the SHA-256 (hex) and the number of its bytes."""

    sha256: str
    size: int


def keep_original(folder: Path, key: bytes, source: BinaryIO) -> Original:
    """Seal all bytes of `source` below `folder` under their hash; keeping the same bytes again changes nothing."""
    digest = hashlib.sha256()
    size = 0
    with SealedWriter(folder, key) as out:
        for part in _parts(source):
            digest.update(part)
            out.write(part)
            size += len(part)
        out.publish(original_in(folder, digest.hexdigest()).name)
    return Original(sha256=digest.hexdigest(), size=size)


def open_original(folder: Path, key: bytes, sha256: str) -> SealedReader:
    """The bytes as they came, hashed again before they are handed out; `Broken` when they are not the same bytes."""
    original = open_sealed(original_in(folder, sha256), key)
    digest = hashlib.sha256()
    for part in _parts(original):
        digest.update(part)
    if digest.hexdigest() != sha256:
        original.close()
        raise Broken("ledger.damaged", file=sha256)
    original.seek(0)
    return original


def original_in(folder: Path, sha256: str) -> Path:
    """Where an original of this hash lies."""
    return folder / f"{sha256}.original"


def _parts(source: BinaryIO | SealedReader) -> Iterator[bytes]:
    while part := source.read(FRAME):
        yield part
