"""File locks between processes of one machine; the kernel drops them when a process dies, however it dies."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def hold(path: Path, mode: int) -> int:
    """Open the lock file and take its lock; the returned descriptor holds it until closed."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, mode)
    except BaseException:
        os.close(handle)
        raise
    return handle


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Alone among the processes that lock this file."""
    handle = hold(path, fcntl.LOCK_EX)
    try:
        yield
    finally:
        os.close(handle)


def is_free(path: Path) -> bool:
    """Whether no process holds the lock in any mode."""
    try:
        os.close(hold(path, fcntl.LOCK_EX | fcntl.LOCK_NB))
    except BlockingIOError:
        return False
    return True
