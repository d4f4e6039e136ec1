"""What a bank has is asked after at a quiet pace, what may never have arrived at once; neither for ever."""

from __future__ import annotations

from datetime import timedelta

from fanzha.orders.clocks import ClockKind, clocks_of
from fanzha.orders.deliveries import Delivery
from fanzha.orders.entries import UNHEARD, folded
from fanzha.orders.order import Order
from fanzha.orders.sending import Next, Patience, asked, lost, next_step, received, sent
from tests.orders.making import HOUSE, LAW, NOW, applied, opened

PATIENCE = Patience()


def on_its_way() -> Order:
    order = applied(opened())
    return folded(order, [sent(order.instructions[0], HOUSE, NOW)])


def rests(order: Order, known: str) -> list[float]:
    """Seconds before each question, as often as the same is said to it, until a person must act."""
    found = []
    while next_step(order.instructions[0], PATIENCE) is Next.ASK:
        found.append(PATIENCE.rest(order.instructions[0]) / timedelta(seconds=1))
        order = folded(order, [asked(order.instructions[0], HOUSE, NOW, known)])
    return found


def test_a_bank_that_took_it_is_not_asked_within_the_minute_and_then_less_and_less() -> None:
    order = on_its_way()
    taken = folded(order, [received(order.instructions[0], HOUSE, NOW, "received")])
    assert rests(taken, "working") == [60, 120, 240, *[300] * 9]


def test_what_may_not_have_arrived_is_asked_after_within_seconds() -> None:
    order = on_its_way()
    doubtful = folded(order, [lost(order.instructions[0], HOUSE, NOW, "connectors.request_failed")])
    assert rests(doubtful, UNHEARD) == [2, 4, 8, 16, 32, 64, 128, 256, *[300] * 4]


def test_what_is_found_to_have_arrived_is_from_then_on_asked_after_like_anything_taken() -> None:
    order = on_its_way()
    steps = [lost(order.instructions[0], HOUSE, NOW, "connectors.request_failed")]
    doubtful = folded(order, steps)
    for known in (UNHEARD, UNHEARD, "received"):
        doubtful = folded(doubtful, [asked(doubtful.instructions[0], HOUSE, NOW, known)])
    assert rests(doubtful, "working") == [60, 120, 240, *[300] * 9]


def test_a_bank_that_falls_silent_between_two_words_is_not_asked_for_ever_and_a_person_hears_of_it() -> None:
    order, rang, questions = on_its_way(), False, 0
    while questions < 100 and next_step(order.instructions[0], PATIENCE) is Next.ASK:
        one = order.instructions[0]
        is_sent = one.delivery is Delivery.SENT
        said = lost(one, HOUSE, NOW, "connectors.request_failed") if is_sent and not one.asked else None
        order = folded(order, [said or asked(one, HOUSE, NOW, UNHEARD if is_sent else "received")])
        rang = rang or any(each.kind is ClockKind.LATE for each in clocks_of(order, LAW))
        questions += 1
    assert rang and questions < 2 * PATIENCE.questions
