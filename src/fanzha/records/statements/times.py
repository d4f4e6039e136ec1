"""Times as banks, spreadsheets and databases write them, to UTC microseconds."""

from __future__ import annotations

import re
from datetime import date

from fanzha.kernel.identifiers.text import tidy
from fanzha.records.statements.rows import Precision
from fanzha.records.statements.words import Words

NO_TIME, BAD_TIME = "no_time", "bad_time"
FIRST_YEAR, LAST_YEAR = 1991, 2100
"""China's clocks went by summer time before, and nobody's statement is from later."""

Instant = tuple[int, Precision]

_LONGEST = 48
_MONTHS = {
    name: at
    for at, name in enumerate(
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"], start=1
    )
}
_ORDINAL_1970 = date(1970, 1, 1).toordinal()
_EXCEL_ORDINAL = date(1899, 12, 30).toordinal()
_EXCEL_DAYS = (33239, 73415)
_EPOCH_SECONDS = (662_659_200, 4_133_894_400)

_YEAR_FIRST = re.compile(
    r"(?P<y>\d{4}|\d{2})\s?[-/.]\s?(?P<m>\d{1,2})\s?[-/.]\s?(?P<d>\d{1,2})(?!\d)(?P<rest>.*)", re.DOTALL
)
_YEAR_LAST = re.compile(r"(?P<a>\d{1,2})\s?[-/.]\s?(?P<b>\d{1,2})\s?[-/.]\s?(?P<y>\d{4})(?!\d)(?P<rest>.*)", re.DOTALL)
_COMPACT = re.compile(r"(?P<y>\d{4})(?P<m>\d{2})(?P<d>\d{2})(?P<rest>(?!\d).*)", re.DOTALL)
_DAY_MONTH_NAME = re.compile(
    r"(?P<d>\d{1,2})[-/ .]?(?P<name>[a-z]{3})[a-z]*[-/ .,]{0,2}(?P<y>\d{4}|\d{2})(?!\d)(?P<rest>.*)", re.DOTALL
)
_MONTH_NAME_DAY = re.compile(
    r"(?P<name>[a-z]{3})[a-z]*[ .]{0,2}(?P<d>\d{1,2}),? (?P<y>\d{4})(?!\d)(?P<rest>.*)", re.DOTALL
)
_CLOCK = re.compile(
    r"[\st,_-]*(?P<half>am|pm)?\s*(?P<h>\d{1,2})\s?[:.]\s?(?P<mi>\d{1,2})(?:\s?[:.]\s?(?:(?P<s>\d{1,2})(?:[.,:](?P<f>\d{1,9}))?)?)?"
    r"\s*(?P<half2>am|pm)?\s*(?P<zone>z|utc|gmt|cst|[+-]\d{2}:?\d{2})?\s*"
)
_HOUR_ALONE = re.compile(r"[\st,_-]*\d{1,2}\s?:[ :,]*")
_COMPACT_CLOCK = re.compile(r"[\st,_-]*(?P<digits>\d{1,6}|\d{9})")
_DIGITS_AND_FRACTION = re.compile(r"(?P<whole>\d+)(?:\.(?P<part>\d+))?")
_SCIENTIFIC = re.compile(r"(\d)\.(\d+)e\+?(\d{1,2})")
_WEEKDAY = re.compile(r"\b(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\b,?")


def read_time(text: str, words: Words, order: str = "mdy", clock_digits: int = 6) -> Instant | str:
    """The instant (UTC microseconds) and how exactly it is told, or why it is none: `no_time`, `bad_time`.

    Times without an offset are Shanghai's. `order` decides between `1/2/2024` as `mdy` or `dmy`; `clock_digits` tells
    whether a clock of digits alone lost its zeros from six places or from four.
    """
    text = tidy(text)
    if text.lower().replace(" ", "") in words.nothing or not text.strip("0:-/. "):
        return NO_TIME if not text.strip("-/. ") or text.lower() in words.nothing else BAD_TIME
    if len(text) > _LONGEST:
        return BAD_TIME
    try:
        return _read(_in_ascii(text, words), order, clock_digits)
    except (ValueError, OverflowError):
        return BAD_TIME


