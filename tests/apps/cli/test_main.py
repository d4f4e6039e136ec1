"""The frame of the command line as people and scripts meet it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from fanzha.adapters.store.roles import roles
from fanzha.apps.cli import main as house
from fanzha.apps.cli.failures import EXIT_CODES, exit_code, report
from fanzha.apps.cli.language import chosen, heed
from fanzha.kernel import errors
from fanzha.kernel.errors import FanzhaError, Invalid
from tests.tidy.wording import CHINESE

PATIENCE_SECONDS = 240


def fanzha(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """The program itself, in a process of its own."""
    called = [sys.executable, "-c", "from fanzha.apps.cli.main import main; main()", *arguments]
    given = {**os.environ, "FANZHA_LANG": "en", **environment}
    return subprocess.run(called, env=given, capture_output=True, text=True, check=False, timeout=PATIENCE_SECONDS)


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> Callable[[BaseException], int]:
    """Runs a command that fails with the given exception; returns its exit code."""

    def run(failure: BaseException) -> int:
        def fail() -> None:
            raise failure

        monkeypatch.setattr(house, "house", fail)
        return house.run(["anything"])

    return run


def test_help_is_in_both_languages() -> None:
    chinese, english = fanzha("--lang", "zh", "--help"), fanzha("--lang=en", "doctor", "--help")
    assert CHINESE.search(chinese.stdout)
    assert not CHINESE.search(english.stdout)
    assert "fanzha doctor --format json" in english.stdout
    assert (chinese.returncode, english.returncode) == (0, 0)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_role_there_is_is_told_by_what_gives_one(language: str) -> None:
    for called in (("people", "role", "add"), ("people", "role", "end"), ("people", "add")):
        told = " ".join(fanzha("--lang", language, *called, "--help").stdout.split())
        assert ", ".join(roles()) in told, called


def test_help_loads_nothing_heavy() -> None:
    heavy = {"sqlalchemy", "numba", "numpy", "pyarrow", "fastapi", "pydantic", "cryptography", "rich"}
    asked = "import sys; from fanzha.apps.cli.main import run; run(['--help']); print(*sys.modules, file=sys.stderr)"
    loaded = set(
        subprocess.run(
            [sys.executable, "-c", asked], capture_output=True, text=True, check=True, timeout=PATIENCE_SECONDS
        ).stderr.split()
    )
    assert not heavy & loaded


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["doctr"], "doctor"),
        (["doctor", "--nope"], "--nope"),
        (["doctor", "--format", "xml"], "table|json|csv"),
        (["doctor", "spare"], "spare"),
        (["--lang", "fr", "doctor"], "fr"),
        ([], "Usage:"),
    ],
)
def test_a_mistaken_command_line_is_invalid(arguments: list[str], said: str) -> None:
    done = fanzha(*arguments, FANZHA_LANG="en")
    assert done.returncode == 2
    assert said in done.stderr
    assert not done.stdout
    assert "Traceback" not in done.stderr


def test_version() -> None:
    assert fanzha("--version").stdout.startswith("fanzha 0.")


def test_a_closed_pipe_ends_quietly() -> None:
    called = f"{sys.executable} -c 'from fanzha.apps.cli.main import main; main()' doctor --help | true"
    done = subprocess.run(["bash", "-c", called], capture_output=True, text=True, check=False, timeout=PATIENCE_SECONDS)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("kind", EXIT_CODES)
def test_each_kind_of_error_has_its_code(kind: type[FanzhaError]) -> None:
    assert exit_code(kind("cli.disk_full")) == EXIT_CODES[kind]


def test_no_kind_is_forgotten_and_no_code_used_twice() -> None:
    kinds = {kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, FanzhaError)}
    assert set(EXIT_CODES) == kinds - {FanzhaError}
    assert sorted(EXIT_CODES.values()) == [1, 2, 3, 4, 5, 6, 7]


def test_our_fault_gets_a_number_and_tells_no_value(
    failing: Callable[[BaseException], int],
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("FANZHA_CACHE", str(tmp_path))
    assert failing(ZeroDivisionError("张三 6222")) == 1
    said = capsys.readouterr().err
    kept = next((tmp_path / "support").iterdir())
    assert kept.stem in said
    assert "ZeroDivisionError" in kept.read_text()
    assert "张三" not in said + kept.read_text()
    assert "Traceback" not in said


def test_debug_shows_the_traceback(
    failing: Callable[[BaseException], int], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FANZHA_DEBUG", "1")
    failing(ZeroDivisionError())
    assert "Traceback" in capsys.readouterr().err


def test_what_the_system_refuses_is_told_apart(
    failing: Callable[[BaseException], int], capsys: pytest.CaptureFixture[str]
) -> None:
    assert failing(FileNotFoundError(2, "", "no.csv")) == 3
    assert failing(PermissionError(13, "", "shut.csv")) == 5
    assert failing(IsADirectoryError(21, "", "folder")) == 2
    assert failing(OSError(28, "")) == 6
    assert failing(KeyboardInterrupt()) == 130
    assert "no.csv" in capsys.readouterr().err


def test_an_error_without_a_sentence_is_still_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert report(Invalid("cli.never_written", row=3), debug=False) == 2
    assert "cli.never_written row=3" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({}, "zh"),
        ({"LANG": "C.UTF-8"}, "zh"),
        ({"LANG": "en_GB.UTF-8"}, "en"),
        ({"LANG": "en_GB.UTF-8", "LC_ALL": "zh_CN.GB18030"}, "zh"),
        ({"LANG": "zh_CN.UTF-8", "FANZHA_LANG": "en"}, "en"),
        ({"LANG": "en_US", "FANZHA_LANG": "fr"}, "en"),
    ],
)
def test_language(environment: dict[str, str], language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LANG", "LC_ALL", "LC_MESSAGES", "FANZHA_LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert chosen() == language


@pytest.mark.parametrize("arguments", [["--lang", "en", "x"], ["--lang=en"], ["x", "--lang", "en"]])
def test_lang_is_heeded(arguments: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FANZHA_LANG", "zh")
    heed(arguments)
    assert chosen() == "en"


def test_lang_behind_a_double_dash_is_a_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FANZHA_LANG", "zh")
    heed(["find", "--", "--lang", "en"])
    assert chosen() == "zh"
