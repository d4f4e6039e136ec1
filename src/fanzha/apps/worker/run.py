"""A worker process: rests until work of its kinds is due or wished for, and does it.

There are two sorts. The worker for short work does batches of clocks, orders and deliveries, and beside them seals the
audit each second and clears up after who died; the others import, each as long as it takes.
"""

from __future__ import annotations

import faulthandler
import signal
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from types import FrameType

import structlog

from fanzha.adapters.store.engine import look_up_by_key
from fanzha.adapters.store.sealing import seal_audit
from fanzha.adapters.store.work import Taken, taken_of
from fanzha.apps.following import follow_clock
from fanzha.apps.processes import NICENESS, NICENESS_OF_SHORT, end_with_parent, give_way
from fanzha.apps.worker import FIRST, LARGE, LAYERS, SHORT, SPARE
from fanzha.apps.worker.jobs import (
    BATCHES,
    FIRST_BATCHES,
    LAYER_BATCHES,
    LEASE,
    PROCEDURES,
    URGENT,
    do_due_work,
)
from fanzha.apps.worker.lanes import Lane, Way, work_until
from fanzha.settings import Settings
from fanzha.wiring.batches import Batch, do_taken, take_due
from fanzha.wiring.broken_off import clear_broken_off
from fanzha.wiring.collecting import collect_waiting
from fanzha.wiring.connectors import connections
from fanzha.wiring.desk import DELIVERY_WORK, STOP_WORK
from fanzha.wiring.first_rounds import rehearse_first_rounds
from fanzha.wiring.house import House, open_house
from fanzha.wiring.post import Post
from fanzha.wiring.pruning import keep_pruning
from fanzha.wiring.rehearsing import rehearse_case
from fanzha.wiring.uploads import forget_abandoned

REHEARSE_AFTER_SECONDS = 20.0
SEAL_SECONDS = 1.0
CLEAR_SECONDS = 5.0
COLLECT_SECONDS = 2.0

_log = structlog.get_logger()


def long_lane(house: House, ending: threading.Event, *, large: bool) -> Lane:
    """Work that lasts, one row at a time."""

    def do(_: str) -> Taken:
        was_there = do_due_work(house, ending, large=large)
        return Taken(rows=int(was_there), more=was_there)

    return Lane(kinds=tuple(PROCEDURES), do=do, large=large)


def short_lane(house: House, batches: Mapping[str, Batch], helps: Sequence[str] = (), post: Post | None = None) -> Lane:
    """Short work in batches; what may wait gives way to a post that is behind."""

    def do(kind: str) -> Taken:
        taken = take_due(house, kind, batches[kind])
        do_taken(house, kind, batches[kind], taken)
        return taken_of(taken, batches[kind].limit)

    urgent = [each for each in URGENT if each in batches]
    way = Way(lambda: post is not None and post.behind)
    return Lane(kinds=tuple(batches), do=do, urgent=urgent, helps=helps, gives_way=way.given)


def rounds_until(ending: threading.Event, house: House) -> list[threading.Thread]:
    """What the house needs again and again, each in a thread of its own until `ending`."""
    connectors = connections(house)
    rounds: list[tuple[float, Callable[[], object]]] = [
        (SEAL_SECONDS, lambda: seal_audit(house.engine, house.keys, house.wall.now())),
        (CLEAR_SECONDS, lambda: _clear(house)),
        (COLLECT_SECONDS, lambda: collect_waiting(house, connectors)),
    ]
    threads = [threading.Thread(target=_again, args=(ending, *each), daemon=True) for each in rounds]
    for each in threads:
        each.start()
    return threads


def post_until(ending: threading.Event, house: House, post: Post) -> threading.Thread:
    """Deliveries of a kind, in a thread of their own: what institutions are slow with holds up no clock."""

    def run() -> None:
        work_until(ending, house, Lane(kinds=(post.kind,), do=lambda _: post.take()))
        post.close()

    thread = threading.Thread(target=run, name="post")
    thread.start()
    return thread


def _again(ending: threading.Event, seconds: float, do: Callable[[], object]) -> None:
    while not ending.is_set():
        try:
            do()
        except Exception as failure:
            _log.error("worker.round_failed", kind=type(failure).__name__)
        ending.wait(seconds)


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


def rehearse_soon() -> None:
    """Load what the first chase needs once the house has settled: a report's first stop does not wait for it."""
    rehearsal = threading.Timer(REHEARSE_AFTER_SECONDS, rehearse_case)
    rehearsal.daemon = True
    rehearsal.start()


def work_short(ending: threading.Event, house: House, helps: Sequence[str]) -> None:
    """All short work, deliveries, and what the house needs again and again; `helps` are kinds that others do too."""
    keep_pruning(house)
    post = Post(house, connections(house), DELIVERY_WORK)
    rounds = [*rounds_until(ending, house), post_until(ending, house, post)]
    work_until(ending, house, short_lane(house, BATCHES, helps, post))
    for each in rounds:
        each.join()


def niceness_of(arguments: Sequence[str]) -> int:
    """How far a worker with these arguments gives way to the other processes of the house."""
    if {FIRST, LAYERS} & set(arguments):
        return 0
    return NICENESS_OF_SHORT if SHORT in arguments else NICENESS


def main() -> None:
    """Run one worker."""
    ending = threading.Event()

    def end(signum: int, frame: FrameType | None) -> None:
        ending.set()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    end_with_parent(ending.set)
    die_when_stopped()
    give_way(niceness_of(sys.argv[1:]))
    with open_house(Settings()) as house:
        if {FIRST, SHORT} & set(sys.argv[1:]):
            look_up_by_key(house.engine)
        follow_clock(house, ending)
        if FIRST in sys.argv[1:]:
            rehearse_first_rounds()
            rehearse_soon()  # a report of a case that is no new one is a round as any other
            post = post_until(ending, house, Post(house, connections(house), STOP_WORK))
            work_until(ending, house, short_lane(house, FIRST_BATCHES))
            post.join()
        elif SHORT in sys.argv[1:]:
            rehearse_soon()
            if LAYERS in sys.argv[1:]:
                work_until(ending, house, short_lane(house, LAYER_BATCHES))
            else:
                work_short(ending, house, tuple(LAYER_BATCHES) if SPARE in sys.argv[1:] else ())
        else:
            work_until(ending, house, long_lane(house, ending, large=LARGE in sys.argv[1:]))


if __name__ == "__main__":
    main()
