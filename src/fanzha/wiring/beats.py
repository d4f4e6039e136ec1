"""A lease that is kept from a thread of its own, also through long steps in which the work itself tells nothing."""

from __future__ import annotations

import threading
from collections.abc import Callable
from types import TracebackType
from typing import Self

from sqlalchemy.exc import SQLAlchemyError

BEAT_SECONDS = 1.0


class Beat:
    """Calls `keep` again and again until it is ended or `keep` says that the lease is lost."""

    def __init__(self, keep: Callable[[], bool], seconds: float = BEAT_SECONDS) -> None:
        self._keep = keep
        self._seconds = seconds
        self._ended = threading.Event()
        self._lost = threading.Event()
        self._thread = threading.Thread(target=self._run, name="beat", daemon=True)

    @property
    def lost(self) -> bool:
        """Whether somebody else holds the lease by now."""
        return self._lost.is_set()

    def end(self) -> None:
        """Beat no more; nothing is under way once this returns."""
        self._ended.set()
        self._thread.join()

    def begin(self) -> Self:
        """Beat from now on, until `end`."""
        self._thread.start()
        return self

    def __enter__(self) -> Self:
        return self.begin()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end()

    def _run(self) -> None:
        while not self._ended.wait(self._seconds):
            try:
                kept = self._keep()
            except SQLAlchemyError:  # the next beat may reach the database again, long before the lease ends
                continue
            if not kept:
                self._lost.set()
                return
