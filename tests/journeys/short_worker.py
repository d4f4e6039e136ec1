"""A worker for short work whose rows each leave one mark, as a process that a test can kill."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import Connection

from fanzha.adapters.store.audit import Act, record
from fanzha.adapters.store.unit_of_work import worker
from fanzha.adapters.store.work import Work
from fanzha.apps.worker.lanes import work_until
from fanzha.apps.worker.run import short_lane
from fanzha.settings import Settings
from fanzha.wiring.batches import Batch, Outcome
from fanzha.wiring.house import House, open_house

KIND = "test.mark"
MARK = "test.marked"


def mark(connection: Connection, house: House, rows: Sequence[Work]) -> Mapping[UUID, Outcome]:
    """An entry in the audit for each row: nothing would hide a second one."""
    for row in rows:
        act = Act(action=MARK, object_kind="work", object_id=row.key, unit_path=row.unit_path)
        record(connection, act, worker(row.unit_path), house.now())
    return {}


if __name__ == "__main__":
    with open_house(Settings()) as opened:
        work_until(threading.Event(), opened, short_lane(opened, {KIND: Batch(do=mark, limit=20)}))
