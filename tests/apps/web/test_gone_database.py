"""A database that is gone is told as that, on a page of ours, whoever looks and wherever it goes away."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from fanzha.adapters.store.engine import OWNER, look_up_by_key, owner_engine
from fanzha.apps.web.console_data import HouseData
from fanzha.cases.case import Case
from fanzha.kernel.clock import SetClock
from fanzha.wiring.house import House
from tests.apps.web.client import Client
from tests.apps.web.order_house import ORIGIN, order_house, placed

NOBODY_THERE = "postgresql+psycopg://nobody@127.0.0.1:1/none"


@pytest.mark.parametrize("path", ["/incidents", "/orders", "/figures", "/"])
def test_a_gone_database_is_a_page_that_says_so(
    house: House, clock: SetClock, case: Case, tmp_path: Path, path: str
) -> None:
    staff = order_house(house, clock, case, tmp_path).staff
    cut_off = replace(house, engine=create_engine(NOBODY_THERE, connect_args={"connect_timeout": 2}))
    app = placed(cut_off, {"drafter": staff.drafter}, tmp_path)
    cookies = {"fanzha": "token-of-drafter"}
    with Client(app, base_url=ORIGIN, headers={"accept-language": "zh"}, cookies=cookies) as client:
        answer = client.get(path)
        assert answer.status_code == 503
        assert "连不上数据库" in answer.text and "<nav" in answer.text
        told = client.get(path, headers={"accept": "application/json"})
        assert (told.status_code, told.json()["code"]) == (503, "web.database_gone")


@pytest.mark.parametrize(
    ("language", "said"), [("zh", "停止 fanzha 的全部进程"), ("en", "stop every process of fanzha")]
)
def test_a_database_that_was_upgraded_under_the_pages_is_told_as_that(
    house: House, clock: SetClock, case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, language: str, said: str
) -> None:
    place = order_house(house, clock, case, tmp_path)
    look_up_by_key(house.engine)

    def look(*_: object) -> None:
        with house.engine.connect() as connection:
            connection.execute(text("SELECT work.* FROM work"))

    look()
    owner = owner_engine(house.engine.url.set(username=OWNER).render_as_string(hide_password=False))
    with owner.begin() as connection:
        connection.execute(text("ALTER TABLE work ADD COLUMN more text"))
    with monkeypatch.context() as upgraded, place.browser("drafter", language) as client:
        upgraded.setattr(HouseData, "cases", look)
        answer = client.get("/cases")
    assert answer.status_code == 503 and said in answer.text
    assert place.page("drafter", "/cases", language)
