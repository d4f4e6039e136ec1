"""Tables tell of an account the layers in which the picture draws it, and of a layer what comes to it there."""

from __future__ import annotations

from collections import defaultdict

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fanzha.i18n import Language
from fanzha.i18n.measures import layers_named, layers_text
from fanzha.tracing.follow.question import Method
from fanzha.tracing.picture.drawing import PictureLimits
from fanzha.tracing.picture.layering import layered
from fanzha.tracing.picture.picture import picture
from fanzha.tracing.picture.seen import Seen
from fanzha.tracing.picture.unrolling import Kind, unrolled
from tests.tracing.picture.traces import backward, played, traces


@settings(deadline=None)
@given(traces(), st.booleans())
def test_accounts_have_the_layers_of_the_picture(seen: Seen, back: bool) -> None:
    seen = backward(seen) if back else seen
    told = layered(unrolled(seen), is_forward=not back)

    drawn, came = defaultdict[str, set[int]](set), defaultdict[int, int](int)
    for node in picture([seen], limits=PictureLimits(layers=100)).nodes:
        if node.place.kind is Kind.ACCOUNT and node.place.layer:
            drawn[node.place.name].add(node.place.layer)
            came[node.place.layer] += node.sides[0].out_fen if back else node.sides[0].in_fen
    assert told.of == {name: tuple(sorted(layers)) for name, layers in drawn.items()}
    assert {each.layer: each.arrived_fen for each in told.sums if each.layer} == came
    assert all(each.accounts == sum(each.layer in mine for mine in drawn.values()) for each in told.sums)


def test_every_fen_of_a_layer_goes_on_or_stays() -> None:
    seen = played([10_000], [(0, 1, 99, 0), (1, 0, 49, 0), (0, 8, 19, 0)], 6, Method.FIFO)
    told = layered(unrolled(seen), is_forward=True)
    assert told.of == {"a0": (1, 3), "a1": (2,)}
    sums = [(each.layer, each.accounts, each.arrived_fen, each.lying_fen, each.left_fen) for each in told.sums]
    assert sums == [(1, 1, 10_000, 0, 0), (2, 1, 10_000, 5_000, 0), (3, 1, 5_000, 4_000, 1_000)]


@pytest.mark.parametrize(
    ("language", "layers", "cell", "sentence"),
    [
        ("en", (3,), "3", "layer 3"),
        ("en", (3, 4), "3 and 4", "layers 3 and 4"),
        ("zh", (3, 4), "3、4", "第3、4级"),
        ("en", (1, 3, 5, 7), "1, 3, 5 and 7", "layers 1, 3, 5 and 7"),
        ("zh", (1, 3, 5, 7, 9, 11), "1、3、5、7…(+2)", "第1、3、5、7…(+2)级"),
    ],
)
def test_layers_are_told_in_words(language: Language, layers: tuple[int, ...], cell: str, sentence: str) -> None:
    assert layers_text(language, layers) == cell
    assert layers_named(language, layers) == sentence
    assert layers_text(language, ()) == ""
