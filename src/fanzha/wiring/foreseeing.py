"""What messages that leave together would each ask for by itself is known to their desk at once."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from fanzha.adapters.store.foreseen import Asked, foreseen
from fanzha.adapters.store.leaving import Held
from fanzha.orders.order import Order
from fanzha.orders.sending import Next, next_step
from fanzha.wiring.desk import Desk
from fanzha.wiring.heard_back import PATIENCE
from fanzha.wiring.order_papers import KEPT, SIGNED
from fanzha.wiring.requests import encloses, named_in_message


def foresee(desk: Desk, held: Held, some: Sequence[tuple[Order, UUID]]) -> None:
    """People, cases, institutions and papers of these instructions, each of an order that is held; what is out of sight
    is left to whoever asks for it, who says so."""
    if not some:
        return
    leaving = [(order, each) for order, each in some if next_step(order.instruction(each), PATIENCE) is Next.SEND]
    payers = (order.payment.payer_institution for order, _ in leaving if order.payment)
    named = {order.id: named_in_message(order) for order, _ in leaving}
    asked = Asked(
        subjects={who for each in named.values() for who in each},
        cases={order.case_id for order, _ in leaving},
        institutions={order.institution_id for order, _ in some} | {each for each in payers if each},
        instructions=[each for _, each in leaving],
    )
    told = foreseen(desk.connection, desk.house.keys, asked)
    desk.known.update({("paper.institution", each): institution for each, institution in told.institutions.items()})
    desk.known.update({("paper.case", each): case for each, case in told.cases.items()})
    desk.known.update({("paper.filed", each): moves for each, moves in told.moves.items()})
    for order, each in leaving:
        clear = {who: told.clear[who] for who in named[order.id] if who in told.clear}
        desk.known["clear", order.id] = clear
        institution = told.institutions.get(order.institution_id)
        if each not in told.on_paper and institution and encloses(order, order.instruction(each), institution):
            desk.known[KEPT, each] = None
            desk.known[SIGNED, each] = held.as_signed(order.id, each)
