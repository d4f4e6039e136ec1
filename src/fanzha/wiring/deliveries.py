"""Instructions on their way: sent once, asked after when in doubt, given up to a person; nothing is sent blindly twice.

Each row is three steps: what to do is decided and written (committed before the first byte leaves), the institution is
spoken to outside any transaction, and what it said is written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from fanzha.adapters.store.institutions import the_institution
from fanzha.adapters.store.unit_of_work import act_as, worker
from fanzha.adapters.store.work import Work, finish_all, hold, postpone
from fanzha.kernel.errors import FanzhaError, Unavailable
from fanzha.kernel.ids import OrderId
from fanzha.orders.answers import Reading, answered
from fanzha.orders.deliveries import Delivery
from fanzha.orders.entries import Entry
from fanzha.orders.lines import Line
from fanzha.orders.order import Instruction, Order
from fanzha.orders.sending import Next, Patience, asked, given_up, lost, next_step, received, sent
from fanzha.protocol.answer import Answer, Receipt, Status
from fanzha.protocol.request import Request
from fanzha.registers.institutions import ConnectorKind, Institution
from fanzha.wiring.clocks import HOUSE
from fanzha.wiring.desk import Desk
from fanzha.wiring.house import House
from fanzha.wiring.law import law_at
from fanzha.wiring.requests import request_of

PATIENCE = Patience()
ON_PAPER = "by_paper"
"""Why an instruction to an institution without a line is given up: a person prints, faxes and tells the answer."""

Lines = Callable[[Institution], Line]
Said = Receipt | Answer | Status | FanzhaError


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand:
    """What is to be said to which institution: a request, or a question after an application id."""

    institution: Institution
    order_id: OrderId
    instruction_id: UUID
    request: Request | None


def deliver(house: House, lines: Lines, row: Work) -> None:
    """Take the instruction of a row one step further; a lost lease leaves it to whoever took it over."""
    errand = _set_out(house, row)
    if errand is not None:
        _come_back(house, row, errand, _say(lines, errand))


@contextmanager
def _at_desk(house: House, row: Work) -> Iterator[Desk]:
    """A transaction that holds the row and acts as the worker of its unit, then finishes the row as the house."""
    with house.act_as_house() as connection:
        act_as(connection, worker(row.unit_path), house.now())
        yield Desk(house=house, connection=connection, actor=worker(row.unit_path))


def _set_out(house: House, row: Work) -> Errand | None:
    """Decide the next step and write it; None where there is nothing to say to anybody."""
    with _at_desk(house, row) as desk:
        if not hold(desk.connection, [row]):
            return None
        order = desk.order(OrderId(UUID(str(row.payload["order"]))))
        instruction = order.instruction(UUID(row.key))
        institution = the_institution(desk.connection, order.institution_id).institution
        errand = Errand(institution=institution, order_id=order.id, instruction_id=instruction.id, request=None)
        on_paper = institution.connector is ConnectorKind.PAPER
        match next_step(instruction, PATIENCE):
            case Next.SEND | Next.ASK | Next.GIVE_UP if on_paper:
                desk.keep(order, [given_up(instruction, HOUSE, house.now(), ON_PAPER)])
            case Next.SEND:
                return _to_send(desk, order, instruction, errand)
            case Next.ASK:
                return errand
            case Next.GIVE_UP:
                desk.keep(order, [given_up(instruction, HOUSE, house.now(), "tries_used_up")])
        finish_all(desk.connection, [(row, {})], house.wall.now())
        return None


def _to_send(desk: Desk, order: Order, instruction: Instruction, errand: Errand) -> Errand | None:
    """Write that it leaves now; the message is built first, so that one that cannot be built is never said sent."""
    try:
        request = request_of(desk.house, desk.connection, order, instruction, errand.institution)
    except FanzhaError as failure:
        desk.keep(order, [given_up(instruction, HOUSE, desk.now, failure.code)])
        return None
    desk.keep(order, [sent(instruction, HOUSE, desk.now)])
    return replace(errand, request=request)


def _say(lines: Lines, errand: Errand) -> Said:
    try:
        line = lines(errand.institution)
        if errand.request is not None:
            return line.send(errand.request)
        return line.ask(str(errand.instruction_id))
    except FanzhaError as failure:
        return failure


def _come_back(house: House, row: Work, errand: Errand, said: Said) -> None:
    """Write what was said, and when to look again; an answer may have come by another way meanwhile."""
    with _at_desk(house, row) as desk:
        order = desk.order(errand.order_id)
        instruction = order.instruction(errand.instruction_id)
        if instruction.open:
            order = desk.keep(order, heard(order, instruction, said, desk.now))
            instruction = order.instruction(errand.instruction_id)
        told = {"came_to": instruction.delivery.value}
        if instruction.open and instruction.delivery is not Delivery.DEAD:
            postpone(desk.connection, row, look_again(instruction, desk.now), told)
        else:
            finish_all(desk.connection, [(each, told) for each in hold(desk.connection, [row])], house.wall.now())


def look_again(instruction: Instruction, now: datetime) -> datetime:
    """When the instruction needs attention next."""
    match instruction.delivery:
        case Delivery.QUEUED:
            return now
        case Delivery.SENT if instruction.asked == 0:
            return now + PATIENCE.answer
        case Delivery.UNKNOWN if instruction.asked == 0:
            return now + PATIENCE.between
    return now + PATIENCE.rest(instruction.asked)


def heard(order: Order, instruction: Instruction, said: Said, now: datetime) -> Sequence[Entry]:
    """The entries of what an institution said, or of its silence."""
    match said:
        case Receipt():
            return [received(instruction, HOUSE, now, "repeated" if said.repeated else "received")]
        case Answer():
            return answered(reading_of(order, instruction, said, now))
        case Status():
            return _status(order, instruction, said, now)
        case Unavailable():
            if instruction.delivery is Delivery.SENT and instruction.asked == 0:
                return [lost(instruction, HOUSE, now, said.code)]
            return [asked(instruction, HOUSE, now, "silent")]
        case FanzhaError():
            return [given_up(instruction, HOUSE, now, said.code)]


def _status(order: Order, instruction: Instruction, status: Status, now: datetime) -> Sequence[Entry]:
    """What was asked after, and the answers that were given meanwhile, in the order of their parts."""
    entries: list[Entry] = []
    for each in sorted(status.answers, key=lambda answer: (answer.part, answer.answered_at)):
        entries.extend(answered(reading_of(order, instruction, each, now)))
        if each.final:
            return entries
    return [*entries, asked(instruction, HOUSE, now, status.progress.value)]


def reading_of(order: Order, instruction: Instruction, answer: Answer, now: datetime) -> Reading:
    """An answer beside its order, under the law of today."""
    return Reading(
        order=order,
        instruction=instruction,
        answer=answer,
        stop_hours=law_at(now).stop.hours,
        by=HOUSE,
        now=now,
    )
