"""The post room: so many deliveries under way at once, each in a thread, because banks take their time."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

import structlog

from fanzha.adapters.store.work import Retries, Wanted, Work, extend_all, take
from fanzha.wiring.beats import Beat
from fanzha.wiring.deliveries import Connectors, deliver
from fanzha.wiring.desk import DELIVERY_WORK
from fanzha.wiring.house import House

SLOTS = 16
"""Messages under way at once: a slow bank holds up itself, not the others."""
LEASE = timedelta(seconds=10)
"""So long a delivery stands still after its worker died; then the next one asks after it."""
BEAT_SECONDS = 2.0
"""How often the leases of what is under way are kept: a line may take longer than a lease."""
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
    _beat: Beat = field(init=False)
    _out: dict[tuple[UUID, UUID | None], Work] = field(default_factory=dict)
    """What is under way, by row and lease: put in before its thread begins, taken out by that thread at its end."""

    def __post_init__(self) -> None:
        self._pool = ThreadPoolExecutor(self.slots, thread_name_prefix="post")
        self._free = threading.Semaphore(self.slots)
        self._beat = Beat(self._keep, BEAT_SECONDS).begin()

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
        self._out |= {(row.id, row.lease_id): row for row in rows}
        for row in rows:
            self._pool.submit(self._deliver, row)
        return len(rows)

    def close(self) -> None:
        """Let what is under way come back."""
        self._pool.shutdown(wait=True)
        self._beat.end()

    def _keep(self) -> bool:
        """Keep the leases of all that is under way; a row that is another's by now ends by itself."""
        if out := list(self._out.values()):
            with self.house.act_as_house() as connection:
                extend_all(connection, out, self.house.wall.now() + LEASE)
        return True

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
            del self._out[row.id, row.lease_id]
            self._free.release()
