"""What a story tells: what happened when, the numbers it came to, and whether they are what it promises."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened; its sentence is `stories.event.<code>`, filled with `fields`."""

    at: datetime
    code: str
    fields: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """A number with its unit, and what the story promises of it by `>=`, `<=` or `=`; without an aim nothing."""

    name: str
    value: int | float
    unit: str
    aim: int | float | None = None
    aim_op: str = ">="

    @property
    def holds(self) -> bool:
        """Whether it is as promised."""
        if self.aim is None:
            return True
        match self.aim_op:
            case ">=":
                return self.value >= self.aim
            case "<=":
                return self.value <= self.aim
        return self.value == self.aim


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A story that was played to its end."""

    name: str
    events: tuple[Event, ...]
    facts: tuple[Fact, ...]

    @property
    def holds(self) -> bool:
        """Whether every number is as promised."""
        return all(each.holds for each in self.facts)
