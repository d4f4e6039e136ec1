"""A resident's seat, as the console shows it and takes its answers."""

from __future__ import annotations

from fanzha.apps.web.views.orders import AnswerForm, AskedAnswer, TakenPaper
from fanzha.apps.web.views.seats import SeatLine, SeatView
from fanzha.apps.web.views.shown import Masked
from fanzha.apps.web.wired.answers import answer_told, form_of
from fanzha.apps.web.wired.house_parts import HouseParts
from fanzha.apps.web.wired.order_names import HIDDEN, OrderNames, named
from fanzha.apps.web.wired.order_record import instruction_id, result_of
from fanzha.kernel.units import Actor
from fanzha.wiring.seats import Seated, at_seat, keep_reply, require_seat, seat_queue, take_seat_paper


class WiredSeat(HouseParts):
    """One institution's queue and its answers."""

    def seat(self, actor: Actor) -> SeatView:
        """What waits for the resident's institution."""
        institution = require_seat(actor)
        with seat_queue(self.house, actor) as (desk, more, queue):
            names = named(self.house, desk.connection, [each.order for each in queue])
            lines = [_line(names, each) for each in queue]
        return SeatView(institution=names.institution(institution), lines=lines, more=more)

    def seat_answer_form(self, actor: Actor, number: str, instruction: str) -> AnswerForm:
        """What to ask about an answer."""
        with at_seat(self.house, actor, number) as (desk, order):
            return form_of(desk, order, instruction)

    def seat_answer(self, actor: Actor, number: str, told: AskedAnswer) -> None:
        """Keep the answer; it has the effect of any answer."""
        with at_seat(self.house, actor, number) as (desk, order):
            answer_told(desk, order, told)

    def seat_paper(self, actor: Actor, number: str, instruction: str, purpose: str) -> TakenPaper:
        """The paper that is addressed to the institution, as PDF."""
        found = take_seat_paper(self.house, actor, number, instruction_id(instruction), purpose)
        return TakenPaper(pdf=found.pdf, file_name=found.file_name)

    def keep_reply(self, actor: Actor, number: str, body: bytes) -> str:
        """The SHA-256 of what shows the answer, which now lies sealed with the case."""
        return keep_reply(self.house, actor, number, body)


def _line(names: OrderNames, each: Seated) -> SeatLine:
    order, instruction = each.order, each.instruction
    return SeatLine(
        number=order.number,
        instruction=str(instruction.id),
        kind=order.kind.value,
        act=instruction.act.value,
        target=names.subject(order.target.subject, sealed=False) or Masked(HIDDEN),
        holder=names.subject(order.target.holder, sealed=False),
        stake_fen=each.stake_fen,
        until=each.until,
        since=instruction.first_sent_at or instruction.drafted_at,
        delivery=instruction.delivery.value,
        code=instruction.code,
        result=result_of(instruction.code),
        is_out=each.is_out,
    )
