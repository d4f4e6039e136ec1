"""What URLs ask of a trace, and what the case's trace pages answer."""

from __future__ import annotations

import html
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.datastructures import QueryParams

from fanzha.apps.web.views.trace import QUESTION, STARTS, TraceQuestion, read_question
from fanzha.kernel.errors import Invalid
from fanzha.tracing.follow.question import Direction, Method
from tests.apps.web.conftest import Stage
from tests.apps.web.synthetic import REF

ONE, OTHER = "0123456789abcdef", "fedcba9876543210"


def test_a_url_without_anything_asks_by_the_usual_rule_and_names_nothing() -> None:
    asked = read_question(QueryParams(""))
    assert asked == TraceQuestion() and not asked.asks
    assert (asked.method, asked.direction, asked.horizon_s, asked.floor_fen) == ("fifo", "forward", 259_200, 10_000)


def test_a_url_names_payments_in_its_order_each_once() -> None:
    asked = read_question(
        QueryParams(f"from={OTHER}&from={ONE}&from={OTHER}&method=lifo&direction=backward&horizon=2d&floor_fen=1")
    )
    assert asked.starts == (OTHER, ONE) and asked.asks
    assert (asked.method, asked.direction) == (Method.LIFO, Direction.BACKWARD)
    assert (asked.horizon_s, asked.floor_fen) == (172_800, 1)


@pytest.mark.parametrize(
    "query",
    [
        "from=9999990000000000017",  # a card number has no place in a URL
        "from=x",
        "method=guess",
        "direction=sideways",
        "horizon=soon",
        "horizon=999999d",
        "floor_fen=0",
        "floor_fen=-5",
        "floor_fen=99999999999999999999",
        f"of={ONE}",
        "way=out",
        f"of={ONE}&way=up",
        f"of={ONE}&way=out&from={ONE}",
        "&".join(f"from={each:016x}" for each in range(STARTS + 1)),
    ],
)
def test_what_cannot_be_asked_is_said(query: str) -> None:
    with pytest.raises(Invalid):
        read_question(QueryParams(query))


@given(st.lists(st.tuples(st.sampled_from(QUESTION), st.text(max_size=20)), max_size=12))
def test_any_url_is_a_question_or_invalid(pairs: list[tuple[str, str]]) -> None:
    with suppress(Invalid):
        read_question(QueryParams(pairs))


def test_a_trace_offers_its_files_to_whoever_may_take_them(inside: Stage) -> None:
    asked = f"from={ONE}&method=lifo"
    page = inside.client.get(f"/cases/{REF}/trace?{asked}").text
    action = f'action="/cases/{REF}/trace/files?{html.escape(asked)}"'
    assert action in page and 'value="evidence"' in page
    inside.doors.permissions = frozenset({"cases.read"})
    assert action not in inside.client.get(f"/cases/{REF}/trace?{asked}").text


def test_a_file_is_made_of_the_question_of_the_url(inside: Stage) -> None:
    answer = inside.post(f"/cases/{REF}/trace/files?from={ONE}&method=lifo", kind="xlsx", purpose="evidence")
    assert answer.text == f"{REF} xlsx evidence"
    assert answer.headers["content-disposition"] == f'attachment; filename="{REF}-flow.xlsx"'
    assert inside.data.questions[-1] == TraceQuestion(starts=(ONE,), method=Method.LIFO)


def test_the_first_page_names_patterns_with_their_proof(inside: Stage) -> None:
    inside.client.cookies.set("language", "en")
    page = inside.client.get(f"/cases/{REF}/trace?from=0123456789abcdef").text

    assert "Pass-through" in page and "97.4% of what came (487,000.00 yuan)" in page and "not conclusive" in page
    assert f"/cases/{REF}/movements/{7:016x}" in page and f"/cases/{REF}/movements/{8:016x}" not in page
    assert "1,234 beyond the limit of their kind are not told" in page
