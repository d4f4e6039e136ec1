"""The tests' own servers: what a killed run left is cleared away, and nobody else is hurt."""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path

import pytest

from tests import databases

HOUR = 3_600.0


@pytest.fixture
def left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The data folder of a run that ended an hour ago, without a server."""
    data = tmp_path / "some-run" / "postgres"
    data.mkdir(parents=True)
    monkeypatch.setattr(databases, "RUNS", tmp_path)
    return data


def grow_old(data: Path) -> None:
    os.utime(data.parent, (time.time() - HOUR, time.time() - HOUR))


def test_a_number_that_is_somebody_elses_by_now_is_not_ended(left_behind: Path) -> None:
    with subprocess.Popen(["/bin/sleep", "60"], cwd="/") as other:
        try:
            (left_behind / "postmaster.pid").write_text(f"{other.pid}\n{left_behind}\n")
            grow_old(left_behind)
            databases.sweep()
            assert not left_behind.exists() and other.poll() is None
        finally:
            other.kill()


def test_a_server_that_still_runs_there_is_ended(left_behind: Path) -> None:
    with subprocess.Popen(["/bin/sleep", "60"], cwd=left_behind) as server:
        (left_behind / "postmaster.pid").write_text(f"{server.pid}\n{left_behind}\n")
        grow_old(left_behind)
        databases.sweep()
        assert server.wait(30) < 0 and not left_behind.exists()
