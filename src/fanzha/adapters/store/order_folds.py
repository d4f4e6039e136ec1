"""Orders as their entries leave them, each entry read and folded once by a process.

What is held of an order is used only where it was opened alike and its first entries are those that were folded: an
entry that is out of sight, or was taken back with its transaction, is not in it.
"""

from __future__ import annotations

from collections import OrderedDict, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from threading import Lock
from typing import Any
from uuid import UUID

from sqlalchemy import Row

from fanzha.adapters.store.order_rows import entry_of, opened_order
from fanzha.orders.entries import folded
from fanzha.orders.order import Order

MOST_FOLDS = 5_000
"""Orders of which a process holds how they stood when it last looked; the one not looked at longest makes room."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fold:
    """An order as it was opened, the ids of the entries folded since, and how these leave it."""

    opened: Order
    entries: Sequence[UUID]
    order: Order


@dataclass(slots=True)
class Folds:
    """What a process holds of orders."""

    most: int = MOST_FOLDS
    _held: OrderedDict[UUID, Fold] = field(default_factory=OrderedDict)
    _alone: Lock = field(default_factory=Lock)

    def standing(self, files: Iterable[Row[Any]], entries: Iterable[Row[Any]]) -> dict[UUID, Order]:
        """By id and in the order of `files`, each order as its entries among these leave it."""
        told: dict[UUID, list[Row[Any]]] = defaultdict(list)
        for row in entries:
            told[row.order_id].append(row)
        return {row.id: self.after(row, told[row.id]) for row in files}

    def after(self, file: Row[Any], entries: Sequence[Row[Any]]) -> Order:
        """The order that a file and its entries, oldest first, tell; `Illegal` as `folded`."""
        opened, ids = opened_order(file), [each.id for each in entries]
        with self._alone:
            held = self._held.get(opened.id)
        if held is None or held.opened != opened or held.entries != ids[: len(held.entries)]:
            held = Fold(opened=opened, entries=[], order=opened)
        order = folded(held.order, map(entry_of, entries[len(held.entries) :]))
        with self._alone:
            self._held[opened.id] = Fold(opened=opened, entries=ids, order=order)
            self._held.move_to_end(opened.id)
            if len(self._held) > self.most:
                self._held.popitem(last=False)
        return order


FOLDS = Folds()
"""Those of this process."""
