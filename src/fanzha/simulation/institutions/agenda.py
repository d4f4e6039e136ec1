"""What an institution has before it, by the business time at which it is due; equal times in the order they came."""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Task(StrEnum):
    """What is to be done."""

    WORK = "work"
    PAY = "pay"
    END = "end"


@dataclass(slots=True)
class Agenda:
    """A heap of what is due: a task, and the key of what it is about (application, payment, account)."""

    waiting: list[tuple[datetime, int, Task, str]] = field(default_factory=list)
    noted: set[tuple[datetime, Task, str]] = field(default_factory=set)
    count: int = 0

    def add(self, due: datetime, task: Task, key: str) -> None:
        """Have something to do at an instant; what is noted for that instant already is done once."""
        if (due, task, key) in self.noted:
            return
        self.noted.add((due, task, key))
        self.count += 1
        heapq.heappush(self.waiting, (due, self.count, task, key))

    @property
    def next_due(self) -> datetime | None:
        """When the next is due."""
        return self.waiting[0][0] if self.waiting else None

    def take(self, until: datetime) -> tuple[datetime, Task, str] | None:
        """The next one that is due by then, taken off."""
        if not self.waiting or self.waiting[0][0] > until:
            return None
        due, _, task, key = heapq.heappop(self.waiting)
        self.noted.discard((due, task, key))
        return due, task, key
