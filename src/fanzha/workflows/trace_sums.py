"""What became of a trace's money in sums: of a start, of all of them, of an account by every rule."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Sums:
    """Where fen are: `started` = held + last seen + before + left + below the floor + disputed, but by mere reach.

    `left_fen` by code of `Exit`. `at_least_fen` is no part of it: what lay in accounts, and by the conservative rule
    what lay in the same ones by each rule that it compares.
    """

    started_fen: int
    held_fen: int
    last_seen_fen: int
    before_fen: int
    left_fen: Mapping[str, int]
    below_floor_fen: int
    disputed_fen: int
    at_least_fen: int = 0

    @property
    def gone_fen(self) -> int:
        """What left, whichever way."""
        return sum(self.left_fen.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals(Sums):
    """One start's fen."""

    start: str


def summed(every: Sequence[Sums]) -> Sums:
    """Several of them as one."""
    left = Counter[str]()
    for each in every:
        left.update(each.left_fen)
    return Sums(
        started_fen=sum(each.started_fen for each in every),
        held_fen=sum(each.held_fen for each in every),
        last_seen_fen=sum(each.last_seen_fen for each in every),
        before_fen=sum(each.before_fen for each in every),
        left_fen=dict(sorted(left.items())),
        below_floor_fen=sum(each.below_floor_fen for each in every),
        disputed_fen=sum(each.disputed_fen for each in every),
        at_least_fen=sum(each.at_least_fen for each in every),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """By each rule that is compared, kept to throughout, `low_fen` to `high_fen` of all starts lay in an account.

    Without a statement of its own it was only last seen there.
    """

    node: int
    account: str
    name: str
    bank: str
    has_statement: bool
    low_fen: int
    high_fen: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispute:
    """Where the rules disagree: of what certainly came to an account, low to high went by a movement or lies there.

    `movement` is empty for what lies there.
    """

    movement: str
    account: str
    start: str
    low_fen: int
    high_fen: int
