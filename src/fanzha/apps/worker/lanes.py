"""A lane: the kinds of work that one worker does, and how it rests until something of them is due.

Whoever wishes for work that is due tells its kind, so that a worker that hears of it takes it without looking. It looks
for what nobody tells of: times that come, leases that lapse, clocks that are moved.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import structlog

from fanzha.adapters.store.wakeups import Wakeups
from fanzha.adapters.store.work import Taken, upcoming
from fanzha.kernel.clock import FollowedClock
from fanzha.wiring.house import House

LONGEST_REST_SECONDS = 1.0
"""A worker looks so often in any case."""
SHORTEST_REST_SECONDS = 0.05
"""A worker that finds nothing where something is due leaves it to whoever is just taking it."""
HELPS_AFTER_SECONDS = 1.0
"""What has waited so long its own workers do not get to, or are not there: others help."""
GIVES_WAY_SECONDS = 0.5
"""So long what may wait gives way at a time: however far behind the other is, a batch goes on after it."""

TURN_SECONDS = 5.0
"""So long at most urgent work keeps all other from beginning: clocks ring too while reports come without end."""

_log = structlog.get_logger()


@dataclass(slots=True)
class Turn:
    """Of what is not urgent: when something of it was last done."""

    _last: float = field(default_factory=time.monotonic)

    def has_come(self) -> bool:
        """Whether it waited long enough."""
        return time.monotonic() - self._last >= TURN_SECONDS

    def is_over(self) -> None:
        """It waits anew from now on."""
        self._last = time.monotonic()


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """The kinds of work that one worker does: `do` takes due rows of a kind, does them and says how many they were.

    What is `urgent` goes first, and again after each batch of the others, which are not begun while `gives_way` says
    that something else in this process is behind. What it only `helps` with it hears nothing of, and takes late.
    """

    kinds: Sequence[str]
    do: Callable[[str], Taken]
    large: bool = True
    urgent: Sequence[str] = ()
    helps: Sequence[str] = ()
    gives_way: Callable[[], bool] = lambda: False
    turn: Turn = field(default_factory=Turn)

    def round(self, due: Sequence[str]) -> list[str]:
        """A batch of each urgent kind that is due, and of the first other where that was nothing (somebody else took
        what was heard of) or its turn has come; the kinds of which more may be due."""
        urgent = [each for each in self.urgent if each in due]
        others = [each for each in due if each not in urgent]
        told = {each: self.do(each) for each in urgent}
        if others and (self.turn.has_come() or not any(each.rows for each in told.values())):
            first = others.pop(0)
            told[first] = self.do(first)
            self.turn.is_over()
        return [*others, *(kind for kind, each in told.items() if each.more)]

    def held_up(self, due: Sequence[str]) -> list[str]:
        """Those of the kinds that are not begun now."""
        others = [each for each in due if each not in self.urgent]
        return others if others and self.gives_way() else []


@dataclass(slots=True)
class Way:
    """Whether to give way to something that may be behind: for so long at a time and no longer."""

    behind: Callable[[], bool]
    _until: float | None = None

    def given(self) -> bool:
        """Asked each time before something would begin; where it was given long enough, it begins."""
        if not self.behind():
            self._until = None
            return False
        now = time.monotonic()
        if self._until is None:
            self._until = now + GIVES_WAY_SECONDS
        if now < self._until:
            return True
        self._until = None
        return False


def work_until(ending: threading.Event, house: House, lane: Lane) -> None:
    """Do due work until `ending`; a failed round is recorded, the next begins."""
    while not ending.is_set():
        try:
            with Wakeups(house.engine, [each for each in lane.kinds if each not in lane.helps]) as wakeups:
                _work(ending, house, lane, wakeups)
        except Exception as failure:
            _log.error("worker.round_failed", kind=type(failure).__name__)
            ending.wait(LONGEST_REST_SECONDS)


def _work(ending: threading.Event, house: House, lane: Lane, wakeups: Wakeups) -> None:
    due, look_at = list[str](), time.monotonic()
    while not ending.is_set():
        if time.monotonic() >= look_at:
            found, rest = _look(house, lane)
            due, look_at = _each_once([*found, *due]), time.monotonic() + rest
        held_up = lane.held_up(due)
        due = lane.round([each for each in due if each not in held_up])
        rests = 0.0 if due else SHORTEST_REST_SECONDS if held_up else max(0.0, look_at - time.monotonic())
        due = _each_once([*due, *held_up, *wakeups.heard(rests)])


def _each_once(kinds: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(kinds))


def _look(house: House, lane: Lane) -> tuple[list[str], float]:
    """The kinds of which something is due, longest due first, and how long until something else can be."""
    with house.act_as_house() as connection:
        found = upcoming(connection, lane.kinds, large=lane.large)
    after = dict.fromkeys(lane.helps, HELPS_AFTER_SECONDS)
    waits = {each.kind: _seconds_until(house, each.due_at, each.wall_at) + after.get(each.kind, 0.0) for each in found}
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
