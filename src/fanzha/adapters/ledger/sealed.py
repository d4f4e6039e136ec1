"""A sealed file: AES-256-GCM in frames, so that no byte, order or end of it can change unseen.

Layout: magic (8 bytes) · salt (32) · frames. The file's own key is HKDF-SHA256(key, salt), so one key seals any
number of files; frame `i` of at most `FRAME` bytes has the nonce (i, is it the last one?), and only the last
frame may be short. The shape follows STREAM (Hoang, Reyhanitabar, Rogaway, Vizár 2015).
"""

from __future__ import annotations

import hashlib
import io
import os
import struct
import tempfile
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from fanzha.kernel.errors import Broken, NotFound, invariant

KEY_BYTES = 32
FRAME = 1 << 18
"""Plain bytes a frame: large enough for full speed, small enough to read one column without all of its neighbours."""

_MAGIC = b"FZSEAL1\n"
_SALT_BYTES = 32
_HEADER_BYTES = len(_MAGIC) + _SALT_BYTES
_TAG_BYTES = 16


def new_key() -> bytes:
    """A fresh 256-bit key."""
    return os.urandom(KEY_BYTES)


def _cipher(key: bytes, salt: bytes) -> AESGCM:
    invariant(len(key) == KEY_BYTES, "ledger.bad_key")
    return AESGCM(HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=salt, info=_MAGIC).derive(key))


def _nonce(frame: int, *, last: bool) -> bytes:
    return struct.pack(">3xQ?", frame, last)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """A published sealed file: its place, the SHA-256 of it as it lies on disk (checked without any key), its size."""

    path: Path
    sha256: str
    size: int


class SealedWriter(io.RawIOBase):
    """Takes bytes in order and publishes them as one sealed file, whole or not at all.

    Used as a context manager it discards what was not published.
    """

    def __init__(self, folder: Path, key: bytes) -> None:
        super().__init__()
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        salt = os.urandom(_SALT_BYTES)
        self._cipher = _cipher(key, salt)
        self._folder = folder
        descriptor, name = tempfile.mkstemp(dir=folder, prefix=".sealing-")
        self._unpublished: Path | None = Path(name)
        self._file: BinaryIO = os.fdopen(descriptor, "wb", buffering=0)
        self._plain = bytearray()
        self._frames = self._size = 0
        self._digest = hashlib.sha256()
        self._put(_MAGIC + salt)

    def writable(self) -> bool:
        """Always."""
        return True

    def tell(self) -> int:
        """Plain bytes taken so far."""
        return self._frames * FRAME + len(self._plain)

    def write(self, data: object) -> int:
        """Take all of the bytes."""
        rest = memoryview(data).cast("B")  # type: ignore[arg-type]  # any buffer, as io.RawIOBase promises
        taken = rest.nbytes
        while rest.nbytes:
            if len(self._plain) == FRAME:
                self._seal_frame(last=False)
            room = min(FRAME - len(self._plain), rest.nbytes)
            self._plain += rest[:room]
            rest = rest[room:]
        return taken

    def publish(self, name: str) -> Sealed:
        """Seal the last frame and give the file its name, durable when this returns; replaces what had the name."""
        invariant(self._unpublished is not None, "ledger.published_twice")
        self._seal_frame(last=True)
        os.fsync(self._file.fileno())
        self._file.close()
        path = self._folder / name
        if self._unpublished is not None:
            self._unpublished.replace(path)
            self._unpublished = None
        _fsync_folder(self._folder)
        return Sealed(path=path, sha256=self._digest.hexdigest(), size=self._size)

    def discard(self) -> None:
        """Forget what was not published."""
        self._file.close()
        if self._unpublished is not None:
            self._unpublished.unlink(missing_ok=True)
            self._unpublished = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.discard()
        self.close()

    def _seal_frame(self, *, last: bool) -> None:
        nonce = _nonce(self._frames, last=last)
        sealed = bytearray(len(self._plain) + _TAG_BYTES)
        self._cipher.encrypt_into(nonce, self._plain, None, sealed)
        self._put(sealed)
        self._frames += 1
        self._plain.clear()

    def _put(self, data: bytes | bytearray) -> None:
        self._digest.update(data)
        self._size += len(data)
        rest = memoryview(data)
        while rest.nbytes:
            rest = rest[self._file.write(rest) :]


