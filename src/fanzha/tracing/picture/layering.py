"""The layers in which a trace's money came to each account, and what became of it there: the picture's, as numbers."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from fanzha.tracing.picture.seen import BELOW_FLOOR, NOBODY
from fanzha.tracing.picture.unrolling import Kind, Unrolled


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerSums:
    """One layer: accounts reached, fen that came, lay there in the end, left to where nobody follows, fell short.

    Backward `arrived` is what its accounts paid towards the end, `left` what came to them from where nobody knows.
    """

    layer: int
    accounts: int
    arrived_fen: int
    lying_fen: int
    left_fen: int
    below_floor_fen: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Layered:
    """`of`: by account number its layers, rising, without 0 (who paid first); `sums`: by layer, 0 where it has any."""

    of: Mapping[str, tuple[int, ...]]
    sums: tuple[LayerSums, ...]


def layered(found: Unrolled, *, is_forward: bool) -> Layered:
    """What the picture draws, by account and by layer: money that comes back to an account is in a later layer."""
    arrived, left, below, lying = (Counter[int]() for _ in range(4))
    reached = defaultdict[str, set[int]](set)
    for ends, steps in found.steps.items():
        here, there = ends if is_forward else ends[::-1]
        fen = sum(step.fen for step in steps)
        if there.kind is Kind.ACCOUNT:
            arrived[there.layer] += fen
            reached[there.name].add(there.layer)
        else:
            (below if there.name == BELOW_FLOOR else left)[here.layer] += fen
    for place, rest in found.rests.items():
        lying[place.layer] += rest.fen
    accounts = Counter(layer for layers in reached.values() for layer in layers)
    sums = tuple(
        LayerSums(
            layer=layer,
            accounts=accounts[layer],
            arrived_fen=arrived[layer],
            lying_fen=lying[layer],
            left_fen=left[layer],
            below_floor_fen=below[layer],
        )
        for layer in sorted({*arrived, *left, *below, *lying})
    )
    return Layered(of={name: tuple(sorted(layers)) for name, layers in reached.items() if name != NOBODY}, sums=sums)
