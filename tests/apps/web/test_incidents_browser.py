"""The live desk by keyboard alone: a report is pasted and taken, its chase is watched and halted."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from playwright.sync_api import expect, sync_playwright

from fanzha.apps.stories.book import story
from fanzha.apps.stories.stage import passing, staged
from fanzha.orders.effects import OrderKind
from tests.apps.web.browser import complaints, require_browser, served
from tests.apps.web.order_house import placed

SLOW = 60_000


def tab_to(page: Any, name: str) -> None:
    """Go on with Tab until a field has the keyboard."""
    for _ in range(200):
        if page.evaluate("document.activeElement.name") == name:
            return
        page.keyboard.press("Tab")
    raise AssertionError(name)


def test_a_report_is_taken_watched_and_halted_by_keyboard(tmp_path: Path) -> None:
    chromium = require_browser()
    with passing() as settings, staged(story("huainan").cast, settings) as stage:
        stage.allow(frozenset({OrderKind.STOP}))
        stage.until(8)
        payee = stage.cast.payments[0].payee
        words = (
            f"测试陈述:9点31分被骗175万元,转到账户{stage.numbers[payee]}(户名{stage.holder(payee)}),对方电话12012345678"
        )
        app = placed(stage.house, {"officer": stage.officer}, tmp_path)
        with served(app) as address, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
            context = browser.new_context(base_url=address)
            context.set_default_timeout(SLOW)
            context.add_cookies(
                [
                    {"name": name, "value": value, "url": address}
                    for name, value in {"fanzha": "token-of-officer", "language": "en"}.items()
                ]
            )
            page = context.new_page()
            page.goto("/incidents/new")
            tab_to(page, "words")
            page.keyboard.insert_text(words)
            expect(page.locator(".read-line").first).to_be_visible(timeout=SLOW)
            page.keyboard.press("Escape")
            page.keyboard.press("1")
            expect(page.locator("[name=payee0]")).to_have_value(stage.numbers[payee])
            expect(page.locator("[name=amount0]")).to_have_value("1750000.00")
            tab_to(page, "institution0")
            while page.locator("[name=institution0]").input_value() != stage.bank(payee):
                page.keyboard.press("ArrowDown")
            assert complaints(page) == []
            page.keyboard.press("Control+Enter")
            expect(page.locator("[data-incident]")).to_be_visible(timeout=SLOW)
            assert complaints(page) == []
            stage.run.settle()
            held = page.locator(".chased-orders .state").first
            expect(held).to_be_visible(timeout=SLOW)  # the page goes on by itself
            expect(page.locator(".contact")).to_have_text("12012345678")
            page.keyboard.press("z")
            expect(page.locator("textarea[name=reason]")).to_be_focused(timeout=SLOW)
            page.keyboard.insert_text("test: the victim was mistaken")
            page.keyboard.press("Control+Enter")
            expect(page.locator(".alert.amber").first).to_be_visible(timeout=SLOW)
            expect(page.locator(".timeline")).to_contain_text("test: the victim was mistaken")
            browser.close()
