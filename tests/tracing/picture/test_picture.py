"""A picture draws every fen of its trace once, whatever is merged, and is the same for the same money."""

from __future__ import annotations

from collections import Counter, defaultdict
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fanzha.tracing.follow.question import Method
from fanzha.tracing.follow.trace import HopKind
from fanzha.tracing.picture.drawing import Drawing, PictureLimits, Standing
from fanzha.tracing.picture.picture import GAP, picture
from fanzha.tracing.picture.seen import Lying, Seen
from fanzha.tracing.picture.unrolling import Kind
from tests.tracing.picture.traces import VICTIM, backward, paid, played, traces

MOST = PictureLimits()
TIGHT = PictureLimits(nodes=3, edges=4, layers=2, steps=2, members=1)


@settings(deadline=None)
@given(traces(), st.integers(0, 6_000), st.sampled_from([MOST, TIGHT]), st.booleans())
def test_every_fen_of_the_trace_is_drawn(seen: Seen, dust_fen: int, limits: PictureLimits, back: bool) -> None:
    seen = backward(seen) if back else seen
    drawing = picture([seen], dust_fen=dust_fen, limits=limits)

    came, went = Counter[int](), Counter[int]()
    for edge in drawing.edges:
        (side,) = edge.sides
        assert side.fen == sum(step.fen for step in side.steps) > 0
        went[edge.source] += side.fen
        came[edge.target] += side.fen
        assert drawing.nodes[edge.source].x < drawing.nodes[edge.target].x
    for at, node in enumerate(drawing.nodes):
        (told,) = node.sides
        assert (told.in_fen, told.out_fen, told.disputed_fen) == (came[at], went[at], 0)
        if node.place.kind is not Kind.EXIT and node.place.layer:
            lies = told.held_fen + told.last_seen_fen + told.before_fen
            assert came[at] - went[at] == (-lies if back else lies)
    _equals_its_trace(drawing, seen, back)


def _equals_its_trace(drawing: Drawing, seen: Seen, back: bool) -> None:
    ends, lies, started = Counter[str](), Counter[str](), 0
    for node in drawing.nodes:
        (told,) = node.sides
        for kind in ("held_fen", "last_seen_fen", "before_fen"):
            lies[kind] += getattr(told, kind)
        if node.place.kind is Kind.EXIT:
            ends[node.place.name] += told.out_fen if back else told.in_fen
        if node.place.layer == 0:
            started += told.in_fen if back else told.out_fen
    assert started == sum(each.fen for each in seen.moved if each.is_start)
    for kind, fen in lies.items():
        assert fen == sum(getattr(each, kind) for each in seen.lying)
    left = Counter[str]()
    for each in seen.moved:
        if each.became is not HopKind.FOLLOWED:
            left[each.exit or "below_floor"] += each.fen
    assert ends == left


@settings(deadline=None)
@given(traces(method=Method.FIFO), traces(method=Method.LIFO), st.integers(0, 4_000))
def test_two_methods_stand_in_the_same_places(one: Seen, other: Seen, dust_fen: int) -> None:
    both, swapped = picture([one, other], dust_fen=dust_fen), picture([other, one], dust_fen=dust_fen)

    assert [(each.place, each.x, each.y, each.height) for each in both.nodes] == [
        (each.place, each.x, each.y, each.height) for each in swapped.nodes
    ]
    assert [each.sides for each in both.nodes] == [each.sides[::-1] for each in swapped.nodes]
    for each in both.nodes:
        assert len(each.sides) == 2
        assert any(side.standing is not Standing.ABSENT for side in each.sides)


@settings(deadline=None)
@given(traces(accounts=12), st.integers(0, 500))
def test_no_two_nodes_of_a_layer_overlap_and_bands_end_at_boxes(seen: Seen, dust_fen: int) -> None:
    drawing = picture([seen], dust_fen=dust_fen)

    columns = defaultdict(list)
    for node in drawing.nodes:
        columns[node.x].append((node.y, node.y + node.height))
        assert node.y >= 0 and node.y + node.height <= drawing.height + 1e-6
    for boxes in columns.values():
        boxes.sort()
        for (_, end), (start, _) in pairwise(boxes):
            assert end + GAP <= start + 1e-6
    for edge in drawing.edges:
        for number, y in ((edge.source, edge.source_y), (edge.target, edge.target_y)):
            node = drawing.nodes[number]
            assert node.y - 1e-6 <= y <= node.y + node.height + 1e-6


@settings(deadline=None)
@given(traces(), st.randoms(use_true_random=False))
def test_the_order_in_which_holdings_are_told_changes_nothing(seen: Seen, chance: object) -> None:
    lying = list(seen.lying)
    chance.shuffle(lying)  # type: ignore[attr-defined]
    again = Seen(
        method=seen.method,
        direction=seen.direction,
        moved=seen.moved,
        lying=tuple(lying),
        inconclusive=seen.inconclusive,
    )
    assert picture([again], dust_fen=100) == picture([seen], dust_fen=100)


