"""The table of background work and the record of one row: nothing is done without a reason, and refusals are said."""

from __future__ import annotations

from fanzha.kernel.errors import Forbidden, Illegal
from tests.apps.web.conftest import Stage
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
