"""The pages in a real browser: by keyboard, on a phone, in both languages, light and dark."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from fanzha.apps.processes import Child, listen
from fanzha.apps.web.app import create_app
from fanzha.apps.web.settings import WebSettings
from fanzha.apps.web.views.imports import ImportProgress
from fanzha.kernel.clock import WallClock
from tests.apps.web.browser import complaints, require_browser, served
from tests.apps.web.restarted import TOKEN
from tests.apps.web.synthetic import REF, SyntheticData, SyntheticDoors, number
from tests.apps.web.test_doors import EVERY_PAGE

pytestmark = pytest.mark.browser

CASE = f"/cases/{REF}"
IMPORT = "11111111-0000-7000-8000-000000000001"
PAGES = [*EVERY_PAGE, f"{CASE}/imports/{IMPORT}/mapping/s2", f"{CASE}/exclusion?import={IMPORT}", "/nowhere"]
LOOKS = [("zh", 1440, "light"), ("en", 390, "dark")]
WIDTHS = (1440, 1024, 390)
TRIES = 6
PRESSED_MS = 20_000
"""So long a key is given to show what it does before it is pressed again."""
PATIENCE_MS = 120_000
"""Longer than any machine takes: a wait ends when what it waits for is there, not when a clock says so."""


@dataclass
class Desk:
    """A browser, the console's address and its data."""

    browser: Any
    address: str
    data: SyntheticData
    doors: SyntheticDoors
    troubles: list[str]

    def page(self, language: str = "en", width: int = 1440, theme: str = "light", lands: str = "/") -> Any:
        """A logged-in page, of whose script errors and refused resources a note is kept."""
        context = self.browser.new_context(
            viewport={"width": width, "height": 900}, color_scheme=theme, base_url=self.address
        )
        context.set_default_timeout(PATIENCE_MS)
        context.add_cookies([{"name": "language", "value": language, "url": self.address}])
        page = context.new_page()
        page.on("pageerror", lambda error: self.troubles.append(f"{page.url}: {error}"))
        page.on("console", lambda said: self._note(page.url, said))
        page.goto("/login")
        page.fill("[name=login]", "analyst")
        page.fill("[name=password]", "correct horse battery")
        page.keyboard.press("Enter")
        page.wait_for_url(f"{self.address}{lands}")
        return page

    def _note(self, url: str, said: Any) -> None:
        if said.type == "error" and "404" not in said.text:
            self.troubles.append(f"{url}: {said.text}")


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """One Chromium for all tests of the module."""
    path = require_browser()
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield found
        found.close()


@pytest.fixture
def desk(browser: Any, tmp_path: Path) -> Iterator[Desk]:
    """A console with a case full of things."""
    data, doors = SyntheticData(), SyntheticDoors()
    settings = WebSettings(uploads=tmp_path / "uploads", log_in_tries=100)
    with served(create_app(data, doors, settings, WallClock())) as address:
        desk = Desk(browser=browser, address=address, data=data, doors=doors, troubles=[])
        yield desk
        assert desk.troubles == []
        for context in browser.contexts:
            context.close()


@pytest.mark.parametrize(("language", "width", "theme"), LOOKS)
def test_no_page_overflows_or_gives_axe_a_reason(desk: Desk, language: str, width: int, theme: str) -> None:
    page = desk.page(language, width, theme)
    found = {}
    for path in PAGES:
        page.goto(path)
        if told := complaints(page) + list(_too_wide(page)):
            found[path] = told
        page.set_viewport_size({"width": width, "height": 900})
    assert found == {}


def _too_wide(page: Any) -> Iterator[str]:
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        over = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if over > 0:
            yield f"{over} px too wide at {width}"


@pytest.mark.parametrize("width", [1440, 1024])
def test_a_row_is_one_line_and_whole_however_much_there_is_to_say(desk: Desk, width: int) -> None:
    page = desk.page(width=width)
    for path in (f"{CASE}/movements", f"{CASE}/accounts", "/cases"):
        page.goto(path)
        heights = page.evaluate("[...document.querySelectorAll('tr[data-row]')].map((row) => row.offsetHeight)")
        assert heights and max(heights) <= 34, path
        over = page.locator(".scroll").evaluate("(table) => table.scrollWidth - table.clientWidth")
        assert over <= 0, path


