"""A statement that its bank tells in several messages, put together again from those kept and those just heard."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from uuid import UUID

from fanzha.adapters.store.case_messages import messages_of_order
from fanzha.adapters.store.institution_messages import Message, open_messages
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
    if _is_all(said):
        return [said]
    if said_id(said) in hearing.told[order.id]:
        return []
    if said.application_id not in hearing.parts:
        kept = [(each.message_id, each.said_id) for each in messages_of_order(hearing.desk.connection, order.id)]
        of_answer = [each for each in kept_answers(hearing.desk, kept) if each.application_id == said.application_id]
        hearing.parts[said.application_id] = {each.part: each for each in of_answer}
    parts = hearing.parts[said.application_id]
    parts[said.part] = said
    return _joined(parts)


def whole_statements(answers: Iterable[Answer]) -> Iterator[Sequence[Answer]]:
    """Each statement of which every message is among these answers."""
    parts: dict[str, dict[int, Answer]] = defaultdict(dict)
    for each in answers:
        if _is_all(each):
            yield [each]
        else:
            parts[each.application_id][each.part] = each
    yield from filter(None, map(_joined, parts.values()))


def kept_answers(desk: Desk, kept: Sequence[tuple[UUID, str]]) -> list[Answer]:
    """The answers that were heard before and believed, by their messages and their own ids, in the same order."""
    if not kept:
        return []
    with desk.as_house() as connection:
        messages = open_messages(connection, desk.house.keys, dict.fromkeys(message for message, _ in kept))
    told = {(each.id, said.answer_id): said for each in messages for said in _answers(each)}
    return [told[each] for each in kept if each in told]


def _is_all(said: Answer) -> bool:
    return said.part == 1 and said.final


def _joined(parts: Mapping[int, Answer]) -> Sequence[Answer]:
    last = max(parts)
    if len(parts) < last or not parts[last].final:
        return []
    return [parts[each] for each in sorted(parts)]


def _answers(message: Message) -> Sequence[Answer]:
    """The answers in a message: its own, or those that a status told again."""
    if message.kind == "status":
        return read(Status, message.body).answers
    return [read(Answer, message.body)] if message.kind == "answer" else []
