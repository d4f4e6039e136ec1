"""What an institution says to a question, and how often one that tells nothing is asked."""

from __future__ import annotations

from fanzha.adapters.connectors.port import Reply
from fanzha.kernel.money import Fen
from fanzha.orders.effects import Effect
from fanzha.orders.entries import folded
from fanzha.orders.order import Order
from fanzha.orders.sending import Next, next_step
from fanzha.protocol.answer import Answer, Progress, Status
from fanzha.wiring.heard_back import PATIENCE, heard
from tests.orders.making import NOW
from tests.orders.test_answers import an_answer, out

UNABLE = "1300"


def asked_once(order: Order, answer: Answer) -> Order:
    told = Status(application_id=answer.application_id, progress=Progress.DONE, as_of=NOW, answers=(answer,))
    reply = Reply(message=told, body=b"", seal={}, key_id="")
    return folded(order, heard(order, order.instructions[-1], reply, NOW))


def test_a_bank_that_says_again_and_again_that_it_cannot_say_is_given_up_to_a_person() -> None:
    order, questions = out(), 0
    while questions < 100 and next_step(order.instructions[-1], PATIENCE) is Next.ASK:
        order = asked_once(order, an_answer(order, UNABLE))
        questions += 1
    assert questions == PATIENCE.questions
    assert order.instructions[-1].silent_since == NOW, "a person is called as where nobody answers"


def test_what_it_can_say_at_last_is_believed() -> None:
    order = asked_once(out(), an_answer(out(), UNABLE))
    held = asked_once(order, an_answer(order, balance_fen=Fen(2_500_000), held_fen=Fen(2_500_000), started_at=NOW))
    assert (held.effect, held.holding_fen) == (Effect.HELD, 2_500_000)
