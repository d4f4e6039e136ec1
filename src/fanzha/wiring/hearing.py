"""The orders of one unit that messages are about: locked before anything is heard, moved in memory, written together.

Locks are taken in the order in which everybody takes them, by id, so that two workers whose batches cross wait for
each other and never in a circle.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from fanzha.adapters.store.heard_orders import HeardLines, known_of
from fanzha.adapters.store.order_locks import HOLDING, lock_with_holds
from fanzha.adapters.store.subjects import Identifier
from fanzha.cases.case import Case
from fanzha.kernel.ids import CaseId, OrderId, SubjectId
from fanzha.orders.entries import Entry, folded
from fanzha.orders.order import Order
from fanzha.orders.proving import Lines
from fanzha.protocol.answer import Answer
from fanzha.wiring.desk import Desk


@dataclass(slots=True, kw_only=True)
class Hearing:
    """`orders` as they stand after what was heard so far, `clear` the accounts they are about, `told` what had been
    told about each: lines by the message's own id; `parts` of answers that come in several, by application; `lines` of
    the accounts of stops and freezes that were kept before, `statements` of accounts that were heard just now."""

    desk: Desk
    cases: Mapping[CaseId, Case]
    orders: dict[OrderId, Order]
    before: Mapping[OrderId, Order]
    clear: Mapping[SubjectId, Identifier]
    told: dict[OrderId, dict[str, int]]
    lines: Mapping[OrderId, Sequence[HeardLines]]
    statements: dict[SubjectId, list[Lines]] = field(default_factory=lambda: defaultdict(list))
    parts: dict[str, dict[int, Answer]] = field(default_factory=dict)
    entries: dict[OrderId, list[Entry]] = field(default_factory=lambda: defaultdict(list))

    def keep(self, order: Order, entries: Sequence[Entry]) -> Order:
        """The order after these entries; they are written when all is heard."""
        moved = self.orders[order.id] = folded(order, entries)
        self.entries[order.id] += entries
        return moved

    def asked(self, order: Order) -> str:
        """The account, number, site or app that an order is about; empty once it is erased."""
        found = self.clear.get(order.target.subject)
        return "" if found is None else found.text

    def holds(self, order: Order) -> list[Order]:
        """The stops, then the freezes on the account of an order, oldest first."""
        here = [
            each
            for each in self.orders.values()
            if each.target.subject == order.target.subject and each.kind.value in HOLDING
        ]
        return sorted(here, key=lambda each: (HOLDING.index(each.kind.value), each.opened_at, each.id))

    def write(self) -> None:
        """Write what became of the orders, with everything that it leads to."""
        self.desk.keep_all([(self.before[each], entries) for each, entries in self.entries.items() if entries])


def hearing_of(desk: Desk, orders: Collection[OrderId]) -> Hearing:
    """The orders and whatever holds money on their accounts, locked; what was told about them, and their accounts."""
    locked = lock_with_holds(desk.connection, orders, desk.actor)
    targets = {each: locked.orders[each].target.subject for each in orders}
    known = known_of(desk.connection, desk.house.keys, targets)
    return Hearing(
        desk=desk,
        cases=locked.cases,
        orders=dict(locked.orders),
        before=locked.orders,
        clear=known.clear,
        told=known.told,
        lines=known.lines,
    )
