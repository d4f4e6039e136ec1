"""`python -m tests.apps.web.incident_pictures FOLDER`: the live desk as pictures, in the middle of a story."""

from __future__ import annotations

import argparse
from itertools import product
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from fanzha.apps.stories.book import story
from fanzha.apps.stories.early_reports import report_of
from fanzha.apps.stories.stage import CHASING, passing, staged
from fanzha.orders.effects import OrderKind
from tests.apps.web.browser import CHROMIUM, served
from tests.apps.web.order_house import placed
from tests.apps.web.pictures import LANGUAGES, THEMES, WIDTHS

PAGES = {
    "/incidents": "officer",
    "/incidents/new": "officer",
    "/incidents/file": "officer",
    "/incidents/{number}": "officer",
    "/incidents/{number}/after": "officer",
    "/incidents/{number}/join": "officer",
    "/incidents/{number}/await": "officer",
    "/incidents/handover": "officer",
    "/sign": "second",
    "/authorities": "second",
    "/authorities/new?incident={number}": "officer",
    "/authorities/new": "officer",
}


def main() -> None:
    """Take the pictures that were asked for."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("folder", type=Path)
    asked.add_argument("--quick", action="store_true", help="Chinese light 1440 and English dark 390 only")
    given = asked.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    looks = [("zh", 1440, "light"), ("en", 390, "dark")] if given.quick else list(product(LANGUAGES, WIDTHS, THEMES))
    with passing() as settings, staged(story("huainan").cast, settings) as stage:
        stage.allow(frozenset({OrderKind.STOP}))
        stage.until(8)
        told = stage.report(report_of(stage, 175_000_000, scam_type="ST06"))
        stage.until(9)
        stage.allow(CHASING, told)
        stage.until(11)
        people = {"officer": stage.officer, "second": stage.second}
        with served(placed(stage.house, people, given.folder)) as address, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
            for language, width, theme in looks:
                look: dict[str, Any] = {"viewport": {"width": width, "height": 900}, "color_scheme": theme}
                context = browser.new_context(base_url=address, **look)
                page = context.new_page()
                for path, login in PAGES.items():
                    cookies = {"language": language, "fanzha": f"token-of-{login}"}
                    context.add_cookies(
                        [{"name": name, "value": each, "url": address} for name, each in cookies.items()]
                    )
                    page.goto(path.format(number=told.number))
                    name = path.strip("/").translate(str.maketrans("/?", "..", "{}"))
                    page.screenshot(path=given.folder / f"{name}.{language}.{width}.{theme}.png", full_page=True)
                context.close()
            browser.close()


if __name__ == "__main__":
    main()