class SealedReader(io.RawIOBase):
    """The plain bytes of a sealed file, seekable; `Broken("ledger.damaged")` where they are not what was sealed.

    Opening checks the key and that the file ends where it was sealed to end; each frame is checked when it is read.
    """

    def __init__(self, file: io.FileIO, key: bytes) -> None:
        super().__init__()
        self._file = file
        self._loaded = -1
        self._at = 0
        try:
            header = file.read(_HEADER_BYTES)
            body = os.fstat(file.fileno()).st_size - _HEADER_BYTES
            self._frames = max(1, -(-body // (FRAME + _TAG_BYTES)))
            self._length = body - self._frames * _TAG_BYTES
            if not header.startswith(_MAGIC) or self._length < (self._frames - 1) * FRAME:
                raise self._damaged()
            self._cipher = _cipher(key, header[len(_MAGIC) :])
            self._plain = memoryview(bytearray(min(FRAME, self._length)))
            self._sealed = memoryview(bytearray(len(self._plain) + _TAG_BYTES))
            self._load(self._frames - 1)
        except BaseException:
            self.close()
            raise

    def readable(self) -> bool:
        """Always."""
        return True

    def seekable(self) -> bool:
        """Always."""
        return True

    def tell(self) -> int:
        """Where the next read begins, in plain bytes."""
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Move to a place in the plain bytes."""
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._length}[whence]
        self._at = max(0, start + offset)
        return self._at

    def size(self) -> int:
        """Plain bytes in all."""
        return self._length

    def readinto(self, buffer: object) -> int:
        """Fill the buffer, short only at the end."""
        out = memoryview(buffer).cast("B")  # type: ignore[arg-type]  # any buffer, as io.RawIOBase promises
        wanted = max(0, min(out.nbytes, self._length - self._at))
        filled = 0
        while filled < wanted:
            frame, offset = divmod(self._at, FRAME)
            self._load(frame)
            part = self._plain[offset : min(FRAME, offset + wanted - filled)]
            out[filled : filled + part.nbytes] = part
            filled += part.nbytes
            self._at += part.nbytes
        return filled

    def readall(self) -> bytes:
        """All that is left, in one piece."""
        rest = bytearray(max(0, self._length - self._at))
        self.readinto(rest)
        return bytes(rest)

    def close(self) -> None:
        """Let the file go."""
        self._file.close()
        super().close()

    def _load(self, frame: int) -> None:
        if frame == self._loaded:
            return
        last = frame == self._frames - 1
        plain = min(FRAME, self._length - frame * FRAME)
        sealed = self._sealed[: plain + _TAG_BYTES]
        self._file.seek(_HEADER_BYTES + frame * (FRAME + _TAG_BYTES))
        self._loaded = -1
        try:
            if self._fill(sealed) != sealed.nbytes:
                raise self._damaged()
            self._cipher.decrypt_into(_nonce(frame, last=last), sealed, None, self._plain[:plain])
        except InvalidTag:
            raise self._damaged() from None
        self._loaded = frame

    def _fill(self, buffer: memoryview) -> int:
        filled = 0
        while taken := self._file.readinto(buffer[filled:]):
            filled += taken
        return filled

    def _damaged(self) -> Broken:
        return Broken("ledger.damaged", file=Path(str(self._file.name)).name)


def open_sealed(path: Path, key: bytes) -> SealedReader:
    """The plain bytes of the file; `NotFound` when there is none."""
    try:
        file = io.FileIO(path)
    except FileNotFoundError:
        raise NotFound("ledger.missing", file=path.name) from None
    return SealedReader(file, key)


def _fsync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
