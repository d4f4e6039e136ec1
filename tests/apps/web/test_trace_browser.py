"""From payments chosen in a table to a file with their traces, in a real browser, over the example case."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fanzha.apps.web.rendering import yuan
from fanzha.apps.web.views.trace import TraceQuestion
from fanzha.tracing.follow.question import Method
from tests.apps.web.browser import require_browser, served
from tests.apps.web.example_desk import Desk
from tests.apps.web.test_browser import PATIENCE_MS

pytestmark = pytest.mark.browser


@pytest.fixture
def page(desk: Desk) -> Iterator[Any]:
    """An analyst's page on the case's movements, largest first."""
    path = require_browser()
    from playwright.sync_api import sync_playwright

    with served(desk.app) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        context = browser.new_context(base_url=address, viewport={"width": 1440, "height": 900})
        context.set_default_timeout(PATIENCE_MS)
        context.set_default_navigation_timeout(PATIENCE_MS)
        context.add_cookies(
            [
                {"name": "language", "value": "en", "url": address},
                {"name": "fanzha", "value": desk.client.cookies["fanzha"], "url": address},
            ]
        )
        made = context.new_page()
        made.goto(f"/cases/{desk.ref}/movements?sort=amount_fen&order=desc")
        yield made
        browser.close()


def test_from_chosen_payments_to_a_file(desk: Desk, page: Any) -> None:
    one, other = desk.largest(2)
    for _ in range(2):
        page.keyboard.press("j")
        page.keyboard.press("x")
    page.keyboard.press(".")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/trace?from={one.id}&from={other.id}")
    question = TraceQuestion(starts=(one.id, other.id))
    assert page.locator(".sum strong").first.inner_text() == yuan(one.amount_fen + other.amount_fen)

    page.locator(".compared a", has_text="Last in, first out").click()
    page.wait_for_url("**method=lifo")
    lifo = desk.data.trace(desk.actor, desk.ref, TraceQuestion(starts=question.starts, method=Method.LIFO))
    assert page.locator(".sum [data-state=held] strong").inner_text() == yuan(lifo.sums.held_fen)
    page.locator(".compared tr.current-row", has_text="Last in, first out").wait_for()

    page.locator(".sum [data-state=left] a").first.click()
    page.wait_for_url("**/trace/hops**")
    page.locator("tbody a[data-htmx-powered]").first.wait_for()  # before that, the link opens the whole page
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.locator("#drawer .telling").first.wait_for()
    assert page.locator("#drawer a", has_text="Follow this").count() == 1
    page.keyboard.press("Escape")

    page.locator(".tabs.inner a", has_text="Overview").click()
    page.locator("#exports-title").wait_for()
    with page.expect_download() as waiting:
        page.locator("a[download]", has_text="Hops JSON").click()
    told = json.loads(Path(waiting.value.path()).read_text("utf-8"))
    assert len(told) == lifo.hops and {each["start"] for each in told} == {1, 2}
    assert all("*" in each["payer"] for each in told if each["payer"])


def test_another_rule_in_the_form_asks_anew_and_back_returns(desk: Desk, page: Any) -> None:
    page.goto(f"/cases/{desk.ref}/trace?from={desk.largest()[0].id}")
    page.select_option("#question [name=method]", "conservative")
    page.wait_for_url("**method=conservative**")
    page.locator(".sum [data-state=disputed] a").click()
    page.wait_for_url("**/trace/disputes**")
    page.go_back()
    page.go_back()
    page.wait_for_url(lambda url: "method=" not in url)
    assert page.locator("#question [name=method]").input_value() == "fifo"
