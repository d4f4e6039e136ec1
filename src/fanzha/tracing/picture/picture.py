"""A trace, or two of the same money by two methods, laid out as one picture."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from fanzha.tracing.picture.bands import middles
from fanzha.tracing.picture.drawing import Drawing, Edge, EdgeSide, Node, NodeSide, PictureLimits
from fanzha.tracing.picture.merging import Ends, Gathered, gathered
from fanzha.tracing.picture.ordering import Floats, Ints, ordered
from fanzha.tracing.picture.placing import tops
from fanzha.tracing.picture.seen import Seen
from fanzha.tracing.picture.standing import node_sides
from fanzha.tracing.picture.unrolling import Kind, Place, Step, unrolled

NODE_WIDTH = 14.0
LABEL_HEIGHT = 32.0
"""Two lines of text beside a node, however little its money."""
GAP = 6.0
MONEY_HEIGHT = 420.0
"""The height of the money in the layer that has most of it."""
LEAST_HEIGHT = 3.0
LEAST_WIDTH = 0.75


def picture(
    sides: Sequence[Seen],
    *,
    dust_fen: int = 0,
    opened: Collection[int] = (),
    limits: PictureLimits | None = None,
) -> Drawing:
    """The same places for every side, so that nothing moves when the reader looks from one method to the other.

    `sides`: one or two traces of one direction; accounts through which less than `dust_fen` went are drawn as one node
    a layer, but in `opened` layers. The same data give the same picture, whatever their order in files.
    """
    most = limits or PictureLimits()
    found = gathered([unrolled(side) for side in sides], dust_fen, opened, most)
    places, ends = _places(found), sorted({each for told in found.steps for each in told})
    money = [node_sides(places, *told) for told in zip(found.steps, found.rests, sides, strict=True)]
    shape = _shaped(places, ends, found, money, is_forward=sides[0].is_forward)
    times = [at for side in money for each in side for at in (each.first_s, each.last_s) if at is not None]
    columns = {place.layer: at * most.column_px for place, at in zip(places, shape.column.tolist(), strict=True)}
    return Drawing(
        direction=sides[0].direction,
        methods=tuple(side.method for side in sides),
        nodes=_nodes(places, found, money, shape, frozenset().union(*(side.inconclusive for side in sides)), most),
        edges=_edges(places, ends, found, shape, most),
        layers=tuple(sorted(columns.items(), key=lambda each: each[1])),
        width=max(columns.values(), default=0.0) + most.column_px,
        height=float((shape.y + shape.pitch).max(initial=0.0)),
        node_width=NODE_WIDTH,
        fen_per_px=shape.fen_per_px,
        merged=found.merged,
        first_s=min(times, default=None),
        last_s=max(times, default=None),
    )


def _places(found: Gathered) -> list[Place]:
    """Every drawn place, by layer, then ways out below, then most money first."""
    fen: dict[Place, int] = defaultdict(int)
    for told, rests in zip(found.steps, found.rests, strict=True):
        for place in {*(each for ends in told for each in ends), *rests}:
            fen[place] += 0
        for (source, target), steps in told.items():
            fen[source] += _fen(steps)
            fen[target] += _fen(steps)
    return sorted(fen, key=lambda place: (place.layer, place.kind, -fen[place], place.name))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Shape:
    """The boxes of n nodes, in which column from the left, and the bands of e edges; in pixels."""

    column: Ints
    y: Floats
    height: Floats
    pitch: Floats
    width: Floats
    source_y: Floats
    target_y: Floats
    fen_per_px: float


def _shaped(
    places: Sequence[Place],
    ends: Sequence[Ends],
    found: Gathered,
    money: Sequence[Sequence[NodeSide]],
    *,
    is_forward: bool,
) -> _Shape:
    number = {place: at for at, place in enumerate(places)}
    column = np.array([place.layer for place in places], np.int64)
    column = column if is_forward else column.max(initial=0) - column
    edges: Ints = np.array([[number[each[at]] for each in ends] for at in (0, 1)], np.int64).reshape(2, -1)
    weight = np.array([max(_fen(told.get(each, ())) for told in found.steps) for each in ends], np.int64)
    fen = np.array([max(side[at].fen for side in money) for at in range(len(places))], np.float64)
    fen_per_px = max(float(np.bincount(column, weights=fen).max(initial=0.0)) / MONEY_HEIGHT, 1.0)
    height = np.maximum(fen / fen_per_px, LEAST_HEIGHT)
    pitch = np.maximum(height, LABEL_HEIGHT) + GAP
    rank = np.array([place.kind for place in places], np.int64)
    order = ordered(column, rank, edges, weight)
    y = tops(column, order, pitch, edges, weight)
    width = np.maximum(weight / fen_per_px, LEAST_WIDTH)
    return _Shape(
        column=column,
        y=y,
        height=height,
        pitch=pitch,
        width=width,
        source_y=middles(edges[0], edges[1], y, height, width),
        target_y=middles(edges[1], edges[0], y, height, width),
        fen_per_px=fen_per_px,
    )


def _nodes(
    places: Sequence[Place],
    found: Gathered,
    money: Sequence[Sequence[NodeSide]],
    shape: _Shape,
    inconclusive: frozenset[str],
    limits: PictureLimits,
) -> tuple[Node, ...]:
    layers: dict[str, list[int]] = defaultdict(list)
    for place in places:
        if place.kind is Kind.ACCOUNT:
            layers[place.name].append(place.layer)
    nodes = []
    for at, place in enumerate(places):
        members = found.members.get(place, ())
        names = {name for name, _ in members} if place.kind is Kind.OTHERS else {place.name}
        nodes.append(
            Node(
                place=place,
                x=float(shape.column[at]) * limits.column_px,
                y=float(shape.y[at]),
                height=float(shape.height[at]),
                sides=tuple(side[at] for side in money),
                members=tuple(members[: limits.members]),
                accounts=len(names),
                also=tuple(layer for layer in layers.get(place.name, ()) if layer != place.layer),
                is_conclusive=place.kind is Kind.EXIT or names.isdisjoint(inconclusive),
            )
        )
    return tuple(nodes)


def _edges(
    places: Sequence[Place], ends: Sequence[Ends], found: Gathered, shape: _Shape, limits: PictureLimits
) -> tuple[Edge, ...]:
    number = {place: at for at, place in enumerate(places)}
    return tuple(
        Edge(
            source=number[source],
            target=number[target],
            source_y=float(shape.source_y[at]),
            target_y=float(shape.target_y[at]),
            width=float(shape.width[at]),
            sides=tuple(_told(told.get((source, target), ()), limits.steps) for told in found.steps),
        )
        for at, (source, target) in enumerate(ends)
    )


def _told(steps: Sequence[Step], most: int) -> EdgeSide:
    """Steps one by one; of more than `most`, neighbours in time joined to as many groups, each at its last time."""
    if len(steps) <= most:
        return EdgeSide(fen=_fen(steps), steps=tuple(steps), joined=(1,) * len(steps))
    bounds = np.linspace(0, len(steps), most + 1).astype(int).tolist()
    groups = [steps[first:end] for first, end in pairwise(bounds)]
    told = [group[0] if len(group) == 1 else group[-1]._replace(movement="", fen=_fen(group)) for group in groups]
    return EdgeSide(fen=_fen(steps), steps=tuple(told), joined=tuple(len(group) for group in groups))


def _fen(steps: Sequence[Step]) -> int:
    return sum(step.fen for step in steps)
