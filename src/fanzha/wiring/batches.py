"""Short work in batches: many rows of one kind, one transaction, and no bad row takes the others down.

For clocks, orders and deliveries. Work that lasts (an import) is a procedure of its own in `apps/worker/jobs.py`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import groupby
from uuid import UUID

import structlog
from sqlalchemy import Connection

from fanzha.adapters.store.unit_of_work import act_as, act_as_system, worker
from fanzha.adapters.store.wakeups import wake
from fanzha.adapters.store.work import Retries, Wanted, Work, fail, finish_all, hold, postpone, take
from fanzha.kernel.errors import FanzhaError, Unavailable
from fanzha.wiring.house import House

LEASE = timedelta(seconds=10)
"""So long rows stand still whose worker died; one that lives locks them while it does them, and needs no lease then."""

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """The row is done for good; `progress` is what a person may see of it."""

    progress: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Later:
    """The row waits for another business time, as if it were new: a clock that was moved, a bank asked again."""

    due_at: datetime
    progress: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """The row failed and what was done for it besides stays; `Unavailable` is tried again, anything else is stuck."""

    error: FanzhaError


@dataclass(frozen=True, slots=True, kw_only=True)
class Apart:
    """The row is not done yet: `do` does it in a transaction of its own once those done together are committed."""

    do: Callable[[Connection, House, Sequence[Work]], Mapping[UUID, Outcome]]


Outcome = Done | Later | Failed | Apart


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """How many rows of one kind are done at once.

    `do(connection, house, rows)` gets rows of one unit, in a transaction that acts as `worker` of that unit and holds
    the rows; it returns an outcome by the row's id, and a row that it does not name is done. It does not commit. When
    it raises, all of its effects are taken back and the rows are done again one by one, so it must be able to do a row
    a second time: what leaves the house (a message to a bank) is marked in a transaction of its own before it leaves.
    It must end well within `lease`: after that another worker does the rows. Rows that `apart` tells apart are done in
    transactions of their own, one after the other.
    """

    do: Callable[[Connection, House, Sequence[Work]], Mapping[UUID, Outcome]]
    limit: int = 200
    lease: timedelta = LEASE
    retries: Retries = field(default_factory=Retries)
    apart: Callable[[Work], str] | None = None


def do_due_batch(house: House, kind: str, batch: Batch) -> int:
    """Take due rows of the kind and do them; how many there were."""
    taken = take_due(house, kind, batch)
    do_taken(house, kind, batch, taken)
    return len(taken)


def take_due(house: House, kind: str, batch: Batch) -> list[Work]:
    """Due rows of the kind, leased to the caller."""
    wanted = Wanted(kinds=(kind,), lease=batch.lease, limit=batch.limit, retries=batch.retries)
    with house.act_as_house() as connection:
        return take(connection, wanted, house.now(), house.wall.now())


def do_taken(house: House, kind: str, batch: Batch, taken: Sequence[Work]) -> None:
    """Do rows of the kind that were taken."""
    if not taken:
        return
    apart: list[tuple[Work, Apart]] = []
    for some in _transactions(batch, taken):
        try:
            apart += _do(house, batch, some)
        except Exception as error:
            _log.warning("worker.batch_failed", kind=kind, rows=len(some), error=_code(error))
            for each in some:
                _do_alone(house, batch, each)
    for row, how in apart:
        _do_alone(house, replace(batch, do=how.do), row)


def _transactions(batch: Batch, taken: Sequence[Work]) -> list[Sequence[Work]]:
    """What is done together, in the order in which its first row came."""
    if batch.apart is None:
        return [taken]
    together: dict[str, list[Work]] = defaultdict(list)
    for each in taken:
        together[batch.apart(each)].append(each)
    return list(together.values())


def _do(house: House, batch: Batch, rows: Sequence[Work]) -> list[tuple[Work, Apart]]:
    """One transaction: the rows that are still this worker's, their effects, and what became of them; those that are
    still to be done by themselves. Rows of one unit, as most are, need nobody but its worker from beginning to end."""
    units = {each.unit_path for each in rows}
    with house.act(worker(*units)) if len(units) == 1 else house.act_as_house() as connection:
        held = hold(connection, rows)
        outcomes: dict[UUID, Outcome] = {}
        for unit, of_unit in groupby(sorted(held, key=lambda each: each.unit_path), lambda each: each.unit_path):
            act_as(connection, worker(unit), house.now())
            outcomes |= batch.do(connection, house, list(of_unit))
        if len(units) == 1:
            act_as(connection, worker(*units), house.now())
        else:
            act_as_system(connection, house.now())
        _keep(connection, house, batch, [(each, outcomes.get(each.id, Done())) for each in held])
        return [(each, how) for each in held if isinstance(how := outcomes.get(each.id), Apart)]


def _do_alone(house: House, batch: Batch, row: Work) -> None:
    """The row in a transaction of its own; where its failure cannot be noted (no database), its lease lapses."""
    try:
        apart = _do(house, batch, [row])
    except Exception as error:
        told = error if isinstance(error, FanzhaError) else None
        with house.act_as_house() as connection:
            if told is not None:
                _fail(connection, house, batch, row, told)
            else:
                broken = {"code": "store.worker_broke", "kind": type(error).__name__}
                fail(connection, row, house.wall.now(), broken, batch.retries)
        return
    for each, how in apart:
        _do_alone(house, replace(batch, do=how.do), each)


def _keep(connection: Connection, house: House, batch: Batch, ended: Sequence[tuple[Work, Outcome]]) -> None:
    finish_all(connection, [(row, out.progress) for row, out in ended if isinstance(out, Done)], house.wall.now())
    for row, out in ended:
        if isinstance(out, Later):
            postpone(connection, row, out.due_at, out.progress)
            if out.due_at <= house.now():
                wake(connection, {row.kind})
        elif isinstance(out, Failed):
            _fail(connection, house, batch, row, out.error)


def _fail(connection: Connection, house: House, batch: Batch, row: Work, error: FanzhaError) -> None:
    again = batch.retries if isinstance(error, Unavailable) else None
    fail(connection, row, house.wall.now(), {"code": error.code, **_shown(error.fields)}, again)


def _shown(fields: Mapping[str, object]) -> dict[str, object]:
    """The fields as JSON carries them."""
    return {
        name: value if isinstance(value, str | int | float | bool | None) else str(value)
        for name, value in fields.items()
    }


def _code(error: Exception) -> str:
    return error.code if isinstance(error, FanzhaError) else type(error).__name__