def test_columns_without_a_side_are_warned_of(desk: Desk) -> None:
    page = desk.page()
    page.goto(f"{CASE}/imports/{IMPORT}/mapping/s2")
    assert page.locator("#unsigned").is_visible()
    page.select_option("[name=column-2]", "balance")
    assert not page.locator("#unsigned").is_visible()


def test_a_page_outlives_a_restart_of_the_server(browser: Any) -> None:
    listener = listen("127.0.0.1", 0)
    child = Child(
        module="tests.apps.web.restarted", arguments=["--fd", str(listener.fileno())], descriptors=[listener.fileno()]
    )
    address = f"http://127.0.0.1:{listener.getsockname()[1]}"
    child.start()
    try:
        context = browser.new_context(base_url=address)
        context.set_default_timeout(PATIENCE_MS)
        context.add_cookies([{"name": "fanzha", "value": TOKEN, "url": address}])
        page = context.new_page()
        page.goto(f"{CASE}/notes")
        page.fill("textarea[name=text]", "half a thought")
        child.stop()
        page.locator("#lost").wait_for()
        child.start()
        page.locator("#lost").wait_for(state="hidden")
        assert page.input_value("textarea[name=text]") == "half a thought"
        page.locator("form[data-keep] button.primary").click()
        page.locator(".note", has_text="half a thought").wait_for()
        context.close()
    finally:
        child.stop()
        listener.close()


def test_a_shift_by_keyboard_alone(desk: Desk) -> None:
    page = desk.page()
    page.keyboard.press("?")
    assert page.locator("#help").is_visible()
    page.keyboard.press("Escape")
    page.locator("#help").wait_for(state="hidden")
    _one_after_the_other(page, "g", "c")
    page.wait_for_url("**/cases")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url("**/cases/C2026-*")
    page.goto(CASE)
    page.keyboard.press("3")
    page.wait_for_url("**/movements")
    page.wait_for_function("document.readyState === 'complete'")
    page.keyboard.press("j")
    _open_drawer(page)
    assert page.url.endswith("/movements")
    page.keyboard.press("Escape")
    page.locator("#drawer").wait_for(state="hidden")
    page.keyboard.press("n")
    page.wait_for_url("**page=2**")
    page.keyboard.press("/")
    page.keyboard.type(number(1))
    page.keyboard.press("Enter")
    page.wait_for_url("**/search")
    assert number(1) not in page.url and page.locator(f'a[href="{CASE}/accounts/a0001"]').count() == 1


def _open_drawer(page: Any) -> None:
    """Open the next row's drawer; keys that a page took before it was ready are pressed again."""
    from playwright.sync_api import TimeoutError as TooSlow

    told = page.locator("#drawer .telling").first
    for _ in range(TRIES):
        page.keyboard.press("j")
        page.keyboard.press("Enter")
        try:
            told.wait_for(timeout=PRESSED_MS)
        except TooSlow:
            continue
        return
    told.wait_for()


def _one_after_the_other(page: Any, *keys: str) -> None:
    """Keys that belong together, without the time that a slow machine takes between two of them."""
    press = "key => document.body.dispatchEvent(new KeyboardEvent('keydown', {key, bubbles: true}))"
    page.evaluate(f"keys => keys.forEach({press})", list(keys))


def test_several_imports_are_chosen_and_excluded_by_keyboard(desk: Desk) -> None:
    page = desk.page()
    page.goto(CASE)
    assert not page.locator("#chosen").is_visible()
    page.keyboard.press("j")
    page.keyboard.press("x")
    page.locator("#chosen").wait_for()
    assert page.locator("#chosen [data-needs=in]").is_visible()
    assert not page.locator("#chosen [data-needs=out]").is_visible(), "only what can be done is offered"
    page.keyboard.press("j")
    page.keyboard.press("x")
    assert page.locator("[data-chosen-words]").inner_text() == "2 chosen"
    page.keyboard.press("k")
    page.keyboard.press("x")
    page.keyboard.press(".")
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "/exclusion?" in url and "back=yes" in url)
    page.fill("textarea[name=reason]", "it belongs here")
    page.locator("#content form button.primary").click()
    page.wait_for_url(f"**{CASE}")
    assert desk.data.exclusions == [(("11111111-0000-7000-8000-000000000002",), False, "it belongs here")]


