"""The tutorial is run as it stands: its commands work, and print what it shows."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pytest

from fanzha.adapters.store.server import start_server
from fanzha.i18n import LANGUAGES, Language
from fanzha.settings import Settings
from fanzha.wiring.house import open_house
from tests.databases import QUICK, RUNS
from tests.tidy.source import ROOT

BLOCK = re.compile(r"^```console\n(.*?)^```", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Step:
    """A command and the lines that it is shown to print."""

    command: str
    shown: tuple[str, ...]


def steps(page: str) -> Iterator[Step]:
    """The commands of a page in order; `$ ` begins one, the lines until the next are its output."""
    for block in BLOCK.findall(page):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, *shown = part.rstrip("\n").split("\n")
            yield Step(command, tuple(shown))


def is_printed(shown: tuple[str, ...], printed: str) -> bool:
    """Whether what is shown is what was printed; `…` stands for anything, alone on a line for any lines."""
    parts = ("(?:.*\n)*?" if line == "…" else _line(line) for line in shown)
    return not shown or re.fullmatch("".join(parts), printed) is not None


def _line(shown: str) -> str:
    return re.escape(shown).replace("…", ".*") + r"[ ]*\n"


@pytest.fixture
def environment(tmp_path: Path) -> Iterator[dict[str, str]]:
    """A house of its own, its database kept running between commands."""
    home = RUNS / f"tutorial-{uuid4().hex[:8]}"
    home.mkdir(mode=0o711, parents=True)
    settings = Settings(home=home, keys=tmp_path / "keys")
    server = start_server(home, QUICK)
    with open_house(settings):
        pass
    commands = tmp_path / "bin"
    commands.mkdir()
    (commands / "fanzha").write_text(f'#!/bin/sh\nexec {sys.executable} -m fanzha "$@"\n')
    (commands / "fanzha").chmod(0o755)
    path = f"{commands}{os.pathsep}{os.environ['PATH']}"
    try:
        yield {**os.environ, "PATH": path, "FANZHA_HOME": str(home), "FANZHA_KEYS": str(settings.keys)}
    finally:
        server.leave()
        shutil.rmtree(home, ignore_errors=True)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_tutorial_is_true(language: Language, environment: dict[str, str]) -> None:
    page = (ROOT / f"docs/tutorial/tutorial.{language}.md").read_text("utf-8")
    told = list(steps(page))
    assert len(told) >= 8
    for step in told:
        done = subprocess.run(
            ["bash", "-c", step.command],
            cwd=ROOT,
            env={**environment, "FANZHA_LANG": language},
            capture_output=True,
            text=True,
            check=False,
            timeout=240,
        )
        assert done.returncode == 0, f"{step.command}\n{done.stdout}{done.stderr}"
        assert is_printed(step.shown, done.stdout), f"{step.command} printed:\n{done.stdout}{done.stderr}"


def test_the_reader_of_pages_sees_lies() -> None:
    assert [*steps("x\n```console\n$ a b\none\n$ c\n```\n")] == [Step("a b", ("one",)), Step("c", ())]
    assert is_printed(("…", "a …", "…"), "x\na 1\ny\n")
    assert is_printed(("a…b",), "a 1 b\n")
    assert not is_printed(("a 1",), "a 2\n")
    assert not is_printed(("a", "b"), "a\n")
    assert not is_printed(("…", "b"), "a\nb\nc\n")
