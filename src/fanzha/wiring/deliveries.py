"""Instructions on their way: sent once, asked after when in doubt, given up to a person; nothing is sent blindly twice.

Each row is three steps: what to do is decided and written (committed before the first byte leaves), the institution is
spoken to outside any transaction, and what it said is written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog

from fanzha.adapters.connectors.port import Connector, Reply
from fanzha.adapters.store.institution_messages import NewMessage, keep_message
from fanzha.adapters.store.leaving import hold_with_orders
from fanzha.adapters.store.orders import orders_if_free
from fanzha.adapters.store.subjects import identifiers_of
from fanzha.adapters.store.unit_of_work import act_as, act_as_system, worker
from fanzha.adapters.store.work import Work, finish_all, hold
from fanzha.adapters.store.work_mine import end_mine
from fanzha.kernel.errors import FanzhaError
from fanzha.kernel.ids import InstitutionId, OrderId, uuid7
from fanzha.orders.deliveries import Delivery
from fanzha.orders.entries import Entry
from fanzha.orders.order import Instruction, Order
from fanzha.orders.sending import Next, given_up, next_step, sent
from fanzha.protocol.answer import Answer, Receipt, Status
from fanzha.protocol.messages import Refusal
from fanzha.protocol.request import Request
from fanzha.protocol.wire import fingerprint
from fanzha.registers.institutions import ConnectorKind, Institution
from fanzha.wiring.clocks import HOUSE
from fanzha.wiring.desk import Desk
from fanzha.wiring.foreseeing import foresee
from fanzha.wiring.heard_back import PATIENCE, Said, heard, look_again
from fanzha.wiring.house import CENTRE, House
from fanzha.wiring.order_papers import Issued, enclosing, issued, keep_issued
from fanzha.wiring.paper_names import institution_told
from fanzha.wiring.requests import encloses, request_of
from fanzha.workflows.answer_fit import misfit

_log = structlog.get_logger()

ON_PAPER = "by_paper"
"""Why an instruction to an institution without a line is given up: a person prints, faxes and tells the answer."""

Connectors = Callable[[Institution], Connector]


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand:
    """What is to be said to which institution: a request, or a question after an application id."""

    institution_id: InstitutionId
    institution: Institution
    order_id: OrderId
    instruction_id: UUID
    request: Request | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Back:
    """What an institution said to an errand of a row, or how it failed to."""

    row: Work
    errand: Errand
    said: Said

    @property
    def is_news(self) -> bool:
        """Whether it tells what became of the instruction, and not only how far that is."""
        return isinstance(self.said, Reply) and _is_news(self.said.message)


@dataclass(frozen=True, slots=True, kw_only=True)
class SetOut:
    """Rows of which somebody is to be told something now, and rows whose order somebody else has at this moment."""

    errands: Sequence[tuple[Work, Errand]]
    busy: Sequence[Work]


def set_out(house: House, rows: Sequence[Work]) -> SetOut:
    """Decide the next step of rows of one unit, and write all of them at once: they leave when this is committed."""
    with _at_desk(house, rows[0]) as desk:
        held = hold_with_orders(desk.connection, {each.id: (each, _order_of(each)) for each in rows}, desk.actor)
        first = {_order_of(each): each for each in reversed(held.rows)}
        mine = [(first[each], order) for each, order in held.orders.items() if each in first]
        foresee(desk, held, [(order, UUID(row.key)) for row, order in mine])
        errands = _decided(desk, mine)
        free = {row.id for row, _ in mine}
        return SetOut(errands=errands, busy=[each for each in held.rows if each.id not in free])


def deliver(house: House, connectors: Connectors, row: Work) -> None:
    """Take the instruction of a row one step further; a lost lease leaves it to whoever took it over."""
    for errand in _set_out(house, row):
        speak(house, connectors, row, errand)


def speak(house: House, connectors: Connectors, row: Work, errand: Errand) -> None:
    """Say to the institution what was decided and written, and write what it said."""
    come_back_alone(house, spoken(connectors, row, errand))


def spoken(connectors: Connectors, row: Work, errand: Errand) -> Back:
    """Say to the institution what was decided and written; what it said is not written yet."""
    return Back(row=row, errand=errand, said=_say(connectors, errand))


def come_back(house: House, backs: Sequence[Back]) -> list[Back]:
    """Write what institutions said, that of one unit at once; the rest is left for `come_back_alone`.

    That is what is told of an order which somebody else has, and what may let an order take others' place.
    """
    alone = [each for each in backs if _may_take_over(each.said)]
    together = [each for each in backs if not _may_take_over(each.said)]
    for unit in sorted({each.row.unit_path for each in together}):
        of_unit = [each for each in together if each.row.unit_path == unit]
        try:
            written = _come_back(house, {each.errand.order_id: each for each in reversed(of_unit)})
        except Exception as failure:  # nothing was written: one by one it shows whose failure it is
            _log.warning("deliveries.batch_failed", kind=type(failure).__name__, rows=len(of_unit))
            written = set()
        alone += [each for each in of_unit if each.row.id not in written]
    return alone


def _come_back(house: House, some: Mapping[OrderId, Back]) -> set[UUID]:
    """Write what was said of orders that nobody else has; of which rows."""
    with _at_desk(house, next(iter(some.values())).row) as desk:
        orders = orders_if_free(desk.connection, some, desk.actor)
        if orders:
            _written(desk, [(some[each], order) for each, order in orders.items()])
    return {some[each].row.id for each in orders}


def come_back_alone(house: House, back: Back) -> None:
    """Write what an institution said, however long somebody else has the order."""
    with _at_desk(house, back.row) as desk:
        whose = back.errand.order_id
        order = desk.order_answered(whose) if _may_take_over(back.said) else desk.order(whose)
        _written(desk, [(back, order)])


def _is_news(told: Receipt | Answer | Refusal | Status) -> bool:
    """Whether it tells what became of an instruction, and not only how far that is."""
    return isinstance(told, Answer) or (isinstance(told, Status) and bool(told.answers))


def _may_take_over(said: Said) -> bool:
    """What a question is answered with may tell of a freeze that takes a stop's place."""
    return isinstance(said, Reply) and isinstance(said.message, Status) and _is_news(said.message)