def _of(*moved: object, lying: tuple[Lying, ...] = (), method: Method = Method.FIFO) -> Seen:
    start = played([1], [], 1, method)
    return Seen(
        method=method,
        direction=start.direction,
        moved=moved,  # type: ignore[arg-type]
        lying=lying,
        inconclusive=frozenset(),
    )


def test_money_that_comes_back_stands_again_in_a_later_layer() -> None:
    drawing = picture(
        [
            _of(
                paid(0, VICTIM, "a", 900),
                paid(1, "a", "b", 500),
                paid(2, "b", "a", 300),
                paid(3, "a", "c", 600),
                lying=(Lying(account="a", label=0, held_fen=100), Lying(account="b", label=0, held_fen=200)),
            )
        ]
    )
    told = {(each.place.layer, each.place.name): each for each in drawing.nodes}

    # Oldest first: of the 600 to c, 400 are what stayed of the victim's 900, 200 came back by b.
    assert {place: each.sides[0].in_fen for place, each in told.items()} == {
        (0, VICTIM): 0,
        (1, "a"): 900,
        (2, "b"): 500,
        (2, "c"): 400,
        (3, "a"): 300,
        (4, "c"): 200,
    }
    assert told[3, "a"].sides[0].held_fen == 100 and told[1, "a"].sides[0].held_fen == 0
    assert told[1, "a"].also == (3,) and told[3, "a"].also == (1,) and told[2, "b"].also == ()


@pytest.mark.parametrize(("method", "from_first"), [(Method.FIFO, 400), (Method.LIFO, 300), (Method.PRORATA, 342)])
def test_which_layers_money_leaves_follows_the_rule(method: Method, from_first: int) -> None:
    seen = _of(
        paid(0, VICTIM, "a", 900),
        paid(1, "a", "b", 500),
        paid(2, "b", "a", 300),
        paid(3, "a", "c", 600),
        lying=(Lying(account="a", label=0, held_fen=100), Lying(account="b", label=0, held_fen=200)),
        method=method,
    )
    told = {(each.place.layer, each.place.name): each.sides[0].in_fen for each in picture([seen]).nodes}
    assert told[2, "c"] == from_first and told[4, "c"] == 600 - from_first


def test_what_is_merged_is_named_and_can_be_opened() -> None:
    small = [paid(2 + number, "a", f"s{number}", 10 + number) for number in range(5)]
    seen = _of(paid(0, VICTIM, "a", 1_000), paid(1, "a", "big", 900), *small)
    drawing = picture([seen], dust_fen=50, limits=PictureLimits(members=3))

    (others,) = [each for each in drawing.nodes if each.place.kind is Kind.OTHERS]
    assert (others.accounts, others.sides[0].in_fen) == (5, 60)
    assert others.members == (("s4", 14), ("s3", 13), ("s2", 12))
    assert (drawing.merged.accounts, drawing.merged.limits) == (5, ())
    opened, whole = picture([seen], dust_fen=50, opened={2}), picture([seen])
    assert (opened.nodes, opened.edges) == (whole.nodes, whole.edges)


@pytest.mark.parametrize(
    ("limits", "name"),
    [(PictureLimits(nodes=3), "nodes"), (PictureLimits(edges=4), "edges"), (PictureLimits(layers=1), "layers")],
)
def test_a_limit_that_is_reached_is_named(limits: PictureLimits, name: str) -> None:
    moved = [paid(1 + number, f"a{number % 2}", f"b{number}", 100 + number) for number in range(20)]
    drawing = picture([_of(paid(0, VICTIM, "a0", 9_000), paid(0, VICTIM, "a1", 9_000), *moved)], limits=limits)

    assert name in drawing.merged.limits and drawing.merged.accounts > 0
    assert picture([_of(paid(0, VICTIM, "a0", 9_000))], limits=limits).merged.limits == ()


def test_a_single_small_account_is_drawn_as_itself() -> None:
    drawing = picture([_of(paid(0, VICTIM, "a", 1_000), paid(1, "a", "b", 7))], dust_fen=500)
    assert {each.place.kind for each in drawing.nodes} == {Kind.ACCOUNT}


def test_many_payments_of_an_edge_are_joined_in_time_and_none_is_lost() -> None:
    many = [paid(1 + number, "a", "b", 10) for number in range(95)]
    drawing = picture([_of(paid(0, VICTIM, "a", 1_000), *many)], limits=PictureLimits(steps=10))
    (side,) = drawing.edges[1].sides

    assert len(side.steps) == 10 and sum(side.joined) == 95 and side.fen == 950
    assert [each.at_s for each in side.steps] == sorted(each.at_s for each in side.steps)
    assert side.steps[-1].at_s == many[-1].at_s
    assert all(each.movement == "" for each in side.steps)


def test_nothing_is_drawn_of_nothing() -> None:
    drawing = picture([_of()])
    assert (drawing.nodes, drawing.edges, drawing.layers, drawing.height) == ((), (), (), 0.0)
