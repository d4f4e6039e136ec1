"""Small things in sums: accounts below a line become one node of their layer, and no fen is lost by it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from fanzha.tracing.picture.drawing import Merged, PictureLimits
from fanzha.tracing.picture.unrolling import Kind, Place, Rest, Step, Unrolled

Ends = tuple[Place, Place]


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """What is drawn, by method: steps by edge, what lies where; `members`: the accounts of others with their fen."""

    steps: tuple[Mapping[Ends, Sequence[Step]], ...]
    rests: tuple[Mapping[Place, Rest], ...]
    members: Mapping[Place, Sequence[tuple[str, int]]]
    merged: Merged


def gathered(sides: Sequence[Unrolled], dust_fen: int, opened: Collection[int], limits: PictureLimits) -> Gathered:
    """What is drawn: accounts with less than `dust_fen` by every method are among others, unless their layer is opened.

    Beyond the limits the largest stay, and the last drawn layer is followed by one of others. None is an other alone.
    """
    fen = _through(sides)
    accounts = [place for place in fen if place.kind is Kind.ACCOUNT and place.layer <= limits.layers]
    accounts.sort(key=lambda place: (-fen[place], place))
    wished = [place for place in accounts if fen[place] >= dust_fen or place.layer in opened]
    reached = ["layers"] if any(place.layer > limits.layers for place in fen) else []
    kept = wished[: limits.nodes]
    if len(kept) < len(wished):
        reached.append("nodes")
    drawn = _drawn(fen, kept, limits)
    while len(kept) > 1 and len({ends for side in sides for ends in _ends(side, drawn)}) > limits.edges:
        reached += [] if "edges" in reached else ["edges"]
        kept = kept[: len(kept) * 4 // 5]
        drawn = _drawn(fen, kept, limits)
    members: dict[Place, list[tuple[str, int]]] = defaultdict(list)
    for place in sorted(fen, key=lambda place: (-fen[place], place)):
        if drawn[place].kind is Kind.OTHERS:
            members[drawn[place]].append((place.name, fen[place]))
    return Gathered(
        steps=tuple(_steps(side, drawn) for side in sides),
        rests=tuple(_rests(side, drawn) for side in sides),
        members=members,
        merged=Merged(accounts=sum(map(len, members.values())), dust_fen=dust_fen, limits=tuple(reached)),
    )


def _through(sides: Sequence[Unrolled]) -> dict[Place, int]:
    """The most that came to, or left, each place by any method."""
    most: dict[Place, int] = defaultdict(int)
    for side in sides:
        came: dict[Place, int] = defaultdict(int)
        went: dict[Place, int] = defaultdict(int)
        for (source, target), steps in side.steps.items():
            fen = sum(step.fen for step in steps)
            went[source] += fen
            came[target] += fen
        for place, rest in side.rests.items():
            went[place] += rest.fen
        for place in {*came, *went}:
            most[place] = max(most[place], came[place], went[place])
    return most


def _drawn(fen: Mapping[Place, int], kept: Sequence[Place], limits: PictureLimits) -> dict[Place, Place]:
    """Where each place is drawn."""
    deepest, stays = limits.layers + 1, set(kept)
    drawn = {}
    alone: dict[Place, list[Place]] = defaultdict(list)
    for place in fen:
        if place.kind is Kind.EXIT:
            drawn[place] = place._replace(layer=min(place.layer, deepest + 1))
        elif place in stays:
            drawn[place] = place
        else:
            drawn[place] = Place(min(place.layer, deepest), Kind.OTHERS, "")
            alone[drawn[place]].append(place)
    for others, merged in alone.items():
        if len(merged) == 1 and others.layer < deepest:
            drawn[merged[0]] = merged[0]
    return drawn


def _ends(side: Unrolled, drawn: Mapping[Place, Place]) -> set[Ends]:
    return {(drawn[source], drawn[target]) for source, target in side.steps}


def _steps(side: Unrolled, drawn: Mapping[Place, Place]) -> Mapping[Ends, Sequence[Step]]:
    """Steps by edge in order of time; what moves among the accounts of one node is no edge."""
    found: dict[Ends, list[Step]] = defaultdict(list)
    for (source, target), steps in side.steps.items():
        if drawn[source] != drawn[target]:
            found[drawn[source], drawn[target]] += steps
    for told in found.values():
        told.sort()
    return found


def _rests(side: Unrolled, drawn: Mapping[Place, Place]) -> Mapping[Place, Rest]:
    found: dict[Place, Rest] = {}
    for place, rest in side.rests.items():
        found[drawn[place]] = found.get(drawn[place], Rest()).and_also(rest)
    return found
