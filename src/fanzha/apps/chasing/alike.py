"""Institutions whose chances hang on what is asked, not on the id under which: two desks that ask alike are told alike.

So the desk in memory can be compared with the house itself, and a better way of chasing with the one before it.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TypeVar
from uuid import UUID, uuid5

from fanzha.protocol.answer import Answer, Receipt, Status
from fanzha.protocol.messages import Push
from fanzha.protocol.request import Request
from fanzha.simulation.institutions.institution import Reply
from fanzha.simulation.institutions.stepped import SteppedInstitutions

A = TypeVar("A", bound=Answer | Push)
_SPACE = UUID(int=11)


@dataclass(slots=True)
class AlikeInstitutions(SteppedInstitutions):
    """Each application goes in under an id made of account, trade and how often that was asked, and comes out under its
    own."""

    _inside: dict[str, str] = field(default_factory=dict)
    _outside: dict[str, str] = field(default_factory=dict)
    _asked: Counter[tuple[str, str]] = field(default_factory=Counter)

    def send(self, code: str, request: Request) -> Reply:
        """As the house sends it, under the id of what it asks."""
        inside = self._id(request)
        original = request.original_application_id
        about = None if original is None else self._inside.get(original, original)
        told = replace(request, application_id=inside, original_application_id=about)
        reply = SteppedInstitutions.send(self, code, told)
        if isinstance(reply, Receipt):
            return replace(reply, message_id=request.application_id)
        return self._out(reply) if isinstance(reply, Answer) else reply

    def ask(self, code: str, application_id: str) -> Status:
        """How far an application is, by its own id."""
        status = SteppedInstitutions.ask(self, code, self._inside.get(application_id, application_id))
        answers = tuple(self._out(each) for each in status.answers)
        return replace(status, application_id=application_id, answers=answers)

    def due(self) -> list[Answer | Push]:
        """What has come by now, by the ids under which it was asked."""
        return [self._out(each) for each in SteppedInstitutions.due(self)]

    def _id(self, request: Request) -> str:
        known = self._inside.get(request.application_id)
        if known is not None:
            return known
        asked = request.target.number, request.trade.value
        self._asked[asked] += 1
        made = str(uuid5(_SPACE, f"{asked[0]}/{asked[1]}/{self._asked[asked]}"))
        self._inside[request.application_id], self._outside[made] = made, request.application_id
        return made

    def _out(self, said: A) -> A:
        return replace(said, application_id=self._outside.get(said.application_id, said.application_id))
