"""The table of background work and the record of one row: nothing is done without a reason, and refusals are said."""

from __future__ import annotations

from fanzha.kernel.errors import Forbidden, Illegal
from tests.apps.web.conftest import Stage
from tests.apps.web.synthetic import PERMISSIONS
from tests.apps.web.synthetic_work import STUCK

HERE = f"/work/{STUCK.id}"


def test_the_table_opens_the_record_which_says_why_and_who_did_what(inside: Stage) -> None:
    assert f'href="{HERE}"' in inside.client.get("/work?state=stuck&handler=me").text
    page = inside.client.get(HERE).text
    assert "ValueError" in page and "磁盘已扩容" in page and "zhangwei" in page
    assert f'href="/cases/{STUCK.case}"' in page


def test_each_act_is_done_for_a_reason_and_shows_the_record(inside: Stage) -> None:
    for act, fields in (("retry", {}), ("hand-over", {"to": "zhangwei"}), ("cancel", {})):
        refused = inside.post(f"{HERE}/{act}", reason=" ", **fields)
        assert refused.status_code == 422 and 'role="alert"' in refused.text
        assert inside.post(f"{HERE}/{act}", reason="test", **fields).headers["location"] == HERE
    assert inside.data.work_acts == [("retry", "test"), ("hand_over", "zhangwei", "test"), ("cancel", "test")]


def test_what_may_not_be_is_said_beside_its_form(inside: Stage) -> None:
    inside.data.work_refusal = Illegal("work.under_way", work=STUCK.id)
    answer = inside.post(f"{HERE}/cancel", reason="test")
    assert answer.status_code == 409 and "being done at this moment" in answer.text
    inside.data.work_refusal = Forbidden("access.not_permitted", permission="work.cancel")
    assert inside.post(f"{HERE}/cancel", reason="test").status_code == 403


def test_a_filter_that_is_none_is_refused(inside: Stage) -> None:
    assert inside.client.get("/work?state=asleep").status_code == 422


def test_the_first_page_tells_whoever_handles_work_what_is_stuck_and_why(inside: Stage) -> None:
    inside.doors.permissions = PERMISSIONS | {"work.read"}
    home = inside.client.get("/").text
    assert f'href="{HERE}"' in home and "ValueError" in home and STUCK.case in home and "zhangwei" in home
    assert 'href="/work?state=stuck"' in home
    inside.doors.permissions = PERMISSIONS - {"work.read"}
    assert HERE not in inside.client.get("/").text


def test_clocks_of_one_order_are_told_apart_with_the_hour_they_ring(inside: Stage) -> None:
    page = inside.client.get("/work").text
    assert "2026-03-03 10:30:00" in page and "Lapse" in page
