"""New orders in the database, many at once: numbered, written with their first entries, audited."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from fanzha.adapters.store.additions import add_all
from fanzha.adapters.store.order_keeping import keep_all
from fanzha.adapters.store.order_rows import file_row
from fanzha.adapters.store.orders import all_counted
from fanzha.adapters.store.schema.orders import order_file
from fanzha.kernel.units import Actor
from fanzha.orders.effects import OrderKind
from fanzha.orders.entries import Entry
from fanzha.orders.order import Order

PREFIXES = {
    OrderKind.QUERY: "Q",
    OrderKind.MONITOR: "M",
    OrderKind.STOP: "S",
    OrderKind.FREEZE: "F",
    OrderKind.BLOCK: "B",
}
"""The letter with which the number of an order of each kind begins: S2026-000012."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """An order without entries, and its first ones: its draft, and the signatures it has already."""

    order: Order
    entries: Sequence[Entry]


def numbered(connection: Connection, openings: Sequence[Opening], now: datetime) -> list[Opening]:
    """The same with the next numbers of their kinds in this year; numbers are never used again.

    Whoever numbers several kinds takes them in one order, and holds up all others until the transaction ends.
    """
    many = Counter(each.order.kind for each in openings)
    year, following = all_counted(connection, {kind.value: many[kind] for kind in sorted(many)}, now)
    found = []
    for each in openings:
        kind = each.order.kind
        number = f"{PREFIXES[kind]}{year}-{following[kind]:06d}"
        following[kind] += 1
        found.append(replace(each, order=replace(each.order, number=number)))
    return found


def keep_opened(connection: Connection, openings: Sequence[Opening], actor: Actor, now: datetime) -> list[Order]:
    """The numbered orders after their first entries, written and audited; `Illegal` where one of these may not be."""
    add_all(connection, order_file, [file_row(each.order) for each in openings])
    return keep_all(connection, [(each.order, each.entries) for each in openings], actor, now)
