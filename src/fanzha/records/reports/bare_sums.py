"""Numbers without a unit: those that a chat sends behind a verb of having paid, and those that were rung up."""

from __future__ import annotations

import re

from fanzha.kernel.identifiers import phone
from fanzha.records.reports.page import Mark, Page
from fanzha.records.reports.tables import MoneyWords

BEHIND_VERB = "bare_behind_finished_verb"
_FARTHEST, _ALREADY = 8, 4
_YEAR = re.compile(r"(?:19[5-9]|20[0-4])\d")
_LONGEST, _LONG, _CODE = 8, 7, 6
_RINGS = frozenset({3, 5})
"""How many figures the numbers have that everybody rings up: 110, 96110."""


def is_told_alone(page: Page, at: int, end: int, words: MoneyWords) -> bool:
    """Whether a number stands by itself behind a verb of having paid and can be a sum: no year, phone, code or account.

    A code or a telephone's number has as many figures as a great sum; great sums are round.
    """
    verb = next(iter(page.before(at, since=max(0, at - _FARTHEST))), None)
    if verb is None or verb.kind not in ("pay", "done", "deposit") or not words.ends_sum.match(page.plain, end):
        return False
    between = page.plain[verb.end : at]
    if not words.behind_verb.fullmatch(between) or not _is_finished(page, verb, between):
        return False
    return _can_be_a_sum(page.plain[at:end]) and not is_dialled(page, verb, at, end, words)


def is_paid(page: Page, at: int, end: int, words: MoneyWords) -> bool:
    """Whether a round number that could be a service's stands behind a verb of paying that is none of ringing up."""
    verb = next(iter(page.before(at, since=max(0, at - _FARTHEST))), None)
    if verb is None or verb.kind not in ("pay", "deposit") or page.plain.startswith(words.dialled, verb.start):
        return False
    between = page.plain[verb.end : at]
    at_once = between.strip() in ("", *page.particles.done)
    return int(page.plain[at:end]) % 100 == 0 and (at_once or words.behind_verb.fullmatch(between) is not None)


def _is_finished(page: Page, verb: Mark, between: str) -> bool:
    before = page.plain[max(0, verb.start - _ALREADY) : verb.start]
    told = verb.kind == "done" or page.plain.endswith(page.particles.done, verb.start, verb.end)
    return told or between[0].isalpha() or any(each in before for each in page.particles.already)


def _can_be_a_sum(written: str) -> bool:
    if not written.isdecimal():
        return True  # thousands set apart, fractions and words of number are of sums
    value = int(written)
    is_year = bool(_YEAR.fullmatch(written)) and value % 100 != 0
    wide = (len(written) >= _LONG and value % 1000) or (len(written) == _CODE and value % 10)
    return not (written.startswith("0") or is_year or wide or len(written) > _LONGEST)


def is_dialled(page: Page, verb: Mark, at: int, end: int, words: MoneyWords) -> bool:
    """Whether a number behind a verb that means ringing up as well is one that everybody rings up (`打了110`)."""
    number = page.plain[at:end]
    rings = len(number) in _RINGS and phone.kind(number) == "service" and int(number) % 100 != 0
    return rings and page.plain.startswith(words.dialled, verb.start)
