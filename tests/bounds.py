"""No test waits for ever: whatever a phase of it waits for, it ends within a limit, and says where it stood.

The watch is a thread of C, so that it also ends a test that holds the interpreter or waits inside a library. It prints
the stacks of all threads and ends the process; under xdist the test counts as failed by its name, and another process
goes on with the rest. (pytest's own `faulthandler_timeout` leaves off at the first failure, before the teardown.)
"""

from __future__ import annotations

import faulthandler
import os
import sys
from collections.abc import Generator

import pytest

LIMIT_SECONDS = 600.0
"""For setup, call and teardown each: a test that waits for a condition gives up well before, in words of its own."""

_STDERR = pytest.StashKey[int]()


def pytest_configure(config: pytest.Config) -> None:
    """Keep the way to the terminal, which a running test's output does not take."""
    assert sys.__stderr__ is not None
    config.stash[_STDERR] = os.dup(sys.__stderr__.fileno())


def pytest_unconfigure(config: pytest.Config) -> None:
    """Give it back."""
    os.close(config.stash[_STDERR])


def _bounded(item: pytest.Item) -> Generator[None, object, object]:
    faulthandler.dump_traceback_later(LIMIT_SECONDS, exit=True, file=item.config.stash[_STDERR])
    try:
        return (yield)
    finally:
        faulthandler.cancel_dump_traceback_later()


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> Generator[None, object, object]:
    """What the test needs is there in time."""
    return (yield from _bounded(item))


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """The test ends in time."""
    return (yield from _bounded(item))


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_teardown(item: pytest.Item) -> Generator[None, object, object]:
    """What it leaves is cleared in time, after its failure too."""
    return (yield from _bounded(item))


@pytest.hookimpl(optionalhook=True)
def pytest_handlecrashitem(report: pytest.TestReport) -> None:
    """Say where to look for the cause."""
    report.longrepr = f"{report.longrepr}; if that was after {LIMIT_SECONDS:g} s, its stacks are in the output above"
