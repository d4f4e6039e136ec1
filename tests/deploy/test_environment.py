"""The environment is made once, believed only when it is whole, and what is missing is explained."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

from tests.tidy.source import ROOT


@pytest.fixture
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The script, turned to a small checkout of its own in which pip only writes down what it is asked."""
    spec = importlib.util.spec_from_file_location("environment", ROOT / "deploy/environment.py")
    assert spec is not None and spec.loader is not None
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    (tmp_path / "requirements").mkdir()
    for name in ("requirements/run.txt", "requirements/dev.txt", "pyproject.toml"):
        (tmp_path / name).write_text(name)
    (tmp_path / ".venv").mkdir()
    script.asked = []  # type: ignore[attr-defined]
    monkeypatch.setattr(script, "ROOT", tmp_path)
    monkeypatch.setattr(script, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(script, "fits", lambda: True)
    monkeypatch.setattr(script, "pip_install", lambda wanted: script.asked.append(wanted) or True)
    return script


def test_a_second_call_installs_nothing(environment: ModuleType) -> None:
    assert environment.main("run") == 0
    assert ["--require-hashes" in wanted for wanted in environment.asked] == [True, False]
    environment.asked.clear()
    assert environment.main("run") == 0
    assert environment.asked == []


def test_what_tests_need_covers_what_running_needs(environment: ModuleType) -> None:
    environment.main("test")
    environment.asked.clear()
    environment.main("run")
    assert environment.asked == []
    (environment.ROOT / "requirements/dev.txt").write_text("changed")
    environment.main("run")
    assert environment.asked


@pytest.mark.parametrize("changed", ["requirements/run.txt", "pyproject.toml"])
def test_a_changed_lock_is_installed(environment: ModuleType, changed: str) -> None:
    environment.main("run")
    environment.asked.clear()
    (environment.ROOT / changed).write_text("changed")
    environment.main("run")
    assert environment.asked


def test_a_failed_install_is_explained_and_not_believed(
    environment: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    environment.main("run")
    (environment.ROOT / "requirements/run.txt").write_text("changed")
    monkeypatch.setattr(environment, "pip_install", lambda wanted: False)
    assert environment.main("run") == 1
    assert "PIP_INDEX_URL" in capsys.readouterr().err
    assert not environment.stamp("run").exists()


def test_a_python_without_venv_is_told_its_package(
    environment: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(environment, "fits", lambda: False)
    monkeypatch.setattr(environment, "can_make_environments", lambda: False)
    assert environment.main("run") == 1
    assert "-venv" in capsys.readouterr().err


def test_an_old_python_hands_over_or_explains(
    environment: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(environment.sys, "version_info", (3, 9, 2))
    monkeypatch.setattr(environment.shutil, "which", lambda name: None)
    assert environment.main("run") == 1
    assert "3.9 is too old" in capsys.readouterr().err
    monkeypatch.setattr(
        environment.shutil, "which", lambda name: "/usr/bin/python3.12" if name == "python3.12" else None
    )
    monkeypatch.setattr(environment.subprocess, "call", lambda command: 7 if command[0] == "/usr/bin/python3.12" else 1)
    assert environment.main("run") == 7
