"""What the picture needs to know of a trace."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from fanzha.tracing.follow.question import Direction, Method
from fanzha.tracing.follow.trace import HopKind

NOBODY = ""
"""The party that no file names."""

BELOW_FLOOR = "below_floor"
"""Where the picture puts what was too little to follow, beside the codes of `Exit`."""


class Moved(NamedTuple):
    """A traced part of a payment. `payer`, `payee`: account numbers or `NOBODY`; `exit`: how it left, a code of `Exit`.

    `movement`: its id, empty for money that balances prove and no row tells; `is_start`: the label's own first payment;
    `precision`: how exactly `at_s` is told, `day`, `minute` or `second`.
    """

    at_s: int
    payer: str
    payee: str
    fen: int
    label: int
    became: HopKind
    exit: str
    movement: str
    is_start: bool
    precision: str = "second"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lying:
    """Traced money of a label in an account when the trace ended: seen to lie there, last seen, or there before."""

    account: str
    label: int
    held_fen: int = 0
    last_seen_fen: int = 0
    before_fen: int = 0

    @property
    def fen(self) -> int:
        """All of it."""
        return self.held_fen + self.last_seen_fen + self.before_fen


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One trace as the picture sees it: payments in the order in which they were followed, and what lies where.

    `inconclusive`: accounts whose answers are not conclusive.
    """

    method: Method
    direction: Direction
    moved: tuple[Moved, ...]
    lying: tuple[Lying, ...]
    inconclusive: frozenset[str]

    @property
    def is_forward(self) -> bool:
        """Whether it asks where money went, not where it came from."""
        return self.direction is Direction.FORWARD

    @property
    def is_reach(self) -> bool:
        """Whether it tells only what money can have come to, an upper bound by which nothing lies anywhere."""
        return self.method is Method.POISON
