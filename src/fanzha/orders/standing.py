"""What an order waits for now, in one word: the queues of the desk are made of it."""

from __future__ import annotations

from enum import StrEnum

from fanzha.orders.deliveries import Delivery
from fanzha.orders.order import Capacity, Order, Paper


class Waits(StrEnum):
    """For whom or what an order waits; nothing when all is said."""

    NOTHING = ""
    SIGNATURE = "signature"
    SENDING = "sending"
    ANSWER = "answer"
    PERSON = "person"


FOR_PEOPLE = frozenset({Waits.PERSON, Waits.SIGNATURE})
"""What nobody but a person can end."""


def waits_for(order: Order) -> Waits:
    """What the order waits for: a person where something failed or lies, then a signature, then the institution."""
    if order.unseen:
        return Waits.PERSON
    open_ones = [each for each in order.instructions if each.open]
    if any(each.paper is Paper.DRAFT for each in open_ones):
        return Waits.SIGNATURE
    if any(each.delivery in {Delivery.UNSENT, Delivery.QUEUED} for each in open_ones):
        return Waits.SENDING
    return Waits.ANSWER if open_ones else Waits.NOTHING


def signer_awaited(order: Order) -> Capacity | None:
    """As what the next signature is due; None where the order waits for no signature."""
    if waits_for(order) is not Waits.SIGNATURE:
        return None
    missing = [capacity for each in order.instructions if each.paper is Paper.DRAFT for capacity in each.missing]
    return missing[0] if missing else None
