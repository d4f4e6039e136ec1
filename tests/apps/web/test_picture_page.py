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
