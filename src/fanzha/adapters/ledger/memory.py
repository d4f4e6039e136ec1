"""Memory that a stage has freed goes back to the machine, so that the next stage's peak is its own."""

from __future__ import annotations

import ctypes

import pyarrow as pa

_LIBC = ctypes.CDLL(None)


WORTH_IT_ROWS = 50_000
"""Looking through the heap for what fewer rows took costs more than they took."""


def give_back(rows: int) -> None:
    """Return what was freed of a stage over so many rows: arrow's pool and glibc's heap would keep it; elsewhere than
    on glibc only the pool."""
    if rows < WORTH_IT_ROWS:
        return
    pa.default_memory_pool().release_unused()
    if hasattr(_LIBC, "malloc_trim"):
        _LIBC.malloc_trim(0)
