"""The post room: so many deliveries under way at once, each in a thread, because banks take their time."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta

import structlog

from fanzha.adapters.store.work import Retries, Wanted, Work, take
from fanzha.wiring.deliveries import Connectors, deliver
from fanzha.wiring.desk import DELIVERY_WORK
from fanzha.wiring.house import House

SLOTS = 16
"""Messages under way at once: a slow bank holds up itself, not the others."""
LEASE = timedelta(seconds=60)
"""Longer than any line waits: a delivery whose worker died is asked after by the next one."""
WAIT_SECONDS = 0.2

_log = structlog.get_logger()


@dataclass(slots=True)
class Post:
    """Takes due deliveries as long as a slot is free, and hands each to a thread of its own."""

    house: House
    connectors: Connectors
    slots: int = SLOTS
    _pool: ThreadPoolExecutor = field(init=False)
    _free: threading.Semaphore = field(init=False)

    def __post_init__(self) -> None:
        self._pool = ThreadPoolExecutor(self.slots, thread_name_prefix="post")
        self._free = threading.Semaphore(self.slots)

    def take(self, kind: str = DELIVERY_WORK) -> int:
        """Set out with due deliveries; how many, none when all slots stay busy for a moment."""
        free = self._wait_for_slots()
        if not free:
            return 0
        wanted = Wanted(kinds=(kind,), lease=LEASE, limit=free, retries=Retries(attempts=1_000))
        rows: list[Work] = []
        try:
            with self.house.act_as_house() as connection:
                rows = take(connection, wanted, self.house.now(), self.house.wall.now())
        finally:
            if free > len(rows):
                self._free.release(free - len(rows))
        for row in rows:
            self._pool.submit(self._deliver, row)
        return len(rows)

    def close(self) -> None:
        """Let what is under way come back."""
        self._pool.shutdown(wait=True)

    def _wait_for_slots(self) -> int:
        """As many slots as are free now, all taken; one that becomes free is waited for shortly."""
        if not self._free.acquire(timeout=WAIT_SECONDS):
            return 0
        taken = 1
        while self._free.acquire(blocking=False):
            taken += 1
        return taken

    def _deliver(self, row: Work) -> None:
        try:
            deliver(self.house, self.connectors, row)
        except Exception as failure:  # its lease lapses, and the next one asks before it sends
            _log.error("post.delivery_failed", kind=type(failure).__name__, work=str(row.id))
        finally:
            self._free.release()
