"""The picture of money flow as a person uses it: by mouse, by fingers, by keys, without seeing it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus
from xml.etree import ElementTree

import pytest

from fanzha.apps.web.app import create_app
from fanzha.apps.web.settings import WebSettings
from fanzha.kernel.clock import WallClock
from tests.apps.web.browser import complaints, served
from tests.apps.web.synthetic import REF, SyntheticData, SyntheticDoors
from tests.apps.web.test_browser import LOOKS, PATIENCE_MS, Desk, _too_wide, browser

__all__ = ["browser"]

pytestmark = pytest.mark.browser

SVG = "{http://www.w3.org/2000/svg}"
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


def walk(page: Any, *keys: str) -> None:
    """From nowhere, by keys, to a place."""
    page.locator("[data-stage]").focus()
    for key in keys:
        page.keyboard.press(key)
    page.locator("#picture.open #picture-here").wait_for(state="attached")


def reload(page: Any) -> None:
    """The page again, once its address names the place."""
    node = page.locator("#picture-here").get_attribute("data-node")
    page.wait_for_url(lambda url: f"node={quote_plus(node)}" in url)
    page.reload()


def middle(page: Any) -> tuple[float, float]:
    """Where on the screen the place lies on which one stands."""
    box = page.locator("#picture-here").bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + min(box["height"], 40) / 2


def heading(page: Any) -> str:
    """What the panel tells of."""
    return str(page.locator("[data-panel] h2").first.inner_text())


def test_keys_walk_along_the_money_and_every_step_is_said(desk: Desk) -> None:
    page = opened(desk)
    walk(page, "ArrowRight")
    assert "Layer 0" in page.locator("[data-told]").text_content()
    page.keyboard.press("ArrowRight")
    said = page.locator("[data-told]").text_content()
    assert "Layer 1" in said and "¥98,000,000.00" in said
    assert page.locator("[data-stage]").get_attribute("aria-activedescendant") == "picture-here"
    page.keyboard.press("ArrowLeft")
    assert "Layer 0" in page.locator("[data-told]").text_content()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.closest('aside') !== null")
    page.locator("[data-stage]").focus()
    page.keyboard.press("Escape")
    assert page.locator("#picture.open").count() == 0


def test_a_click_shows_an_account_its_payments_and_their_evidence(desk: Desk) -> None:
    page = opened(desk)
    walk(page, "ArrowRight", "ArrowRight")
    x, y = middle(page)
    told = heading(page)
    page.keyboard.press("Escape")
    page.mouse.click(x, y)
    page.locator("#picture.open").wait_for(state="attached")
    assert heading(page) == told
    assert "/accounts/" in page.locator("[data-panel] h2 a").get_attribute("href")
    page.locator("[data-panel] a[data-drawer]").first.click()
    page.locator("#drawer .telling").first.wait_for()
    assert "/trace/picture" in page.url


def test_a_band_between_two_places_tells_its_payments(desk: Desk) -> None:
    page = opened(desk)
    walk(page, "ArrowRight")
    first = middle(page)
    page.keyboard.press("ArrowRight")
    second = middle(page)
    page.keyboard.press("Escape")
    page.mouse.click((first[0] + second[0]) / 2, (first[1] + second[1]) / 2)
    page.locator("[data-panel] h2", has_text="→").wait_for()
    assert "¥98,000,000.00" in page.locator("[data-panel]").inner_text()


def test_the_address_keeps_what_is_looked_at_and_says_nothing_personal(desk: Desk) -> None:
    page = opened(desk)
    walk(page, "ArrowRight", "ArrowRight")
    told = heading(page)
    page.keyboard.press("[")
    page.wait_for_url(lambda url: "at=2026" in url and "node=" in url)
    assert "9999%20" not in page.url and "%E6%B5%8B" not in page.url
    shown = page.locator("[data-clock] output").inner_text()
    reload(page)
    page.locator("#picture.open").wait_for(state="attached")
    assert heading(page) == told and page.locator("[data-clock] output").inner_text() == shown


def test_the_clock_lets_money_come_in_time(desk: Desk) -> None:
    page = desk.page()
    page.clock.install()
    page.goto(PICTURE)
    page.locator("#picture[data-painted]").wait_for()
    page.keyboard.press("t")
    rows = page.locator("[data-table] tbody tr")
    rows.first.wait_for()
    whole = rows.count()
    slider = page.locator("[data-clock] input")
    slider.focus()
    page.keyboard.press("Home")
    page.clock.fast_forward(1_000)
    assert rows.count() == 2, "the first payment: who paid, and who got it"
    page.keyboard.press("Space")
    for _ in range(3):
        page.clock.fast_forward(20_000)
    assert rows.count() == whole and "at=" not in page.url, "it plays to the end"


def test_another_rule_beside_keeps_places_and_tells_the_difference_in_fen(desk: Desk) -> None:
    page = opened(desk)
    page.select_option("[name=beside]", "lifo")
    page.locator("[data-side='1'][aria-pressed=true]").wait_for()
    assert "beside=lifo" in page.url
    walk(page, "ArrowRight", "ArrowRight", "ArrowRight")
    place = page.locator("#picture-here").bounding_box()
    sums = page.locator("[data-panel] dd").first.inner_text()
    page.keyboard.press("m")
    page.locator("[data-side='0'][aria-pressed=true]").wait_for()
    assert page.locator("#picture-here").bounding_box() == place
    assert page.locator("[data-panel] dd").first.inner_text() != sums
    changed = page.locator("[data-panel] dt", has_text="Against the other rule").locator("xpath=../dd").inner_text()
    assert changed.lstrip("+-").startswith("¥")


EVERY_INSTANT = """async (other) => {
  const { picture } = window.fanzha;
  const data = await (await fetch(document.getElementById("picture").dataset.source + location.search)).json();
  const scene = picture.scene(data, data.marks);
  const moments = scene.times.map((at) => {
    picture.reckon(scene, 1 - other, at);
    const before = scene.nodes.map((each) => each.now.fen);
    picture.reckon(scene, other, at);
    return scene.nodes.map((each, nth) => ({
      told: each.members[0].account?.has_statement, kind: each.kind, layer: each.layer,
      states: each.parts.filter(([, fen]) => fen).map(([state]) => state),
      changed: each.now.fen - before[nth], difference: picture.difference(each, other, at),
    }));
  });
  return moments.flat();
}"""


def test_what_no_statement_tells_was_never_held_at_any_instant(desk: Desk) -> None:
    page = opened(desk, "&beside=lifo")
    drawn = [each for each in page.evaluate(EVERY_INSTANT, 1) if each["kind"] == "account" and each["layer"]]
    lay = {
        told: {state for each in drawn if each["told"] is told for state in each["states"]} for told in (True, False)
    }
    assert lay == {True: {"passed", "lying"}, False: {"passed", "last_seen"}}


def test_a_difference_is_of_the_instant_that_is_shown(desk: Desk) -> None:
    page = opened(desk, "&beside=lifo&shown=1")
    told = page.evaluate(EVERY_INSTANT, 1)
    assert any(each["changed"] for each in told)
    assert all(each["difference"] == each["changed"] for each in told)
    walk(page, "ArrowRight", "ArrowRight", "ArrowRight")
    changed = page.locator("[data-panel] dt", has_text="Against the other rule")
    changed.wait_for()
    page.locator("[data-clock] input").press("Home")
    changed.wait_for(state="detached")
    page.locator("[data-clock] input").press("End")
    changed.wait_for()


def test_small_sums_are_merged_and_no_money_is_lost(desk: Desk) -> None:
    page = opened(desk)
    page.keyboard.press("t")
    page.locator("[data-table] tbody tr").first.wait_for()
    before = page.locator("[data-table] tbody tr").count()
    page.select_option("[name=dust]", "50000000")
    page.locator("[data-table] tbody tr", has_text="other accounts").first.wait_for()
    assert page.locator("[data-table] tbody tr").count() < before
    page.locator("[data-table] tbody button", has_text="other accounts").first.click()
    page.locator("[data-panel] [data-act=open]").click()
    page.wait_for_url("**open=**")


def test_a_picture_is_taken_with_a_mark_in_the_log(desk: Desk) -> None:
    page = opened(desk)
    with page.expect_download() as taken:
        page.locator("[data-act=png]").click()
    assert taken.value.suggested_filename == f"{REF}-picture.png"
    assert Path(taken.value.path()).read_bytes().startswith(b"\x89PNG")
    assert len(desk.data.taken_places) == 1, "the house notes it, and counts itself"


def drawn_file(page: Any) -> ElementTree.Element:
    """The picture as an SVG file, as it is taken now."""
    with page.expect_download() as taken:
        page.locator("[data-act=svg]").click()
    assert taken.value.suggested_filename == f"{REF}-picture.svg"
    return ElementTree.fromstring(Path(taken.value.path()).read_text())


def told_in(file: ElementTree.Element) -> list[str]:
    """The lines above the picture: which it is, and whatever else there is to know."""
    lines = [each for each in file.iter(f"{SVG}text") if each.get("x") == "24" and each.get("stroke") is None]
    return [each.text or "" for each in sorted(lines, key=lambda each: float(each.get("y", "0")))]


def bands_in(file: ElementTree.Element) -> list[str | None]:
    return [each.get("d") for each in file.iter(f"{SVG}path")]


def test_an_svg_is_what_is_on_the_screen(desk: Desk) -> None:
    page = opened(desk)
    whole = drawn_file(page)
    assert "First in, first out" in told_in(whole)[0] and not list(whole.iter(f"{SVG}script"))
    walk(page, "ArrowRight", "ArrowRight")
    page.keyboard.press("i")
    page.locator("[name=note]").fill("<b>ask the bank</b>")
    page.locator("[data-note-form] button").click()
    page.locator("[data-notes] .told", has_text="ask the bank").wait_for()
    assert any(each.startswith("✎") and "<b>ask the bank</b>" in each for each in told_in(drawn_file(page)))
    page.select_option("[name=beside]", "lifo")
    page.locator("[data-sides] [data-side='1'][aria-pressed=true]", has_text="Last in").wait_for()
    beside = drawn_file(page)
    assert "Last in, first out" in told_in(beside)[0].split("  ")[0]
    page.locator("[data-stage]").focus()
    page.keyboard.press("m")
    assert bands_in(drawn_file(page)) != bands_in(beside), "the bands are those of the rule on show"
    page.keyboard.press("m")
    assert bands_in(drawn_file(page)) == bands_in(beside)
    page.keyboard.press("h")
    page.locator("[data-panel]", has_text="1 hidden").wait_for()
    hidden = drawn_file(page)
    assert len(list(hidden.iter(f"{SVG}rect"))) < len(list(beside.iter(f"{SVG}rect")))
    assert any("1 hidden here" in each for each in told_in(hidden))
    page.locator("[data-clock] input").focus()
    page.keyboard.press("Home")
    at = page.locator("[data-clock] output").inner_text()
    early = drawn_file(page)
    assert at in told_in(early)[1] and len(list(early.iter(f"{SVG}path"))) < len(list(hidden.iter(f"{SVG}path")))


def test_the_sums_beside_the_picture_are_those_of_its_clock(desk: Desk) -> None:
    page = opened(desk)
    slider, output = page.locator("[data-clock] input"), page.locator("[data-clock] output")
    slider.focus()
    told = []
    for key in ("Home", "PageUp", "PageUp"):
        page.keyboard.press(key)
        page.locator("[data-panel]", has_text=output.inner_text()).wait_for()
        sums = {
            each.get_attribute("data-total"): fen_in(each.locator("dd")) for each in page.locator("[data-total]").all()
        }
        assert 0 < sums["started"] == sum(fen for name, fen in sums.items() if name != "started")
        told.append(sums)
    assert told[0] != told[1] != told[2]


def fen_in(shown: Any) -> int:
    """An amount as it is printed, in fen."""
    return int(re.sub(r"\D", "", shown.inner_text()))


def test_two_fingers_come_nearer_and_one_moves_the_paper(desk: Desk) -> None:
    context = desk.page(width=390).context
    page = context.pages[0]
    page.goto(PICTURE)
    page.locator("#picture[data-painted]").wait_for()
    walk(page, "ArrowRight")
    before = page.locator("#picture-here").bounding_box()
    box = page.locator("[data-stage]").bounding_box()
    touch = context.new_cdp_session(page)
    x, y = box["x"] + box["width"] / 2, box["y"] + 80

    def fingers(kind: str, *places: tuple[float, float]) -> None:
        points = [{"x": at[0], "y": at[1], "id": number} for number, at in enumerate(places)]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    fingers("touchStart", (x - 20, y), (x + 20, y))
    fingers("touchMove", (x - 60, y), (x + 60, y))
    fingers("touchEnd")
    page.locator("#picture-here").wait_for(state="attached")
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    after = page.locator("#picture-here").bounding_box()
    assert after["width"] > 2 * before["width"]


def test_trouble_is_said_and_can_be_tried_again(desk: Desk) -> None:
    page = desk.page()
    broken = [True]

    def answer(route: Any) -> None:
        refused = '{"code": "web.unavailable", "message": "The case is being read."}'
        route.fulfill(status=422, content_type="application/json", body=refused) if broken else route.continue_()

    page.route("**/picture.json*", answer)
    page.goto(PICTURE)
    page.locator("[role=alert]", has_text="The case is being read.").wait_for()
    broken.clear()
    page.locator("[data-act=again]").click()
    page.locator("#picture[data-painted]").wait_for()
    desk.troubles[:] = [each for each in desk.troubles if "422" not in each]


def test_without_a_question_one_is_led_to_where_payments_are_chosen(desk: Desk) -> None:
    page = desk.page()
    page.goto(f"/cases/{REF}/trace/picture")
    page.wait_for_url(f"**/cases/{REF}/trace")


def test_a_pattern_stands_at_its_account_with_the_payments_that_prove_it(desk: Desk) -> None:
    page = desk.page()
    told = {
        "id": "0" * 16, "kind": "relay", "title": "Relay of equal sums",
        "said": "¥80,000.00 came and went in 3 minutes.",
        "conclusive": False, "first_at": "2026-03-01T09:12:00+08:00", "movements": ["0" * 16], "movement_count": 12,
    }  # fmt: skip

    def answer(route: Any) -> None:
        picture = route.fetch().json()
        next(each for each in picture["nodes"] if each["layer"] == 1)["patterns"].append(told)
        route.fulfill(json=picture)

    page.route("**/picture.json*", answer)
    page.goto(PICTURE)
    page.locator("#picture[data-painted]").wait_for()
    walk(page, "ArrowRight", "ArrowRight")
    page.locator("[data-patterns]", has_text="Relay of equal sums").wait_for()
    page.locator("[data-patterns] a:visible").last.click()
    page.locator("#drawer .telling").first.wait_for()


def settled(page: Any) -> tuple[float, float]:
    """Where the place stands once the next frame is painted."""
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    box = page.locator("#picture-here").bounding_box()
    return round(box["x"]), round(box["y"])


def test_a_dragged_place_is_pinned_for_everybody_undone_and_done_again(desk: Desk) -> None:
    page = opened(desk)
    walk(page, "ArrowRight", "ArrowRight", "ArrowRight")
    home, (x, y) = settled(page), middle(page)
    with page.expect_response("**/marks*"):
        page.mouse.move(x, y)
        page.mouse.down()
        page.mouse.move(x + 40, y + 90, steps=4)
        page.mouse.up()
    page.locator("[data-act=undo]:not([disabled])").wait_for()
    moved = settled(page)
    assert (moved[0] - home[0], moved[1] - home[1]) == pytest.approx((40, 90), abs=3)
    reload(page)
    page.locator("[data-panel] .state", has_text="Pinned").wait_for()
    for keys, place in (("Control+z", home), ("Control+Shift+z", moved), ("Control+z", home)):
        with page.expect_response("**/marks*"):
            page.locator("[data-stage]").press(keys)
        page.locator("[data-panel] .state", has_text="Pinned").wait_for(
            state="detached" if place == home else "visible"
        )
    assert [each.made.kind for each in desk.data.marked] == ["pin", "undo", "undo", "undo"]


def test_several_places_are_merged_with_a_title_and_taken_apart(desk: Desk) -> None:
    page = opened(desk)
    walk(page, "ArrowRight", "ArrowRight", "ArrowRight", "ArrowRight")
    page.keyboard.press("x")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("x")
    page.locator("[data-merge-form]").wait_for()
    page.fill("[name=title]", "one ring")
    page.locator("[data-merge-form] button.primary").click()
    page.keyboard.press("t")
    page.locator("[data-table] button", has_text="one ring").click()
    assert heading(page) == "one ring" and page.locator("[data-members] li").count() == 2
    page.locator("[data-panel] [data-act=ungroup]").click()
    page.locator("[data-table] button", has_text="one ring").wait_for(state="detached")


def test_a_note_stays_with_its_place_as_text(desk: Desk) -> None:
    page = opened(desk)
    walk(page, "ArrowRight", "ArrowRight")
    page.keyboard.press("i")
    page.locator("[name=note]").fill("<b>ask the bank</b>")
    page.locator("[data-note-form] button").click()
    page.locator("[data-notes] .told", has_text="<b>ask the bank</b>").wait_for()
    reload(page)
    page.locator("[data-notes] .told", has_text="analyst").wait_for()
    page.locator("[data-stage]").focus()
    page.keyboard.press("i")
    page.locator("[data-note-form] button").click()
    page.locator("[data-notes] .told").wait_for(state="detached")


def test_a_note_being_typed_outlives_every_control_until_it_is_kept(desk: Desk) -> None:
    page = opened(desk)
    walk(page, "ArrowRight", "ArrowRight")
    page.keyboard.press("i")
    page.locator("[name=note]").fill("ask the bank")
    for control, value in (("beside", "lifo"), ("dust", "100000")):
        page.locator("[name=note]").evaluate("(field) => field.toggleAttribute('data-old')")
        page.select_option(f"[name={control}]", value)
        page.locator("[name=note]:not([data-old])").wait_for()
        assert page.locator("[name=note]").input_value() == "ask the bank"
    reload(page)
    page.locator("[name=note]").wait_for()
    page.locator("[name=note]").press("Control+Enter")
    page.locator("[data-notes] .told", has_text="ask the bank").wait_for()
    assert page.locator("[name=note]").input_value() == ""
    assert [each.made.text for each in desk.data.marked] == ["ask the bank"]


def test_hidden_places_are_counted_and_come_back(desk: Desk) -> None:
    page = opened(desk)
    page.keyboard.press("t")
    rows = page.locator("[data-table] tbody tr")
    rows.first.wait_for()
    whole = rows.count()
    rows.last.click()
    page.keyboard.press("h")
    page.locator("[data-panel]", has_text="1 hidden").wait_for()
    rows.nth(whole - 1).wait_for(state="detached")
    page.keyboard.press("Shift+H")
    rows.nth(whole - 1).wait_for()


def test_a_frame_chooses_what_is_in_it(desk: Desk) -> None:
    page = opened(desk)
    box = page.locator("[data-stage]").bounding_box()
    page.keyboard.down("Shift")
    page.mouse.move(box["x"] + 2, box["y"] + 30)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] - 4, box["y"] + box["height"] - 10, steps=3)
    page.mouse.up()
    page.keyboard.up("Shift")
    page.locator("[data-panel] h2", has_text="chosen").wait_for()


def test_whoever_may_only_read_is_offered_no_marks(desk: Desk) -> None:
    desk.doors.permissions = frozenset({"cases.read"})
    page = opened(desk)
    walk(page, "ArrowRight", "ArrowRight")
    place, (x, y) = settled(page), middle(page)
    assert page.locator("[data-act=undo]:visible, [data-act=hide]:visible, [data-note-form]").count() == 0
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 40, y, steps=3)
    page.mouse.up()
    assert settled(page)[0] - place[0] == pytest.approx(40, abs=3), "the paper moves, not the place"
    assert desk.data.marked == []


def test_a_mark_that_comes_too_late_is_refused_and_the_other_is_shown(desk: Desk) -> None:
    first = opened(desk)
    second = first.context.new_page()
    second.set_default_timeout(PATIENCE_MS)
    second.goto(PICTURE)
    second.locator("#picture[data-painted]").wait_for()
    for page in (first, second):
        walk(page, "ArrowRight", "ArrowRight")
        page.keyboard.press("i")
        page.locator("[name=note]").fill("first come")
        with page.expect_response("**/marks*"):
            page.locator("[data-note-form] button").click()
    second.locator(".toast").wait_for()
    second.locator("[data-notes] .told", has_text="first come").wait_for()
    assert second.locator("[name=note]").input_value() == "first come", "what was refused can be sent again"
    assert len(desk.data.marked) == 1
    desk.troubles[:] = [each for each in desk.troubles if "409" not in each]
