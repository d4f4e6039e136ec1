"""Holds beside statements of their account: what cannot both be true is marked, whichever is heard first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from uuid import UUID

from fanzha.adapters.store.order_locks import HOLDING
from fanzha.adapters.store.orders import entries_of, orders_of
from fanzha.orders.effects import Act
from fanzha.orders.order import Instruction, Order
from fanzha.orders.proving import MOVED, Lines, disproved, left, moved_while_held, over_at
from fanzha.protocol.answer import Answer
from fanzha.protocol.trades import Trade
from fanzha.wiring.answer_parts import kept_answers, told_in_parts, whole_statements
from fanzha.wiring.clocks import HOUSE
from fanzha.wiring.hearing import Hearing


def lay_beside(hearing: Hearing, order: Order, instruction: Instruction, said: Answer) -> None:
    """A statement beside each hold of its account, an answer by which a hold began beside each statement heard before.

    A statement in several messages is judged once all of them came: none of them tells all movements of its time.
    """
    if said.trade is Trade.QUERY_DETAILS:
        lines = _lines(instruction, told_in_parts(hearing, order, said))
        if lines is not None:
            hearing.statements[order.target.subject].append(lines)
            for each in hearing.holds(order):
                _prove(hearing, each, lines)
    elif order.kind.value in HOLDING and instruction.act is Act.APPLY:
        just_now = hearing.statements.get(order.target.subject, ())
        for lines in (*_heard_before(hearing, hearing.orders[order.id]), *just_now):
            _prove(hearing, hearing.orders[order.id], lines)


def _prove(hearing: Hearing, hold: Order, lines: Lines) -> None:
    """Mark on the hold what cannot be true beside these movements."""
    now = hearing.desk.now
    marks = list(disproved(hold, lines, HOUSE, now))
    moved_at = left(hold, lines, over_at(hold, hearing.holds(hold)))
    if moved_at is not None and moved_at > _seen_moving(hearing, hold):
        marks.append(moved_while_held(HOUSE, now))
    if marks:
        hearing.keep(hold, marks)


def _lines(instruction: Instruction, parts: Sequence[Answer]) -> Lines | None:
    """All movements of the time that was asked for, as far as the bank told it; None of what was not all told."""
    since, until = instruction.terms.since, instruction.terms.until
    if since is None or until is None or not parts:
        return None
    told = [line for each in parts for line in each.transactions]
    return Lines(told=told, since=since, until=min(until, *(each.answered_at for each in parts)))


def _heard_before(hearing: Hearing, hold: Order) -> Iterator[Lines]:
    """The statements kept that reach past the hold's beginning; nothing is asked for where none does."""
    starts_at = hold.starts_at
    if starts_at is None:
        return
    kept = hearing.lines[hold.id]
    reaching = {each.order_id for each in kept if each.reaches > starts_at}
    if not reaching:
        return
    desk = hearing.desk
    asked = {way.id: way for each in orders_of(desk.connection, list(reaching)) for way in each.instructions}
    answers = kept_answers(desk, [(each.message_id, each.said_id) for each in kept if each.order_id in reaching])
    for parts in whole_statements(answers):
        lines = _lines(asked[UUID(parts[0].application_id)], parts)
        if lines is not None:
            yield lines


def _seen_moving(hearing: Hearing, hold: Order) -> datetime:
    """Until when a person was told that money left it: a statement tells old movements again."""
    history = [*entries_of(hearing.desk.connection, hold.id), *hearing.entries[hold.id]]
    return max((each.at for each in history if each.code == MOVED), default=hold.opened_at)
