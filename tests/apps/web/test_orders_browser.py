"""Orders in a real browser: signed with one key, readable by everybody, at every width without scrolling sideways."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import FilePayload, Page, expect, sync_playwright

from fanzha.cases.case import Case
from fanzha.kernel.clock import SetClock
from fanzha.wiring.house import House
from tests.apps.web.browser import complaints, require_browser, served
from tests.apps.web.order_house import fill, order_house

WIDE = """document.documentElement.scrollWidth <= innerWidth ? [] : [...document.querySelectorAll("main *")]
  .filter((each) => each.getBoundingClientRect().right > innerWidth)
  .map((each) => `${each.tagName}.${each.className}: ${each.textContent.slice(0, 60)}`)"""


def test_the_pages_of_orders_by_keyboard_and_for_everybody(
    house: House, clock: SetClock, case: Case, tmp_path: Path
) -> None:
    chromium = require_browser()
    place = order_house(house, clock, case, tmp_path)
    made = fill(place)
    with served(place.app) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        context = browser.new_context(base_url=address, viewport={"width": 1024, "height": 900})

        def as_(login: str) -> None:
            context.add_cookies([{"name": "fanzha", "value": f"token-of-{login}", "url": address}])

        context.set_default_timeout(60_000)
        page = context.new_page()
        for login, path in (
            ("drafter", "/orders"),
            ("drafter", f"/orders/{made['fresh'].number}"),
            ("drafter", f"/orders/{made['fresh'].number}/do/lift"),
            ("drafter", f"/orders/new?case={case.ref}&kind=freeze"),
            ("drafter", "/clocks"),
            ("second", "/sign"),
        ):
            as_(login)
            page.goto(path)
            assert complaints(page) == [], path
            page.set_viewport_size({"width": 390, "height": 800})
            wide = page.evaluate(WIDE)
            assert not wide, (path, wide)
            page.set_viewport_size({"width": 1024, "height": 900})
        as_("drafter")
        page.goto("/orders")
        for width in (1440, 1024):
            page.set_viewport_size({"width": width, "height": 900})
            over = page.locator(".scroll").evaluate("(table) => table.scrollWidth - table.clientWidth")
            assert over <= 0, f"the table of orders scrolls by {over} px at {width}"
        as_("second")
        page.goto("/sign")
        before = page.locator(".queue > li").count()
        waiting = page.locator(".queue > li").first.locator(".row-link").get_attribute("href")
        page.keyboard.press("j")
        expect(page.locator(".queue > li.here")).to_have_count(1, timeout=60_000)
        page.keyboard.press("s")
        expect(page.locator(".queue > li")).to_have_count(before - 1, timeout=60_000)
        signed = next(each for each in made.values() if waiting and waiting.endswith(each.number))
        assert place.staff.seen(signed).instructions[-1].signatures, "some orders wait for a chief as well"
        _photo_of_a_fax(page, f"/orders/{made['waiting'].number}", as_)
        browser.close()


def _photo_of_a_fax(page: Page, order: str, as_: Callable[[str], None]) -> None:
    """What shows an answer is taken with a telephone: its name and digest stay within the window."""
    as_("drafter")
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto(order)
    page.locator('a[href*="/answers/"]').first.click()
    photo = FilePayload(name="IMG_20261123_2159_fax_of_the_bank_signed.png", mimeType="image/png", buffer=b"a fax")
    page.set_input_files("input[type=file]", photo)
    expect(page.locator("[data-snapshot-told] li.mono")).to_have_count(1, timeout=60_000)
    assert page.evaluate(WIDE) == []
