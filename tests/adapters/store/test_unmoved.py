"""What a process holds of a thing is what its entries tell, whatever was taken back since it was read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fanzha.adapters.store.unmoved import Unmoved

THING = UUID(int=1_000)


def row(entries: Sequence[UUID], thing: UUID = THING) -> Any:
    return SimpleNamespace(id=thing, many=len(entries), last=entries[-1] if entries else None)


def seen(held: Unmoved[tuple[UUID, ...]], there: tuple[UUID, ...]) -> list[tuple[UUID, ...]]:
    return held.all([row(there)], lambda moved: {each.id: there for each in moved})


@given(st.lists(st.tuples(st.integers(0, 8), st.integers(0, 3), st.booleans()), max_size=12))
def test_whatever_was_seen_before_a_thing_is_what_its_entries_tell(steps: list[tuple[int, int, bool]]) -> None:
    """What a transaction wrote may be taken back, from some entry on; nothing ever comes in its place."""
    held, there = Unmoved[tuple[UUID, ...]](), list[UUID]()
    fresh: Iterator[UUID] = (UUID(int=each) for each in range(1, 100))
    for kept, more, looks in steps:
        there = [*there[:kept], *islice(fresh, more)]
        if looks:
            assert seen(held, tuple(there)) == [tuple(there)]


@pytest.fixture
def read() -> list[list[int]]:
    """Which things were read, each time that any were."""
    return []


def looked(held: Unmoved[str], read: list[list[int]], *rows: Any) -> list[str]:
    def reads(moved: Sequence[Any]) -> dict[UUID, str]:
        read.append([each.id.int for each in moved])
        return {each.id: f"{each.id.int} after {each.many}" for each in moved}

    return held.all(rows, reads)


def test_only_what_moved_is_read(read: list[list[int]]) -> None:
    held, (first, second) = Unmoved[str](), (UUID(int=1), UUID(int=2))
    one, other = row([first], UUID(int=8)), row([], UUID(int=9))
    assert looked(held, read, one, other) == ["8 after 1", "9 after 0"]
    assert looked(held, read, one, row([first], UUID(int=9))) == ["8 after 1", "9 after 1"]
    assert looked(held, read, row([second], UUID(int=8)), row([first], UUID(int=9))) == ["8 after 1", "9 after 1"]
    assert read == [[8, 9], [9], [8]]


def test_one_of_which_less_is_in_sight_is_another(read: list[list[int]]) -> None:
    held, entries = Unmoved[str](), [UUID(int=1), UUID(int=2)]
    assert looked(held, read, row(entries)) == ["1000 after 2"]
    assert looked(held, read, row(entries[1:])) == ["1000 after 1"]


def test_what_has_no_entry_is_read_each_time(read: list[list[int]]) -> None:
    held = Unmoved[str]()
    for _ in range(2):
        looked(held, read, row([]))
    assert read == [[1_000], [1_000]]


def test_what_is_out_of_sight_is_left_out() -> None:
    assert Unmoved[str]().all([row([THING])], lambda _: {}) == []


def test_the_one_not_looked_at_longest_makes_room(read: list[list[int]]) -> None:
    held = Unmoved[str](most=2)
    for which in (1, 2, 1, 3, 1, 2):
        looked(held, read, row([THING], UUID(int=which)))
    assert read == [[1], [2], [3], [2]]
