"""A pen that threads share: whoever has it writes for all who wait, in one transaction (group commit)."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

import structlog

T = TypeVar("T")

_log = structlog.get_logger()


@dataclass(slots=True, eq=False)
class _Given(Generic[T]):
    what: T
    is_over: bool = False
    is_written: bool = False


@dataclass(slots=True)
class Pen(Generic[T]):
    """`write` writes what it is given at once and tells what it left, which its own giver must write by itself.

    Nobody waits longer than for what is being written, for `apart_s` and for one more such writing; alone it is written
    at once, and what presses lets nobody wait for more.
    """

    write: Callable[[Sequence[T]], Sequence[T]]
    apart_s: float = 0.0
    """So long after a writing others may come before there is the next."""
    _waiting: list[_Given[T]] = field(default_factory=list)
    _gate: threading.Lock = field(default_factory=threading.Lock)
    _pen: threading.Lock = field(default_factory=threading.Lock)
    _presses: threading.Event = field(default_factory=threading.Event)
    _next: float = 0.0

    def give(self, what: T, *, presses: bool = False) -> bool:
        """Whether it is written now, by this thread or by another; where that failed nothing is."""
        mine = _Given(what)
        with self._gate:
            self._waiting.append(mine)
            if presses:
                self._presses.set()
        with self._pen:
            if not mine.is_over:
                self._presses.wait(max(0.0, self._next - time.monotonic()))
                self._write_all()
                self._next = time.monotonic() + self.apart_s
        return mine.is_written

    def _write_all(self) -> None:
        with self._gate:
            some, self._waiting = self._waiting, []
            self._presses.clear()
        try:
            left = {id(each) for each in self.write([each.what for each in some])}
        except Exception as failure:  # nothing was written: one by one it shows whose failure it is
            _log.warning("pen.batch_failed", kind=type(failure).__name__, many=len(some))
            left = {id(each.what) for each in some}
        for each in some:
            each.is_written, each.is_over = id(each.what) not in left, True
