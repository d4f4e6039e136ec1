"""The page on which a case is held, shared and erased, and the choice of the unit one works as."""

from __future__ import annotations

from dataclasses import replace

import pytest

from fanzha.apps.web.wired.masks import masked_cell
from fanzha.kernel.errors import Forbidden, Illegal
from tests.apps.web.conftest import Stage
from tests.apps.web.synthetic import REF
from tests.apps.web.synthetic_keeping import ASKED, ENDED, OTHER

HERE = f"/cases/{REF}"


def test_a_hold_says_why_and_who_and_its_release_needs_a_reason(inside: Stage) -> None:
    page = inside.client.get(f"{HERE}/settings").text
    assert "等待二审" in page and "zhaoliu" in page and 'name="held" value="no"' in page
    refused = inside.post(f"{HERE}/hold", held="no", reason=" ")
    assert refused.status_code == 422 and 'role="alert"' in refused.text
    assert inside.post(f"{HERE}/hold", held="no", reason="final").headers["location"] == f"{HERE}/settings"
    assert inside.data.kept_acts == [("release", "final")]


def test_a_case_is_shared_and_that_is_withdrawn(inside: Stage) -> None:
    page = inside.client.get(f"{HERE}/settings").text
    assert OTHER.en in page and "until 2027-01-01 00:00" in page
    wish = {"unit": "centre.county03", "purpose": "evidence", "until": "2026-12-31", "reason": "money went there"}
    assert inside.post(f"{HERE}/shares", **wish).status_code == 303
    assert inside.post(f"{HERE}/shares", end="yes", unit=OTHER.code, reason="done").status_code == 303
    assert inside.data.kept_acts == [("share", *wish.values()), ("unshare", OTHER.code, "done")]


@pytest.mark.parametrize(("mine", "offered"), [(True, "refuse"), (False, "confirm")])
def test_who_asked_for_an_erasure_is_not_offered_to_confirm_it(inside: Stage, mine: bool, offered: str) -> None:
    inside.data.kept = replace(ENDED, asked=ASKED, asked_by_me=mine)
    page = inside.client.get(f"{HERE}/settings").text
    assert f'value="{offered}"' in page and ASKED.reason in page
    assert ('value="confirm"' in page) is not mine


def test_each_step_of_an_erasure_is_one_form(inside: Stage) -> None:
    inside.data.kept = ENDED
    assert 'value="ask"' in inside.client.get(f"{HERE}/settings").text
    for fields in ({"step": "ask", "reason": "over"}, {"step": "refuse", "reason": "not yet"}, {"step": "confirm"}):
        assert inside.post(f"{HERE}/erasure", **fields).status_code == 303
    assert inside.post(f"{HERE}/erasure", step="burn").status_code == 422
    assert inside.data.kept_acts == [("ask", "over"), ("refuse", "not yet"), ("erase",)]


def test_what_is_refused_is_said_beside_its_form(inside: Stage) -> None:
    inside.data.refusal = Illegal("cases.erasure_running", ref=REF)
    answer = inside.post(f"{HERE}/erasure", step="confirm")
    assert answer.status_code == 409 and "still running" in answer.text and 'id="erasure"' in answer.text
    inside.data.refusal = Forbidden("cases.erasure_own", ref=REF)
    assert inside.post(f"{HERE}/erasure", step="confirm").status_code == 403


def test_a_reader_and_a_unit_that_only_reads_are_offered_nothing(inside: Stage) -> None:
    inside.data.kept = replace(ENDED, writable=False)
    assert f'action="{HERE}/' not in inside.client.get(f"{HERE}/settings").text
    inside.data.kept = ENDED
    inside.doors.permissions = frozenset({"cases.read"})
    assert f'action="{HERE}/' not in inside.client.get(f"{HERE}/settings").text


def test_the_unit_to_work_as_is_chosen_in_the_menu(inside: Stage) -> None:
    assert 'href="/unit"' in inside.client.get("/").text
    assert OTHER.en in inside.client.get("/unit").text
    assert inside.post("/unit", unit=OTHER.code).headers["location"] == "/"
    assert inside.doors.worked_as == [OTHER.code]


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_an_export_leaves_a_mark(inside: Stage, kind: str) -> None:
    assert inside.client.get(f"{HERE}/movements?export={kind}").status_code == 200
    assert inside.client.get(f"/cases?export={kind}").status_code == 200
    told = [act[:3] for act in inside.data.kept_acts]
    assert told == [("exported", REF, "movements"), ("exported", "", "cases")]


@pytest.mark.parametrize("field", ["serial", "amount", "time", "direction"])
@pytest.mark.parametrize(
    "told",
    [
        "12000000001", "+8612000000001", "120 0000 0001", "9999990000000000017", "9999 9900 0000 0000 017",
        "\t9999990000000000017", "99000019900307123X", "990000199003071235", "990000900307123", "TX12000000001",
    ],
)  # fmt: skip
def test_what_looks_like_a_person_is_masked_whatever_its_column_was_said_to_mean(field: str, told: str) -> None:
    cell = masked_cell(field, told, "c1-2-3")
    assert cell.shown != told and cell.ref == "c1-2-3"
    assert told.strip()[4:9] not in cell.shown


@pytest.mark.parametrize(
    ("field", "told"),
    [
        ("serial", "00012345"), ("serial", "20260301091205000123"), ("serial", "A0001"), ("amount", "12345678901.25"),
        ("amount", "-1,234.50"), ("time", "20260301091205"), ("time", "20260301091205123"), ("direction", "出"),
        ("time", "2026-03-01 09:12:05"), ("date", "46082"), ("balance", "100000000"),
    ],
)  # fmt: skip
def test_an_unpersonal_cell_stays_as_it_lay(field: str, told: str) -> None:
    assert masked_cell(field, told, "c1-2-3").shown == told


def test_a_search_says_what_for(inside: Stage) -> None:
    for given, kept in (({}, "case_work"), ({"purpose": "victim_contact"}, "victim_contact")):
        answer = inside.post("/search", text="12000000001", **given)
        assert answer.status_code == 200 and inside.data.searched[-1] == kept
        assert f'<option value="{kept}" selected>' in answer.text
    assert inside.post("/search", text="12000000001", purpose="curiosity").status_code == 422
    assert len(inside.data.searched) == 2


def test_in_a_live_centre_whoever_adds_somebody_is_asked_for_no_role(inside: Stage) -> None:
    assert 'name="role"' in inside.client.get("/staff").text
    inside.data.exercise = False
    page = inside.client.get("/staff").text
    assert 'name="role"' not in page and "Another administrator gives the roles" in page


def test_a_case_of_another_unit_says_so_on_every_page(inside: Stage) -> None:
    assert "shared with you for reading" not in inside.client.get(HERE).text
    inside.doors.scope = "shi.bie"
    assert "shared with you for reading" in inside.client.get(HERE).text
