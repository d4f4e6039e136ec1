"""Children that end are started again, until one plainly cannot live."""

from __future__ import annotations

import subprocess
import time

import pytest

from fanzha.apps.processes import RESTARTS, STEADY_SECONDS, Child, _restart_ended
from fanzha.kernel.errors import Unavailable

ENDS_AT_ONCE = "fanzha.kernel.money"


def ended(child: Child) -> None:
    assert child.process is not None
    child.process.wait()
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
        child.process.wait()
        _restart_ended([child])
        assert child.starts == RESTARTS
    child.stop()