@contextmanager
def _at_desk(house: House, row: Work) -> Iterator[Desk]:
    """A transaction that acts as the worker of the row's unit."""
    actor = worker(row.unit_path)
    with house.act(actor) as connection:
        yield Desk(house=house, connection=connection, actor=actor)


def _order_of(row: Work) -> OrderId:
    return OrderId(UUID(str(row.payload["order"])))


def _set_out(house: House, row: Work) -> list[Errand]:
    """The same for one row, however long somebody else has its order."""
    with _at_desk(house, row) as desk:
        if not hold(desk.connection, [row]):
            return []
        return [each for _, each in _decided(desk, [(row, desk.order(_order_of(row)))])]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """An order, what is to be written of it now, and what is to be said to its institution after that, if anything."""

    order: Order
    entries: Sequence[Entry] = ()
    errand: Errand | None = None
    issued: Sequence[Issued] = ()


def _decided(desk: Desk, some: Sequence[tuple[Work, Order]]) -> list[tuple[Work, Errand]]:
    """Write the next step of each row; what is to be said to somebody afterwards."""
    steps = [(row, _step(desk, order, UUID(row.key))) for row, order in some]
    keep_issued(desk, [paper for _, each in steps for paper in each.issued])
    desk.keep_all([(each.order, each.entries) for _, each in steps if each.entries])
    finish_all(desk.connection, [(row, {}) for row, each in steps if each.errand is None], desk.house.wall.now())
    return [(row, each.errand) for row, each in steps if each.errand is not None]


def _step(desk: Desk, order: Order, instruction_id: UUID) -> Step:
    instruction, told = order.instruction(instruction_id), order.institution_id
    institution = institution_told(desk.connection, told, desk.once)
    errand = Errand(
        institution_id=told, institution=institution, order_id=order.id, instruction_id=instruction.id, request=None
    )
    on_paper = institution.connector is ConnectorKind.PAPER
    match next_step(instruction, PATIENCE):
        case Next.SEND | Next.ASK | Next.GIVE_UP if on_paper:
            return _to_a_person(desk, order, instruction)
        case Next.SEND:
            return _to_send(desk, order, instruction, errand)
        case Next.ASK:
            return Step(order=order, errand=errand)
        case Next.GIVE_UP:
            return Step(order=order, entries=[given_up(instruction, HOUSE, desk.now, "tries_used_up")])
    return Step(order=order)


def _to_a_person(desk: Desk, order: Order, instruction: Instruction) -> Step:
    """Give it up to whoever carries paper, with the paper ready."""
    code = ON_PAPER
    try:
        order, _ = issued(desk, order, instruction.id)
    except FanzhaError as failure:
        code = failure.code
    return Step(order=order, entries=[given_up(instruction, HOUSE, desk.now, code)])


