"""Somebody at the desk in one transaction: what every act on orders shares, and what an order that moved leads to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol, TypeVar, cast
from uuid import UUID

from sqlalchemy import Connection

from fanzha.adapters.store.cases import joined_to
from fanzha.adapters.store.order_keeping import keep_all
from fanzha.adapters.store.order_locks import lock_with_holds
from fanzha.adapters.store.order_openings import Opening, keep_opened
from fanzha.adapters.store.orders import order_for_change, orders_on
from fanzha.adapters.store.unit_of_work import for_a_moment_as_house
from fanzha.adapters.store.work import NewWork, enqueue_again, enqueue_all
from fanzha.kernel.ids import OrderId
from fanzha.kernel.units import Actor
from fanzha.orders.deliveries import Delivery
from fanzha.orders.drafting import converted
from fanzha.orders.effects import Effect, OrderKind
from fanzha.orders.entries import Entry
from fanzha.orders.order import By, Order
from fanzha.orders.signing import fallen_with
from fanzha.wiring.clocks import HOUSE, first_clocks, set_clocks
from fanzha.wiring.house import House

T = TypeVar("T")


class Once(Protocol):
    """Tells what a reading tells, of which the first argument says what it is of."""

    def __call__(self, what: object, read: Callable[[], T], /) -> T: ...


STOP_WORK = "stop_delivery"
DELIVERY_WORK = "order_delivery"
DELIVERIES = (STOP_WORK, DELIVERY_WORK)
"""Instructions of stops travel by themselves: a slow answer to a question never stands in the way of one."""


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

    def order_answered(self, order_id: OrderId) -> Order:
        """The order, locked with the stops whose place its answer may take: all of them by id, as everybody does."""
        return lock_with_holds(self.connection, [order_id], self.actor).orders[order_id]

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
        (moved,) = self.keep_all([(order, entries)])
        return moved

    def keep_all(self, some: Sequence[tuple[Order, Sequence[Entry]]]) -> list[Order]:
        """The same for several orders, none of which comes twice."""
        if not some:
            return []
        some = [(order, (*told, *fallen_with(order, told, HOUSE, self.now))) for order, told in some]
        moved = keep_all(self.connection, some, self.actor, self.now)
        self._settle([(before, after) for (before, _), after in zip(some, moved, strict=True)])
        return moved

    def open(self, openings: Sequence[Opening]) -> list[Order]:
        """New orders with everything that they lead to: nothing of theirs can have been wished for before."""
        opened = keep_opened(self.connection, openings, self.actor, self.now)
        wishes = [each for order in opened for each in first_clocks(self.house, order)]
        wishes += [
            delivery_work(order, each.id, self.now)
            for order in opened
            for each in order.instructions
            if each.delivery is Delivery.QUEUED
        ]
        enqueue_all(self.connection, wishes, self.now)
        return opened

    def _settle(self, moved: Sequence[tuple[Order, Order]]) -> None:
        """Clocks, deliveries, and stops that give way, of orders beside how they stood before."""
        orders = [after for _, after in moved]
        instructions = [(order, each) for order in orders for each in order.instructions]
        leaving = [
            delivery_work(order, each.id, self.now)
            for order, each in instructions
            if each.delivery in {Delivery.QUEUED, Delivery.UNKNOWN}
        ]
        enqueue_again(self.connection, leaving, self.now)
        over = [(delivery_kind(order), str(each.id)) for order, each in instructions if not each.open]
        set_clocks(self.connection, self.house, moved, over)
        for order in orders:
            if order.kind is OrderKind.FREEZE and order.effect is Effect.FROZEN:
                self._convert_stops(order)

    def _convert_stops(self, freeze: Order) -> None:
        """The stops of the same case on the same account: the freeze takes their place."""
        here = joined_to(self.connection, freeze.case_id)
        for each in orders_on(self.connection, freeze.target.subject, OrderKind.STOP):
            if joined_to(self.connection, each.case_id) == here and each.effect in {Effect.HELD, Effect.EXTENDED}:
                stop = self.order(each.id)
                self.keep(stop, [converted(stop, self.by, self.now, freeze)])


def delivery_kind(order: Order) -> str:
    """The kind of work that takes the instructions of an order."""
    return STOP_WORK if order.kind is OrderKind.STOP else DELIVERY_WORK


def delivery_work(order: Order, instruction_id: UUID, due_at: datetime) -> NewWork:
    """The row of work that takes an instruction to its answer."""
    return NewWork(
        kind=delivery_kind(order),
        key=str(instruction_id),
        unit_path=order.unit_path,
        due_at=due_at,
        payload={"order": str(order.id), "number": order.number},
    )
