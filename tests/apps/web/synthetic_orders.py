"""A house in which nobody has ordered anything yet."""

from __future__ import annotations

from collections.abc import Sequence

from fanzha.apps.web.views.clocks import CallLine, ClockLine, NextClocks, RangLine, SignLine
from fanzha.apps.web.views.delegations import DelegationsView, LendForm, StandingIn
from fanzha.apps.web.views.new_order import AskedOrder, OrderDraft
from fanzha.apps.web.views.objections import (
    FoundOrders,
    NoticeView,
    ObjectionLine,
    ObjectionMoveTold,
    ObjectionView,
    TakenObjection,
)
from fanzha.apps.web.views.orders import (
    ActForm,
    AnswerForm,
    AskedAnswer,
    EvidenceFile,
    OrderAct,
    OrderLine,
    OrderView,
    TakenPaper,
    Waiting,
)
from fanzha.apps.web.views.seats import SeatView
from fanzha.apps.web.views.shown import Choice
from fanzha.apps.web.views.tables import Page, Query
from fanzha.i18n import Language
from fanzha.kernel.errors import Forbidden, NotFound
from fanzha.kernel.units import Actor
from fanzha.wiring.delegating import Lent


class SyntheticObjections:
    """Nobody objects to anything, and nobody is restricted."""

    def objections(self, actor: Actor, query: Query) -> Page[ObjectionLine]:
        return Page(rows=(), total=0)

    def objections_of(self, actor: Actor, order: str) -> Sequence[ObjectionLine]:
        return ()

    def objection(self, actor: Actor, number: str) -> ObjectionView:
        raise NotFound("objections.not_found")

    def restricting(self, actor: Actor, text: str) -> FoundOrders:
        return FoundOrders(orders=(), elsewhere=())

    def take_objection(self, actor: Actor, told: TakenObjection) -> str:
        raise NotFound("orders.not_found")

    def answer_objection(self, actor: Actor, number: str, told: ObjectionMoveTold) -> ObjectionView:
        raise NotFound("objections.not_found")

    def objection_evidence(self, actor: Actor, number: str, sha256: str, purpose: str) -> bytes:
        raise NotFound("objections.not_found")

    def notice(self, actor: Actor, number: str, reason: str, language: Language) -> NoticeView:
        raise NotFound("orders.not_found")

    def tell_holder(self, actor: Actor, number: str, reason: str, channel: str) -> None:
        raise NotFound("orders.not_found")

    def person_paper(self, actor: Actor, number: str, paper: str, purpose: str, language: Language) -> bytes:
        raise NotFound("orders.not_found")


class SyntheticSeat:
    """Nobody sits here for an institution."""

    def seat(self, actor: Actor) -> SeatView:
        raise Forbidden("access.not_permitted", permission="seat.answer")

    def seat_answer_form(self, actor: Actor, number: str, instruction: str) -> AnswerForm:
        raise NotFound("orders.not_found")

    def seat_paper(self, actor: Actor, number: str, instruction: str, purpose: str) -> TakenPaper:
        raise Forbidden("access.not_permitted", permission="seat.answer")

    def seat_answer(self, actor: Actor, number: str, told: AskedAnswer) -> None:
        raise NotFound("orders.not_found")

    def keep_reply(self, actor: Actor, number: str, body: bytes) -> str:
        raise NotFound("orders.not_found")


class SyntheticOrders(SyntheticObjections, SyntheticSeat):
    """No orders; what they look like when there are some is looked at in a real house (`order_house`)."""

    def waiting(self, actor: Actor) -> Waiting:
        return Waiting()

    def order_institutions(self, actor: Actor) -> Sequence[Choice]:
        return ()

    def orders(self, actor: Actor, query: Query) -> Page[OrderLine]:
        return Page(rows=(), total=0)

    def order(self, actor: Actor, number: str) -> OrderView:
        raise NotFound("orders.not_found")

    def act_form(self, actor: Actor, number: str, act: str, instruction: str) -> ActForm:
        raise NotFound("orders.not_found")

    def act_on(self, actor: Actor, number: str, told: OrderAct) -> OrderView:
        raise NotFound("orders.not_found")

    def answer_form(self, actor: Actor, number: str, instruction: str) -> AnswerForm:
        raise NotFound("orders.not_found")

    def tell_answer(self, actor: Actor, number: str, told: AskedAnswer) -> None:
        raise NotFound("orders.not_found")

    def take_paper(self, actor: Actor, number: str, paper: str, purpose: str) -> TakenPaper:
        raise NotFound("orders.not_found")

    def order_draft(self, actor: Actor, ref: str, account: str, movement: str, before: str = "") -> OrderDraft:
        raise NotFound("cases.not_found")

    def open_new_order(self, actor: Actor, asked: AskedOrder) -> str:
        raise NotFound("cases.not_found")

    def keep_snapshot(self, actor: Actor, ref: str, body: bytes) -> str:
        raise NotFound("cases.not_found")

    def evidence(self, actor: Actor, number: str, purpose: str, reply: str) -> EvidenceFile:
        raise NotFound("orders.not_found")

    def clocks(self, actor: Actor, query: Query) -> Page[ClockLine]:
        return Page(rows=(), total=0)

    def next_clocks(self, actor: Actor) -> NextClocks:
        return NextClocks()

    def rang_today(self, actor: Actor) -> Sequence[RangLine]:
        return ()

    def calls(self, actor: Actor) -> Sequence[CallLine]:
        return ()

    def see_call(self, actor: Actor, call_id: str) -> None:
        raise NotFound("orders.no_such_call")

    def delegations(self, actor: Actor) -> DelegationsView:
        return DelegationsView(units=(), delegations=())

    def lend_form(self, actor: Actor) -> LendForm:
        return LendForm()

    def standing_in(self, actor: Actor) -> Sequence[StandingIn]:
        return []

    def lend(self, actor: Actor, lent: Lent) -> None:
        raise NotFound("access.no_such_person")

    def end_delegation(self, actor: Actor, delegation: str) -> None:
        raise NotFound("orders.no_such_delegation")

    def to_sign(self, actor: Actor) -> Sequence[SignLine]:
        return ()
