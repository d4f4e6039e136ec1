"""A case ends: closed, held, shared, released, kept for its time, asked for by one and erased by another."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from fanzha.adapters.store.instance import set_clock
from fanzha.settings import Settings
from fanzha.wiring.house import open_house
from tests.databases import TestServer
from tests.docs.schemas import assert_valid
from tests.journeys.command_line import CommandLine, lodged_exercise

CARD, OTHER = "9999990000000000017", "9999990000000000025"
ROWS = (
    "交易卡号,交易户名,交易时间,交易金额,交易余额,收付标志,交易对手账卡号,对手户名\n"
    f"{CARD},测试·甲,2026-03-01 09:12:05,50000.00,50012.30,进,{OTHER},测试·乙\n"
    f"{CARD},测试·甲,2026-03-01 09:14:40,30000.00,20012.30,出,{OTHER},测试·乙\n"
)


@pytest.fixture(scope="module")
def fanzha(tmp_path_factory: pytest.TempPathFactory, postgres: TestServer) -> Iterator[CommandLine]:
    """An instance with one case that has a statement."""
    folder = tmp_path_factory.mktemp("end")
    (folder / "测试.csv").write_text(ROWS, "utf-8")
    with lodged_exercise(folder / "keys", postgres) as line:
        line.run(
            "cases", "open", "测试·甲被骗", "--ref", "END-1", "--retention", "exercise", "--unit", "centre.county01"
        )
        line.run("statements", "import", str(folder / "测试.csv"), "--case", "END-1")
        yield line


def as_person(fanzha: CommandLine, name: str, *arguments: str, code: int = 0) -> str:
    """What somebody else's command wrote who works at the same machine."""
    with patch("getpass.getuser", return_value=name):
        return fanzha.run(*arguments, code=code).stderr


def kept(fanzha: CommandLine) -> dict[str, Any]:
    told: dict[str, Any] = fanzha.json("cases", "keeping", "END-1")
    assert_valid("keeping", told)
    return told


def files(fanzha: CommandLine) -> list[Path]:
    return [each for each in (Path(fanzha.environment["FANZHA_HOME"]) / "evidence").rglob("*") if each.is_file()]


def test_the_end_of_a_case(fanzha: CommandLine, tmp_path: Path) -> None:
    assert [each["ref"] for each in fanzha.json("cases", "list", "--unit", "centre.county01")] == ["END-1"]
    assert "not ended" in fanzha.run("cases", "erase", "END-1", "--reason", "x", code=7).stderr
    assert "not ended" in str(kept(fanzha)["kept_because"])
    fanzha.run("cases", "move", "END-1", "dismissed", "--reason", "演练结束")
    fanzha.run("cases", "hold", "END-1", "--reason", "复盘要用")
    assert kept(fanzha)["held"] is True
    fanzha.run("units", "add", "centre.county02", "--name", "测试乙县")
    fanzha.run("cases", "share", "END-1", "centre.county02", "--days", "9", "--purpose", "evidence", "--reason", "协查")
    (shared,) = kept(fanzha)["shared_with"]
    assert (shared["unit"], shared["purpose"]) == ("centre.county02", "evidence")
    assert fanzha.run("cases", "share", "END-1", "centre.county02", "--reason", "又来", code=4).stderr
    assert fanzha.run("cases", "share", "END-1", "centre", "--reason", "上级", code=7).stderr
    assert fanzha.run("cases", "share", "END-1", "centre.county01", "--days", "999", "--reason", "久", code=2).stderr
    fanzha.run("cases", "unshare", "END-1", "centre.county02", "--reason", "协查结束")
    assert kept(fanzha)["shared_with"] == []
    months_pass(fanzha)
    assert "hold" in fanzha.run("cases", "erase", "END-1", "--reason", "x", code=7).stderr
    fanzha.run("cases", "release", "END-1", "--reason", "复盘完成")
    assert kept(fanzha)["kept_because"] is None

    as_person(fanzha, "jia", "cases", "erase", "END-1", "--reason", "保存期限届满")
    assert kept(fanzha)["erasure_asked_by"] == "cli:jia"
    assert "second person" in as_person(fanzha, "jia", "cases", "erase", "END-1", "--confirm", code=5)
    as_person(fanzha, "yi", "cases", "erase", "END-1", "--refuse", "--reason", "再等等")
    as_person(fanzha, "jia", "cases", "erase", "END-1", "--reason", "等过了")
    assert files(fanzha)
    as_person(fanzha, "yi", "cases", "erase", "END-1", "--confirm")

    assert files(fanzha) == []
    shown = fanzha.json("cases", "show", "END-1")
    assert_valid("case_history", shown)
    assert (shown["state"], shown["title"]) == ("erased", "END-1")
    assert fanzha.json("cases", "find", CARD) == []
    assert (
        fanzha.json(
            "statements",
            "movements",
            "--case",
            "END-1",
        )
        == []
    )
    assert fanzha.run("cases", "note", "END-1", "还有话说", code=7).stderr
    log = fanzha.json("erasures", "list")
    assert_valid("erasures", log)
    assert [(each["actor"], each["reason"]) for each in log] == [("cli:yi", "等过了")]
    (tmp_path / "log.json").write_text(fanzha.run("erasures", "list", "--format", "json").stdout, "utf-8")
    assert fanzha.json("erasures", "replay", str(tmp_path / "log.json")) == [], "nothing was forgotten"
    (tmp_path / "log.json").write_text("[1]", "utf-8")
    assert "no erasure log" in fanzha.run("erasures", "replay", str(tmp_path / "log.json"), code=2).stderr
    assert fanzha.run("audit", "verify").stderr


def months_pass(fanzha: CommandLine) -> None:
    """An exercise's clock is moved two months on."""
    with patch.dict("os.environ", fanzha.environment), open_house(Settings()) as house:
        wall = house.wall.now()
        with house.act_as_house() as connection:
            set_clock(connection, wall=wall, epoch=wall + timedelta(days=62), speed=1)
