"""What the console needs of orders."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from fanzha.apps.web.views.clocks import CallLine, ClockLine, NextClocks, RangLine, SignLine
from fanzha.apps.web.views.new_order import AskedOrder, OrderDraft
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
from fanzha.apps.web.views.shown import Choice
from fanzha.apps.web.views.tables import Page, Query
from fanzha.kernel.units import Actor


class OrderData(Protocol):
    """Orders: list, show, act. What is not the actor's to see is `NotFound`."""

    def waiting(self, actor: Actor) -> Waiting:
        """What waits for this person; nothing for somebody who sees no orders."""
        ...

    def order_institutions(self, actor: Actor) -> Sequence[Choice]:
        """The institutions there are, by short name."""
        ...

    def orders(self, actor: Actor, query: Query) -> Page[OrderLine]:
        """Orders in sight; filters as `pages.orders.orders_table` lists them."""
        ...

    def order(self, actor: Actor, number: str) -> OrderView:
        """One order with everything that happened to it."""
        ...

    def act_form(self, actor: Actor, number: str, act: str, instruction: str) -> ActForm:
        """What to show and ask before an act; `Illegal` where it may not be done."""
        ...

    def act_on(self, actor: Actor, number: str, told: OrderAct) -> OrderView:
        """The order after an act; the same key or the same person's same act again changes nothing."""
        ...

    def answer_form(self, actor: Actor, number: str, instruction: str) -> AnswerForm:
        """What to ask about an answer that came by hand; `Illegal` where none is awaited."""
        ...

    def tell_answer(self, actor: Actor, number: str, told: AskedAnswer) -> None:
        """Keep an answer that came by hand; it has the effect of any answer."""
        ...

    def take_paper(self, actor: Actor, number: str, paper: str, purpose: str) -> TakenPaper:
        """The PDF of a paper of an order, on record with its purpose."""
        ...

    def order_draft(self, actor: Actor, ref: str, account: str, movement: str, before: str = "") -> OrderDraft:
        """What the form of a new order knows before anybody types, by keys of an account and a payment of the case."""
        ...

    def open_new_order(self, actor: Actor, asked: AskedOrder) -> str:
        """The number of the order now open; the same key again opens nothing new."""
        ...

    def keep_snapshot(self, actor: Actor, ref: str, body: bytes) -> str:
        """The SHA-256 of a snapshot of evidence that now lies sealed with its case."""
        ...

    def evidence(self, actor: Actor, number: str, purpose: str, reply: str) -> EvidenceFile:
        """The file on which a block rests, for a purpose that goes on record; `NotFound` for orders without one."""
        ...

    def clocks(self, actor: Actor, query: Query) -> Page[ClockLine]:
        """Clocks that run, what rings next first."""
        ...

    def next_clocks(self, actor: Actor) -> NextClocks:
        """What the first page shows of them."""
        ...

    def rang_today(self, actor: Actor) -> Sequence[RangLine]:
        """What rang today, the last one first."""
        ...

    def calls(self, actor: Actor) -> Sequence[CallLine]:
        """Calls of this person that they have not seen, the last one first."""
        ...

    def see_call(self, actor: Actor, call_id: str) -> None:
        """The person has seen it; `Forbidden` for a call of somebody else."""
        ...

    def to_sign(self, actor: Actor) -> Sequence[SignLine]:
        """What waits for this person's signature, what waits longest first."""
        ...
