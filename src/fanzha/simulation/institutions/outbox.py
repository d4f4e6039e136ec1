"""What an institution has to tell the centre: each message once, twice, late or out of order, until it is taken."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from fanzha.protocol.answer import MOST_ANSWERS, Answer
from fanzha.protocol.messages import Collected, Push
from fanzha.simulation.institutions.behaviour import Course

_SECOND = timedelta(seconds=1)
_COPY = "+"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """A message on its way out, under a key of its own, from its due time."""

    key: str
    due: datetime
    message: Answer | Push


@dataclass(slots=True)
class Outbox:
    """Messages by key, in the order in which they were written."""

    waiting: dict[str, Outgoing] = field(default_factory=dict)

    def tell(self, answers: list[Answer], at: datetime, course: Course) -> None:
        """Have the parts of an answer told as the course goes: late, last part first, a second time."""
        if course.silent:
            return
        told = list(reversed(answers)) if course.reordered else answers
        for place, each in enumerate(told):
            self.put(each, at + course.late_by + place * _SECOND)
            if course.twice:
                self.put(each, at + course.late_by + (place + len(told)) * _SECOND, _COPY)

    def put(self, message: Answer | Push, due: datetime, copy: str = "") -> None:
        """Have one message told."""
        key = named(message) + copy
        self.waiting[key] = Outgoing(key=key, due=due, message=message)

    def due(self, at: datetime) -> list[Outgoing]:
        """What is to be told by now, by due time."""
        return sorted((each for each in self.waiting.values() if each.due <= at), key=lambda each: each.due)

    @property
    def next_due(self) -> datetime | None:
        """When the next message is due."""
        return min((each.due for each in self.waiting.values()), default=None)

    def take(self, keys: Iterable[str]) -> None:
        """Tell these no more; an id without its copy's mark means all copies."""
        for key in keys:
            self.waiting.pop(key, None)

    def collected(self, at: datetime) -> Collected:
        """What waits, as much as one message holds."""
        due = [each.message for each in self.due(at) if not each.key.endswith(_COPY)]
        answers = tuple(each for each in due if isinstance(each, Answer))
        pushes = tuple(each for each in due if isinstance(each, Push))
        more = len(answers) > MOST_ANSWERS or len(pushes) > MOST_ANSWERS
        return Collected(more=more, answers=answers[:MOST_ANSWERS], pushes=pushes[:MOST_ANSWERS])


def both(message_id: str) -> tuple[str, str]:
    """The keys of a message and of its copy."""
    return message_id, message_id + _COPY


def message_of(key: str) -> str:
    """The id of the message under a key, its copy's too."""
    return key.removesuffix(_COPY)


def named(message: Answer | Push) -> str:
    """The id of a message."""
    return message.answer_id if isinstance(message, Answer) else message.push_id
