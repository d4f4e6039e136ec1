"""What came to each node, what lies there and what went on, by one method."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fanzha.tracing.picture.drawing import NodeSide, Standing
from fanzha.tracing.picture.merging import Ends
from fanzha.tracing.picture.seen import BELOW_FLOOR, Seen
from fanzha.tracing.picture.unrolling import Kind, Place, Rest, Step

LYING = (Standing.HELD, Standing.LAST_SEEN, Standing.BEFORE, Standing.PASSED, Standing.DISPUTED)
"""What can become of money in an account."""


@dataclass(slots=True)
class _Tally:
    in_fen: int = 0
    out_fen: int = 0
    first_s: int | None = None
    last_s: int | None = None
    first_precision: str = "second"

    def touched(self, steps: Sequence[Step]) -> int:
        """Note the times of steps; their fen."""
        first, last = steps[0].at_s, steps[-1].at_s
        if self.first_s is None or first < self.first_s:
            self.first_s, self.first_precision = first, steps[0].precision
        self.last_s = last if self.last_s is None else max(last, self.last_s)
        return sum(step.fen for step in steps)


def node_sides(
    places: Sequence[Place], steps: Mapping[Ends, Sequence[Step]], rests: Mapping[Place, Rest], seen: Seen
) -> list[NodeSide]:
    """Each place by one method, conclusive or not aside."""
    told = {place: _Tally() for place in places}
    for (source, target), some in steps.items():
        told[source].out_fen += told[source].touched(some)
        told[target].in_fen += told[target].touched(some)
    return [_side(place, told[place], rests.get(place, Rest()), seen) for place in places]


def _side(place: Place, tally: _Tally, rest: Rest, seen: Seen) -> NodeSide:
    came, went = (tally.in_fen, tally.out_fen) if seen.is_forward else (tally.out_fen, tally.in_fen)
    is_end = place.kind is Kind.EXIT or place.layer == 0
    disputed = 0 if is_end or seen.is_reach else came - went - rest.fen
    standing = _standing(place, came, went, rest, disputed)
    return NodeSide(
        in_fen=tally.in_fen,
        out_fen=tally.out_fen,
        held_fen=rest.held_fen,
        last_seen_fen=rest.last_seen_fen,
        before_fen=rest.before_fen,
        disputed_fen=disputed,
        standing=Standing.REACHED if seen.is_reach and standing in LYING else standing,
        first_s=tally.first_s,
        last_s=tally.last_s,
        first_precision=tally.first_precision,
    )


def _standing(place: Place, came: int, went: int, rest: Rest, disputed: int) -> Standing:
    if not came and not went and not rest.fen:
        return Standing.ABSENT
    if place.kind is Kind.EXIT:
        return Standing.NOT_FOLLOWED if place.name == BELOW_FLOOR else Standing.GONE
    if place.layer == 0:
        return Standing.ORIGIN
    parts = {
        Standing.HELD: rest.held_fen,
        Standing.LAST_SEEN: rest.last_seen_fen,
        Standing.BEFORE: rest.before_fen,
        Standing.PASSED: went,
        Standing.DISPUTED: disputed,
    }
    return max(parts, key=lambda each: parts[each])
