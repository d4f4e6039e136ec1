"""What an officer does to an incident and after its hour: what is wrong is said where it is, with everything kept."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from fanzha.cases.case import Case
from fanzha.cases.incident import REASON_CHARACTERS
from fanzha.kernel.clock import SetClock
from fanzha.wiring.house import House
from fanzha.wiring.incidents import close_incident
from tests.apps.web.order_house import OrderHouse, in_office, order_house
from tests.apps.web.test_shift_and_staff import at, reported, said_at, sent


@pytest.fixture
def place(house: House, clock: SetClock, case: Case, tmp_path: Path) -> OrderHouse:
    return in_office(order_house(house, clock, case, tmp_path))


@pytest.mark.parametrize(("language", "words"), [("zh", "内容为空"), ("en", "Nothing was written")])
def test_an_act_without_its_reason_shows_its_form_again(place: OrderHouse, language: str, words: str) -> None:
    number = reported(place)
    status, page = sent(place, "drafter", language, f"/incidents/{number}/do/halt", reason=" ")
    assert (status, words in said_at(page, "reason")) == (422, True)
    assert f'action="/incidents/{number}/do/halt"' in page
    long = "测" * (REASON_CHARACTERS + 1)
    _, page = sent(place, "drafter", language, f"/incidents/{number}/do/halt", reason=long)
    assert said_at(page, "reason") and f">{long}</textarea>" in page, "what was typed is there to be shortened"
    assert sent(place, "drafter", language, f"/incidents/{number}/do/halt", reason="测试")[0] in (200, 303)


def test_an_act_that_came_too_late_tells_so_on_the_incident(place: OrderHouse) -> None:
    number = reported(place)
    at(place, place.staff.drafter, lambda desk: close_incident(desk, number, "测试"))
    status, page = sent(place, "drafter", "zh", f"/incidents/{number}/do/halt", reason="测试")
    assert status == 409, status
    assert f'data-incident="{number}"' in page and 'class="alert bad"' in page


@pytest.mark.parametrize(("act", "field"), [("file", "words"), ("told", "words"), ("evidence", "words")])
def test_what_is_wrong_after_the_hour_is_said_at_its_own_field(place: OrderHouse, act: str, field: str) -> None:
    number = reported(place)
    page = place.page("drafter", f"/incidents/{number}/after")
    assert "autofocus" not in page.split("<main")[1], "the page opens at what is held, and its keys work"
    code = re.findall(r'name="code" value="(\w+)"', page)[0] if act == "evidence" else ""
    status, page = sent(place, "drafter", "zh", f"/incidents/{number}/after/{act}", code=code, **{field: " "})
    (form,) = re.findall(
        rf'<form[^>]*action="/incidents/{number}/after/[^>]*>(?:(?!</form>).)*aria-invalid.*?</form>', page, re.S
    )
    assert status == 422 and f"/after/{act}" in form and (not code or f'value="{code}"' in form)
    assert f'id="{code or act}-trouble"' in form and "内容为空" in form and "autofocus" in form
    assert 'class="alert bad"' not in page, "it is said once"
    assert ">已告知" not in form, "what was typed is told, not what was proposed"


def test_what_has_no_field_after_the_hour_is_said_above(place: OrderHouse) -> None:
    number = reported(place)
    status, page = sent(place, "drafter", "zh", f"/incidents/{number}/after/evidence", code="none", words="柜3")
    assert status == 422 and 'class="alert bad"' in page and "aria-invalid" not in page


def test_each_step_of_a_first_visit_leads_on(place: OrderHouse) -> None:
    number = reported(place)
    with place.browser("drafter", "zh") as client:
        client.cookies.set("guide", "on")

        def step(path: str) -> list[str]:
            page = client.get(path, follow_redirects=True).text
            guide = page.split('class="guide"')[1].split("</aside>")[0]
            return re.findall(r'<a href="([^"]+)" aria-current="step">', guide)

        steps = ["/incidents/latest", "/incidents/latest?step=halt", "/sign", "/incidents/handover"]
        for each in (*steps, "/incidents/latest/after"):
            assert step(each) == [each]
        assert step("/figures") == [], "a page of no step tells none"
        client.post(f"/incidents/{number}/do/halt", data={"csrf": "csrf-of-token-of-drafter", "reason": "测试"})
        assert step(f"/incidents/{number}") == ["/incidents/latest?step=halt"], "what was halted is not to be seen anew"


@pytest.mark.parametrize(
    ("language", "words"), [("zh", "账号不全，机构查不到"), ("en", "The number is incomplete; no institution finds it")]
)
def test_a_payee_with_hidden_figures_is_told_to_be_incomplete(place: OrderHouse, language: str, words: str) -> None:
    masked, whole = reported(place, "6222 **** **** 1234"), reported(place)
    page = place.page("drafter", f"/incidents/{masked}", language)
    assert words in page and "/do/draft" not in page, "nothing can be drafted for a part of a number"
    assert words not in place.page("drafter", f"/incidents/{whole}", language)
