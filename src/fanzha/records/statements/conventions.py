"""What a sheet's sender means by signs, words and numbers that others mean otherwise; balances have the last word."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from fanzha.kernel.identifiers import account
from fanzha.records.statements.balances import proven_sides, runs_backwards
from fanzha.records.statements.hints import hinted
from fanzha.records.statements.moments import clock_beside, read_moments
from fanzha.records.statements.money_columns import Money, read_money, read_pluses
from fanzha.records.statements.parties import read_parties
from fanzha.records.statements.plan import Conventions, Told
from fanzha.records.statements.success import decide_success
from fanzha.records.statements.table import Table
from fanzha.records.statements.words import IN, OUT, key, side_of, spelled

OVERWHELMING_VOTES = 8
OVERWHELMING_SHARE = 0.95
"""Balances overrule words of direction only when at least so many rows speak, and nearly all against the words."""
ROUNDED_SHARE = 0.9
_YEAR_LAST = re.compile(r"\s*(\d{1,2})\s?([-/.])\s?(\d{1,2})\s?[-/.]\s?(\d{4})")
_NUMBER_FIELDS = ("own_card", "own_account", "other", "other_card", "payer", "payee")


def decide_conventions(table: Table) -> tuple[Conventions, tuple[str, ...]]:
    """The sheet's conventions, decided on a sample of its rows, and notes on what was decided against the words."""
    date_order, assumed = _date_order(table)
    notes = ("date_order_assumed",) if assumed else ()
    told = replace(
        table.plan.conventions,
        decided=True,
        date_order=date_order,
        clock_digits=_clock_digits(table),
        rounded=_rounded(table),
        success=decide_success(table),
    )
    table.plan = replace(table.plan, conventions=told)
    at_us, _, _ = read_moments(table)
    told = replace(told, midnight_is_day=_midnight_is_day(at_us))
    if told.told is Told.PARTIES:
        return told, notes
    money = read_money(table, {})
    own = read_parties(table).own_key.codes
    told = replace(told, newest_first=runs_backwards(own, money.amount, money.balance, at_us))
    told, more = _directions(table, told, money, proven_sides(own, money.amount, money.balance, told.newest_first))
    return told, (*notes, *more)


def _directions(
    table: Table, told: Conventions, money: Money, proven: NDArray[np.int8]
) -> tuple[Conventions, tuple[str, ...]]:
    notes: list[str] = []
    if told.told is Told.WORD and not money.word.any() and not _has_words(table):
        told = replace(told, told=Told.SIGN)
    if told.told is Told.SIGN:
        told = _signs(told, money, proven, hinted(table, table.plan.words.hints), notes)
        if told.told is Told.BALANCE and (plus := read_pluses(table)).any():
            told = replace(told, plus_is_in=not (proven[plus] == OUT).any())
    else:
        words = _word_votes(table, proven, notes) if told.told is Told.WORD else {}
        told = replace(told, directions=words)
        money = read_money(table, words) if words else money
        told = replace(told, negative_is_out=_negative_is_out(money, proven))
        told = _flipped(told, money, proven, notes)
    if told.newest_first:
        notes.append("newest_first")
    return told, tuple(notes)


def _has_words(table: Table) -> bool:
    bound = table.plan.column("direction")
    return bound is not None and any(key(value) not in table.plan.words.nothing for value in set(table.raw(bound)))


def _signs(
    told: Conventions, money: Money, proven: NDArray[np.int8], hint: NDArray[np.int8], notes: list[str]
) -> Conventions:
    """One amount column: its signs tell, unless nothing is negative; then balances must.

    Where no balance proves anything, purchases that carry no minus say that this is a credit card's bill.
    """
    if not (money.amount < 0).any():
        agree, against = int((proven == IN).sum()), int((proven == OUT).sum())
        if against or not agree:
            return replace(told, told=Told.BALANCE)
        return told
    signs = np.sign(money.amount)
    if not proven.any() and (hint * signs < 0).sum() > 2 * (hint * signs > 0).sum():
        notes.append("direction_from_kind")
        return replace(told, flipped=True)
    return replace(told, flipped=_overwhelmed(signs.astype(np.int8), proven, notes))


def _flipped(told: Conventions, money: Money, proven: NDArray[np.int8], notes: list[str]) -> Conventions:
    plain = np.where((money.amount > 0) | ((money.word == OUT) & told.negative_is_out), money.word, 0)
    return replace(told, flipped=_overwhelmed(plain.astype(np.int8), proven, notes))


