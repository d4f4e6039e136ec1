"""What a check of an installation found."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from fanzha.kernel.errors import FanzhaError


class State(StrEnum):
    """How a thing stands: `warn` works today, `bad` does not."""

    OK = "ok"
    WARN = "warn"
    BAD = "bad"


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing looked at; `cli.doctor.<name>.<state>` says it, with the remedy unless it is in order."""

    name: str
    state: State
    fields: dict[str, object] = field(default_factory=dict)
    failure: FanzhaError | None = None
    """Why, when the house itself refused; its sentence names the remedy."""
