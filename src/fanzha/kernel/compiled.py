"""Functions over flat arrays, compiled to machine code by numba and kept between runs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

from numba import njit

F = TypeVar("F", bound=Callable[..., Any])


def compiled(function: F) -> F:
    """The function compiled on its first call with given types; same name, arguments and result."""
    return cast(F, njit(cache=True, nogil=True)(function))


def inlined(function: F) -> F:
    """The function compiled into each of its callers: for small ones with many arrays that allocate none.

    A call would hand over seven words for every array, and count references to each.
    """
    return cast(F, njit(cache=True, nogil=True, forceinline=True, _nrt=False)(function))


def lean(function: F) -> F:
    """The function compiled as `compiled` does, without counting references: it allocates no array."""
    return cast(F, njit(cache=True, nogil=True, _nrt=False)(function))
