"""What URLs ask of a picture, and what it tells the browser."""

from __future__ import annotations

import pytest
from starlette.datastructures import QueryParams

from fanzha.apps.web.views.picture import read_picture
from fanzha.kernel.errors import Invalid
from fanzha.tracing.follow.question import Method
from tests.apps.web.conftest import Stage
from tests.apps.web.synthetic import REF
from tests.docs.schemas import assert_valid

ONE, OTHER = "0123456789abcdef", "fedcba9876543210"
PICTURE = f"/cases/{REF}/trace/picture.json?from={ONE}"


@pytest.mark.parametrize("amount", [1, 40, 3_000])
@pytest.mark.parametrize("more", ["", "&beside=lifo", "&dust_fen=5000000&open=3", "&direction=backward&beside=poison"])
def test_a_picture_is_as_promised(inside: Stage, more: str, amount: int) -> None:
    inside.data.amount = amount
    answer = inside.client.get(PICTURE + more)

    assert answer.status_code == 200
    told = answer.json()
    assert_valid("trace_picture", told)
    ids = [each["id"] for each in told["nodes"]]
    assert len(set(ids)) == len(ids)
    assert {end for each in told["edges"] for end in (each["source"], each["target"])} <= set(ids)
    for each in (*told["nodes"], *told["edges"]):
        assert len(each["sides"]) == len(told["methods"]) == len(told["totals"])
    for each in told["edges"]:
        for side in each["sides"]:
            assert side["traced_fen"] == sum(hop["traced_fen"] for hop in side["hops"])


def test_a_url_says_how_to_draw() -> None:
    asked = read_picture(QueryParams(f"from={ONE}&beside=lifo&dust_fen=50000&open=3&open=2&open=3"))
    assert (asked.beside, asked.dust_fen, asked.opened) == (Method.LIFO, 50_000, (2, 3))
    assert read_picture(QueryParams(f"from={ONE}&method=lifo&beside=lifo")).beside is None


def test_marks_hang_on_payments_and_direction_alone() -> None:
    one = read_picture(QueryParams(f"from={ONE}&from={OTHER}")).picture
    assert one == read_picture(QueryParams(f"from={OTHER}&from={ONE}&method=lifo&floor_fen=7&dust_fen=9")).picture
    assert one != read_picture(QueryParams(f"from={ONE}")).picture
    assert one != read_picture(QueryParams(f"from={ONE}&from={OTHER}&direction=backward")).picture


@pytest.mark.parametrize(
    "more", ["beside=guess", "dust_fen=-1", "dust_fen=x", "dust_fen=" + "9" * 30, "open=x", "open=99"]
)
def test_what_cannot_be_drawn_is_said(inside: Stage, more: str) -> None:
    assert inside.client.get(f"{PICTURE}&{more}").status_code == 422
    with pytest.raises(Invalid):
        read_picture(QueryParams(f"from={ONE}&{more}"))


def test_a_picture_of_nothing_is_not_drawn(inside: Stage) -> None:
    assert inside.client.get(f"/cases/{REF}/trace/picture.json").status_code == 422


def test_a_mark_stays_and_an_undo_takes_it_back(inside: Stage) -> None:
    inside.data.amount = 40
    told = inside.client.get(PICTURE).json()
    node, marks = told["nodes"][1]["id"], told["links"]["marks"]
    assert told["marks"]["may_mark"] and told["marks"]["latest"] == 0

    def post(**mark: object):  # type: ignore[no-untyped-def]
        return inside.client.post(marks, json=mark, headers={"x-csrf": inside.csrf})

    noted = post(kind="note", after=0, node=node, text="<b>车手</b>")
    assert noted.status_code == 200 and noted.json()["notes"][0]["text"] == "<b>车手</b>"
    assert post(kind="hide", after=0, nodes=[node]).status_code == 409
    assert post(kind="hide", after=1, nodes=[node, "others@9"]).json()["hidden"] == sorted([node, "others@9"])
    assert post(kind="group", after=2, nodes=[node, "others@9"], text="").json()["groups"][0]["entry"] == 3
    assert post(kind="pin", after=3, places=[{"node": node, "x": 10, "y": -4.25}]).status_code == 200
    again = inside.client.get(PICTURE)
    assert_valid("trace_picture", again.json())
    assert again.json()["marks"]["pins"] == [{"node": node, "x": 10.0, "y": -4.25}]

    after = post(kind="undo", after=4, entry=2).json()
    assert after["hidden"] == [] and [each["undone"] for each in after["history"]] == [False, False, False, True, False]
    assert after["history"][0]["undoes"] == 2
    assert post(kind="undo", after=5, entry=2).status_code == 404


def test_a_mark_needs_the_token_a_picture_and_a_meaning(inside: Stage) -> None:
    marks, token = f"/cases/{REF}/trace/picture/marks?picture={ONE}", {"x-csrf": inside.csrf}
    mark = {"kind": "hide", "after": 0, "nodes": ["others@2"]}
    assert inside.client.post(marks, json=mark).status_code == 403
    assert inside.client.post(marks.partition("?")[0], json=mark, headers=token).status_code == 422
    assert inside.client.post(marks, json={**mark, "kind": "x"}, headers=token).status_code == 422
    assert inside.client.post(marks, json=[mark], headers=token).status_code == 422
    assert inside.client.post(marks, json=mark, headers=token).status_code == 200


def test_what_is_named_about_an_account_stands_at_its_place(inside: Stage) -> None:
    told = inside.client.get(PICTURE, headers={"accept-language": "en"}).json()
    named = [each for node in told["nodes"] for each in node["patterns"]]

    assert named and all(node["account"] for node in told["nodes"] if node["patterns"])
    assert named[0]["kind"] == "pass_through" and "97.4%" in named[0]["said"] and "487,000.00" in named[0]["said"]
    assert (len(named[0]["movements"]), named[0]["movement_count"], named[0]["conclusive"]) == (20, 30, False)
