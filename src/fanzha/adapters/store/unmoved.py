"""What only its entries move is read once by a process: it holds what it read, and the database tells whether it moved.

Entries are added under the lock of what they move and never edited, and no other ever has the id of one that was taken
back: as many entries that end with the same one are the same.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from threading import Lock
from typing import Any, Generic, TypeVar
from uuid import UUID

from sqlalchemy import Row

T = TypeVar("T")
MOST_HELD = 5_000
"""Of each sort so many are held; the one not looked at longest makes room."""


def last_entry(entries: str, of: str, thing: str) -> str:
    """The words of a FROM list that tell of each row of `thing` how many entries there are in sight that name it in
    `of`, and which is the last."""
    return f"""CROSS JOIN LATERAL (
  SELECT count(*) AS many, (array_agg(id ORDER BY number DESC))[1] AS last FROM {entries} WHERE {of} = {thing}.id
) AS told"""


@dataclass(slots=True)
class Unmoved(Generic[T]):
    """What a process holds, by id."""

    most: int = MOST_HELD
    _held: OrderedDict[UUID, tuple[int, UUID | None, T]] = field(default_factory=OrderedDict)
    _alone: Lock = field(default_factory=Lock)

    def all(self, rows: Sequence[Row[Any]], read: Callable[[Sequence[Row[Any]]], Mapping[UUID, T]]) -> list[T]:
        """What these rows are, each of which tells an `id`, how `many` entries it has and which is the `last`; `read`
        is asked for those that moved, and may leave out what is not in sight."""
        found: dict[UUID, T] = {}
        with self._alone:
            for row in rows:
                held = self._held.get(row.id)
                if held is not None and held[:2] == (row.many, row.last):
                    found[row.id] = held[2]
                    self._held.move_to_end(row.id)
        if moved := [row for row in rows if row.id not in found]:
            told = read(moved)
            self._hold({row.id: (row.many, row.last, told[row.id]) for row in moved if row.id in told})
            found |= told
        return [found[row.id] for row in rows if row.id in found]

    def _hold(self, some: Mapping[UUID, tuple[int, UUID | None, T]]) -> None:
        with self._alone:
            for each, held in some.items():
                if held[0]:  # what has no entry yet has nothing by which it is told apart
                    self._held[each] = held
                    self._held.move_to_end(each)
            while len(self._held) > self.most:
                self._held.popitem(last=False)
