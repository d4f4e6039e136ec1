"""What institutions say reaches the orders it is about: each message once, each with a record, none without a place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import Connection

from fanzha.adapters.store.cases import case_of
from fanzha.adapters.store.institution_messages import WORK_KIND, Message, open_message
from fanzha.adapters.store.orders import application, orders_on
from fanzha.adapters.store.unit_of_work import act_as, act_as_system, worker
from fanzha.adapters.store.work import Work
from fanzha.cases.case import CaseState
from fanzha.kernel.errors import Forbidden
from fanzha.orders.answers import activated, answered, moved_while_held
from fanzha.orders.effects import RESTRICTING, OrderKind
from fanzha.orders.entries import Entry, EntryKind
from fanzha.orders.order import Order
from fanzha.protocol.answer import Answer, Status
from fanzha.protocol.facts import Side, Transaction
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


MAIL = Batch(do=take_mail, limit=50)
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
    return order if erased or instruction.sent_at is None else absorb(desk, order, message, said)


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
    for kind in (OrderKind.STOP, OrderKind.FREEZE):
        for each in orders_on(connection, order.target.subject, kind):
            if any(_breaks(each, one) for one in push.transactions):
                held = desk.order(each.id)
                desk.keep(held, [moved_while_held(held, HOUSE, desk.now)])
    _told(desk, order, message, push)
    wish_chases(desk, order.case_id, str(message.id))
    return Done(progress={"order": order.number, "transactions": len(push.transactions)})


def _breaks(order: Order, moved: Transaction) -> bool:
    """Whether money left while this order held it: any debit under a stop, one that eats into it under a freeze."""
    if order.effect not in RESTRICTING or order.starts_at is None or moved.at <= order.starts_at:
        return False
    if moved.side is not Side.DEBIT or not moved.success:
        return False
    if order.kind is OrderKind.STOP:
        return True
    return moved.balance_after_fen is not None and moved.balance_after_fen < order.holding_fen


def _order_of(connection: Connection, house: House, message: Message, application_id: UUID) -> tuple[Desk, Order]:
    """The order that an application made, locked; `Forbidden` where another institution answers for it."""
    act_as_system(connection, house.now())
    found = application(connection, application_id)
    if found.institution_id != message.institution_id:
        raise Forbidden("orders.answer_of_another", institution=message.institution_id)
    act_as(connection, worker(found.unit_path), house.now())
    desk = Desk(house=house, connection=connection, actor=worker(found.unit_path))
    return desk, desk.order(found.order_id)
