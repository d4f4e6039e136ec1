"""Work that is long done is forgotten, a batch at a time, by a row of work that comes back every night."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import Connection

from fanzha.adapters.store.unit_of_work import worker
from fanzha.adapters.store.work import NewWork, Work, enqueue
from fanzha.adapters.store.work_handling import prune_work
from fanzha.wiring.batches import Batch, Later, Outcome
from fanzha.wiring.house import CENTRE, House

PRUNE_WORK = "prune"
AT_ONCE = 5_000
"""Rows forgotten in one transaction: so many are gone in a blink, and nobody waits for the table."""
AGAIN, NIGHTLY = timedelta(seconds=1), timedelta(days=1)


def keep_pruning(house: House) -> None:
    """See that the row is there; it comes back by itself for ever."""
    new = NewWork(kind=PRUNE_WORK, key="work", unit_path=CENTRE, due_at=house.now())
    with house.act(worker(CENTRE)) as connection:
        enqueue(connection, new, house.now())


def prune(connection: Connection, house: House, rows: Sequence[Work]) -> Mapping[UUID, Outcome]:
    """Forget one batch, as the centre, which sees every unit's; the rest in a moment, what ends until then tomorrow."""
    until = house.wall.now() - timedelta(days=house.settings.work_keep_days)
    gone = prune_work(connection, until, AT_ONCE)
    again = house.now() + (AGAIN if gone == AT_ONCE else NIGHTLY)
    return {each.id: Later(due_at=again, progress={"forgotten": gone}) for each in rows}


PRUNE = Batch(do=prune)
