"""Compiled kernels are kept by the state of their sources."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from fanzha.kernel.kernel_cache import count_kernels, state_of

KERNEL = """
from numba import njit
from fanzha.words import (
    LIMIT,
)
from fanzha.sub import other

@njit(cache=True)
def f(x):
    return x + LIMIT
"""


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A small package: a kernel, a module that lends it a constant, one that is reached through it, and a stranger."""
    root = tmp_path / "fanzha"
    for name, text in {
        "__init__.py": "",
        "kernel.py": KERNEL,
        "words.py": "LIMIT = 1\n",
        "sub/__init__.py": "",
        "sub/other.py": "import fanzha.words\n",
        "stranger.py": "from fanzha.kernel import f\n",
    }.items():
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_text(text)
    return root


def test_kernels_are_counted(package: Path) -> None:
    assert count_kernels(package) == 1


@pytest.mark.parametrize("edited", ["kernel.py", "words.py", "sub/other.py"])
def test_an_edit_that_may_matter_changes_the_folder(package: Path, edited: str) -> None:
    before = state_of(package)
    with (package / edited).open("a") as file:
        file.write("# edited\n")
    assert state_of(package) != before


def test_an_edit_elsewhere_keeps_what_is_compiled(package: Path) -> None:
    before = state_of(package)
    (package / "stranger.py").write_text("x = 1\n")
    assert state_of(package) == before


def told_folder(**environment: str) -> Path:
    """The folder that a fresh process tells numba."""
    shown = "import fanzha, numba; from pathlib import Path; print(numba.config.CACHE_DIR)"
    done = subprocess.run(
        [sys.executable, "-c", shown], env={**os.environ, **environment}, capture_output=True, text=True, check=True
    )
    return Path(done.stdout.strip())


def test_numba_is_told_before_it_loads(tmp_path: Path) -> None:
    folder = told_folder(FANZHA_CACHE=str(tmp_path), NUMBA_CACHE_DIR="/elsewhere")
    assert folder.parent == tmp_path
    assert folder.stat().st_mode & 0o077 == 0


def test_a_closed_place_gives_a_private_one(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    folder = told_folder(FANZHA_CACHE=str(tmp_path / "file" / "below"))
    assert folder.is_dir()
    assert folder.stat().st_mode & 0o077 == 0