def test_filters_live_in_the_url_and_back_works(desk: Desk) -> None:
    page = desk.page()
    page.goto(f"{CASE}/movements")
    page.select_option("[name=exit]", "cash")
    page.wait_for_url("**exit=cash**")
    page.locator('th a[href*="exit=cash"]').first.click()  # of the new table, not of the one it replaces
    page.wait_for_url("**sort=at**")
    assert page.locator("[name=exit]").input_value() == "cash"
    with page.expect_event("load"):  # the page loads anew; closed before it has, Chromium may never say that it closed
        page.go_back()
    page.wait_for_url(lambda url: "sort=" not in url)
    assert page.locator("[name=exit]").input_value() == "cash"


def test_a_reveal_asks_the_purpose_once_shows_and_hides_again(desk: Desk) -> None:
    page = desk.page()
    page.clock.install()
    page.goto(f"{CASE}/movements")
    first = page.locator("td .masked").first
    hidden = first.inner_text()
    page.locator("tbody [data-reveal=one]").first.click()
    page.check("#purpose input[value=evidence]")
    page.click("#purpose button.primary")
    page.locator("td .masked.shown").first.wait_for()
    assert first.inner_text() == number(1) and hidden != number(1)
    assert desk.data.revealed == [(REF, ("n1", "h1"), "evidence")]
    page.clock.fast_forward(61_000)
    page.locator(".masked.shown").first.wait_for(state="detached")
    assert first.inner_text() == hidden
    page.locator("tbody [data-reveal=one]").first.click()
    page.locator("td .masked.shown").first.wait_for()
    assert len(desk.data.revealed) == 2 and not page.locator("#purpose").is_visible()


def test_dropped_files_are_sent_and_their_import_is_watched(desk: Desk, tmp_path: Path) -> None:
    for name in ("明细 一.csv", "二.zip"):
        (tmp_path / name).write_bytes(b"x" * 300_000)
    page = desk.page()
    page.goto(CASE)
    desk.data.running = (
        ImportProgress(id="i1", case=REF, title="t", state="running", stage="reading", done=1, whole=2, rows=41_234),
    )
    with page.expect_navigation():
        page.set_input_files("#pick-files", [tmp_path / "明细 一.csv", tmp_path / "二.zip"])
    assert desk.data.started == [(REF, [("明细 一.csv", 300_000), ("二.zip", 300_000)])]
    page.locator("#progress [data-import=i1]").wait_for()
    assert "41,234" in page.locator("#progress").inner_text()
    page.locator("#running").wait_for(state="visible")
    desk.data.running = ()
    page.locator("#progress [data-import]").wait_for(state="detached")


def test_two_tabs_share_one_stream_of_events(desk: Desk) -> None:
    page = desk.page()
    with page.expect_request("**/events"):
        page.goto(CASE)
    second = page.context.new_page()
    streams: list[str] = []
    second.on("request", lambda request: streams.append(request.url) if request.url.endswith("/events") else None)
    second.goto(CASE)
    desk.data.running = (ImportProgress(id="i1", case=REF, title="t", state="running", stage="reading", rows=7),)
    second.locator("#progress [data-import=i1]").wait_for()
    assert not streams


def test_a_first_password_is_changed_before_anything_else(desk: Desk) -> None:
    desk.doors.must_change = True
    page = desk.page(lands="/password")
    page.goto(CASE)
    page.wait_for_url("**/password")
    page.fill("[name=old]", "correct horse battery")
    for name in ("new", "again"):
        page.fill(f"[name={name}]", "a sentence to remember")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{desk.address}/")
    page.goto(CASE)
    assert page.locator("h1").inner_text() == "冒充客服退款案"


def test_charts_are_drawn_and_have_their_table_beside(desk: Desk) -> None:
    page = desk.page()
    page.goto(f"{CASE}/accounts/a0001")
    page.locator("[data-chart=by_day] canvas").wait_for()
    page.locator("summary", has_text="As a table").first.click()
    assert page.locator("details.beside[open] tbody tr").count() == 89


def test_what_was_typed_survives_a_reload(desk: Desk) -> None:
    page = desk.page()
    page.goto(f"{CASE}/notes")
    page.fill("textarea[name=text]", "half a thought")
    page.reload()
    assert page.input_value("textarea[name=text]") == "half a thought"
