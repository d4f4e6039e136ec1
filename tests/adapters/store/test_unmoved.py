"""What a process holds of a thing is what its entries tell, whatever was taken back since it was read."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import islice
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, text

from fanzha.adapters.store.unmoved import Unmoved, last_entry
from tests.tidy.source import package_sources

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


_TOLD_BY_ENTRIES = re.compile(rf'{last_entry.__name__}\("(?P<entries>\w+)", "(?P<of>\w+)", ')
_OF = text("""
SELECT thing.relname FROM pg_constraint AS told
JOIN pg_attribute AS named ON named.attrelid = told.conrelid AND told.conkey = ARRAY[named.attnum]
JOIN pg_class AS thing ON thing.oid = told.confrelid
WHERE told.contype = 'f' AND told.conrelid = CAST(:entries AS regclass) AND named.attname = :of
""")
_MAY_CHANGE = text("""
SELECT has_any_column_privilege(CAST(:table AS text), 'UPDATE') OR has_table_privilege(CAST(:table AS text), 'DELETE')
  OR has_table_privilege(CAST(:table AS text), 'TRUNCATE')
""")
_SEEN = text("SELECT qual FROM pg_policies WHERE tablename = :table AND policyname = 'seen'")


def test_what_entries_tell_is_edited_by_nobody_and_seen_by_whoever_sees_its_entries(engine: Engine) -> None:
    """Else a process would hold what is not so any more, or show one person what another read."""
    used = [each.groupdict() for source in package_sources() for each in _TOLD_BY_ENTRIES.finditer(source.text)]
    assert {each["entries"] for each in used} == {"authority_entry", "incident_entry", "order_entry"}
    with engine.connect() as connection:
        for each in used:
            thing = connection.scalar(_OF, each)
            for table in (thing, each["entries"]):
                assert connection.scalar(_MAY_CHANGE, {"table": table}) is False, table
            seen_by = [connection.scalar(_SEEN, {"table": table}) for table in (thing, each["entries"])]
            assert seen_by[0] and seen_by[0] == seen_by[1], thing
