"""The live desk by keyboard alone: a report is taken, watched, halted; a freeze approved; a shift handed over."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from playwright.sync_api import expect, sync_playwright

from fanzha.adapters.store.people import NewPerson, add_person
from fanzha.adapters.store.roles import NewAssignment, assign_role
from fanzha.apps.stories.book import story
from fanzha.apps.stories.early_reports import report_of
from fanzha.apps.stories.stage import CHASING, COUNTY, Stage, passing, staged
from fanzha.orders.effects import OrderKind
from fanzha.wiring.house import operator
from tests.apps.web.browser import Served, complaints, require_browser, served
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
            tab_to(page, "payee_name0")
            page.keyboard.insert_text(stage.holder(payee))
            assert complaints(page) == []
            page.keyboard.press("Escape")  # out of the field: the key sends the page's only form all the same
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


def entered(browser: Any, address: str, login: str, language: str) -> Any:
    """A page of somebody who has come in."""
    context = browser.new_context(base_url=address)
    context.set_default_timeout(SLOW)
    cookies = {"fanzha": f"token-of-{login}", "language": language}
    context.add_cookies([{"name": name, "value": value, "url": address} for name, value in cookies.items()])
    return context.new_page()


def joins(stage: Stage, login: str) -> None:
    """Another desk officer of the story's county."""
    new, wall = NewPerson(login=login, name="测试·丁", unit_path=COUNTY), stage.house.wall.now()
    with stage.house.act(operator()) as connection:
        role = NewAssignment(user_id=add_person(connection, new, wall), role="desk_officer", unit_path=COUNTY)
        assign_role(connection, role, operator(), wall)


def signed_by(page: Any, count: int) -> None:
    """Sign everything that waits: to the first line, and its key, until nothing is left."""
    page.goto("/sign")
    for left in range(count, 0, -1):
        expect(page.locator(".queue > li")).to_have_count(left, timeout=SLOW)
        page.keyboard.press("j")
        with page.expect_navigation():
            page.keyboard.press("s")
    expect(page.locator(".queue > li")).to_have_count(0, timeout=SLOW)


def test_what_is_held_is_frozen_and_the_shift_handed_over_through_a_restart(tmp_path: Path) -> None:
    chromium = require_browser()
    with passing() as settings, staged(story("huainan").cast, settings) as stage:
        stage.allow(frozenset({OrderKind.STOP}))
        stage.until(8)
        told = stage.report(report_of(stage, 175_000_000, scam_type="ST06"))
        joins(stage, "next.officer")
        people = {"officer": stage.officer, "second": stage.second, "chief": stage.chief}
        house = Served(placed(stage.house, people, tmp_path))
        try:
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
                page = entered(browser, house.address, "officer", "zh")
                page.goto(f"/incidents/{told.number}")
                page.keyboard.press("j")  # somebody works on the page while it is renewed
                house.stop()
                expect(page.locator("#lost")).to_be_visible(timeout=SLOW)
                stage.until(9)
                stage.allow(CHASING, told)
                stage.until(12)
                house.start()
                expect(page.locator("#lost")).to_be_hidden(timeout=SLOW)
                held = f"¥{stage.held_fen() / 100:,.2f}"
                expect(page.locator("dd.now-holding [data-value]")).to_have_text(held, timeout=SLOW)
                assert complaints(page) == []
                page.keyboard.press("a")
                page.wait_for_url("**/after")
                assert complaints(page) == []
                tab_to(page, "words")
                page.keyboard.insert_text("测试:符合立案条件")
                page.keyboard.press("Control+Enter")
                freezes = page.locator(".todo-line [data-state=signature]")
                expect(freezes.first).to_be_visible(timeout=SLOW)
                count = len(stage.orders(OrderKind.FREEZE))
                expect(freezes).to_have_count(count)
                for login in ("second", "chief"):
                    signed_by(entered(browser, house.address, login, "en"), count)
                before = stage.held_fen()
                stage.until(30)
                assert {each.holding_fen > 0 for each in stage.orders(OrderKind.FREEZE)} == {True}
                assert stage.lies_fen("first", "second", "third", "fourth") >= before
                page.goto("/incidents/handover")
                expect(page.locator("[data-choose-all]")).to_be_focused()
                page.keyboard.press("Space")
                expect(page.locator("[data-choose]:checked")).to_have_count(0)
                page.keyboard.press("Space")
                expect(page.locator("[data-choose]:checked")).to_have_count(1)
                assert complaints(page) == []
                tab_to(page, "to")
                offered = page.locator("[name=to] option").evaluate_all("all => all.map(each => each.value)")
                assert offered == ["", "next.officer"]
                page.keyboard.press("ArrowDown")
                tab_to(page, "reason")
                page.keyboard.insert_text("测试:三个账户已冻结,待复核流水")
                page.keyboard.press("Control+Enter")
                page.wait_for_url("**/incidents")
                expect(page.locator("tr[data-row]")).to_contain_text("测试·丁")
                browser.close()
        finally:
            house.close()
