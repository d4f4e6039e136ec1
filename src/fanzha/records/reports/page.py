"""A report's text laid out for reading: made plain character for character, with its marks, sentences and clauses."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass

from fanzha.records.reports.tables import Particles, ReaderTables

_GAP = ' :\u200b()=[]-+\u00a5"'
_WIDEST_GAP = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A word that says what stands around it."""

    start: int
    end: int
    kind: str


class Taken:
    """The places of the text that already mean something, so that nothing is read twice."""

    def __init__(self) -> None:
        self._spans: list[tuple[int, int]] = []

    def add(self, start: int, end: int) -> None:
        """Take a place; it must be free. Where nothing stands there is nothing to take."""
        if start < end:
            self._spans.insert(bisect_left(self._spans, (start, end)), (start, end))

    def is_free(self, start: int, end: int) -> bool:
        """Whether nothing was read there yet."""
        at = bisect_left(self._spans, (end, 0)) - 1
        return at < 0 or self._spans[at][1] <= start

    def next_after(self, at: int) -> tuple[int, int] | None:
        """The first place read that ends behind `at`: it may begin before it."""
        place = bisect_left(self._spans, (at, 0))
        if place and self._spans[place - 1][1] > at:
            return self._spans[place - 1]
        return self._spans[place] if place < len(self._spans) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """`text` as it came and `plain`, as long as it; ends are the places behind each sentence and clause."""

    text: str
    plain: str
    marks: tuple[Mark, ...]
    mark_starts: tuple[int, ...]
    sentence_ends: tuple[int, ...]
    clause_ends: tuple[int, ...]
    particles: Particles

    def sentence(self, at: int) -> tuple[int, int]:
        """Where the sentence around a place begins and ends."""
        return _around(self.sentence_ends, at, len(self.plain))

    def clause(self, at: int) -> tuple[int, int]:
        """Where the clause around a place begins and ends."""
        return _around(self.clause_ends, at, len(self.plain))

    def between(self, start: int, end: int) -> tuple[Mark, ...]:
        """The marks that begin in a stretch."""
        return self.marks[bisect_left(self.mark_starts, start) : bisect_left(self.mark_starts, end)]

    def before(self, at: int, *, since: int) -> Iterable[Mark]:
        """The marks before a place, the nearest first, no farther than `since`."""
        for place in range(bisect_left(self.mark_starts, at) - 1, -1, -1):
            if self.marks[place].start < since:
                return
            yield self.marks[place]

    def label(self, at: int) -> str:
        """The label that stands immediately before a place (`payee_account`), or empty."""
        place = bisect_left(self.mark_starts, at) - 1
        if place < 0:
            return ""
        mark = self.marks[place]
        if at - mark.end > _WIDEST_GAP:
            return ""
        gap = self.plain[mark.end : at]
        inside = gap.strip(_GAP)
        named = mark.kind.startswith("label.") and (not inside or inside in self.particles.links)
        return mark.kind.removeprefix("label.") if named else ""


def lay_out(text: str, tables: ReaderTables) -> Page:
    """The text made ready; every place in `plain` is the same place in `text`."""
    plain = text.translate(tables.same_size)
    marks = tuple(Mark(start=start, end=end, kind=kind) for start, end, kind in tables.marks.find(plain))
    return Page(
        text=text,
        plain=plain,
        marks=marks,
        mark_starts=tuple(mark.start for mark in marks),
        sentence_ends=tuple(found.end() for found in tables.sentence_ends.finditer(plain)),
        particles=tables.particles,
        clause_ends=tuple(found.end() for found in tables.clause_ends.finditer(plain)),
    )


def _around(ends: tuple[int, ...], at: int, length: int) -> tuple[int, int]:
    place = bisect_right(ends, at)
    return (ends[place - 1] if place else 0), (ends[place] if place < len(ends) else length)