def _to_send(desk: Desk, order: Order, instruction: Instruction, errand: Errand) -> Step:
    """That it leaves now; the message is built first, so that one that cannot be built is never said sent.

    Both tell the same moment: what is sent anew later must be to the letter what left first.
    """
    papers, paper, now = list[Issued](), None, desk.now
    try:
        if encloses(order, instruction, errand.institution):
            papers, paper = enclosing(desk, order, instruction.id)
        request = request_of(desk, order, instruction, errand.institution, paper, now)
    except FanzhaError as failure:
        return Step(
            order=order, entries=[*_told(papers), given_up(instruction, HOUSE, now, failure.code)], issued=papers
        )
    entries = [*_told(papers), sent(instruction, HOUSE, now)]
    return Step(order=order, entries=entries, errand=replace(errand, request=request), issued=papers)


def _told(issued: Sequence[Issued]) -> list[Entry]:
    return [each.entry for each in issued]


def _say(connectors: Connectors, errand: Errand) -> Said:
    try:
        connector = connectors(errand.institution)
        if errand.request is not None:
            return connector.send(errand.request)
        return connector.ask(str(errand.instruction_id))
    except FanzhaError as failure:
        return failure


def _written(desk: Desk, some: Sequence[tuple[Back, Order]]) -> None:
    """Write what was said, and when to look again; an answer may have come by another way meanwhile."""
    _keep_evidence(desk, [each for each, _ in some])
    orders = {order.id: order for _, order in some}
    open_still = [(each, order) for each, order in some if order.instruction(each.errand.instruction_id).open]
    for moved in desk.keep_all([(order, _heard(desk, each, order)) for each, order in open_still]):
        orders[moved.id] = moved
    ends = [(each.row, orders[each.errand.order_id].instruction(each.errand.instruction_id)) for each, _ in some]
    told = [(row, _when_next(each, desk.now), {"came_to": each.delivery.value}) for row, each in ends]
    end_mine(desk.connection, told, desk.house.wall.now())


def _when_next(instruction: Instruction, now: datetime) -> datetime | None:
    """When the instruction needs attention next; None when it never does by itself."""
    goes_on = instruction.open and instruction.delivery is not Delivery.DEAD
    return look_again(instruction, now) if goes_on else None


def _heard(desk: Desk, back: Back, order: Order) -> Sequence[Entry]:
    instruction = order.instruction(back.errand.instruction_id)
    return heard(order, instruction, _fitting(desk, order, back.said), desk.now)


def _keep_evidence(desk: Desk, backs: Sequence[Back]) -> None:
    """The signed bytes of answers, whichever way they came, are kept sealed beside those that institutions push.

    An answer that came at once has its effect as those do, from what was kept.
    """
    signed = [(each.errand, each.said) for each in backs if isinstance(each.said, Reply)]
    telling = [(errand, reply, reply.message) for errand, reply in signed if isinstance(reply.message, Answer | Status)]
    if not telling:
        return
    act_as_system(desk.connection, desk.now)
    for errand, reply, told in telling:
        message = _evidence(desk, errand, reply, told)
        keep_message(desk.connection, desk.house.keys, message, desk.now, CENTRE)
    act_as(desk.connection, desk.actor, desk.now)


def _evidence(desk: Desk, errand: Errand, reply: Reply[Any], told: Answer | Status) -> NewMessage:
    return NewMessage(
        institution_id=errand.institution_id,
        kind="answer" if isinstance(told, Answer) else "status",
        message_id=told.answer_id if isinstance(told, Answer) else str(uuid7(desk.now)),
        application_id=errand.instruction_id,
        key_id=reply.key_id,
        fingerprint=fingerprint(told),
        body=reply.body,
        seal=reply.seal,
        is_news=_is_news(told),
    )


def _fitting(desk: Desk, order: Order, said: Said) -> Said:
    """What was said without the answers that are about something else; those have left their mark by the mail."""
    if isinstance(said, FanzhaError) or not isinstance(said.message, Status):
        return said
    asked = account_asked(desk, order)
    answers = tuple(each for each in said.message.answers if not misfit(order, each, asked))
    return replace(said, message=replace(said.message, answers=answers))


def account_asked(desk: Desk, order: Order) -> str:
    """The account, number, site or app that an order is about, in clear; empty once it is erased."""
    found = identifiers_of(desk.connection, desk.house.keys, [order.target.subject])
    return found[order.target.subject].text if found else ""
