"""A worker process: does due work, and beside it seals the audit each second and clears up after who died."""

from __future__ import annotations

import faulthandler
import signal
import sys
import threading
from collections.abc import Callable
from types import FrameType

import structlog

from fanzha.adapters.store.sealing import seal_audit
from fanzha.apps.processes import end_with_parent
from fanzha.apps.worker import LARGE
from fanzha.apps.worker.jobs import LEASE, do_due_work
from fanzha.settings import Settings
from fanzha.wiring.broken_off import clear_broken_off
from fanzha.wiring.house import House, open_house
from fanzha.wiring.uploads import forget_abandoned

IDLE_SECONDS = 0.25
"""How long a worker with nothing to do rests: a person who dropped a file does not notice it."""
SEAL_SECONDS = 1.0
CLEAR_SECONDS = 5.0

_log = structlog.get_logger()


def work_until(ending: threading.Event, house: House, *, large: bool = True) -> None:
    """Do due work until `ending`, and what the house needs meanwhile; a failed round is recorded, the next begins."""
    rounds: list[tuple[float, Callable[[], object]]] = [
        (SEAL_SECONDS, lambda: seal_audit(house.engine, house.keys, house.wall.now())),
        (CLEAR_SECONDS, lambda: _clear(house)),
    ]
    beside = [threading.Thread(target=_again, args=(ending, *each), daemon=True) for each in rounds]
    for each in beside:
        each.start()
    while not ending.is_set():
        if not _round(lambda: do_due_work(house, ending, large=large)):
            ending.wait(IDLE_SECONDS)
    for each in beside:
        each.join()


def _again(ending: threading.Event, seconds: float, do: Callable[[], object]) -> None:
    while not ending.is_set():
        _round(do)
        ending.wait(seconds)


def _round(do: Callable[[], object]) -> bool:
    try:
        return bool(do())
    except Exception as failure:
        _log.error("worker.round_failed", kind=type(failure).__name__)
        return False


def _clear(house: House) -> None:
    clear_broken_off(house)
    forget_abandoned(house)


def die_when_stopped() -> None:
    """End this process when its interpreter stands still for a lease's time, so that it never goes on without one.

    One step of a library may keep all threads from running, the one that keeps the lease included.
    """

    def arm() -> None:
        while True:
            faulthandler.dump_traceback_later(LEASE.total_seconds(), exit=True)
            threading.Event().wait(SEAL_SECONDS)

    threading.Thread(target=arm, name="alive", daemon=True).start()


def main() -> None:
    """Run one worker."""
    ending = threading.Event()

    def end(signum: int, frame: FrameType | None) -> None:
        ending.set()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    end_with_parent(ending.set)
    die_when_stopped()
    with open_house(Settings()) as house:
        work_until(ending, house, large=LARGE in sys.argv[1:])


if __name__ == "__main__":
    main()
