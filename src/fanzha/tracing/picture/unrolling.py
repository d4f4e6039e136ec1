"""Circles of money unrolled: every fen of a trace by how many payments it has behind it."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import IntEnum
from typing import NamedTuple

from fanzha.tracing.follow.question import Method
from fanzha.tracing.follow.trace import HopKind
from fanzha.tracing.picture.seen import BELOW_FLOOR, Lying, Moved, Seen


class Kind(IntEnum):
    """What a place of the picture is; places of a layer stand in this order, from the top."""

    ACCOUNT = 0
    OTHERS = 1
    """Several accounts of a layer in one."""
    EXIT = 2


class Place(NamedTuple):
    """A place of the picture: an account, or one way out, so many payments from the start (0: who paid first)."""

    layer: int
    kind: Kind
    name: str


class Step(NamedTuple):
    """Fen that a payment carried from one place to another, at a second told to the `day`, `minute` or `second`."""

    at_s: int
    movement: str
    fen: int
    precision: str = "second"


class Rest(NamedTuple):
    """What lies in a place, by how sure that is."""

    held_fen: int = 0
    last_seen_fen: int = 0
    before_fen: int = 0

    def and_also(self, other: Rest) -> Rest:
        """Both together."""
        return Rest(
            self.held_fen + other.held_fen,
            self.last_seen_fen + other.last_seen_fen,
            self.before_fen + other.before_fen,
        )

    @property
    def fen(self) -> int:
        """All of it."""
        return self.held_fen + self.last_seen_fen + self.before_fen


@dataclass(frozen=True, slots=True, kw_only=True)
class Unrolled:
    """A trace by places: steps between two of them in the direction of money, and what lies in each."""

    steps: dict[tuple[Place, Place], list[Step]] = field(default_factory=lambda: defaultdict(list))
    rests: dict[Place, Rest] = field(default_factory=dict)


Lots = deque[tuple[int, int]]
"""Traced fen of one label in one account: (layer, fen), oldest first."""


def unrolled(seen: Seen) -> Unrolled:
    """Every step of a trace between (account, layer) and (account, layer + 1), to the fen.

    Money that comes back to an account stands there in a later layer. Which layer's money a payment took follows the
    trace's own rule, as its lots of one label have the order in which they came; by the conservative rule and by
    poison, which keep no lots, oldest first, and what nobody knows to have come takes the account's first layer.
    """
    found, lots = Unrolled(), defaultdict[tuple[str, int], Lots](deque)
    nearest: dict[str, int] = {}
    for each in seen.moved:
        here, there = (each.payer, each.payee) if seen.is_forward else (each.payee, each.payer)
        if each.became is HopKind.AFTER_HORIZON:
            continue  # within the horizon it lay with its payer, where `lying` counts it
        mine = lots[here, each.label]
        parts = [(0, each.fen)] if each.is_start else taken(mine, each.fen, seen.method, nearest.get(here, 0))
        for layer, fen in parts:
            place = _place(each, there, layer + 1)
            ends = (Place(layer, Kind.ACCOUNT, here), place)
            found.steps[ends if seen.is_forward else ends[::-1]].append(
                Step(each.at_s, each.movement, fen, each.precision)
            )
            if each.became is HopKind.FOLLOWED:
                _put(lots[there, each.label], layer + 1, fen)
                nearest[there] = min(nearest.get(there, layer + 1), layer + 1)
    _lay_down(found, seen.lying, lots, nearest)
    return found


def _place(each: Moved, there: str, layer: int) -> Place:
    if each.became is HopKind.FOLLOWED:
        return Place(layer, Kind.ACCOUNT, there)
    return Place(layer, Kind.EXIT, BELOW_FLOOR if each.became is HopKind.BELOW_FLOOR else each.exit)


def _put(lots: Lots, layer: int, fen: int) -> None:
    if lots and lots[-1][0] == layer:
        fen += lots.pop()[1]
    lots.append((layer, fen))


def taken(lots: Lots, fen: int, method: Method, otherwise: int) -> list[tuple[int, int]]:
    """Fen by layer that a payment takes from lots, and takes away from them: they arrive in the order of their age.

    What is not there comes last, by layer `otherwise`.
    """
    if len(lots) == 1 and lots[0][1] > fen > 0:  # most payments, by every rule
        layer, there = lots.pop()
        lots.append((layer, there - fen))
        return [(layer, fen)]
    parts = list(_in_proportion(lots, fen) if method is Method.PRORATA else _in_turn(lots, fen, method))
    oldest_first = parts[::-1] if method is Method.LIFO else parts
    short = fen - sum(part for _, part in parts)
    return [(layer, part) for layer, part in (*oldest_first, (otherwise, short)) if part]


def _in_turn(lots: Lots, fen: int, method: Method) -> Iterable[tuple[int, int]]:
    newest = method is Method.LIFO
    while fen and lots:
        layer, there = lots.pop() if newest else lots.popleft()
        part = min(fen, there)
        if there > part:
            (lots.append if newest else lots.appendleft)((layer, there - part))
        fen -= part
        yield layer, part


def _in_proportion(lots: Lots, fen: int) -> Iterable[tuple[int, int]]:
    there = sum(each for _, each in lots)
    fen = min(fen, there)
    behind = given = 0
    for _ in range(len(lots)):
        layer, each = lots.popleft()
        behind += each
        part = behind * fen // there - given
        given += part
        if each > part:
            lots.append((layer, each - part))
        yield layer, part


def _lay_down(
    found: Unrolled, lying: Iterable[Lying], lots: dict[tuple[str, int], Lots], nearest: dict[str, int]
) -> None:
    """Put what lies in accounts into their layers, where its lots are."""
    for each in lying:
        mine = lots[each.account, each.label]
        for kind in ("held_fen", "last_seen_fen", "before_fen"):
            for layer, fen in taken(mine, getattr(each, kind), Method.FIFO, nearest.get(each.account, 0)):
                place = Place(layer, Kind.ACCOUNT, each.account)
                found.rests[place] = found.rests.get(place, Rest()).and_also(Rest(**{kind: fen}))
