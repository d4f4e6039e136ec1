"""What is asked of a trace, and how much work an answer may cost."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from fanzha.kernel.errors import Invalid

HOUR_S = 3_600
LONGEST_HORIZON_S = 10 * 366 * 24 * HOUR_S
_HORIZON = re.compile(r"(\d{1,9})([smhdy]?)")
_UNITS = {"s": 1, "m": 60, "h": HOUR_S, "": HOUR_S, "d": 24 * HOUR_S, "y": 365 * 24 * HOUR_S}


class Method(StrEnum):
    """By which rule money that mixed in an account is told apart (house section 6)."""

    FIFO = "fifo"
    """What came first leaves first."""
    LIFO = "lifo"
    """What came last leaves first."""
    PRORATA = "prorata"
    """Everything in the account leaves in proportion."""
    CONSERVATIVE = "conservative"
    """Only what the three rules above agree on."""
    POISON = "poison"
    """Whatever leaves after it arrived, whole: an upper bound, never evidence."""


class Direction(StrEnum):
    """Whether to follow where money went or where it came from."""

    FORWARD = "forward"
    BACKWARD = "backward"


@dataclass(frozen=True, slots=True, kw_only=True)
class TraceLimits:
    """How far one trace may go; a limit that is reached is reported, never hidden."""

    accounts: int = 200_000
    lots: int = 2_000_000
    hops: int = 1_000_000
    events: int = 50_000_000
    account_events: int = 1_000_000
    """Events of one account within a trace: a hub is cut off here, and named."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """What lay in an account at the end of a second (of UTC): as if so many fen (None: all) were then paid out."""

    account: int
    at_s: int
    fen: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """From which transfers (places in the index's order), by which rule, how far; backward also from one holding.

    `horizon_s` counts whole seconds from each starting payment; `floor_fen` applies to the part of each hop that is
    traced. The money of `starts[i]` carries the label `i`, that of a holding 0.
    """

    starts: tuple[int, ...] = ()
    held: Holding | None = None
    method: Method = Method.FIFO
    direction: Direction = Direction.FORWARD
    horizon_s: int = 72 * HOUR_S
    floor_fen: int = 10_000
    limits: TraceLimits = TraceLimits()

    def __post_init__(self) -> None:
        """`Invalid` for a horizon or floor that no trace can be asked with."""
        if (not self.starts) == (self.held is None):
            raise Invalid("trace.no_start")
        if self.held is not None and self.direction is Direction.FORWARD:
            raise Invalid("trace.holding_forward")
        if self.held is not None and self.held.fen is not None and self.held.fen < 1:
            raise Invalid("trace.bad_floor", fen=self.held.fen)
        if len(set(self.starts)) < len(self.starts):
            raise Invalid("trace.start_twice")
        if not 0 <= self.horizon_s <= LONGEST_HORIZON_S:
            raise Invalid("trace.bad_horizon", hours=self.horizon_s // HOUR_S, most=LONGEST_HORIZON_S // HOUR_S)
        if self.floor_fen < 1:
            raise Invalid("trace.bad_floor", fen=self.floor_fen)


def horizon_seconds(told: str) -> int:
    """A horizon as people write it, such as `72h`, `90m`, `30d`, `10y`, in seconds; a number alone means hours."""
    read = _HORIZON.fullmatch(told.strip().lower())
    if read is None:
        raise Invalid("trace.unread_horizon", told=told)
    return int(read[1]) * _UNITS[read[2]]
