"""The worker for short work as `fanzha serve` runs it, with one kind of work: a row of an effect each."""

from __future__ import annotations

import signal
import threading
from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import Connection, text

from fanzha.adapters.store.work import Work
from fanzha.apps.worker.lanes import work_until
from fanzha.apps.worker.run import rounds_until, short_lane
from fanzha.settings import Settings
from fanzha.wiring.batches import Batch, Outcome
from fanzha.wiring.house import House, open_house

KIND = "bench.clock"
_EFFECT = text("INSERT INTO bench_effect SELECT unnest(CAST(:keys AS text[])), :at")


def take_effect(connection: Connection, house: House, rows: Sequence[Work]) -> Mapping[UUID, Outcome]:
    """A row each in another table, with the time at which it was done."""
    connection.execute(_EFFECT, {"keys": [row.key for row in rows], "at": house.now()})
    return {}


BATCH = Batch(do=take_effect)


def main() -> None:
    """Work until asked to end."""
    ending = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: ending.set())
    with open_house(Settings()) as house:
        rounds_until(ending, house)
        work_until(ending, house, short_lane(house, {KIND: BATCH}))


if __name__ == "__main__":
    main()
