"""Processes that set documents, one after another: fonts are read once, and what goes wrong ends a process, not ours.

A message is eight bytes of length and then so many bytes, both ways. A setter that fails ends; one that nobody needs
ends by itself.
"""

from __future__ import annotations

import atexit
import json
import os
import resource
import select
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from threading import BoundedSemaphore
from typing import IO, Any, cast

from fanzha.adapters.documents.fonts import FAMILY, FOLDER

TEMPLATE = Path(__file__).parent / "template"
MOST_SETTERS = 2
"""Of one process of ours at once; who comes third waits."""
MOST_DOCUMENTS = 500
"""Then a setter makes room for a fresh one: whatever it has gathered is gone."""
IDLE_SECONDS = 60.0
_MEMORY_BYTES = 3 << 30
"""Address space of the setter; two thousand rows of a table take less than half a gigabyte of it."""
CPU_SECONDS = 60
"""Of one document."""
_LENGTH = 8
_PIECE = 1 << 20


class SetterGone(Exception):
    """A setter ended instead of answering: with this status, below zero by a signal."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class Setter:
    """A running setter."""

    def __init__(self) -> None:
        command = [sys.executable, "-m", __name__]
        self._process = subprocess.Popen(  # noqa: S603  (ourselves)
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        self._in, self._out = cast("IO[bytes]", self._process.stdin), cast("IO[bytes]", self._process.stdout)

    def set(self, given: bytes, seconds: float) -> bytes:
        """The document of what is given; `SetterGone` when it ended, `TimeoutError` when it takes too long."""
        until = time.monotonic() + seconds
        try:
            self._write(len(given).to_bytes(_LENGTH, "big") + given)
            return self._read(int.from_bytes(self._read(_LENGTH, until), "big"), until)
        except (BrokenPipeError, EOFError):
            raise SetterGone(self._process.wait()) from None

    def end(self) -> None:
        """End it now."""
        self._process.kill()
        self._process.wait()
        for each in (self._in, self._out):
            with suppress(OSError):
                each.close()

    def _write(self, told: bytes) -> None:
        self._in.write(told)
        self._in.flush()

    def _read(self, size: int, until: float) -> bytes:
        told = bytearray()
        while len(told) < size:
            if not select.select([self._out], [], [], max(0.0, until - time.monotonic()))[0]:
                raise TimeoutError
            piece = os.read(self._out.fileno(), min(_PIECE, size - len(told)))
            if not piece:
                raise EOFError
            told += piece
        return bytes(told)


_places = BoundedSemaphore(MOST_SETTERS)
_idle: list[Setter] = []


def set_by_one(given: bytes, seconds: float) -> bytes:
    """The document, set by a setter that is free or a new one; raises as `Setter.set` does."""
    with _places:
        with suppress(IndexError, SetterGone):  # it may have ended for want of work: a fresh one tells whether it did
            return _set(_idle.pop(), given, seconds)
        return _set(Setter(), given, seconds)


def _set(setter: Setter, given: bytes, seconds: float) -> bytes:
    try:
        done = setter.set(given, seconds)
    except BaseException:
        setter.end()
        raise
    _idle.append(setter)
    return done


def end_setters() -> None:
    """End those that wait for work."""
    while _idle:
        _idle.pop().end()


atexit.register(end_setters)


def _serve() -> None:
    """Set what comes until nothing more does."""
    import typst

    _, most = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[FOLDER])
    # One for all: what it knows of its library and has read of the templates it need not learn anew.
    compiler = typst.Compiler(root=TEMPLATE, font_paths=fonts, sys_inputs={"family": FAMILY})
    for _ in range(MOST_DOCUMENTS):
        if not select.select([0], [], [], IDLE_SECONDS)[0]:
            return
        length = _exactly(_LENGTH)
        if not length:
            return
        given = _exactly(int.from_bytes(length, "big"))
        told = json.loads(given)
        used = resource.getrusage(resource.RUSAGE_SELF)
        resource.setrlimit(resource.RLIMIT_CPU, (int(used.ru_utime + used.ru_stime) + CPU_SECONDS, most))
        # A file and not an input: what was laid out once with the same inputs and styles is not laid out again.
        # Files by name are taken, though the stubs of typst do not tell it.
        files: Any = {"main": f'#include "{told["template"]}.typ"'.encode(), "document.json": given}
        done: Any = compiler.compile(files, timestamp=told["at"])
        sys.stdout.buffer.write(len(done).to_bytes(_LENGTH, "big") + done)
        sys.stdout.buffer.flush()


def _exactly(size: int) -> bytes:
    """So many bytes of standard input; none where it ended."""
    told = bytearray()
    while len(told) < size:
        piece = os.read(0, min(_PIECE, size - len(told)))
        if not piece:
            return b""
        told += piece
    return bytes(told)


if __name__ == "__main__":
    _serve()
