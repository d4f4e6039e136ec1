"""Rows of figures told apart where a blank may join the groups of one number or part an account from a sum."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from fanzha.kernel.identifiers import bank_card
from fanzha.records.reports.amounts import is_sum_at
from fanzha.records.reports.page import Page
from fanzha.records.reports.tables import ReaderTables

_ALONE = 12
"""A group of so many figures is a number by itself: nobody groups one so."""
_ROUND = "000"
"""As round sums end: six such figures before an account are a card's first ones only where its check digit holds."""
_CARD_GROUPS, _IN_FOURS, _LONGEST_CARD, _OF_BANK = 4, 4, 19, 6
CARDS_BEGIN = "34569"
PASSED_BY = frozenset({"serial", "identity", "phone"})
"""Labels of what is no account, however many groups it has."""
_GROUP = re.compile(r"[^ ]+")
_GROUPED_SUM = re.compile(r"[1-9]\d{0,2}(?:,\d{3})+(?![\d,])|[1-9]\d*\.\d{1,2}(?![\d.])")


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """Figures and hidden figures as they stand, blanks within one number kept."""

    start: int
    end: int
    written: str


def find_runs(page: Page, tables: ReaderTables) -> Iterator[Run]:
    """Every row of figures that may be an account; a sum beside an account is none of its figures."""
    for found in tables.account["run"].finditer(page.plain):
        groups = [
            Run(start=found.start() + each.start(), end=found.start() + each.end(), written=each.group())
            for each in _GROUP.finditer(found.group())
        ]
        if page.label(found.start()) in PASSED_BY:
            yield Run(start=found.start(), end=found.end(), written=found.group())
            continue
        if len(groups) > 1 and _is_sum(page, groups, tables):
            groups = groups[:-1]
        for first, last in _numbers(groups):
            start, end = groups[first].start, groups[last].end
            yield Run(start=start, end=end, written=page.plain[start:end])


def _is_sum(page: Page, groups: Sequence[Run], tables: ReaderTables) -> bool:
    """Whether the last group goes on as no account does: a unit or a currency, thousands set apart, or a fraction.

    What only a comma or a point tells may be a card's last group and whatever the text goes on with: its check digit
    decides.
    """
    last = groups[-1]
    if not last.written.isdecimal():
        return False
    if is_sum_at(page.plain, last.start, tables.money):
        return True
    return _GROUPED_SUM.match(page.plain, last.start) is not None and not _is_checked_card(groups)


def _is_checked_card(groups: Sequence[Run]) -> bool:
    written = "".join(each.written for each in groups)
    return written[0] in CARDS_BEGIN and 15 <= _figures(written) <= _LONGEST_CARD and _checks(written)


def _checks(written: str) -> bool:
    """Whether it is whole, strokes between its figures aside, and its check digit holds."""
    figures = written.replace("-", "")
    return figures.isdecimal() and bank_card.luhn(figures)


def _numbers(groups: Sequence[Run]) -> Iterator[tuple[int, int]]:
    """First and last group of each number."""
    last = len(groups) - 1
    if any(_figures(each.written) >= _ALONE for each in groups) and not _is_split_card(groups):
        yield from ((place, place) for place in range(len(groups)))
        return
    card = _card_in(groups) if sum(_figures(each.written) for each in groups) > _LONGEST_CARD else None
    if card is None:
        yield 0, last
        return
    first, end = card
    yield from ((place, place) for place in range(first))
    yield card
    yield from ((place, place) for place in range(end + 1, last + 1))


def _is_split_card(groups: Sequence[Run]) -> bool:
    """Whether it is a card written as its bank's figures and the rest, as slips do."""
    figures = [_figures(each.written) for each in groups]
    cards = groups[0].written[0] in CARDS_BEGIN and sum(figures) <= _LONGEST_CARD
    if not (len(groups) == 2 and figures[0] == _OF_BANK and cards):
        return False
    return not groups[0].written.endswith(_ROUND) or _is_checked_card(groups)


def _card_in(groups: Sequence[Run]) -> tuple[int, int] | None:
    """The card in fours at the beginning or the end of a row too long for one number.

    Where all that is left is in fours too it may be one long account, unless check digit or mask tell a card.
    """
    for first in dict.fromkeys((0, max(0, len(groups) - _CARD_GROUPS), max(0, len(groups) - _CARD_GROUPS - 1))):
        fours = groups[first : first + _CARD_GROUPS]
        if [_figures(each.written) for each in fours] != [_IN_FOURS] * _CARD_GROUPS:
            continue
        end = first + _CARD_GROUPS - 1
        if end + 1 < len(groups) and _figures(groups[end + 1].written) < _IN_FOURS:
            end += 1
        rest = [*groups[:first], *groups[end + 1 :]]
        written = "".join(each.written for each in groups[first : end + 1])
        plainly = "*" in written or _checks(written)
        if rest and (plainly or any(_figures(each.written) != _IN_FOURS for each in rest)):
            return first, end
    return None


def _figures(written: str) -> int:
    return sum(each != "-" for each in written)
