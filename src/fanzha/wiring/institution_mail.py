"""What institutions say reaches the orders it is about: each message once, each with a record, none without a place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection

from fanzha.adapters.store.cases import case_of
from fanzha.adapters.store.institution_messages import WORK_KIND, Message, open_message
from fanzha.adapters.store.orders import application, entries_of, orders_on
from fanzha.adapters.store.unit_of_work import act_as, act_as_system, worker
from fanzha.adapters.store.work import Work
from fanzha.cases.case import CaseState
from fanzha.kernel.errors import Forbidden
from fanzha.orders.answers import activated, answered
from fanzha.orders.effects import OrderKind
from fanzha.orders.entries import Entry, EntryKind
from fanzha.orders.order import Instruction, Order
from fanzha.orders.proving import MOVED, Lines, breaks, disproved, left, moved_while_held, over_at
from fanzha.protocol.answer import Answer, Status
from fanzha.protocol.messages import Push
from fanzha.protocol.trades import Trade
from fanzha.protocol.wire import read
from fanzha.wiring.answers import absorb
from fanzha.wiring.bank_reports import take_bank_report
from fanzha.wiring.batches import Batch, Done, Failed, Outcome
from fanzha.wiring.clocks import HOUSE
from fanzha.wiring.deliveries import account_asked, reading_of
from fanzha.wiring.desk import Desk
from fanzha.wiring.house import House
from fanzha.wiring.incidents import wish_chases
from fanzha.workflows.answer_fit import misfit


def take_mail(connection: Connection, house: House, rows: Sequence[Work]) -> Mapping[UUID, Outcome]:
    """Give each message its effect, in the order in which it came."""
    return {each.id: _take(connection, house, each) for each in rows}


MAIL = Batch(do=take_mail, limit=16)
MESSAGE_WORK = WORK_KIND


def _take(connection: Connection, house: House, row: Work) -> Outcome:
    act_as_system(connection, house.now())
    message = open_message(connection, house.keys, UUID(str(row.payload["message"])))
    try:
        match message.kind:
            case "answer":
                return _answer(connection, house, message)
            case "push":
                return _push(connection, house, message)
            case "status":
                return _status(connection, house, message)
            case "report":
                return Done(progress={"report": take_bank_report(connection, house, message)})
    except Forbidden as refused:
        return Failed(error=refused)


def _answer(connection: Connection, house: House, message: Message) -> Outcome:
    answer = read(Answer, message.body)
    desk, order = _order_of(connection, house, message, UUID(answer.application_id))
    instruction = order.instruction(UUID(answer.application_id))
    if code := misfit(order, answer, account_asked(desk, order)):
        return _disbelieved(desk, order, instruction.id, code)
    if answer.trade is Trade.ACTIVATE:
        entries = activated(order, answer, instruction.terms.months or 0, HOUSE, desk.now)
    else:
        entries = answered(reading_of(order, instruction, answer, desk.now))
    moved = _told(desk, desk.keep(order, entries), message, answer)
    wish_chases(desk, order.case_id, str(message.id))
    return Done(progress={"order": order.number, "effect": moved.effect.value})


def _disbelieved(desk: Desk, order: Order, instruction_id: UUID, code: str) -> Outcome:
    """What is about something else has no effect and is no evidence: a mark on the order, for a person to look at."""
    mark = Entry(kind=EntryKind.CONTRADICTED, at=desk.now, by=HOUSE, instruction=instruction_id, code=code)
    return Done(progress={"order": desk.keep(order, [mark]).number, "disbelieved": code})


def _told(desk: Desk, order: Order, message: Message, said: Answer | Push) -> Order:
    """The order with what was said about it in its case: nothing of an instruction that never left, or once erased."""
    instruction = order.instruction(UUID(said.application_id))
    erased = case_of(desk.connection, order.case_id).state is CaseState.ERASED
    if erased or instruction.sent_at is None:
        return order
    if isinstance(said, Answer):
        _prove(desk, order, instruction, said)
    return absorb(desk, order, message, said)


def _prove(desk: Desk, order: Order, instruction: Instruction, said: Answer) -> None:
    """Each hold of the account beside the statement that its bank tells: what cannot both be true is marked on it.

    A statement in several messages is not judged: none of them tells all movements of its time.
    """
    since, until = instruction.terms.since, instruction.terms.until
    whole = said.part == 1 and said.final and said.trade is Trade.QUERY_DETAILS
    if not whole or since is None or until is None:
        return
    lines = Lines(told=said.transactions, since=since, until=until)
    holds = list(_holds(desk, order))
    for each in holds:
        marks = list(disproved(each, lines, HOUSE, desk.now))
        moved_at = left(each, lines, over_at(each, holds))
        if moved_at is not None and moved_at > _seen_moving(desk, each):
            marks.append(moved_while_held(HOUSE, desk.now))
        if marks:
            desk.keep(each, marks)


def _seen_moving(desk: Desk, hold: Order) -> datetime:
    """Until when a person was told that money left it: a statement tells old movements again."""
    marks = [each.at for each in entries_of(desk.connection, hold.id) if each.code == MOVED]
    return max(marks, default=hold.opened_at)


def _holds(desk: Desk, order: Order) -> Iterator[Order]:
    """The stops and freezes in sight on the account of an order, each locked."""
    for kind in (OrderKind.STOP, OrderKind.FREEZE):
        for each in orders_on(desk.connection, order.target.subject, kind):
            yield desk.order(each.id)


def _status(connection: Connection, house: House, message: Message) -> Outcome:
    """The answers that a status tells again had their effect when it came; here they become part of the case."""
    status = read(Status, message.body)
    if status.answers:
        desk, order = _order_of(connection, house, message, UUID(status.application_id))
        asked = account_asked(desk, order)
        for each in status.answers:
            code = misfit(order, each, asked)
            if not code:
                order = _told(desk, order, message, each)
            elif code not in order.contradicted:  # told again with every question
                mark = Entry(kind=EntryKind.CONTRADICTED, at=desk.now, by=HOUSE, code=code)
                order = desk.keep(order, [mark])
        wish_chases(desk, order.case_id, str(message.id))
    return Done(progress={"kept": message.kind})


def _push(connection: Connection, house: House, message: Message) -> Outcome:
    """Movements of a monitored account; money that leaves what its bank said it holds is told at once."""
    push = read(Push, message.body)
    desk, order = _order_of(connection, house, message, UUID(push.application_id))
    if code := misfit(order, push, account_asked(desk, order)):
        return _disbelieved(desk, order, UUID(push.application_id), code)
    for held in _holds(desk, order):
        if any(breaks(held, each) for each in push.transactions):
            desk.keep(held, [moved_while_held(HOUSE, desk.now)])
    _told(desk, order, message, push)
    wish_chases(desk, order.case_id, str(message.id))
    return Done(progress={"order": order.number, "transactions": len(push.transactions)})


def _order_of(connection: Connection, house: House, message: Message, application_id: UUID) -> tuple[Desk, Order]:
    """The order that an application made, locked; `Forbidden` where another institution answers for it."""
    act_as_system(connection, house.now())
    found = application(connection, application_id)
    if found.institution_id != message.institution_id:
        raise Forbidden("orders.answer_of_another", institution=message.institution_id)
    act_as(connection, worker(found.unit_path), house.now())
    desk = Desk(house=house, connection=connection, actor=worker(found.unit_path))
    return desk, desk.order(found.order_id)
