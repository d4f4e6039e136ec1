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
from dataclasses import dataclass
from datetime import datetime
from types import FrameType

import structlog

from fanzha.adapters.store.engine import look_up_by_key
from fanzha.adapters.store.sealing import seal_audit
from fanzha.adapters.store.wakeups import Wakeups
from fanzha.adapters.store.work import upcoming
from fanzha.apps.following import follow_clock
from fanzha.apps.processes import end_with_parent, give_way
from fanzha.apps.worker import FIRST, LARGE, SHORT
from fanzha.apps.worker.jobs import BATCHES, FIRST_BATCHES, LEASE, PROCEDURES, URGENT, do_due_work
from fanzha.kernel.clock import FollowedClock
from fanzha.settings import Settings
from fanzha.wiring.batches import Batch, do_due_batch
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

LONGEST_REST_SECONDS = 1.0
"""A worker looks so often in any case: wishes are heard at once, but leases of others lapse and clocks are moved."""
SHORTEST_REST_SECONDS = 0.05
"""A worker that finds nothing where something is due leaves it to whoever is just taking it."""
REHEARSE_AFTER_SECONDS = 20.0
SEAL_SECONDS = 1.0
CLEAR_SECONDS = 5.0
COLLECT_SECONDS = 2.0

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """The kinds of work that one worker does: `do` takes due rows of a kind and says how many there were.

    Between two of the others it does what is `urgent`.
    """

    kinds: Sequence[str]
    do: Callable[[str], int]
    large: bool = True
    urgent: Sequence[str] = ()

    def round(self, due: Sequence[str]) -> int:
        """A batch of each urgent kind that is due, else of each other with the urgent ones after it; how many rows."""
        done = sum(self.do(each) for each in self.urgent if each in due)
        if done:
            return done
        others = [each for each in due if each not in self.urgent]
        return sum(self.do(each) + sum(self.do(first) for first in self.urgent) for each in others)


def long_lane(house: House, ending: threading.Event, *, large: bool) -> Lane:
    """Work that lasts, one row at a time."""
    return Lane(kinds=tuple(PROCEDURES), do=lambda _: do_due_work(house, ending, large=large), large=large)


def short_lane(house: House, batches: Mapping[str, Batch]) -> Lane:
    """Short work in batches."""
    urgent = [each for each in URGENT if each in batches]
    return Lane(kinds=tuple(batches), do=lambda kind: do_due_batch(house, kind, batches[kind]), urgent=urgent)


def work_until(ending: threading.Event, house: House, lane: Lane) -> None:
    """Do due work until `ending`; a failed round is recorded, the next begins."""
    while not ending.is_set():
        try:
            with Wakeups(house.engine, lane.kinds) as wakeups:
                while not ending.is_set():
                    due, rest = _look(house, lane)
                    if lane.round(due) == 0:
                        wakeups.rest(rest)
        except Exception as failure:
            _log.error("worker.round_failed", kind=type(failure).__name__)
            ending.wait(LONGEST_REST_SECONDS)


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


def post_until(ending: threading.Event, house: House, kind: str) -> threading.Thread:
    """Deliveries of a kind, in a thread of their own: what institutions are slow with holds up no clock."""
    post = Post(house, connections(house), kind)

    def run() -> None:
        work_until(ending, house, Lane(kinds=(kind,), do=lambda _: post.take()))
        post.close()

    thread = threading.Thread(target=run, name="post")
    thread.start()
    return thread


def _look(house: House, lane: Lane) -> tuple[list[str], float]:
    """The kinds of which something is due, longest due first, and how long to rest if that is nothing."""
    with house.act_as_house() as connection:
        found = upcoming(connection, lane.kinds, large=lane.large)
    waits = {each.kind: _seconds_until(house, each.due_at, each.wall_at) for each in found}
    due = sorted((kind for kind, seconds in waits.items() if seconds <= 0), key=lambda kind: waits[kind])
    rest = min(waits.values(), default=LONGEST_REST_SECONDS)
    return due, min(max(rest, SHORTEST_REST_SECONDS), LONGEST_REST_SECONDS)


def _seconds_until(house: House, due_at: datetime | None, wall_at: datetime | None) -> float:
    """Wall seconds until the first of a business and a wall time, and no more than the longest rest."""
    waits = [LONGEST_REST_SECONDS]
    if due_at is not None:
        waits.append(_wall_seconds(house, (due_at - house.now()).total_seconds()))
    if wall_at is not None:
        waits.append((wall_at - house.wall.now()).total_seconds())
    return min(waits)


def _wall_seconds(house: House, seconds: float) -> float:
    """How long business seconds last on the wall; those of a clock that stands never end."""
    speed = house.clock.speed if isinstance(house.clock, FollowedClock) else 1.0
    if seconds <= 0:
        return seconds
    return seconds / speed if speed else LONGEST_REST_SECONDS


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


def main() -> None:
    """Run one worker."""
    ending = threading.Event()

    def end(signum: int, frame: FrameType | None) -> None:
        ending.set()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    end_with_parent(ending.set)
    die_when_stopped()
    if FIRST not in sys.argv[1:]:
        give_way()
    with open_house(Settings()) as house:
        if {FIRST, SHORT} & set(sys.argv[1:]):
            look_up_by_key(house.engine)
        follow_clock(house, ending)
        if FIRST in sys.argv[1:]:
            rehearse_first_rounds()
            rehearse_soon()  # a report of a case that is no new one is a round as any other
            post = post_until(ending, house, STOP_WORK)
            work_until(ending, house, short_lane(house, FIRST_BATCHES))
            post.join()
        elif SHORT in sys.argv[1:]:
            keep_pruning(house)
            rehearse_soon()
            rounds = [*rounds_until(ending, house), post_until(ending, house, DELIVERY_WORK)]
            work_until(ending, house, short_lane(house, BATCHES))
            for each in rounds:
                each.join()
        else:
            work_until(ending, house, long_lane(house, ending, large=LARGE in sys.argv[1:]))


if __name__ == "__main__":
    main()
