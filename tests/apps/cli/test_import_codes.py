"""What `statements import` ends with, as decision 0004 lists it."""

from __future__ import annotations

from pathlib import Path

import pytest

from fanzha.adapters.store.imports import list_imports
from fanzha.apps.cli.main import run
from fanzha.wiring.house import operator
from tests.journeys.processes import Scene, scene
from tests.wiring.statement import written

__all__ = ["scene"]
ALL_IN, INVALID, NOT_FOUND = 0, 2, 3


@pytest.fixture
def ended(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> object:
    """Runs `fanzha statements …` in the scene's house; the code it ended with."""
    for name, value in scene.environment().items():
        monkeypatch.setenv(name, value)
    return lambda *arguments: run(["statements", *map(str, arguments)])


def test_a_file_that_is_not_there_is_not_found_and_nothing_is_done(
    scene: Scene, ended: object, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert callable(ended)
    for arguments in (("draft", "nowhere.csv"), ("import", "nowhere.csv", "--case", "CRASH")):
        assert ended(*arguments) == NOT_FOUND
        assert "nowhere.csv" in capsys.readouterr().err
    assert ended("import", written(tmp_path), "nowhere.csv", "--case", "CRASH") == NOT_FOUND
    assert ended("import", written(tmp_path), "--case", "NO-SUCH-CASE") == NOT_FOUND
    with scene.house.act(operator()) as connection:
        assert list_imports(connection, scene.case.id) == []


def test_what_cannot_be_used_is_invalid_each_time_and_listed_once(
    scene: Scene, ended: object, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert callable(ended)
    empty, strange = tmp_path / "empty.csv", tmp_path / "strange.csv"
    empty.write_bytes(b"")
    strange.write_text("一,二,三\n甲,乙,丙\n丁,戊,己\n", "utf-8")
    for file in (empty, strange):
        assert [ended("import", file, "--case", "CRASH") for _ in range(2)] == [INVALID, INVALID]
        assert file.name in capsys.readouterr().err
    with scene.house.act(operator()) as connection:
        assert len(list_imports(connection, scene.case.id)) == 1, "the strange one, once"


def test_what_the_case_holds_already_is_no_failure(scene: Scene, ended: object, tmp_path: Path) -> None:
    assert callable(ended)
    assert [ended("import", written(tmp_path), "--case", "CRASH") for _ in range(2)] == [ALL_IN, ALL_IN]
