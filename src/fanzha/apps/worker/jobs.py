"""What workers can do: each kind of work, its procedure or its batch, and how a procedure's outcome is kept."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog

from fanzha.adapters.store.work import Retries, Wanted, Work, extend, fail, finish, release, take
from fanzha.kernel.errors import FanzhaError, Unavailable
from fanzha.wiring.batches import Batch
from fanzha.wiring.beats import Beat
from fanzha.wiring.calls import CALL_WORK, ESCALATE
from fanzha.wiring.clocks import CLOCK_WORK
from fanzha.wiring.first_rounds import FIRST_ROUNDS
from fanzha.wiring.house import House
from fanzha.wiring.incidents import CHASE_WORK, NEXT_WORK, REPORT_WORK
from fanzha.wiring.institution_mail import MAIL, MESSAGE_WORK
from fanzha.wiring.institution_trials import (
    CHECK_WORK,
    do_check,
    end_check,
    forget_check,
    is_silent,
    told_of_check,
)
from fanzha.wiring.next_rounds import CHASES, NEXT_LAYERS
from fanzha.wiring.objections import OBJECTION_CLOCK, RING_OBJECTIONS
from fanzha.wiring.pruning import PRUNE, PRUNE_WORK
from fanzha.wiring.ringing import RING
from fanzha.wiring.uploads import (
    IMPORT_WORK,
    end_upload,
    forget_upload,
    has_gone_silent,
    import_upload,
    told_of_upload,
)

LEASE = timedelta(seconds=30)
"""So long work stands as running after its worker died."""
BEAT_SECONDS = 1.0
"""How often the lease is kept and progress told, whatever the procedure is busy with."""
RETRIES = Retries(attempts=3)

Tell = Callable[[Mapping[str, object]], None]

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Procedure:
    """How one kind of work is done.

    `told` is what its row may know of a failure; `is_stuck` says, by the last progress and when that was told, that
    it will not end by itself, and `end` then ends it and says why; `clear` takes away what nobody will need again.
    """

    do: Callable[[House, Work, Tell], Mapping[str, object]]
    told: Callable[[House, Work, FanzhaError], Mapping[str, object]]
    is_stuck: Callable[[House, Mapping[str, object], datetime], bool]
    end: Callable[[House, Work, Mapping[str, object]], FanzhaError]
    clear: Callable[[House, Work], None]


PROCEDURES: Mapping[str, Procedure] = {
    IMPORT_WORK: Procedure(
        do=import_upload, told=told_of_upload, is_stuck=has_gone_silent, end=end_upload, clear=forget_upload
    ),
    CHECK_WORK: Procedure(do=do_check, told=told_of_check, is_stuck=is_silent, end=end_check, clear=forget_check),
}


FIRST_BATCHES: Mapping[str, Batch] = {
    REPORT_WORK: FIRST_ROUNDS,
    CLOCK_WORK: RING,
    OBJECTION_CLOCK: RING_OBJECTIONS,
    CALL_WORK: ESCALATE,
}
"""Kinds that wait for no other work, done by a worker of their own."""
BATCHES: Mapping[str, Batch] = {
    MESSAGE_WORK: MAIL,
    NEXT_WORK: NEXT_LAYERS,
    CHASE_WORK: CHASES,
    PRUNE_WORK: PRUNE,
}
"""All other short work: it takes what the first kinds leave of the machine."""
LAYER_BATCHES: Mapping[str, Batch] = {MESSAGE_WORK: MAIL, NEXT_WORK: NEXT_LAYERS}
"""Those of them by which the stops of the next layer leave."""
URGENT = (REPORT_WORK, *LAYER_BATCHES)
"""Kinds that wait for one batch of any other kind at most: all by which the stops of the next layer leave."""


class LeaseLost(BaseException):
    """Another worker does this now; no error of the work itself, so that nothing on the way takes it for one."""


class Ending(BaseException):
    """This worker was asked to end in the middle of its work, which waits for the next one."""


def do_due_work(house: House, ending: threading.Event | None = None, *, large: bool = True) -> bool:
    """Take one due row and do it, or give it back when `ending` comes meanwhile; whether there was one."""
    wanted = Wanted(kinds=tuple(PROCEDURES), lease=LEASE, large=large, limit=1, retries=RETRIES)
    with house.act_as_house() as connection:
        taken = take(connection, wanted, house.now(), house.wall.now())
    for each in taken:
        _do(_Doing(house, each, ending or threading.Event()))
    return bool(taken)


@dataclass(slots=True)
class _Doing:
    """One row in this worker's hands: what the procedure and the thread that keeps its lease share."""

    house: House
    mine: Work
    ending: threading.Event
    progress: Mapping[str, object] = field(init=False)
    told_at: datetime = field(init=False)
    beat: Beat = field(init=False)

    def __post_init__(self) -> None:
        self.progress = self.mine.progress
        self.told_at = self.house.wall.now()
        self.beat = Beat(self._keep, BEAT_SECONDS)

    @property
    def procedure(self) -> Procedure:
        """How it is done."""
        return PROCEDURES[self.mine.kind]

    def tell(self, progress: Mapping[str, object]) -> None:
        """Say how far the work is; it breaks off when it is somebody else's by now, or this worker is to end."""
        if self.beat.lost:
            raise LeaseLost
        self.progress, self.told_at = progress, self.house.wall.now()
        if self.ending.is_set():
            raise Ending

    def _keep(self) -> bool:
        if self.procedure.is_stuck(self.house, self.progress, self.told_at):
            _end_stuck(self)
        with self.house.act_as_house() as connection:
            return extend(connection, self.mine, self.house.wall.now() + LEASE, self.progress)


def _do(doing: _Doing) -> None:
    house, mine, procedure = doing.house, doing.mine, doing.procedure
    try:
        with doing.beat:
            outcome = procedure.do(house, mine, doing.tell)
    except LeaseLost:
        return
    except Ending:
        with house.act_as_house() as connection:
            release(connection, mine)
    except FanzhaError as error:
        may_retry = isinstance(error, Unavailable)  # a full disk is what a person mends and then tries again
        if _fail(doing, procedure.told(house, mine, error), retries=None) and not may_retry:
            procedure.clear(house, mine)
    except Exception as error:
        _fail(doing, {"code": "store.worker_broke", "kind": type(error).__name__}, retries=RETRIES)
        raise
    else:
        with house.act_as_house() as connection:
            finished = finish(connection, mine, house.wall.now(), outcome)
        if finished:
            procedure.clear(house, mine)


def _fail(doing: _Doing, told: Mapping[str, object], retries: Retries | None) -> bool:
    """Note the failure, and the import by which people see more of it; false when it is no longer ours to note."""
    made = doing.progress.get("import")
    with doing.house.act_as_house() as connection:
        seen = {**told, "import": made} if made else told
        return fail(connection, doing.mine, doing.house.wall.now(), seen, retries)


def _end_stuck(doing: _Doing) -> None:
    """End work that does not end by itself, and this process with it: a thread cannot be stopped, a process can."""
    house, mine, procedure = doing.house, doing.mine, doing.procedure
    error = procedure.end(house, mine, doing.progress)
    if _fail(doing, procedure.told(house, mine, error), retries=None):
        procedure.clear(house, mine)
    _log.error("worker.work_stuck", kind=mine.kind, work=str(mine.id))
    end_process()


def end_process() -> None:
    """End at once; the supervisor starts the worker anew."""
    os._exit(1)
