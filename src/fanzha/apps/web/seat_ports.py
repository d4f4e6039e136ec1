"""What the page of a resident's seat needs of the house."""

from __future__ import annotations

from typing import Protocol

from fanzha.apps.web.views.orders import AnswerForm, AskedAnswer, TakenPaper
from fanzha.apps.web.views.seats import SeatView
from fanzha.kernel.units import Actor


class SeatData(Protocol):
    """One institution's queue and its answers; `Forbidden` to whoever is nobody's resident."""

    def seat(self, actor: Actor) -> SeatView:
        """What waits for the resident's institution."""
        ...

    def seat_answer_form(self, actor: Actor, number: str, instruction: str) -> AnswerForm:
        """What to ask about an answer; `NotFound` for an order to anybody else, or to which none is awaited."""
        ...

    def seat_answer(self, actor: Actor, number: str, told: AskedAnswer) -> None:
        """Keep the answer; it has the effect of any answer."""
        ...

    def seat_paper(self, actor: Actor, number: str, instruction: str, purpose: str) -> TakenPaper:
        """The paper that is addressed to the institution, as PDF; `NotFound` once no answer is awaited."""
        ...

    def keep_reply(self, actor: Actor, number: str, body: bytes) -> str:
        """The SHA-256 of what shows the answer, which now lies sealed with the case."""
        ...
