"""A picture as values: nodes with their place on the paper, and the money between them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from fanzha.tracing.follow.question import Direction, Method
from fanzha.tracing.picture.unrolling import Place, Step


class Standing(StrEnum):
    """What became of most of a node's money."""

    ORIGIN = "origin"
    """The first place: who made the payment that is followed, or, backward, who got it."""
    HELD = "held"
    """It lies there by the account's own statement."""
    LAST_SEEN = "last_seen"
    """It was last seen there."""
    BEFORE = "before"
    """Backward: it lay there before anything that is followed."""
    PASSED = "passed"
    """It went on, or backward came on."""
    REACHED = "reached"
    """By an upper bound money can have come here; nothing is told of how much went on or lies there."""
    DISPUTED = "disputed"
    """By the conservative rule: nobody can tell for certain."""
    GONE = "gone"
    """It left to where nobody can follow, or, backward, came from there."""
    NOT_FOLLOWED = "not_followed"
    """Too little to be followed."""
    ABSENT = "absent"
    """By this method none of the money came here; by the other one some did."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureLimits:
    """How much one picture draws; what is beyond is drawn in sums, and said."""

    nodes: int = 2_000
    """Accounts drawn alone; ways out and nodes of others come on top."""
    edges: int = 5_000
    layers: int = 40
    steps: int = 40
    """Payments told one by one of each edge; where there are more, neighbours are joined."""
    members: int = 100
    """Accounts told by name of each node of others."""
    column_px: float = 250.0
    """From one layer's left edge to the next: room for a number, an amount and the bands between."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeSide:
    """A node by one method. in = out + held + last seen + disputed; backward in + before + disputed = out.

    An origin has only what it paid, a way out only what came; by poison, which is reach and not shares, the sum does
    not hold, and nothing is disputed. `first_precision`: how exactly `first_s` is told, `day`, `minute` or `second`.
    """

    in_fen: int
    out_fen: int
    held_fen: int
    last_seen_fen: int
    before_fen: int
    disputed_fen: int
    standing: Standing
    first_s: int | None
    last_s: int | None
    first_precision: str = "second"

    @property
    def fen(self) -> int:
        """The money that a node's height is."""
        return max(self.in_fen, self.out_fen)


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A place of the picture, its box and its money by each method; `members`: accounts that others are, most first.

    `x`, `y`: upper left corner; `also`: other layers in which the same account stands; `is_conclusive`: false where the
    balance before an account's first row is not known.
    """

    place: Place
    x: float
    y: float
    height: float
    sides: tuple[NodeSide, ...]
    members: tuple[tuple[str, int], ...]
    accounts: int
    also: tuple[int, ...]
    is_conclusive: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class EdgeSide:
    """An edge by one method; `joined[i]` payments stand behind `steps[i]`, whose time is that of the last of them."""

    fen: int
    steps: tuple[Step, ...]
    joined: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """Money from one node to another: where the middle of its band leaves and arrives, and how wide it is there."""

    source: int
    target: int
    source_y: float
    target_y: float
    width: float
    sides: tuple[EdgeSide, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Merged:
    """What was drawn in sums: accounts that are part of others, and the limits that made it so beyond `dust_fen`."""

    accounts: int
    dust_fen: int
    limits: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """A whole picture: by one or two methods in the same places; lengths in CSS pixels; time in seconds since 1970.

    Money goes from left to right; `fen_per_px` is the one scale of heights and widths.
    """

    direction: Direction
    methods: tuple[Method, ...]
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    layers: tuple[tuple[int, float], ...]
    """Each layer that is drawn and its x, from left to right."""
    width: float
    height: float
    node_width: float
    fen_per_px: float
    merged: Merged
    first_s: int | None
    last_s: int | None
