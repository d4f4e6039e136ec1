"""What part of a text speaks of each payment, and by what channel that payment went."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeVar

from fanzha.records.reports.findings import Amount, Channel, Reading
from fanzha.records.reports.page import Page
from fanzha.records.reports.tables import ChannelWords

R = TypeVar("R", bound=Reading)
Span = tuple[int, int]
_FIGURES = re.compile(r"\d+")
_AHEAD, _BEHIND, _CLAUSE = 14, 6, 12
"""How far before and behind an amount a channel stands that is told of it, and how long a clause is that adds one."""


def inside(found: Sequence[R], span: Span) -> list[R]:
    """What begins in a stretch of the text; `found` is in its order."""
    first = bisect_left(found, span[0], key=_start)
    return list(found[first : bisect_left(found, span[1], lo=first, key=_start)])


def outside(found: Sequence[R], spans: Sequence[Span]) -> list[R]:
    """What begins in none of these stretches, which are in the text's order and apart from each other."""
    starts = [start for start, _ in spans]
    return [each for each in found if not (at := bisect_right(starts, each.start)) or spans[at - 1][1] <= each.start]


def _start(reading: Reading) -> int:
    return reading.start


@dataclass(frozen=True, slots=True, kw_only=True)
class Portion:
    """What of its stretch speaks of one amount, and the channel that is told of it alone."""

    span: Span
    channel: Channel | None
    apart: bool
    """Whether that channel reaches no bank's card, so that no card told of another payment is meant."""


def portions_of(
    page: Page, amounts: Sequence[Amount], stretches: Sequence[Span], channels: Sequence[Channel], words: ChannelWords
) -> list[Portion]:
    """The portion of each amount, in the order of the text."""
    shown = [each for each in channels if each.kind in words.shown]
    spans = list(_spans(page, amounts, stretches, shown))
    found: list[Portion] = []
    for amount, span in zip(amounts, spans, strict=True):
        channel = _told_of(page, amount, span, inside(channels, span), words)
        apart = channel is not None and channel.kind in words.apart
        same = apart and words.same.search(page.plain, *_clause(page, amount, span)) is not None
        found.append(Portion(span=span, channel=channel, apart=apart and not same))
    return found


def _spans(
    page: Page, amounts: Sequence[Amount], stretches: Sequence[Span], shown: Sequence[Channel]
) -> Iterable[Span]:
    """A stretch of several amounts is cut where what leads to the next one begins."""
    cuts = [_cut(page, first, second, shown) for first, second in pairwise(amounts)]
    for place, (start, end) in enumerate(stretches):
        shares_before = place > 0 and stretches[place - 1] == (start, end)
        shares_behind = place + 1 < len(stretches) and stretches[place + 1] == (start, end)
        yield (cuts[place - 1] if shares_before else start), (cuts[place] if shares_behind else end)


def _cut(page: Page, first: Amount, second: Amount, shown: Sequence[Channel]) -> int:
    """Where the clause of the second amount begins, or the one before it in which a code for it is shown; behind the
    first one where both stand in one clause."""
    own, start = page.clause(first.start), page.clause(second.start)[0]
    if own[0] == start:
        return first.end
    leads = page.clause(start - 1)
    return leads[0] if own[1] <= leads[0] and inside(shown, leads) else start


def _clause(page: Page, amount: Amount, span: Span) -> Span:
    start, end = page.clause(amount.start)
    return max(start, span[0]), min(end, span[1])


def _told_of(
    page: Page, amount: Amount, span: Span, channels: Sequence[Channel], words: ChannelWords
) -> Channel | None:
    """The channel said of this payment: before its amount or right behind it, not one by which people only talked."""
    start, end = _clause(page, amount, span)
    for each in reversed(inside(channels, (start, amount.start))):
        between = _FIGURES.sub("", page.plain[each.end : amount.start])
        if len(between) > _AHEAD:
            break  # whatever stands before it is farther still
        demanded = any(mark.kind == "demand" for mark in page.between(each.end, amount.start))
        if not demanded and not words.talk.search(between):
            return each
    for each in inside(channels, (amount.end, end)):
        if each.start - amount.end <= _BEHIND:
            return each
    return _added(page, end, span, channels, words) or _shown(page, start, span, channels, words)


def _added(page: Page, at: int, span: Span, channels: Sequence[Channel], words: ChannelWords) -> Channel | None:
    """The channel that the next clause adds (`，微信付的`)."""
    start, end = page.clause(at) if at < span[1] else (at, at)
    if end - start > _CLAUSE or not words.adds.match(page.plain, start, end):
        return None
    return next(iter(inside(channels, (start, end))), None)


def _shown(page: Page, at: int, span: Span, channels: Sequence[Channel], words: ChannelWords) -> Channel | None:
    """The code shown in the clause before (`对方发来收款码，我付了300元`)."""
    if at <= span[0]:
        return None
    start, end = page.clause(at - 1)
    codes = [each for each in inside(channels, (max(start, span[0]), end)) if each.kind in words.shown]
    return codes[-1] if codes and not words.talk.search(page.plain, codes[-1].end, end) else None
