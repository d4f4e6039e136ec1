"""A picture of a trace that reached its limits says so, on the page and in the file that leaves."""

from __future__ import annotations

from typing import Any

import pytest

from tests.apps.web.browser import complaints
from tests.apps.web.test_browser import Desk, _too_wide, browser
from tests.apps.web.test_picture_page import PICTURE, desk, opened, walk

__all__ = ["browser", "desk"]

pytestmark = pytest.mark.browser

TAKING = """() => {
  window.drawn = [];
  const write = CanvasRenderingContext2D.prototype.fillText;
  CanvasRenderingContext2D.prototype.fillText = function (text, x, ...rest) {
    window.drawn.push([text, x + this.measureText(text).width <= this.canvas.width / this.getTransform().a]);
    return write.call(this, text, x, ...rest);
  };
}"""


def limited(route: Any) -> None:
    """The picture of a trace that reached its limits."""
    told = route.fetch().json()
    account = next(each["account"] for each in told["nodes"] if each["account"])
    told["totals"] = [{**each, "ended": "events", "cut": [account]} for each in told["totals"]]
    route.fulfill(json=told)


@pytest.mark.parametrize("width", [1440, 390])
def test_a_trace_cut_short_is_said_over_the_picture(desk: Desk, width: int) -> None:
    page = desk.page(width=width)
    page.route("**/picture.json*", limited)
    page.goto(PICTURE)
    page.locator("#picture[data-painted]").wait_for()
    page.locator("[data-short=cut]:visible").wait_for()
    told = page.locator("#picture .alert:visible").all_inner_texts()
    assert any("stopped at a limit" in each for each in told)
    assert any("read to its end" in each and "(1): " in each for each in told)
    assert complaints(page) + list(_too_wide(page)) == []


def test_what_is_said_leaves_a_large_picture_its_room(desk: Desk) -> None:
    page = desk.page(width=1440)
    page.route("**/picture.json*", limited)
    page.goto(PICTURE)
    page.locator("#picture[data-painted]").wait_for()
    page.locator("[data-act=large]").click()
    page.locator("#picture.large").wait_for()
    whole, stage = (page.locator(each).bounding_box() for each in ("#picture", "[data-stage]"))
    assert stage["height"] > whole["height"] / 2
    assert all(each.bounding_box()["height"] < 80 for each in page.locator("#picture .alert:visible").all())


def test_of_a_whole_trace_nothing_is_said(desk: Desk) -> None:
    assert opened(desk).locator("#picture .alert:visible").count() == 0


def test_a_picture_taken_says_what_it_is_and_what_it_does_not_tell(desk: Desk) -> None:
    page = desk.page()
    page.route("**/picture.json*", limited)
    page.goto(PICTURE)
    page.locator("#picture[data-painted]").wait_for()
    walk(page, "ArrowRight", "ArrowRight")
    through = page.locator("[data-panel] dd").first.inner_text()
    with page.expect_response("**/marks*"):
        page.locator("[data-stage]").press("h")
    page.locator("[data-panel]", has_text="1 hidden").wait_for()
    page.evaluate(TAKING)
    with page.expect_download():
        page.locator("[data-act=png]").click()
    told = dict(page.evaluate("window.drawn"))
    for said in ("Exercise", "masked", "stopped at a limit", "read to its end", f"1 hidden here, with up to {through}"):
        assert any(said in text and fits for text, fits in told.items()), said
