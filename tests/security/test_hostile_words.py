"""What strangers and banks write is shown as what it is: no markup, no turned writing, no fault of ours."""

from __future__ import annotations

from fanzha.apps.web.rendering import environment
from tests.conftest import COUNTY
from tests.security.conftest import Place

TURNED = "退款\u202e0000001元\u2066"
MARKUP = "<script>alert(1)</script>"


def acted(place: Place, act: str, **fields: str) -> int:
    token = place.token(place.people["commander", COUNTY])
    with place.client(token) as commander:
        path = f"/incidents/{place.incident.number}/do/{act}"
        answer = commander.post(path, data=fields, headers={"x-csrf": place.csrf(token)})
    return int(answer.status_code)


NO_KEYS = ("f" * 64, "f" * 16, "8" + "0" * 15, "-1", "0x1", "1_0", "١٢", "")
"""No subject of the vault has such a key; the database has no number for some of them."""


def test_what_is_no_key_reaches_no_database(place: Place) -> None:
    for key in NO_KEYS:
        for act in ("exclude", "draft"):
            assert acted(place, act, account=key, kind="stop", reason="test") == 422, key
    token = place.token(place.people["analyst", COUNTY])
    with place.client(token) as analyst:
        for key in NO_KEYS[:3]:
            sent = {"data": {"reason": "test"}, "headers": {"x-csrf": place.csrf(token)}}
            assert analyst.post(f"/cases/{place.ref}/victims/{key}", **sent).status_code in (404, 422), key


def test_a_reason_neither_runs_nor_turns_the_page_around_it(place: Place) -> None:
    assert acted(place, "halt", reason=MARKUP + TURNED) == 303
    with place.client(place.token(place.people["commander", COUNTY])) as commander:
        page = commander.get(f"/incidents/{place.incident.number}").text
    assert "退款0000001元" in page
    assert not [each for each in (MARKUP, "\u202e", "\u2066") if each in page]


def test_no_page_s_own_words_are_changed() -> None:
    told = environment().from_string("{{ a }}|{{ b }}|{{ c }}").render(a="<甲>", b=1, c="\u2067乙")
    assert told == "&lt;甲&gt;|1|乙"
