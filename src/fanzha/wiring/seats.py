"""A resident's seat: what waits for one institution, answered by somebody who sits in the centre for it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from fanzha.adapters.documents.order_letter import SetPaper
from fanzha.adapters.store.cases import case_for_change
from fanzha.adapters.store.kept_files import FileKind
from fanzha.adapters.store.orders import OrderQuery, list_orders, order_by_number
from fanzha.adapters.store.unit_of_work import act_for_the_unit
from fanzha.kernel.errors import Forbidden, NotFound
from fanzha.kernel.ids import InstitutionId
from fanzha.kernel.units import Actor
from fanzha.orders.deliveries import OUT, Delivery
from fanzha.orders.effects import Act, OrderKind
from fanzha.orders.order import Instruction, Order, Paper
from fanzha.orders.standing import Waits
from fanzha.protocol.codes import Ending, meaning
from fanzha.wiring.by_hand import require_may_answer
from fanzha.wiring.desk import Desk
from fanzha.wiring.house import House
from fanzha.wiring.kept_files import keep_file
from fanzha.wiring.order_papers import issued, note_taken

MOST = 500
"""Orders that one queue looks through, those about the most fen first."""
SEAT = "seat.answer"
_WAITING = (Waits.ANSWER.value, Waits.PERSON.value, Waits.SIGNATURE.value, Waits.SENDING.value)
_RESTRICTS = frozenset({OrderKind.STOP, OrderKind.FREEZE, OrderKind.BLOCK})


@dataclass(frozen=True, slots=True, kw_only=True)
class Seated:
    """An instruction that left for the institution and is not done; an answer is awaited where it `is_out`.

    Otherwise the institution refused it, or could not be reached. `until` is the end of what the order does now.
    """

    order: Order
    instruction: Instruction
    is_out: bool

    @property
    def until(self) -> datetime | None:
        """When what it does now ends; None while it does nothing."""
        return self.order.ends_at if self.order.in_force else None

    @property
    def stake_fen(self) -> int:
        """The fen that it is to hold, or holds."""
        return (self.order.requested_fen or 0) if self.instruction.act is Act.APPLY else self.order.holding_fen

    @property
    def urgency(self) -> tuple[bool, int, float, int, datetime]:
        """What nothing holds yet comes first, by fen; then what lapses next; then the rest; last what others mend."""
        ends = self.until
        begins = self.order.kind in _RESTRICTS and self.instruction.act is Act.APPLY and ends is None
        rank = 0 if begins else 1 if ends else 2
        return not self.is_out, rank, ends.timestamp() if ends else 0.0, -self.stake_fen, self.instruction.drafted_at


def require_seat(actor: Actor) -> InstitutionId:
    """The institution for which somebody sits here; `Forbidden` for everybody else."""
    if actor.institution_id is None or not actor.may(SEAT):
        raise Forbidden("access.not_permitted", permission=SEAT)
    return actor.institution_id


@contextmanager
def seat_queue(house: House, actor: Actor) -> Iterator[tuple[Desk, int, Sequence[Seated]]]:
    """A desk with the queue of the resident's institution, most urgent first, and how many orders there are to it.

    The orders are read as the resident; afterwards the desk is the unit's, so that they can be named.
    """
    wanted = OrderQuery(
        institution_id=require_seat(actor), unit=actor.scope, waiting=_WAITING, sort="requested_fen", limit=MOST
    )
    with house.act(actor) as connection:
        total, orders = list_orders(connection, wanted)
        act_for_the_unit(connection, actor, house.now())
        found = [each for order in orders for each in seated(order)]
        yield (
            Desk(house=house, connection=connection, actor=actor),
            max(0, total - MOST),
            sorted(found, key=lambda each: each.urgency),
        )


@contextmanager
def at_seat(house: House, actor: Actor, number: str) -> Iterator[tuple[Desk, Order]]:
    """A desk with an order that awaits an answer of the resident's institution; `NotFound` for any other.

    It is looked for as the resident. What the answer moves beside it (the case, clocks, other stops) is the unit's.
    """
    require_seat(actor)
    with house.act(actor) as connection:
        order = order_by_number(connection, number)
        require_may_answer(actor, order)
        if not any(each.is_out for each in seated(order)):
            raise NotFound("orders.not_found")
        act_for_the_unit(connection, actor, house.now())
        yield Desk(house=house, connection=connection, actor=actor), order


def seated(order: Order) -> list[Seated]:
    """The instructions of an order that its institution has to do with now: never a draft, nothing that is done."""
    left = [each for each in order.instructions if each.paper is Paper.SIGNED]
    out = [Seated(order=order, instruction=each, is_out=True) for each in left if each.delivery in OUT]
    failed = [Seated(order=order, instruction=each, is_out=False) for each in left if _failed(order, each)]
    return [*out, *failed]


def take_seat_paper(house: House, actor: Actor, number: str, instruction_id: UUID, purpose: str) -> SetPaper:
    """The paper of an instruction that awaits the institution's answer, in full: it is addressed to it.

    The audit says which resident took it, and for what.
    """
    with at_seat(house, actor, number) as (desk, found):
        order = desk.order(found.id)
        if instruction_id not in {each.instruction.id for each in seated(order) if each.is_out}:
            raise NotFound("orders.not_found")
        order, paper = issued(desk, order, instruction_id)
        note_taken(desk, order, purpose, {"instruction": str(instruction_id), "sha256": paper.sha256})
    return paper


def keep_reply(house: House, actor: Actor, number: str, body: bytes) -> str:
    """The SHA-256 of what shows the institution's answer, which now lies sealed with the order's case."""
    with at_seat(house, actor, number) as (desk, order):
        case = case_for_change(desk.connection, order.case_id, actor)
        return keep_file(house, desk.connection, (case.id, case.unit_path), FileKind.SNAPSHOT, body, actor).sha256


def _failed(order: Order, each: Instruction) -> bool:
    """It was refused and nobody has looked at that yet, or it was tried and the institution cannot be reached."""
    if each.delivery is Delivery.QUEUED:
        return each.tries > 0
    refused = each.delivery is Delivery.ANSWERED and meaning(each.code).ending is not Ending.EFFECT
    return refused and each.code in order.unseen
