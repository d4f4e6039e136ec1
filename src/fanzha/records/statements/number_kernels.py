"""Amounts and times in their everyday spellings, read straight from bytes; the rest is left to the careful readers.

Cells come as one buffer of bytes with the place where each begins. A cell is *done* only where the careful reader
gives the same.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fanzha.kernel.compiled import compiled

_COMMA, _MINUS, _DOT, _SLASH, _ZERO, _NINE, _COLON, _SPACE, _T = 44, 45, 46, 47, 48, 57, 58, 32, 84
_MAX_DIGITS = 15
_SHANGHAI_SECONDS = 8 * 3600


@compiled
def _amount(text: NDArray[np.uint8], at: int, end: int) -> tuple[int, int, int, bool]:
    """Sign, whole, hundredths of one cell, and whether it is an everyday amount: `-1,234.56`."""
    sign = 1
    if at < end and text[at] == _MINUS:
        sign = -1
        at += 1
    whole, digits, group, grouped = 0, 0, 0, False
    while at < end and (_ZERO <= text[at] <= _NINE or text[at] == _COMMA):
        if text[at] == _COMMA:
            if digits == 0 or (grouped and group != 3) or (not grouped and group > 3):
                return 1, 0, 0, False
            grouped, group = True, 0
        else:
            whole = whole * 10 + (text[at] - _ZERO)
            digits += 1
            group += 1
        at += 1
    if digits == 0 or digits > _MAX_DIGITS or (grouped and group != 3):
        return 1, 0, 0, False
    cents, places = 0, 0
    if at < end and text[at] == _DOT:
        at += 1
        while at < end and places < 2 and _ZERO <= text[at] <= _NINE:
            cents = cents * 10 + (text[at] - _ZERO)
            places += 1
            at += 1
    if places == 1:
        cents *= 10
    return sign, whole, cents, at == end


@compiled
def amounts(
    text: NDArray[np.uint8],
    starts: NDArray[np.int32],
    fen_per_unit: int,
    limit: int,
    fen: NDArray[np.int64],
    done: NDArray[np.bool_],
) -> None:
    """Fill `fen` and `done` for each cell."""
    for cell in range(len(fen)):
        start, end = starts[cell], starts[cell + 1]
        sign, whole, cents, good = _amount(text, start, end)
        if good and whole <= limit // fen_per_unit and cents * fen_per_unit % 100 == 0:
            value = whole * fen_per_unit + cents * fen_per_unit // 100
            if value <= limit:
                fen[cell] = sign * value
                done[cell] = True


@compiled
def _digits(text: NDArray[np.uint8], at: int, end: int, most: int) -> tuple[int, int]:
    """The number of up to `most` digits at a place, and how many they are."""
    value, count = 0, 0
    while at < end and count < most and _ZERO <= text[at] <= _NINE:
        value = value * 10 + (text[at] - _ZERO)
        count += 1
        at += 1
    return value, count


@compiled
def _days(year: int, month: int, day: int) -> int:
    """Days since 1970-01-01 of a day of the Gregorian calendar; -1 for a day that does not exist."""
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    if month < 1 or month > 12 or day < 1:
        return -1
    length = 31 if month in (1, 3, 5, 7, 8, 10, 12) else 30
    if month == 2:
        length = 29 if leap else 28
    if day > length:
        return -1
    year_of = year - (1 if month <= 2 else 0)
    era = year_of // 400
    of_era = year_of - era * 400
    of_year = (153 * (month + (-3 if month > 2 else 9)) + 2) // 5 + day - 1
    return era * 146097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - 719468


@compiled
def _date(text: NDArray[np.uint8], at: int, end: int) -> tuple[int, int]:
    """Days of `yyyyMMdd` or `yyyy-M-d` (also `/` and `.`) at a place, and where it ends; -1 when it is neither."""
    year, count = _digits(text, at, end, 4)
    at += 4
    if count != 4 or at >= end or year < 1991 or year > 2100:
        return -1, at
    mark = text[at]
    if _ZERO <= mark <= _NINE:
        month, count = _digits(text, at, end, 2)
        day, count_day = _digits(text, at + 2, end, 2)
        return (_days(year, month, day) if count == 2 and count_day == 2 else -1), at + 4
    if mark != _MINUS and mark != _SLASH and mark != _DOT:
        return -1, at
    month, count = _digits(text, at + 1, end, 2)
    at += 1 + count
    if count == 0 or at >= end or text[at] != mark:
        return -1, at
    day, count = _digits(text, at + 1, end, 2)
    return (_days(year, month, day) if count > 0 else -1), at + 1 + count


@compiled
def _clock(text: NDArray[np.uint8], at: int, end: int) -> tuple[int, int]:
    """Microseconds of `HH:mm`, `H:mm:ss`, `HH:mm:ss.f` or `HHmmss` to the end, and its precision; -1 for others."""
    hour, count = _digits(text, at, end, 2)
    at += count
    apart = at < end and text[at] == _COLON
    minute, count_minute = _digits(text, at + (1 if apart else 0), end, 2)
    at += count_minute + (1 if apart else 0)
    if count == 0 or count_minute != 2 or hour > 23 or minute > 59 or (not apart and count != 2):
        return -1, 0
    if at == end:
        return ((hour * 3600 + minute * 60) * 1_000_000, 1) if apart else (-1, 0)
    if apart and text[at] != _COLON:
        return -1, 0
    second, count = _digits(text, at + (1 if apart else 0), end, 2)
    at += count + (1 if apart else 0)
    if count != 2 or second > 59:
        return -1, 0
    micros = (hour * 3600 + minute * 60 + second) * 1_000_000
    if apart and at < end and text[at] == _DOT:
        part, count = _digits(text, at + 1, end, 6)
        at += 1 + count
        if count == 0:
            return -1, 0
        micros += part * 10 ** (6 - count)
    return (micros, 2) if at == end else (-1, 0)


@compiled
def times(
    text: NDArray[np.uint8],
    starts: NDArray[np.int32],
    at_us: NDArray[np.int64],
    precision: NDArray[np.int8],
    done: NDArray[np.bool_],
) -> None:
    """Fill `at_us` (UTC), `precision` and `done` for each cell; cells are in Shanghai's time."""
    for cell in range(len(at_us)):
        start, end = starts[cell], starts[cell + 1]
        days, at = _date(text, start, end)
        if days >= 0:
            micros, exact = 0, 0
            compact = start + 8 == at and at < end and _ZERO <= text[at] <= _NINE
            if compact and end - at != 6:
                micros = -1
            elif compact:
                micros, exact = _clock(text, at, end)
            elif at < end:
                micros, exact = _clock(text, at + 1, end) if text[at] == _SPACE or text[at] == _T else (-1, 0)
            if micros >= 0:
                at_us[cell] = (days * 86400 - _SHANGHAI_SECONDS) * 1_000_000 + micros
                precision[cell] = exact
                done[cell] = True
