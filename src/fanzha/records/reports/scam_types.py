"""Which type of scam the words speak for: points by weighted words, each shown with its place."""

from __future__ import annotations

from fanzha.records.reports.findings import Certainty, ScamType, Word
from fanzha.records.reports.lexicon import is_whole
from fanzha.records.reports.page import Page
from fanzha.records.reports.tables import Line, ReaderTables, TypeWords

_CLEAR_LEAD = 3
"""Points by which the first must lead the second to be called likely."""


def rank_types(page: Page, tables: ReaderTables) -> tuple[ScamType, ...]:
    """The types with points enough, most points first; ties by code."""
    scored = [(each, _words(page.plain, each)) for each in tables.types]
    points = {each.code: sum(word.points for word in words) for each, words in scored}
    ranked = sorted(scored, key=lambda each: (-points[each[0].code], each[0].code))
    totals = [points[each.code] for each, _ in ranked]
    return tuple(
        ScamType(
            code=each.code,
            points=points[each.code],
            certainty=_certainty(place, totals, tables),
            words=tuple(sorted(words, key=lambda word: (word.start, word.end))),
        )
        for place, (each, words) in enumerate(ranked)
        if points[each.code] >= tables.least_points
    )


def _certainty(place: int, totals: list[int], tables: ReaderTables) -> Certainty:
    leads = place == 0 and totals[0] - totals[1] >= _CLEAR_LEAD if len(totals) > 1 else place == 0
    return Certainty.LIKELY if leads and totals[0] >= tables.likely_points else Certainty.UNSURE


def _words(plain: str, kind: TypeWords) -> list[Word]:
    found: list[Word] = []
    for line in kind.lines:
        found += _line(plain, line)
    return found


def _line(plain: str, line: Line) -> list[Word]:
    """The words that bring a line's points: the first brings them, of each other list one is shown."""
    places = [_first(plain, words) for words in line.of]
    if any(place is None for place in places):
        return []
    return [
        Word(
            start=place[0],
            end=place[0] + len(place[1]),
            certainty=Certainty.CERTAIN,
            reasons=(),
            word=place[1],
            points=line.points if number == 0 else 0,
        )
        for number, place in enumerate(places)
        if place is not None
    ]


def _first(plain: str, words: tuple[str, ...]) -> tuple[int, str] | None:
    for word in words:
        at = plain.find(word)
        while at >= 0 and not is_whole(plain, at, at + len(word)):
            at = plain.find(word, at + 1)
        if at >= 0:
            return at, word
    return None
