"""A trace's picture as a file: well-formed whatever names say, the same bytes each time, and nothing left unsaid."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fanzha.adapters.documents.svg_marks import escaped, shortened, width
from fanzha.adapters.documents.trace_labels import Party
from fanzha.adapters.documents.trace_svg import Titled, drawn_svg
from fanzha.i18n import LANGUAGES, Language
from fanzha.tracing.follow.question import Method
from fanzha.tracing.picture.drawing import Drawing, PictureLimits
from fanzha.tracing.picture.picture import picture
from fanzha.tracing.picture.unrolling import Kind
from tests.tracing.picture.traces import VICTIM, backward, mule_tree

GOLDEN = Path(__file__).parent / "golden"
SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = "</text><script>alert(1)</script>\"' onload=x & \x00\x1b\ud800\uffff ]]> <!--"


def party(number: str) -> Party:
    """A made-up account."""
    tail = 9_999 if number == VICTIM else int(number[1:])
    return Party(f"9999 **** **** {tail:04d}", "测*" if tail % 2 else "试*")


def accounts(drawing: Drawing) -> int:
    """How many accounts the first method draws by their numbers."""
    return sum(each.place.kind is Kind.ACCOUNT and each.sides[0].fen > 0 for each in drawing.nodes)


def small(*, back: bool = False) -> Drawing:
    """Fourteen accounts, one of them inconclusive."""
    seen = mule_tree(14, 30)
    return picture([backward(seen) if back else seen])


def texts(svg: str) -> list[str]:
    """Every line of text of a file."""
    return ["".join(each.itertext()) for each in ElementTree.fromstring(svg).iter(f"{SVG}text")]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("back", [False, True])
def test_a_small_picture_is_the_golden_one(language: Language, back: bool) -> None:
    titled = Titled(title="DEMO-1", lines=("先进先出", "FIFO"))
    drawn = drawn_svg(small(back=back), language, party, titled)
    golden = GOLDEN / f"trace-{'back' if back else 'forth'}-{language}.svg"
    if os.environ.get("FANZHA_WRITE_GOLDEN"):
        golden.parent.mkdir(exist_ok=True)
        golden.write_text(drawn, "utf-8")
    assert drawn == golden.read_text("utf-8")


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=40), st.text(max_size=80))
def test_a_file_is_well_formed_whatever_files_called_people(number: str, name: str) -> None:
    svg = drawn_svg(small(), "zh", lambda _: Party(number, name), Titled(title=name, lines=(number,)))
    ElementTree.fromstring(svg.encode())


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_hostile_name_is_text(language: Language) -> None:
    svg = drawn_svg(small(), language, lambda _: Party("1", HOSTILE), Titled(title=HOSTILE))
    root = ElementTree.fromstring(svg.encode())
    assert {each.tag for each in root.iter()} <= {
        f"{SVG}{name}" for name in ("svg", "g", "rect", "path", "text", "defs", "pattern", "circle")
    }
    assert not any("onload" in each.attrib or "href" in "".join(each.attrib) for each in root.iter())
    assert "http" not in svg.replace("http://www.w3.org/2000/svg", "")


def test_every_node_says_who_and_how_much() -> None:
    drawing = small()
    told = texts(drawn_svg(drawing, "zh", party))
    assert sum("****" in each for each in told) == accounts(drawing)
    for state in ("起点", "在账", "最后所见", "已离开", "低于下限"):
        assert any(state in each for each in told)
    assert any(each.endswith("?") for each in told) and any("期初余额不明" in each for each in told)


def test_what_was_summed_is_said() -> None:
    drawing = picture([mule_tree(60, 120)], limits=PictureLimits(nodes=8))
    told = texts(drawn_svg(drawing, "en", party))
    assert any(f"{drawing.merged.accounts} accounts with little money" in each for each in told)
    assert any("only the accounts with most money" in each for each in told)
    assert any("other accounts" in each for each in told)


def test_of_two_methods_the_first_is_drawn() -> None:
    one, other = mule_tree(14, 30), mule_tree(14, 30, Method.LIFO, seed=1)
    both = picture([one, other])
    told = texts(drawn_svg(both, "zh", party))
    assert sum("****" in each for each in told) == accounts(both) < len(both.nodes)


def test_nothing_is_a_picture_too() -> None:
    ElementTree.fromstring(drawn_svg(picture([replace(mule_tree(2, 1), moved=(), lying=())]), "zh", party))


@settings(deadline=None)
@given(st.text(max_size=30), st.floats(5, 200))
def test_a_shortened_text_fits(text: str, room: float) -> None:
    short = shortened(text, 12, room)
    assert short == text or (width(short, 12) <= max(room, 12) and text.startswith(short[:-1]) and short[-1] == "…")


@settings(deadline=None)
@given(st.text(st.characters(exclude_categories=("Cs", "Cc", "Cn"))))
def test_escaped_text_comes_back_as_it_was(text: str) -> None:
    assert (ElementTree.fromstring(f"<a>{escaped(text)}</a>").text or "") == text
