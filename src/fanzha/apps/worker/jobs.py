"""What a worker can do: each kind of work, its procedure, and how its outcome is kept."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy.exc import SQLAlchemyError

from fanzha.adapters.store.work import Retries, Wanted, Work, extend, fail, finish, take
from fanzha.kernel.errors import FanzhaError, Unavailable
from fanzha.wiring.house import House
from fanzha.wiring.uploads import IMPORT_WORK, forget_upload, import_upload

LEASE = timedelta(seconds=60)
BEAT_SECONDS = 1.0
"""How often the lease is kept and progress told, whatever the procedure is busy with."""
RETRIES = Retries(attempts=3)

Tell = Callable[[Mapping[str, object]], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Procedure:
    """How one kind of work is done, and what is cleared away once nobody will try it again."""

    do: Callable[[House, Work, Tell], Mapping[str, object]]
    clear: Callable[[House, Work], None]


PROCEDURES: Mapping[str, Procedure] = {IMPORT_WORK: Procedure(do=import_upload, clear=forget_upload)}


class LeaseLost(Exception):
    """Another worker does this now; no error of the work itself, so that nothing on the way takes it for one."""


def do_due_work(house: House) -> bool:
    """Take one due row and do it; whether there was one."""
    wanted = Wanted(kinds=tuple(PROCEDURES), lease=LEASE, limit=1, retries=RETRIES)
    with house.act_as_house() as connection:
        taken = take(connection, wanted, house.now(), house.wall.now())
    for each in taken:
        _do(house, each)
    return bool(taken)


def _do(house: House, mine: Work) -> None:
    procedure = PROCEDURES[mine.kind]
    try:
        with _leased(house, mine) as tell:
            outcome = procedure.do(house, mine, tell)
    except LeaseLost:
        return
    except FanzhaError as error:
        told = {"code": error.code, **{name: str(value) for name, value in error.fields.items()}}
        _fail(house, mine, told, retries=None)
        if not isinstance(error, Unavailable):  # a full disk is what a person mends and then tries again
            procedure.clear(house, mine)
    except Exception as error:
        _fail(house, mine, {"code": "store.worker_broke", "kind": type(error).__name__}, retries=RETRIES)
        raise
    else:
        with house.act_as_house() as connection:
            finished = finish(connection, mine, house.wall.now(), outcome)
        if finished:
            procedure.clear(house, mine)


def _fail(house: House, mine: Work, told: Mapping[str, object], retries: Retries | None) -> None:
    with house.act_as_house() as connection:
        fail(connection, mine, house.wall.now(), told, retries)


@dataclass(slots=True)
class _Beat:
    """What the beating thread and the procedure share."""

    progress: Mapping[str, object]
    ended: threading.Event = field(default_factory=threading.Event)
    lost: threading.Event = field(default_factory=threading.Event)

    def tell(self, progress: Mapping[str, object]) -> None:
        """Say how far the work is; `LeaseLost` when it is somebody else's by now."""
        if self.lost.is_set():
            raise LeaseLost
        self.progress = progress


@contextmanager
def _leased(house: House, mine: Work) -> Iterator[Tell]:
    """Keep the lease while the block runs, also through long steps in which it tells nothing."""
    beat = _Beat(mine.progress)
    thread = threading.Thread(target=_keep, args=(house, mine, beat), name="lease", daemon=True)
    thread.start()
    try:
        yield beat.tell
    finally:
        beat.ended.set()
        thread.join()


def _keep(house: House, mine: Work, beat: _Beat) -> None:
    while not beat.ended.wait(BEAT_SECONDS):
        try:
            with house.act_as_house() as connection:
                kept = extend(connection, mine, house.wall.now() + LEASE, beat.progress)
        except SQLAlchemyError:  # the next beat may reach the database again, long before the lease ends
            continue
        if not kept:
            beat.lost.set()
            return
