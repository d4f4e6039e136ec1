"""How a command enters the house."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from fanzha.settings import Settings
from fanzha.wiring.house import House, open_house


@contextmanager
def opened_house() -> Iterator[House]:
    """The instance that the environment names, for as long as the command runs."""
    with open_house(Settings()) as house:
        yield house
