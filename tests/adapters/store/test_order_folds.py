"""What a process holds of an order is never more, less or other than its entries in sight tell."""

from __future__ import annotations

import json
from dataclasses import replace
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fanzha.adapters.store.order_folds import Folds
from fanzha.adapters.store.order_rows import entry_of, entry_told, file_row
from fanzha.kernel.ids import OrderId
from fanzha.kernel.units import UnitPath
from fanzha.orders.drafting import drafted
from fanzha.orders.entries import Entry, EntryKind, folded
from fanzha.orders.order import Order
from tests.orders.making import DRAFTER, NOW, ground, opened, wish

ORDER = opened()


def file(order: Order) -> Any:
    return SimpleNamespace(**file_row(order))


def row(order: Order, entry: Entry, entry_id: UUID) -> Any:
    told = entry_told(entry, entry_id)
    instruction = told["instruction"] and UUID(str(told["instruction"]))
    named = {"order_id": order.id, "id": entry_id, "at": entry.at, "actor_id": entry.by.user_id}
    return SimpleNamespace(**(json.loads(json.dumps(told)) | named | {"instruction": instruction}))


def looked(code: str) -> Entry:
    return Entry(kind=EntryKind.CONTRADICTED, at=NOW, by=DRAFTER, code=code)


DRAFT = drafted(ORDER, wish(1), ground(), DRAFTER, NOW)
ENTRIES = [(DRAFT, UUID(int=1)), *((looked(f"c{each}"), UUID(int=each)) for each in range(2, 9))]
OTHERS = [(looked(f"other{each}"), UUID(int=100 + each)) for each in range(8)]
"""What stands in the place of entries that were taken back with their transaction."""


@given(st.lists(st.lists(st.tuples(st.booleans(), st.booleans()), max_size=8), max_size=12))
def test_whatever_was_seen_before_an_order_is_what_its_entries_tell(looks: list[list[tuple[bool, bool]]]) -> None:
    folds = Folds(most=2)
    for look in looks:
        some = [
            pair[other] for pair, (seen, other) in zip(zip(ENTRIES, OTHERS, strict=True), look, strict=False) if seen
        ]
        rows = [row(ORDER, *each) for each in some]
        assert folds.standing([file(ORDER)], rows) == {ORDER.id: folded(ORDER, [each for each, _ in some])}


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[UUID]:
    """The entries that were read, in the order in which they were."""
    found: list[UUID] = []

    def reads(told: Any) -> Entry:
        found.append(told.id)
        return entry_of(told)

    monkeypatch.setattr("fanzha.adapters.store.order_folds.entry_of", reads)
    return found


def test_only_entries_that_came_since_are_read(read: list[UUID]) -> None:
    folds, rows = Folds(), [row(ORDER, *each) for each in ENTRIES]
    for upto in (3, 3, 5):
        folds.after(file(ORDER), rows[:upto])
    assert read == [each for _, each in ENTRIES[:5]]


def test_one_that_was_opened_otherwise_is_another() -> None:
    folds, moved = Folds(), replace(ORDER, unit_path=UnitPath("centre.county02"))
    folds.after(file(ORDER), [row(ORDER, *ENTRIES[0])])
    assert folds.after(file(moved), [row(moved, *ENTRIES[0])]).unit_path == moved.unit_path


def test_the_one_not_looked_at_longest_makes_room(read: list[UUID]) -> None:
    folds, orders = Folds(most=2), [replace(ORDER, id=OrderId(UUID(int=each))) for each in range(3)]
    for which in (0, 1, 0, 2, 0, 1):
        folds.after(file(orders[which]), [row(orders[which], DRAFT, UUID(int=50 + which))])
    assert [each.int - 50 for each in read] == [0, 1, 2, 1]
