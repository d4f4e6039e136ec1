"""A journal on disk: a line an arrival, on the disk before it is answered, read back after a kill at any byte."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

from fanzha.kernel.errors import Broken, Conflict

_MARK = 16
"""Characters of a line's hash that stand before it."""


class Journal:
    """One file that only grows; `Conflict` while another process has it open."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(self._file)
            raise Conflict("simulation.journal_in_use", name=path.parent.name) from None
        self._path = path
        self._last = 0
        _sync_folder(path.parent)

    def read(self) -> Iterator[bytes]:
        """Every whole line, oldest first; the torn end of a kill is cut off, damage before the end is `Broken`."""
        data = self._path.read_bytes()
        whole = 0
        for told in whole_lines(data):
            whole += len(_marked(told))
            yield told
        if b"\n" in data[whole:]:
            raise Broken("simulation.journal_damaged", name=self._path.parent.name, place=whole)
        if whole < len(data):
            os.ftruncate(self._file, whole)
            os.fsync(self._file)

    def append(self, told: bytes) -> None:
        """Add a line; when this returns it is on the disk."""
        self._last = os.fstat(self._file).st_size
        line = memoryview(_marked(told))
        while line:
            line = line[os.write(self._file, line) :]
        os.fsync(self._file)

    def take_back(self) -> None:
        """Take the last line off again: what it tells could not happen, and nobody was answered."""
        os.ftruncate(self._file, self._last)
        os.fsync(self._file)

    def close(self) -> None:
        """Let another process have it."""
        os.close(self._file)


def whole_lines(data: bytes) -> Iterator[bytes]:
    """What the lines of a journal tell, up to the first that is not whole."""
    for line in data.splitlines(keepends=True):
        told = _told(line)
        if told is None:
            return
        yield told


def _marked(told: bytes) -> bytes:
    return sha256(told).hexdigest()[:_MARK].encode() + b" " + told + b"\n"


def _told(line: bytes) -> bytes | None:
    """What a line tells, if it is whole."""
    told = line[_MARK + 1 : -1]
    return told if line == _marked(told) else None


def _sync_folder(folder: Path) -> None:
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
