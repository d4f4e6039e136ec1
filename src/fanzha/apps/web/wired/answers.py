"""Answers that came by hand, as the console asks for them and keeps them."""

from __future__ import annotations

from fanzha.adapters.store.kept_files import FileKind, file_if_any
from fanzha.adapters.store.orders import order_by_number
from fanzha.adapters.store.roles import require
from fanzha.apps.web.views.orders import AnswerForm, AskedAnswer
from fanzha.apps.web.wired.house_parts import HouseParts
from fanzha.apps.web.wired.order_names import named
from fanzha.apps.web.wired.order_record import instruction_id, instruction_view, look
from fanzha.kernel.errors import Illegal, Invalid
from fanzha.kernel.units import Actor, covers
from fanzha.orders.deliveries import OUT
from fanzha.orders.effects import Act, OrderKind
from fanzha.orders.entries import Heard, HeardBy
from fanzha.orders.order import Order
from fanzha.protocol.codes import KNOWN, Ending, Outcome, meaning
from fanzha.wiring.by_hand import LONGEST_NAME, ToldAnswer, record_answer
from fanzha.wiring.desk import Desk

_FAMILY = 2
_ENDINGS = (Ending.EFFECT, Ending.WAITS, Ending.REFUSED, Ending.TEMPORARY)
_APPLIED = {
    OrderKind.STOP: ("balance", "held", "starts_at"),
    OrderKind.FREEZE: ("balance", "held", "starts_at", "ends_at"),
    OrderKind.MONITOR: ("starts_at", "ends_at"),
    OrderKind.BLOCK: ("starts_at", "ends_at"),
}
_LATER = {Act.EXTEND: ("ends_at",), Act.RENEW: ("ends_at",), Act.RELEASE: ("released",)}


class WiredAnswers(HouseParts):
    """Answers on paper and by telephone."""

    def answer_form(self, actor: Actor, number: str, instruction: str) -> AnswerForm:
        """What to ask about an answer that came by hand."""
        require(actor, "orders.send_paper")
        with self.house.act(actor) as connection:
            order = order_by_number(connection, number)
            desk = Desk(house=self.house, connection=connection, actor=actor)
            return form_of(desk, order, instruction)

    def tell_answer(self, actor: Actor, number: str, told: AskedAnswer) -> None:
        """Keep an answer that came by hand; the reply must lie with the case."""
        with self.house.act(actor) as connection:
            order = order_by_number(connection, number)
            answer_told(Desk(house=self.house, connection=connection, actor=actor), order, told)


def form_of(desk: Desk, order: Order, instruction: str) -> AnswerForm:
    """What to ask about the answer to an instruction; `Illegal` where none is awaited."""
    which = order.instruction(instruction_id(instruction))
    if which.delivery not in OUT or not covers(desk.actor.scope, order.unit_path):
        raise Illegal("orders.not_out", delivery=which.delivery.value)
    seen = look(desk, named(desk.house, desk.connection, [order]), order)
    return AnswerForm(
        line=seen.names.line(order, sealed=desk.actor.institution_id is None),
        instruction=instruction_view(seen, order, which),
        asks=_asks(order.kind, which.act),
        endings=endings_of(order.kind),
        longest_name=LONGEST_NAME,
    )


def answer_told(desk: Desk, order: Order, told: AskedAnswer) -> None:
    """Keep what was told, for whoever may tell it; what shows it must lie with the case."""
    if told.at is None:
        raise Invalid("orders.answer_without_time")
    answer = ToldAnswer(
        result=told.result,
        heard=Heard(by=told.by, way=_way(told.way), at=told.at, reference=told.reference),
        words=told.words,
        balance_fen=told.balance_fen,
        held_fen=told.held_fen,
        released_fen=told.released_fen,
        starts_at=told.starts_at,
        ends_at=told.ends_at,
        sure=told.sure,
    )
    reply = file_if_any(desk.connection, order.case_id, told.evidence)
    if reply is None or reply.kind is not FileKind.SNAPSHOT:
        raise Invalid("orders.reply_missing")
    record_answer(desk, order.id, instruction_id(told.instruction), answer, told.evidence)


def _asks(kind: OrderKind, act: Act) -> tuple[str, ...]:
    return _APPLIED.get(kind, ()) if act is Act.APPLY else _LATER.get(act, ())


def endings_of(kind: OrderKind) -> tuple[tuple[str, tuple[tuple[str, str], ...]], ...]:
    """The codes by what they mean: code and the name it is known under; a family by the first of its codes."""
    codes = [(each.ljust(_FAMILY * 2, "0"), each) for each in KNOWN]
    found = []
    for ending in _ENDINGS:
        if ending is not Ending.WAITS or kind is OrderKind.FREEZE:
            fits = (pair for pair in codes if meaning(pair[0]).ending is ending)
            found.append((ending.value, tuple(pair for pair in fits if not _is_of_money(kind, pair[0]))))
    return tuple(found)


def _way(told: str) -> HeardBy:
    try:
        return HeardBy(told)
    except ValueError:
        raise Invalid("web.bad_filter", name="way") from None


_OF_MONEY = {Outcome.DONE_SHORT, Outcome.AMOUNT, Outcome.LOST, Outcome.ALREADY_STOPPED, Outcome.COUNT_EXCEEDED}


def _is_of_money(kind: OrderKind, code: str) -> bool:
    """Whether a code speaks of an account or its money, where the order blocks a number, a site or an app."""
    return kind is OrderKind.BLOCK and meaning(code).outcome in _OF_MONEY
