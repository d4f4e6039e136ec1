"""The picture of money flow as a person uses it: by mouse, by fingers, by keys, without seeing it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fanzha.apps.web.app import create_app
from fanzha.apps.web.settings import WebSettings
from fanzha.kernel.clock import WallClock
from tests.apps.web.browser import complaints, served
from tests.apps.web.synthetic import REF, SyntheticData, SyntheticDoors
from tests.apps.web.test_browser import LOOKS, Desk, _too_wide, browser

__all__ = ["browser"]

pytestmark = pytest.mark.browser

PICTURE = f"/cases/{REF}/trace/picture?from={'0' * 15}1"


@pytest.fixture
def desk(browser: Any, tmp_path: Path) -> Iterator[Desk]:
    """A console whose picture has some forty places."""
    data, doors = SyntheticData(amount=200), SyntheticDoors()
    settings = WebSettings(uploads=tmp_path / "uploads", log_in_tries=100)
    with served(create_app(data, doors, settings, WallClock())) as address:
        desk = Desk(browser=browser, address=address, data=data, doors=doors, troubles=[])
        yield desk
        assert desk.troubles == []
        for context in browser.contexts:
            context.close()


def opened(desk: Desk, more: str = "", **look: Any) -> Any:
    """A page with the picture painted."""
    page = desk.page(**look)
    page.goto(PICTURE + more)
    page.locator("#picture[data-painted]").wait_for()
    return page


@pytest.mark.parametrize(("language", "width", "theme"), LOOKS)
def test_the_page_fits_and_gives_axe_no_reason(desk: Desk, language: str, width: int, theme: str) -> None:
    page = opened(desk, language=language, width=width, theme=theme)
    page.locator("[data-stage]").focus()
    page.keyboard.press("ArrowRight")
    page.locator("#picture.open [data-panel] h2").first.wait_for()
    page.keyboard.press("t")
    page.locator("#picture [data-table] tbody tr").first.wait_for()
    assert complaints(page) + list(_too_wide(page)) == []


def walk(page: Any, *keys: str) -> None:
    """From nowhere, by keys, to a place."""
    page.locator("[data-stage]").focus()
    for key in keys:
        page.keyboard.press(key)
    page.locator("#picture.open #picture-here").wait_for(state="attached")


def middle(page: Any) -> tuple[float, float]:
    """Where on the screen the place lies on which one stands."""
    box = page.locator("#picture-here").bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + min(box["height"], 40) / 2


def heading(page: Any) -> str:
    """What the panel tells of."""
    return str(page.locator("[data-panel] h2").first.inner_text())


def test_keys_walk_along_the_money_and_every_step_is_said(desk: Desk) -> None:
    page = opened(desk)
    walk(page, "ArrowRight")
    assert "Layer 0" in page.locator("[data-told]").text_content()
    page.keyboard.press("ArrowRight")
    said = page.locator("[data-told]").text_content()
    assert "Layer 1" in said and "¥98,000,000.00" in said
    assert page.locator("[data-stage]").get_attribute("aria-activedescendant") == "picture-here"
    page.keyboard.press("ArrowLeft")
    assert "Layer 0" in page.locator("[data-told]").text_content()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.closest('aside') !== null")
    page.locator("[data-stage]").focus()
    page.keyboard.press("Escape")
    assert page.locator("#picture.open").count() == 0


def test_a_click_shows_an_account_its_payments_and_their_evidence(desk: Desk) -> None:
    page = opened(desk)
    walk(page, "ArrowRight", "ArrowRight")
    x, y = middle(page)
    told = heading(page)
    page.keyboard.press("Escape")
    page.mouse.click(x, y)
    page.locator("#picture.open").wait_for(state="attached")
    assert heading(page) == told
    assert "/accounts/" in page.locator("[data-panel] h2 a").get_attribute("href")
    page.locator("[data-panel] a[data-drawer]").first.click()
    page.locator("#drawer .telling").first.wait_for()
    assert "/trace/picture" in page.url


def test_a_band_between_two_places_tells_its_payments(desk: Desk) -> None:
    page = opened(desk)
    walk(page, "ArrowRight")
    first = middle(page)
    page.keyboard.press("ArrowRight")
    second = middle(page)
    page.keyboard.press("Escape")
    page.mouse.click((first[0] + second[0]) / 2, (first[1] + second[1]) / 2)
    page.locator("[data-panel] h2", has_text="→").wait_for()
    assert "¥98,000,000.00" in page.locator("[data-panel]").inner_text()


def test_the_address_keeps_what_is_looked_at_and_says_nothing_personal(desk: Desk) -> None:
    page = opened(desk)
    walk(page, "ArrowRight", "ArrowRight")
    told = heading(page)
    page.keyboard.press("[")
    page.wait_for_url(lambda url: "at=2026" in url and "node=" in url)
    assert "9999%20" not in page.url and "%E6%B5%8B" not in page.url
    shown = page.locator("[data-clock] output").inner_text()
    page.reload()
    page.locator("#picture.open").wait_for(state="attached")
    assert heading(page) == told and page.locator("[data-clock] output").inner_text() == shown


def test_the_clock_lets_money_come_in_time(desk: Desk) -> None:
    page = desk.page()
    page.clock.install()
    page.goto(PICTURE)
    page.locator("#picture[data-painted]").wait_for()
    page.keyboard.press("t")
    rows = page.locator("[data-table] tbody tr")
    rows.first.wait_for()
    whole = rows.count()
    slider = page.locator("[data-clock] input")
    slider.focus()
    page.keyboard.press("Home")
    page.clock.fast_forward(1_000)
    assert rows.count() == 2, "the first payment: who paid, and who got it"
    page.keyboard.press("Space")
    for _ in range(3):
        page.clock.fast_forward(20_000)
    assert rows.count() == whole and "at=" not in page.url, "it plays to the end"


def test_another_rule_beside_keeps_places_and_tells_the_difference_in_fen(desk: Desk) -> None:
    page = opened(desk)
    page.select_option("[name=beside]", "lifo")
    page.locator("[data-side='1'][aria-pressed=true]").wait_for()
    assert "beside=lifo" in page.url
    walk(page, "ArrowRight", "ArrowRight", "ArrowRight")
    place = page.locator("#picture-here").bounding_box()
    sums = page.locator("[data-panel] dd").first.inner_text()
    page.keyboard.press("m")
    page.locator("[data-side='0'][aria-pressed=true]").wait_for()
    assert page.locator("#picture-here").bounding_box() == place
    assert page.locator("[data-panel] dd").first.inner_text() != sums
    changed = page.locator("[data-panel] dt", has_text="Against the other rule").locator("xpath=../dd").inner_text()
    assert changed.lstrip("+-").startswith("¥")


def test_small_sums_are_merged_and_no_money_is_lost(desk: Desk) -> None:
    page = opened(desk)
    page.keyboard.press("t")
    page.locator("[data-table] tbody tr").first.wait_for()
    before = page.locator("[data-table] tbody tr").count()
    page.select_option("[name=dust]", "50000000")
    page.locator("[data-table] tbody tr", has_text="other accounts").first.wait_for()
    assert page.locator("[data-table] tbody tr").count() < before
    page.locator("[data-table] tbody button", has_text="other accounts").first.click()
    page.locator("[data-panel] [data-act=open]").click()
    page.wait_for_url("**open=**")


def test_a_picture_is_taken_with_a_mark_in_the_log(desk: Desk) -> None:
    page = opened(desk)
    with page.expect_download() as taken:
        page.locator("[data-act=png]").click()
    assert taken.value.suggested_filename == f"{REF}-picture.png"
    assert Path(taken.value.path()).read_bytes().startswith(b"\x89PNG")
    assert [each[:3] for each in desk.data.kept_acts] == [("exported", REF, "trace_picture")]


def test_two_fingers_come_nearer_and_one_moves_the_paper(desk: Desk) -> None:
    context = desk.page(width=390).context
    page = context.pages[0]
    page.goto(PICTURE)
    page.locator("#picture[data-painted]").wait_for()
    walk(page, "ArrowRight")
    before = page.locator("#picture-here").bounding_box()
    box = page.locator("[data-stage]").bounding_box()
    touch = context.new_cdp_session(page)
    x, y = box["x"] + box["width"] / 2, box["y"] + 80

    def fingers(kind: str, *places: tuple[float, float]) -> None:
        points = [{"x": at[0], "y": at[1], "id": number} for number, at in enumerate(places)]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    fingers("touchStart", (x - 20, y), (x + 20, y))
    fingers("touchMove", (x - 60, y), (x + 60, y))
    fingers("touchEnd")
    page.locator("#picture-here").wait_for(state="attached")
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    after = page.locator("#picture-here").bounding_box()
    assert after["width"] > 2 * before["width"]


def test_trouble_is_said_and_can_be_tried_again(desk: Desk) -> None:
    page = desk.page()
    broken = [True]

    def answer(route: Any) -> None:
        refused = '{"code": "web.unavailable", "message": "The case is being read."}'
        route.fulfill(status=422, content_type="application/json", body=refused) if broken else route.continue_()

    page.route("**/picture.json*", answer)
    page.goto(PICTURE)
    page.locator("[role=alert]", has_text="The case is being read.").wait_for()
    broken.clear()
    page.locator("[data-act=again]").click()
    page.locator("#picture[data-painted]").wait_for()
    desk.troubles[:] = [each for each in desk.troubles if "422" not in each]


def test_a_question_without_money_says_what_to_do(desk: Desk) -> None:
    page = desk.page()
    page.goto(f"/cases/{REF}/trace/picture")
    assert page.locator("#picture").count() == 0 and page.locator(".empty a").count() == 1
