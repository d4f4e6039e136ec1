"""`python -m tests.apps.web.pictures FOLDER`: every page as a picture, for a person to look at.

Two languages, three widths, light and dark, over a case with ten thousand rows, with one, and with none.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator
from datetime import timedelta
from itertools import product
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from fanzha.apps.web.app import create_app
from fanzha.apps.web.settings import WebSettings
from fanzha.apps.web.views.imports import ImportProgress
from fanzha.kernel.clock import WallClock
from tests.apps.web.browser import CHROMIUM, served
from tests.apps.web.synthetic import NOW, REF, SyntheticData, SyntheticDoors
from tests.apps.web.test_browser import PAGES

LANGUAGES, WIDTHS, THEMES, AMOUNTS = ("zh", "en"), (1440, 1024, 390), ("light", "dark"), (10_000, 1, 0)
TALLEST = 2_400
RUNNING = ImportProgress(
    id="i1", case=REF, title="冒充客服退款案", state="running", stage="reading", done=31_400_000, whole=48_300_000,
    rows=41_234, sheet="查询反馈_9999****0001.zip", file=2, files=5, since=NOW - timedelta(seconds=83),
)  # fmt: skip


def main() -> None:
    """Take the pictures that were asked for."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("folder", type=Path)
    asked.add_argument("--only", default="", help="a word that the page's address must hold")
    asked.add_argument("--quick", action="store_true", help="Chinese light 1440 and English dark 390 only")
    given = asked.parse_args()
    looks = [("zh", 1440, "light"), ("en", 390, "dark")] if given.quick else list(product(LANGUAGES, WIDTHS, THEMES))
    pages = [path for path in ("/login", *PAGES) if given.only in path]
    given.folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        for amount in AMOUNTS:
            for language, width, theme in looks if amount == AMOUNTS[0] else looks[:1]:
                for name, picture in _taken(browser, amount, (language, width, theme), pages):
                    (given.folder / f"{amount}.{language}.{width}.{theme}.{name}.png").write_bytes(picture)
        browser.close()


def _taken(browser: Any, amount: int, look: tuple[str, int, str], pages: list[str]) -> Iterator[tuple[str, bytes]]:
    language, width, theme = look
    data = SyntheticData(amount=amount, proposed=20, running=(RUNNING,) if amount else ())
    with tempfile.TemporaryDirectory() as folder:
        settings = WebSettings(uploads=Path(folder), log_in_tries=1_000)
        with served(create_app(data, SyntheticDoors(), settings, WallClock())) as address:
            viewport = {"width": width, "height": 900}
            context = browser.new_context(viewport=viewport, color_scheme=theme, base_url=address)
            context.add_cookies([{"name": "language", "value": language, "url": address}])
            page = context.new_page()
            for path in pages:
                page.goto(path)
                if page.url.endswith("/login") and path != "/login":
                    page.fill("[name=login]", "analyst")
                    page.fill("[name=password]", "correct horse battery")
                    page.keyboard.press("Enter")
                    page.wait_for_url(f"{address}/")
                    page.goto(path)
                page.wait_for_timeout(150)
                tall = min(int(page.evaluate("document.documentElement.scrollHeight")), TALLEST)
                page.set_viewport_size({"width": width, "height": max(tall, 900)})
                page.wait_for_timeout(100)
                yield path.strip("/").replace("/", ".") or "home", page.screenshot()
                page.set_viewport_size(viewport)
            context.close()


if __name__ == "__main__":
    main()
