"""Children that end are started again, until one plainly cannot live."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from fanzha.apps.processes import RESTARTS, STEADY_SECONDS, Child, _restart_ended
from fanzha.kernel.errors import Unavailable

ENDS_AT_ONCE = "fanzha.kernel.money"


def ended(child: Child) -> None:
    assert child.process is not None
    child.process.wait(60)
    _restart_ended([child])


def test_a_child_that_cannot_live_ends_the_house_and_one_that_lived_long_does_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = time.monotonic()
    monkeypatch.setattr("fanzha.apps.processes.time.monotonic", lambda: now)
    child = Child(module=ENDS_AT_ONCE)
    child.start()
    for _ in range(3):
        now += STEADY_SECONDS
        ended(child)
    assert child.starts == 1
    child.starts = RESTARTS
    ended(child)
    with pytest.raises(Unavailable):
        ended(child)


def test_a_child_that_is_killed_again_and_again_is_started_again_and_again() -> None:
    child = Child(module=ENDS_AT_ONCE, starts=RESTARTS, started=time.monotonic())
    for _ in range(3):
        child.process = subprocess.Popen(["/bin/sleep", "600"])
        child.process.kill()
        child.process.wait(60)
        _restart_ended([child])
        assert child.starts == RESTARTS
    child.stop()


def test_a_process_that_gives_way_asks_for_less_of_the_machine_than_whoever_started_it() -> None:
    said = "import os; from fanzha.apps.processes import give_way; give_way(); print(os.nice(0))"
    before = session_niceness()
    told = subprocess.run([sys.executable, "-c", said], capture_output=True, text=True, timeout=60, check=True)
    assert int(told.stdout) > os.nice(0)
    assert session_niceness() == before, "what shares our session does not make us give way"


def session_niceness() -> str:
    try:
        return Path("/proc/self/autogroup").read_text("ascii")
    except OSError:
        return ""
