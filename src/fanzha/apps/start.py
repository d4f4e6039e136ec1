"""How every process of the house starts: it loads, and looks through, nothing that it will not use.

`python -m fanzha.apps.start MODULE ARGUMENTS…` runs a module of ours so.
"""

from __future__ import annotations

import gc
import runpy
import sys
from importlib.abc import MetaPathFinder

COLLECT_EVERY = 50_000
"""Objects made between two looks for garbage: what is loaded at the start stays."""

UNUSED = frozenset({"pandas", "rich"})
"""Packages that pyarrow, structlog and typer load wherever they are installed: up to half a second for nothing."""


class _Without(MetaPathFinder):
    """Hides packages that nobody here uses from those who would load them."""

    def find_spec(self, fullname: str, path: object, target: object = None) -> None:
        """Nothing found, which leaves the other finders to look, but for the unused."""
        if fullname in UNUSED:
            raise ModuleNotFoundError(name=fullname)


def start_lightly() -> None:
    """To be called before anything else is loaded."""
    sys.meta_path.insert(0, _Without())
    gc.set_threshold(COLLECT_EVERY, 20, 100)


if __name__ == "__main__":
    start_lightly()
    del sys.argv[0]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
