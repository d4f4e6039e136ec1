"""Functions over flat arrays, compiled to machine code by numba and kept between runs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

from numba import njit

F = TypeVar("F", bound=Callable[..., Any])


def compiled(function: F) -> F:
    """The function compiled on its first call with given types; same name, arguments and result."""
    return cast(F, njit(cache=True, nogil=True)(function))
