"""`fanzha bench picture`: how soon a browser shows a large picture of money flow, and how long frames take in a drag.

The server lays the picture out anew for each page; the trace itself is made up before (`fanzha bench trace` measures
that). The browser is Chromium without a screen and without a graphics card.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.apps.web.browser import CHROMIUM, served
from tests.apps.web.synthetic import REF, SyntheticData, SyntheticDoors
from tests.apps.web.synthetic_picture import drawn
from tests.tracing.picture.traces import mule_tree

from bench.measured import Result, report
from fanzha.apps.web.app import create_app
from fanzha.apps.web.settings import WebSettings
from fanzha.apps.web.views.picture import PictureQuestion, PictureView
from fanzha.kernel.clock import WallClock
from fanzha.kernel.errors import NotFound
from fanzha.kernel.units import Actor
from fanzha.tracing.picture.picture import picture

FULL = {"accounts": 2_000, "payments": 10_000, "pages": 7, "moves": 60}
QUICK = {"accounts": 2_000, "payments": 10_000, "pages": 3, "moves": 30}
PAINT_AIM_MS, DRAG_AIM_MS, LAYOUT_AIM_MS = 2_000.0, 100.0, 500.0
PAGE = f"/cases/{REF}/trace/picture?from={'0' * 15}1"
PATIENCE_MS = 120_000

PAINTED_AT = "performance.getEntriesByName('picture-painted')[0].startTime"
WATCH = """() => {
  const root = document.getElementById('picture');
  const frames = (window.measured = []);
  let [last, painted] = [performance.now(), root.dataset.painted];
  const next = () => {
    const now = performance.now();
    if (root.dataset.painted !== painted) frames.push(now - last);
    [last, painted] = [now, root.dataset.painted];
    requestAnimationFrame(next);
  };
  requestAnimationFrame(next);
}"""
"""Notes how long each frame took in which the picture was painted, from one frame's beginning to the next one's."""


@dataclass
class LargePicture(SyntheticData):
    """A console that draws one large picture, laid out anew each time."""

    accounts: int = 2_000
    payments: int = 10_000
    drawings: list[PictureView] = field(default_factory=list)

    def picture(self, actor: Actor, ref: str, question: PictureQuestion) -> PictureView:
        self.drawings = [drawn(question, self.accounts, self.payments)]
        return self.drawings[0]


def measure(*, quick: bool) -> dict[str, object]:
    """Open the page some times; on the last one drag a place, then the paper, from afar and from near."""
    from playwright.sync_api import sync_playwright

    if not CHROMIUM:
        raise NotFound("bench.no_browser")
    sizes = QUICK if quick else FULL
    data = LargePicture(accounts=sizes["accounts"], payments=sizes["payments"])
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        settings = WebSettings(uploads=Path(folder), log_in_tries=100)
        with served(create_app(data, SyntheticDoors(), settings, WallClock())) as address:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
            page = _logged_in(browser, address)
            painted = [_painted(page) for _ in range(sizes["pages"])]
            results = [_layout_result(sizes), _paint_result(painted), *_drags(page, sizes["moves"])]
            version = browser.version
            page.goto("about:blank")
            browser.close()
    (drawing,) = (each.drawing for each in data.drawings)
    told = {**sizes, "nodes": len(drawing.nodes), "edges": len(drawing.edges), "chromium": version}
    return report("picture", told, results, ("playwright", "fastapi", "numpy"))


def _layout_result(sizes: Mapping[str, int]) -> Result:
    """The processor's time for unrolling, merging, ordering and placing, the smallest of some."""
    seen = mule_tree(sizes["accounts"], sizes["payments"])
    spent = []
    for _ in range(sizes["pages"]):
        before = time.process_time()
        picture([seen])
        spent.append(1_000 * (time.process_time() - before))
    return Result(name="picture_layout_cpu_ms", value=min(spent), unit="ms", aim=LAYOUT_AIM_MS)


def _logged_in(browser: Any, address: str) -> Any:
    page = browser.new_page(viewport={"width": 1440, "height": 900}, base_url=address)
    page.set_default_timeout(PATIENCE_MS)
    page.goto("/login")
    page.fill("[name=login]", "analyst")
    page.fill("[name=password]", "correct horse battery")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{address}/")
    return page


def _painted(page: Any) -> float:
    """From asking for the page to its picture on the canvas, in milliseconds of the browser's clock."""
    page.goto(PAGE)
    page.locator("#picture[data-painted]").wait_for()
    return float(page.evaluate(PAINTED_AT))


def _paint_result(painted: Sequence[float]) -> Result:
    return Result(name="picture_first_paint_ms", value=statistics.median(painted), unit="ms", aim=PAINT_AIM_MS)


def _drags(page: Any, moves: int) -> list[Result]:
    """Frames while the paper, then a place is dragged: as near as the page opens, and with everything in sight."""
    page.evaluate(WATCH)
    results = []
    for view in ("opened", "whole"):
        if view == "whole":
            page.locator("#picture [data-act=fit]").click()
        box = page.locator("[data-stage]").bounding_box()
        paper = (box["x"] + 8, box["y"] + 80)
        results.append(_frames(page, f"picture_paper_drag_ms_p95@{view}", paper, moves))
        results.append(_frames(page, f"picture_place_drag_ms_p95@{view}", _place(page), moves))
    return results


def _place(page: Any) -> tuple[float, float]:
    """Where the first place stands: the keys go there."""
    page.locator("[data-stage]").focus()
    page.keyboard.press("Escape")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.locator("#picture-here").wait_for(state="attached")
    box = page.locator("#picture-here").bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def _frames(page: Any, name: str, start: tuple[float, float], moves: int) -> Result:
    x, y = start
    page.mouse.move(x, y)
    page.mouse.down()
    page.evaluate("measured.length = 0")
    for step in range(1, moves + 1):
        page.mouse.move(x + 3 * step, y + (step % 7))
    frames = sorted(page.evaluate("measured"))
    page.mouse.up()
    p95 = frames[round(0.95 * (len(frames) - 1))]
    return Result(name=name, value=p95, unit="ms", aim=DRAG_AIM_MS)
