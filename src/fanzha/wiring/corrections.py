"""A payment that was told wrongly is put right: nothing waits for anybody about the account that it named."""

from __future__ import annotations

from fanzha.adapters.store.case_orders import orders_of_cases
from fanzha.cases.incident import Incident
from fanzha.cases.joined import as_one
from fanzha.orders.deliveries import Delivery
from fanzha.orders.drafting import ENDINGS
from fanzha.orders.order import Order
from fanzha.wiring.chase_cases import chased
from fanzha.wiring.desk import Desk
from fanzha.wiring.incidents import NewPaid, add_payment
from fanzha.wiring.orders import cancel, look_at

NO_SUCH_ACCOUNT = "0300"
_NOT_LEFT = frozenset({Delivery.UNSENT, Delivery.QUEUED})


def correct_payment(desk: Desk, number: str, new: NewPaid, instead: str, reason: str) -> Incident:
    """The right payment instead of the one of that key; what has not left for an account that nothing names any
    more is taken back, and that its bank does not know it is seen."""
    told = add_payment(desk, number, new, instead, reason)
    found = chased(desk.connection, number)
    mistaken = as_one(found.together).mistaken
    for order in orders_of_cases(desk.connection, found.cases) if mistaken else ():
        if order.target.subject in mistaken:
            _left_alone(desk, order, reason)
    return told


def _left_alone(desk: Desk, order: Order, reason: str) -> None:
    for each in order.instructions:
        if each.open and each.delivery in _NOT_LEFT and each.act not in ENDINGS:
            cancel(desk, order.id, each.id, reason)
    if set(order.unseen) == {NO_SUCH_ACCOUNT}:
        look_at(desk, order.id, reason)