def _in_ascii(text: str, words: Words) -> str:
    if not text.isascii():
        for old, new in words.time_replace:
            text = text.replace(old, new)
    text = text.lower()
    return _WEEKDAY.sub("", text).lstrip(" :,").rstrip(" ,")


def _read(text: str, order: str, clock_digits: int) -> Instant | str:
    if number := _DIGITS_AND_FRACTION.fullmatch(_unscientific(text.rstrip(" :,"))):
        return _of_digits(number["whole"], number["part"] or "", clock_digits)
    if day := _COMPACT.match(text) or _YEAR_FIRST.match(text):
        year = int(day["y"]) if len(day["y"]) == 4 else 2000 + int(day["y"])
        return _at(year, int(day["m"]), int(day["d"]), day["rest"], clock_digits)
    if day := _YEAR_LAST.match(text):
        first, second = int(day["a"]), int(day["b"])
        day_first = first > 12 or (order == "dmy" and second <= 12)
        month, date = (second, first) if day_first else (first, second)
        return _at(int(day["y"]), month, date, day["rest"], clock_digits)
    if (day := _DAY_MONTH_NAME.match(text) or _MONTH_NAME_DAY.match(text)) and day["name"] in _MONTHS:
        year = int(day["y"]) if len(day["y"]) == 4 else 2000 + int(day["y"])
        return _at(year, _MONTHS[day["name"]], int(day["d"]), day["rest"], clock_digits)
    return BAD_TIME


def _unscientific(text: str) -> str:
    """`2.0240102093005E+13` as its digits when all of them are there."""
    if (number := _SCIENTIFIC.fullmatch(text)) and len(number[2]) == int(number[3]):
        return number[1] + number[2]
    return text


def _of_digits(whole: str, part: str, clock_digits: int) -> Instant | str:
    """Digits alone: a compact date and clock, an epoch, or a spreadsheet's day number, told apart by their length."""
    if (
        len(whole) >= 12
        and whole[:2] in ("19", "20", "21")
        and len(whole) in (12, 14, 17, 20)
        and int(whole[4:6]) <= 12
    ):
        clock = whole[8:14]
        return _at(
            int(whole[:4]),
            int(whole[4:6]),
            int(whole[6:8]),
            f" {clock}",
            4 if len(clock) == 4 else 6,
            part or whole[14:],
        )
    if len(whole) == 8:
        return _at(int(whole[:4]), int(whole[4:6]), int(whole[6:8]), _day_fraction(part), 6)
    if len(whole) in (10, 13, 16, 19):
        return _of_epoch(int(whole), {10: 1_000_000, 13: 1_000, 16: 1}.get(len(whole), 0), part)
    if len(whole) == 5 and _EXCEL_DAYS[0] <= int(whole) <= _EXCEL_DAYS[1]:
        day = date.fromordinal(_EXCEL_ORDINAL + int(whole))
        return _at(day.year, day.month, day.day, _day_fraction(part), 6)
    return BAD_TIME


def _of_epoch(value: int, micros_per_unit: int, part: str) -> Instant | str:
    at = value * micros_per_unit if micros_per_unit else value // 1_000
    if micros_per_unit == 1_000_000 and part:
        at += int(part[:6].ljust(6, "0"))
    if not _EPOCH_SECONDS[0] <= at // 1_000_000 < _EPOCH_SECONDS[1]:
        return BAD_TIME
    return at, Precision.SECOND


def _day_fraction(part: str) -> str:
    """A spreadsheet's fraction of a day as a clock to the nearest second; nothing for no fraction."""
    if not part.strip("0"):
        return ""
    seconds = min(round(int(part[:12].ljust(12, "0")) * 86_400 / 10**12), 86_399)
    return f" {seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"