def _overwhelmed(words: NDArray[np.int8], proven: NDArray[np.int8], notes: list[str]) -> bool:
    both = (words != 0) & (proven != 0)
    against, votes = int((words[both] != proven[both]).sum()), int(both.sum())
    if votes >= OVERWHELMING_VOTES and against >= OVERWHELMING_SHARE * votes:
        notes.append("direction_from_balances")
        return True
    if votes >= OVERWHELMING_VOTES and against * 2 > votes:
        notes.append("direction_disproved")
    return False


def _word_votes(table: Table, proven: NDArray[np.int8], notes: list[str]) -> dict[str, int]:
    """What ambiguous and unknown words mean by the balances of their rows; known ones keep their meaning."""
    bound, words = table.plan.column("direction"), table.plan.words
    if bound is None:
        return {}
    votes: dict[str, Counter[int]] = {}
    for value, side in zip(table.raw(bound), proven.tolist(), strict=True):
        votes.setdefault(value, Counter())[side] += 1
    open_words: dict[str, Counter[int]] = {}
    for value, counted in votes.items():
        word = spelled(value)
        if word in words.ambiguous_directions or side_of(value, words) is None:
            open_words.setdefault(word, Counter()).update(counted)
    decided = {
        word: IN if counted[IN] > counted[OUT] else OUT
        for word, counted in open_words.items()
        if max(counted[IN], counted[OUT]) > 2 * min(counted[IN], counted[OUT])
    }
    if decided:
        notes.append("direction_words_from_balances")
    return _opposites(decided, [word for word in open_words if word in words.ambiguous_directions])


def _opposites(decided: dict[str, int], ambiguous: Sequence[str]) -> dict[str, int]:
    """Of two ambiguous words, one that is decided decides the other."""
    rest = [word for word in ambiguous if word not in decided]
    if len(rest) == 1 and len(ambiguous) == 2 and len(decided) == 1:
        decided[rest[0]] = -next(iter(decided.values()))
    return decided


def _negative_is_out(money: Money, proven: NDArray[np.int8]) -> bool:
    """Whether a minus repeats `out`: all outs carry one and ins do not, or balances of negative outs fall."""
    out, into = money.word == OUT, money.word == IN
    minus = money.amount < 0
    if not (out & minus).any():
        return False
    fell, rose = int((proven[out & minus] == OUT).sum()), int((proven[out & minus] == IN).sum())
    if fell != rose:
        return fell > rose
    return bool((minus & out).sum() * 10 >= out.sum() * 8) and int((minus & into).sum()) * 2 < max(int(into.sum()), 1)


def _date_order(table: Table) -> tuple[str, bool]:
    """Day or month first in `1/2/2024`, and whether that is assumed: any number above 12 tells, else how the rows run.

    Where neither does, slashes are taken for month first, as spreadsheets write, other strokes for day first.
    """
    days: list[tuple[int, int, int]] = []
    stroke = "/"
    for name in ("time", "date"):
        for value in dict.fromkeys(table.filled(name) or ()):
            if found := _YEAR_LAST.match(value):
                stroke = found[2]
                days.append((int(found[4]), int(found[1]), int(found[3])))
    told = {"dmy" if first > 12 else "mdy" for _, first, second in days if max(first, second) > 12}
    if len(told) == 1:
        return told.pop(), False
    day_first = _turns([(year, second, first) for year, first, second in days])
    month_first = _turns(days)
    if day_first == month_first:
        return "mdy" if stroke == "/" else "dmy", bool(days)
    return "dmy" if day_first < month_first else "mdy", bool(told)


def _turns(days: Sequence[tuple[int, int, int]]) -> int:
    """How often days run against the direction that most of them run in."""
    steps = [(one < other) - (one > other) for one, other in pairwise(days)]
    return min(steps.count(1), steps.count(-1))


def _clock_digits(table: Table) -> int:
    """Whether clocks of digits alone have six places or four."""
    if not (table.plan.column("date") and table.plan.column("time")):
        return 6
    clocks = [clock for value in set(table.filled("time") or ()) if (clock := clock_beside(value)) and clock.isdigit()]
    return 4 if clocks and max(map(len, clocks)) <= 4 else 6


def _rounded(table: Table) -> frozenset[str]:
    """Fields whose long numbers nearly all end in zeros after the fifteenth digit: a spreadsheet cut them."""
    found = set()
    for name in _NUMBER_FIELDS:
        numbers = {account.clean(value) for bound in table.plan.columns_of(name) for value in set(table.raw(bound))}
        long = [number for number in numbers if len(number) > 16 and number.isdigit()]
        if len(long) >= 3 and sum(map(account.looks_rounded, long)) >= ROUNDED_SHARE * len(long):
            found.add(name)
    return frozenset(found)


def _midnight_is_day(at_us: NDArray[np.int64]) -> bool:
    told = at_us[at_us != 0]
    return len(told) >= 3 and bool(((told + 8 * 3_600_000_000) % 86_400_000_000 == 0).all())
