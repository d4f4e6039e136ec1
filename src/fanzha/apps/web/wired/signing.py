"""What waits for somebody's signature: instructions of orders in sight that this person may sign."""

from __future__ import annotations

from dataclasses import dataclass

from fanzha.adapters.store.orders import OrderQuery, list_orders
from fanzha.kernel.errors import FanzhaError
from fanzha.kernel.units import UnitPath
from fanzha.orders.order import Instruction, Order
from fanzha.orders.signing import Signer, signed
from fanzha.orders.standing import Waits
from fanzha.wiring.delegating import signs_nothing
from fanzha.wiring.desk import Desk
from fanzha.wiring.orders import signer_of

MOST = 100
"""Orders looked through for a queue; a desk with more waits for people, not for a longer page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signable:
    """An order, and those of its instructions that the person at the desk may sign now."""

    order: Order
    signer: Signer
    instructions: tuple[Instruction, ...]


def signable(desk: Desk) -> list[Signable]:
    """Everything that waits for this person's signature, what waits longest first."""
    if signs_nothing(desk):
        return []
    query = OrderQuery(waiting=(Waits.SIGNATURE.value, Waits.PERSON.value), unit=desk.actor.scope, limit=MOST)
    _, waiting = list_orders(desk.connection, query)
    signers: dict[UnitPath, Signer] = {}
    found = []
    for order in (each for each in waiting if any(made.missing and made.open for made in each.instructions)):
        if order.unit_path not in signers:
            signers[order.unit_path] = signer_of(desk, order)
        signer = signers[order.unit_path]
        mine = tuple(each for each in order.instructions if may_sign(desk, order, each, signer))
        if mine:
            found.append(Signable(order=order, signer=signer, instructions=mine))
    return sorted(found, key=lambda each: each.instructions[0].drafted_at)


def may_sign(desk: Desk, order: Order, each: Instruction, signer: Signer) -> bool:
    """Whether this person's signature is one that is missing; never on what they drafted or signed."""
    try:
        signed(order, each, signer, desk.now)
    except FanzhaError:
        return False
    return True
