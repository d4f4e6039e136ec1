"""`python -m tests.apps.web.order_pictures FOLDER`: every page of orders as a picture, from a house that has some."""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from fanzha.adapters.store.cases import open_case
from fanzha.adapters.store.instance import found_instance
from fanzha.adapters.store.keys import make_keys
from fanzha.adapters.store.unit_of_work import unit_of_work
from fanzha.adapters.store.units import Unit, add_unit
from fanzha.kernel.clock import SetClock
from fanzha.settings import Settings
from fanzha.wiring.delegating import Lent, give_delegation
from fanzha.wiring.house import House
from tests.apps.web.browser import CHROMIUM, served
from tests.apps.web.order_house import (
    OrderHouse,
    blocked,
    fill,
    in_office,
    order_house,
    told,
    with_carrier,
    with_more_institutions,
)
from tests.apps.web.pictures import LANGUAGES, TALLEST, THEMES, WIDTHS
from tests.conftest import COUNTY, UNITS, person
from tests.databases import embedded_server
from tests.wiring.answers import ledger

PAGES = {
    "/": "drafter",
    "/clocks": "drafter",
    "/sign": "second",
    "/orders": "drafter",
    "/orders?kind=block": "drafter",
    "/cases/{case}/orders": "drafter",
    "/orders/new?case={case}": "drafter",
    "/orders/new?case={case}&kind=freeze": "drafter",
    "/orders/new?case={case}&kind=block": "drafter",
    "/orders/{block}": "second",
    "/orders/{fresh}": "drafter",
    "/orders/{refused}": "drafter",
    "/orders/{frozen}": "drafter",
    "/orders/{draft}": "second",
    "/orders/{told}": "drafter",
    "/cases/{case}": "drafter",
    "/cases/{case}/movements": "drafter",
    "/cases/{case}/trace/holdings?from={movement}": "drafter",
    "/orders/{fresh}/do/lift": "drafter",
    "/orders/{fresh}/notice": "drafter",
    "/objections": "drafter",
    "/objections/new": "drafter",
    "/objections/new?order={fresh}": "drafter",
    "/orders/{frozen}/do/unrelated": "drafter",
    "/orders/{waiting}/answers/{instruction}": "drafter",
    "/institutions": "drafter",
    "/institutions?kind=store": "drafter",  # none
    "/institutions/test-bank": "drafter",
    "/institutions/test-bank/exchanges": "drafter",
    "/institutions/test-bank/messages": "drafter",
    "/institutions/test-bank/refusals": "drafter",
    "/institutions/test-bank/checks": "drafter",
    "/institutions/far-bank": "drafter",
    "/orders/{fresh}/do/let_go": "drafter",
    "/delegations": "chief",
    "/seat": "resident",
    "/seat/{waiting}/{instruction}": "resident",
    "/sign?deputy": "deputy",
}


def main() -> None:
    """Take the pictures that were asked for."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("folder", type=Path)
    asked.add_argument("--only", default="", help="words, one of which the page's address must hold")
    asked.add_argument("--quick", action="store_true", help="Chinese light 1440 and English dark 390 only")
    given = asked.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    looks = [("zh", 1440, "light"), ("en", 390, "dark")] if given.quick else list(product(LANGUAGES, WIDTHS, THEMES))
    with _filled() as (place, names), served(place.app) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        for language, width, theme in looks:
            look: dict[str, Any] = {"viewport": {"width": width, "height": 900}, "color_scheme": theme}
            context = browser.new_context(base_url=address, **look)
            page = context.new_page()
            for path, login in PAGES.items():
                if given.only in path:
                    cookies = {"language": language, "fanzha": f"token-of-{login}"}
                    context.add_cookies([{"name": n, "value": each, "url": address} for n, each in cookies.items()])
                if any(each in path for each in given.only.split(",")):
                    told = {"language": language, "fanzha": f"token-of-{login}"}
                    context.add_cookies([{"name": name, "value": each, "url": address} for name, each in told.items()])
                    name = path.strip("/").translate(str.maketrans("/?", "..", "{}"))
                    where = given.folder / f"{name or 'home'}.{language}.{width}.{theme}.png"
                    where.write_bytes(_taken(page, path.format(**names), width))
            context.close()
        browser.close()


def _taken(page: Any, path: str, width: int) -> bytes:
    page.goto(path)
    tall = min(int(page.evaluate("document.documentElement.scrollHeight")), TALLEST)
    page.set_viewport_size({"width": width, "height": max(tall, 900)})
    page.wait_for_timeout(100)
    picture: bytes = page.screenshot()
    page.set_viewport_size({"width": width, "height": 900})
    return picture


@contextmanager
def _filled() -> Iterator[tuple[OrderHouse, dict[str, str]]]:
    clock = SetClock(datetime(2026, 3, 2, 1, 30, tzinfo=UTC))
    with tempfile.TemporaryDirectory() as folder, embedded_server("pictures") as server, server.engine() as engine:
        home = Path(folder)
        settings = Settings(home=home / "home", keys=home / "keys")
        actor, now = person(COUNTY, 2), clock.now()
        with engine.begin() as connection:
            for path, level, zh, en in UNITS:
                add_unit(connection, Unit(path=path, level=level, name_zh=zh, name_en=en), now)
        keys = make_keys(settings.keys, settings.home, now)
        with unit_of_work(engine, actor, now) as connection:
            instance = found_instance(connection, "exercise", keys.fingerprint(), now)
            case = open_case(connection, "冒充客服退款案", "criminal", actor, now)
        house = House(settings=settings, engine=engine, keys=keys, instance=instance, clock=clock, wall=clock)
        place = order_house(house, clock, case, home)
        with_carrier(in_office(place))
        lent = Lent(
            to_login="reader",
            capacity="county_chief",
            since=now,
            until=now + timedelta(days=5),
            reason="测试:外出开会",
        )
        give_delegation(house, place.staff.chief, lent)
        made = {**fill(place), "block": blocked(place), "told": told(place)[0]}
        movement = ledger(place.staff).told(0).id
        with_more_institutions(place)
        instruction = str(made["waiting"].instructions[-1].id)
        numbers = {name: each.number for name, each in made.items()}
        yield place, {"case": case.ref, "movement": movement, "instruction": instruction, **numbers}


if __name__ == "__main__":
    main()
