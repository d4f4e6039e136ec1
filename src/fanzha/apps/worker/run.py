"""The worker process: takes due work, seals the audit each second, ends when it is asked to."""

from __future__ import annotations

import signal
import threading
from types import FrameType

import structlog

from fanzha.adapters.store.sealing import seal_audit
from fanzha.apps.processes import end_with_parent
from fanzha.apps.worker.jobs import do_due_work
from fanzha.settings import Settings
from fanzha.wiring.house import House, open_house
from fanzha.wiring.uploads import forget_abandoned

IDLE_SECONDS = 0.25
"""How long a worker with nothing to do rests: a person who dropped a file does not notice it."""
SEAL_SECONDS = 1.0

_log = structlog.get_logger()


def work_until(ending: threading.Event, house: House) -> None:
    """Do due work until `ending`; a failure of one round is recorded and the next one begins."""
    sealed_at = house.wall.now()
    while not ending.is_set():
        try:
            busy = do_due_work(house)
            if (house.wall.now() - sealed_at).total_seconds() >= SEAL_SECONDS:
                seal_audit(house.engine, house.keys, house.wall.now())
                sealed_at = house.wall.now()
        except Exception as failure:
            _log.error("worker.round_failed", kind=type(failure).__name__)
            busy = False
        if not busy:
            ending.wait(IDLE_SECONDS)


def main() -> None:
    """Run one worker."""
    ending = threading.Event()

    def end(signum: int, frame: FrameType | None) -> None:
        ending.set()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    end_with_parent(ending.set)
    with open_house(Settings()) as house:
        forget_abandoned(house)
        work_until(ending, house)


if __name__ == "__main__":
    main()
