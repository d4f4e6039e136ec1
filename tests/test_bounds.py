"""A test that waits for ever is ended, named and told from the rest, which goes on."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
SECONDS = 240

CONFTEST = """
import pytest
from tests import bounds

def pytest_configure(config):
    config.pluginmanager.register(bounds)

@pytest.fixture
def soon(monkeypatch):
    monkeypatch.setattr(bounds, "LIMIT_SECONDS", 0.2)
"""

TESTS = """
import ctypes, threading
import pytest

def waits():
    threading.Event().wait()

@pytest.fixture
def stuck_after(soon):
    yield
    waits()

def test_first(): pass
def test_waits(soon): waits()
def test_holds_the_interpreter(soon): ctypes.PyDLL(None).pause()
def test_fails_and_then_waits(stuck_after): assert False
def test_last(): pass
"""

STUCK = {
    "test_waits": "test_waits",
    "test_holds_the_interpreter": "test_holds_the_interpreter",
    "test_fails_and_then_waits": "stuck_after",
}
"""Each test that never ends, and the function that its stacks name."""


def test_whoever_waits_for_ever_fails_by_name_and_the_rest_goes_on(tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text(CONFTEST)
    (tmp_path / "test_stuck.py").write_text(TESTS)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "xdist", "-n", "1", "--rootdir", str(tmp_path)]
    path = os.pathsep.join([str(ROOT), *sys.path])
    done = subprocess.run(
        [*command, str(tmp_path)],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": path, "CI": "true", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    told = done.stdout
    assert "4 failed, 2 passed" in told, told  # the third failed in its call, and again after it
    for name, stack in STUCK.items():
        assert f"crashed while running 'test_stuck.py::{name}'" in told, told
        assert f"in {stack}\n" in told, told
