"""A statement that its bank tells in several messages, put together again from those kept and those just heard."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from fanzha.adapters.store.case_messages import CaseMessage, messages_of_order
from fanzha.adapters.store.institution_messages import open_message
from fanzha.orders.order import Order
from fanzha.protocol.answer import Answer, Status
from fanzha.protocol.wire import read
from fanzha.wiring.desk import Desk
from fanzha.wiring.hearing import Hearing
from fanzha.workflows.answer_sheets import said_id


def told_in_parts(hearing: Hearing, order: Order, said: Answer) -> Sequence[Answer]:
    """The whole statement of which `said` is the message that was missing; nothing while another is.

    They may come in any order; a part that is told again completes nothing.
    """
    if said.part == 1 and said.final:
        return [said]
    if said_id(said) in hearing.told[order.id]:
        return []
    if said.application_id not in hearing.parts:
        hearing.parts[said.application_id] = {each.part: each for each in _kept(hearing.desk, order, said)}
    parts = hearing.parts[said.application_id]
    parts[said.part] = said
    last = max(parts)
    if len(parts) < last or not parts[last].final:
        return []
    return [parts[each] for each in sorted(parts)]


def _kept(desk: Desk, order: Order, said: Answer) -> Iterator[Answer]:
    """The parts of the same answer that were heard before and believed."""
    for each in messages_of_order(desk.connection, order.id):
        for answer in _answers(desk, each):
            if answer.application_id == said.application_id and answer.answer_id == each.said_id:
                yield answer


def _answers(desk: Desk, kept: CaseMessage) -> Sequence[Answer]:
    """The answers in a message: its own, or those that a status told again."""
    with desk.as_house() as connection:
        message = open_message(connection, desk.house.keys, kept.message_id)
    if message.kind == "status":
        return read(Status, message.body).answers
    return [read(Answer, message.body)] if message.kind == "answer" else []
