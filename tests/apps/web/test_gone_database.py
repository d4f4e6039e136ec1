"""A database that is gone is told as that, on a page of ours, whoever looks and wherever it goes away."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import create_engine

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
