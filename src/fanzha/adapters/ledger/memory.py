"""Memory that a stage has freed goes back to the machine, so that the next stage's peak is its own."""

from __future__ import annotations

import ctypes

import pyarrow as pa

_LIBC = ctypes.CDLL(None)


def give_back() -> None:
    """Return what was freed: arrow's pool and glibc's heap would keep it; elsewhere than on glibc only the pool."""
    pa.default_memory_pool().release_unused()
    if hasattr(_LIBC, "malloc_trim"):
        _LIBC.malloc_trim(0)