def _at(year: int, month: int, day: int, rest: str, clock_digits: int, fraction: str = "") -> Instant | str:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        return BAD_TIME
    midnight = shanghai_midnight(year, month, day)
    if _HOUR_ALONE.fullmatch(rest):  # thirteen hours are neither thirteen seconds nor their first minute
        return BAD_TIME
    rest = rest.rstrip(" :,")
    if not rest.strip(" t,_-"):
        return midnight, Precision.DAY
    if compact := _COMPACT_CLOCK.fullmatch(rest):
        return _compact_clock(midnight, compact["digits"], clock_digits, fraction)
    if fraction_only := re.fullmatch(r"\s*0?\.(\d+)", rest):
        return _at(year, month, day, _day_fraction(fraction_only[1]) or " 00:00:00", 6)
    if clock := _CLOCK.fullmatch(rest):
        return _clock(midnight, clock)
    return BAD_TIME


def _compact_clock(midnight: int, digits: str, clock_digits: int, fraction: str) -> Instant | str:
    if len(digits) == 9:
        digits, fraction = digits[:6], digits[6:]
    elif len(digits) <= clock_digits:
        digits = digits.zfill(clock_digits)
    hour, minute, second = int(digits[:2]), int(digits[2:4]), int(digits[4:6] or "0")
    return _of_day(midnight, (hour, minute, second), fraction), Precision.SECOND if len(
        digits
    ) == 6 else Precision.MINUTE


def _clock(midnight: int, clock: re.Match[str]) -> Instant | str:
    hour, half = int(clock["h"]), clock["half"] or clock["half2"]
    if half == "pm" and hour < 12:
        hour += 12
    if half == "am" and hour == 12:
        hour = 0
    precision = Precision.MINUTE if clock["s"] is None else Precision.SECOND
    at = _of_day(midnight, (hour, int(clock["mi"]), int(clock["s"] or "0")), clock["f"] or "")
    return at + _offset_micros(clock["zone"] or ""), precision


def _offset_micros(zone: str) -> int:
    """What to add to a time read as Shanghai's when the file names another offset."""
    if zone in ("", "cst"):
        return 0
    if zone in ("z", "utc", "gmt"):
        return 8 * 3_600_000_000
    digits = zone[1:].replace(":", "")
    minutes = int(digits[:2]) * 60 + int(digits[2:])
    if minutes > 14 * 60:
        raise ValueError
    return (480 - (minutes if zone[0] == "+" else -minutes)) * 60_000_000


def _of_day(midnight: int, clock: tuple[int, int, int], fraction: str) -> int:
    hour, minute, second = clock
    if (hour > 23 or minute > 59 or second > 59) and clock != (24, 0, 0):
        raise ValueError
    return midnight + (hour * 3600 + minute * 60 + second) * 1_000_000 + int(fraction[:6].ljust(6, "0") or "0")


def step_time(text: str, origin_us: int, seconds: int) -> Instant | str:
    """The instant of a step number; `no_time` or `bad_time` for anything else."""
    text = tidy(text).removesuffix(".0")
    if not text:
        return NO_TIME
    if not (text.isascii() and text.isdigit() and len(text) <= 9):
        return BAD_TIME
    at = origin_us + int(text) * seconds * 1_000_000
    if at > shanghai_midnight(LAST_YEAR, 12, 31):
        return BAD_TIME
    return at, Precision.DAY if seconds % 86_400 == 0 else Precision.SECOND


def shanghai_midnight(year: int, month: int, day: int) -> int:
    """UTC microseconds of a Shanghai midnight; `ValueError` for a day that no calendar has."""
    return ((date(year, month, day).toordinal() - _ORDINAL_1970) * 86_400 - 8 * 3_600) * 1_000_000
