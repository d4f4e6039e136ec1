"""The post room: so many deliveries under way at once, each in a thread, because banks take their time."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from uuid import UUID

import structlog

from fanzha.adapters.store.work import Retries, Taken, Wanted, Work, extend_all, take, taken_of
from fanzha.wiring.beats import Beat
from fanzha.wiring.deliveries import (
    Back,
    Connectors,
    Errand,
    come_back,
    come_back_alone,
    deliver,
    set_out,
    spoken,
)
from fanzha.wiring.desk import STOP_WORK
from fanzha.wiring.house import House
from fanzha.wiring.pens import Pen

SLOTS = 16
"""Messages under way at once: a slow bank holds up itself, not the others."""
LEASE = timedelta(seconds=10)
"""So long a delivery stands still after its worker died; then the next one asks after it."""
BEAT_SECONDS = 2.0
"""How often the leases of what is under way are kept: a line may take longer than a lease."""
BUSY_SECONDS = 0.5
"""So long it waits for a slot before it looks whether it is to end."""
APART_SECONDS = 0.1
"""So long what is no stop waits for others after the last that left, or came back: alone it goes at once, in a crowd
several are written as one."""

_log = structlog.get_logger()


@dataclass(slots=True)
class Post:
    """Takes due deliveries of a kind as long as a slot is free, and hands each to a thread of its own."""

    house: House
    connectors: Connectors
    kind: str
    slots: int = SLOTS
    behind: bool = False
    """Whether more may be due than it could set out with, as far as it did not wait for a slot in vain."""
    _pool: ThreadPoolExecutor = field(init=False)
    _free: threading.Semaphore = field(init=False)
    _beat: Beat = field(init=False)
    _pen: Pen[Back] = field(init=False)
    """What several banks said at once is written at once."""
    _apart_s: float = field(init=False)
    _closing: threading.Event = field(default_factory=threading.Event)
    _next: float = 0.0
    _out: dict[tuple[UUID, UUID | None], Work] = field(default_factory=dict)
    """What is under way, by row and lease: put in before its thread begins, taken out by that thread at its end."""

    def __post_init__(self) -> None:
        self._pool = ThreadPoolExecutor(self.slots, thread_name_prefix="post")
        self._free = threading.Semaphore(self.slots)
        self._apart_s = 0.0 if self.kind == STOP_WORK else APART_SECONDS
        self._pen = Pen(partial(come_back, self.house), self._apart_s)
        self._beat = Beat(self._keep, BEAT_SECONDS).begin()

    def take(self) -> Taken:
        """Set out with due deliveries once a slot is free; none while all slots stay busy."""
        self._closing.wait(max(0.0, self._next - time.monotonic()))
        free = self._free_slots()
        if not free:
            self.behind = False
            return Taken(rows=0, more=True)
        wanted = Wanted(kinds=(self.kind,), lease=LEASE, limit=free, retries=Retries(attempts=1_000))
        rows: list[Work] = []
        try:
            with self.house.act_as_house() as connection:
                rows = take(connection, wanted, self.house.now(), self.house.wall.now())
        finally:
            if free > len(rows):
                self._free.release(free - len(rows))
        self._out |= {(row.id, row.lease_id): row for row in rows}
        for unit in {row.unit_path for row in rows}:
            self._set_out([row for row in rows if row.unit_path == unit])
        told = taken_of(rows, free)
        self.behind = told.more
        if rows and not told.more:
            self._next = time.monotonic() + self._apart_s
        return told

    def _set_out(self, rows: Sequence[Work]) -> None:
        """Let all of them leave at once; what could hold up the others goes by itself."""
        errands: dict[UUID, Errand] = {}
        alone: Sequence[Work] = rows
        try:
            told = set_out(self.house, rows)
        except Exception as failure:  # nothing was written: one by one it shows whose failure it is
            _log.warning("post.batch_failed", kind=type(failure).__name__, rows=len(rows))
        else:
            errands, alone = {row.id: errand for row, errand in told.errands}, told.busy
        busy = {each.id for each in alone}
        for row in rows:
            if row.id in errands:
                self._pool.submit(self._run, row, partial(self._speak, row, errands[row.id]))
            elif row.id in busy:
                self._pool.submit(self._run, row, partial(deliver, self.house, self.connectors, row))
            else:
                self._back(row)

    def _speak(self, row: Work, errand: Errand) -> None:
        back = spoken(self.connectors, row, errand)
        if not self._pen.give(back, presses=back.is_news):
            come_back_alone(self.house, back)

    def close(self) -> None:
        """Let what is under way come back."""
        self._closing.set()
        self._pool.shutdown(wait=True)
        self._beat.end()

    def _keep(self) -> bool:
        """Keep the leases of all that is under way; a row that is another's by now ends by itself."""
        if out := list(self._out.values()):
            with self.house.act_as_house() as connection:
                extend_all(connection, out, self.house.wall.now() + LEASE)
        return True

    def _free_slots(self) -> int:
        """As many slots as are free now, all taken; where none is, the first that becomes free, if one does soon."""
        if not self._free.acquire(timeout=BUSY_SECONDS):
            return 0
        taken = 1
        while self._free.acquire(blocking=False):
            taken += 1
        return taken

    def _run(self, row: Work, do: Callable[[], None]) -> None:
        try:
            do()
        except Exception as failure:  # its lease lapses, and the next one asks before it sends
            _log.error("post.delivery_failed", kind=type(failure).__name__, work=str(row.id))
        finally:
            self._back(row)

    def _back(self, row: Work) -> None:
        """It is under way no more."""
        del self._out[row.id, row.lease_id]
        self._free.release()
