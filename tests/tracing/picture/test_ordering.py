"""Orders have few crossings, and the count of crossings is right."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from fanzha.tracing.picture.ordering import crossings, inversions, ordered
from fanzha.tracing.picture.placing import tops


@settings(deadline=None)
@given(st.lists(st.integers(-5, 5), max_size=40))
def test_inversions_are_counted_as_by_hand(values: list[int]) -> None:
    by_hand = sum(values[i] > values[j] for i in range(len(values)) for j in range(i + 1, len(values)))
    assert inversions(np.array(values, np.int64)) == by_hand


EDGES = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 6), st.integers(0, 6), st.integers(1, 9)), max_size=60)


@settings(deadline=None)
@given(EDGES)
def test_an_order_has_no_more_crossings_than_before_and_keeps_ranks(edges: list[tuple[int, int, int, int]]) -> None:
    layer = np.repeat(np.arange(4), 7)
    rank = np.tile([0, 0, 0, 0, 0, 1, 2], 4)
    ends = np.array(
        [[7 * at + one for at, one, _, _ in edges], [7 * at + 7 + two for at, _, two, _ in edges]], np.int64
    )
    weight = np.array([each[3] for each in edges], np.int64)

    place = ordered(layer, rank, ends, weight)

    before = np.tile(np.arange(7), 4)
    assert crossings(layer, place, ends) <= crossings(layer, before, ends)
    for each in range(4):
        mine = place[layer == each]
        assert sorted(mine) == list(range(7))
        assert list(rank[layer == each][np.argsort(mine)]) == [0, 0, 0, 0, 0, 1, 2]


def test_two_trees_that_were_told_mixed_are_drawn_apart() -> None:
    """Roots 0 and 1; their six children told in turn."""
    layer = np.array([0, 0, 1, 1, 1, 1, 1, 1])
    ends = np.array([[0, 1, 0, 1, 0, 1], [2, 3, 4, 5, 6, 7]])
    place = ordered(layer, np.zeros(8, np.int64), ends, np.ones(6, np.int64))
    assert crossings(layer, place, ends) == 0


def test_a_chain_is_a_straight_line_and_a_pair_stands_about_its_middle() -> None:
    layer, pitch = np.array([0, 1, 2, 2]), np.full(4, 10.0)
    ends, weight = np.array([[0, 1, 1], [1, 2, 3]]), np.ones(3, np.int64)
    top = tops(layer, np.array([0, 0, 0, 1]), pitch, ends, weight)
    assert top[0] == top[1] == (top[2] + top[3]) / 2 and top[3] - top[2] == 10
