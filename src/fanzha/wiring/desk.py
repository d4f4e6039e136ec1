"""Somebody at the desk in one transaction: what every act on orders shares, and what an order that moved leads to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar, cast
from uuid import UUID

from sqlalchemy import Connection

from fanzha.adapters.store.cases import joined_to
from fanzha.adapters.store.orders import keep_entries, order_for_change, orders_on
from fanzha.adapters.store.unit_of_work import for_a_moment_as_house
from fanzha.adapters.store.wishes import take_back, wish_again
from fanzha.adapters.store.work import NewWork
from fanzha.kernel.ids import OrderId
from fanzha.kernel.units import Actor
from fanzha.orders.deliveries import Delivery
from fanzha.orders.drafting import converted
from fanzha.orders.effects import Effect, OrderKind
from fanzha.orders.entries import Entry
from fanzha.orders.order import By, Order
from fanzha.wiring.clocks import set_clocks
from fanzha.wiring.house import House

T = TypeVar("T")
DELIVERY_WORK = "order_delivery"


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Who acts, in which open transaction of which house; `in_name_of` is whoever answers for what the house does under
    their standing authority."""

    house: House
    connection: Connection
    actor: Actor
    in_name_of: By | None = None
    known: dict[object, Any] = field(default_factory=dict, repr=False, compare=False)
    """What this transaction has read of what no order changes: cards of people, profiles of institutions."""

    @property
    def now(self) -> datetime:
        """Business time."""
        return self.house.now()

    @property
    def by(self) -> By:
        """Who answers for what is done, as entries name them."""
        return self.in_name_of or By(user_id=self.actor.user_id, name=self.actor.name)

    def order(self, order_id: OrderId) -> Order:
        """The order, locked for this transaction."""
        return order_for_change(self.connection, order_id, self.actor)

    def once(self, what: object, read: Callable[[], T]) -> T:
        """What `read` tells, asked for once in this transaction."""
        if what not in self.known:
            self.known[what] = read()
        return cast("T", self.known[what])

    def as_house(self) -> AbstractContextManager[Connection]:
        """The same transaction for a moment as the house itself, which sees what the actor's unit may not."""
        return for_a_moment_as_house(self.connection, self.now)

    def keep(self, order: Order, entries: Sequence[Entry]) -> Order:
        """The order after these entries, with everything that they lead to in the same transaction."""
        moved = keep_entries(self.connection, order, entries, self.actor, self.now)
        self._settle(moved)
        return moved

    def _settle(self, order: Order) -> None:
        """Its clocks, its deliveries, and stops that give way to it."""
        set_clocks(self.connection, self.house, order)
        for each in order.instructions:
            if each.delivery in {Delivery.QUEUED, Delivery.UNKNOWN}:
                wish_again(self.connection, delivery_work(order, each.id, self.now), self.now)
        over = [str(each.id) for each in order.instructions if not each.open]
        take_back(self.connection, DELIVERY_WORK, over, "order_moved", self.house.wall.now())
        if order.kind is OrderKind.FREEZE and order.effect is Effect.FROZEN:
            self._convert_stops(order)

    def _convert_stops(self, freeze: Order) -> None:
        """The stops of the same case on the same account: the freeze takes their place."""
        here = joined_to(self.connection, freeze.case_id)
        for each in orders_on(self.connection, freeze.target.subject, OrderKind.STOP):
            if joined_to(self.connection, each.case_id) == here and each.effect in {Effect.HELD, Effect.EXTENDED}:
                stop = self.order(each.id)
                self.keep(stop, [converted(stop, self.by, self.now, freeze)])


def delivery_work(order: Order, instruction_id: UUID, due_at: datetime) -> NewWork:
    """The row of work that takes an instruction to its answer."""
    return NewWork(
        kind=DELIVERY_WORK,
        key=str(instruction_id),
        unit_path=order.unit_path,
        due_at=due_at,
        payload={"order": str(order.id), "number": order.number},
    )
