"""How terms of law are counted: hours, days, months and working days, in Shanghai's calendar (house law 4).

Every function gives the first instant at which the term no longer runs. Sources: 刑事诉讼法 art. 105 (the day on which
a term begins is not counted; a last day that is a holiday moves on; confidence H), 民法典 arts. 202 and 203 (months
end on the day of the same number, else on the month's last, at 24:00; applied here by analogy, confidence M). Art. 105
never lengthens custody; the house holds the same of property: a term that restricts somebody ends on the day itself.
"""

from __future__ import annotations

import calendar
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from fanzha.kernel.clock import SHANGHAI, utc
from fanzha.kernel.errors import Invalid

_SATURDAY = 5
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class YearOfHolidays:
    """What the State Council's notice says of one year: days off, and weekend days on which work is made up."""

    off: frozenset[date]
    made_up: frozenset[date]


@dataclass(frozen=True, slots=True, kw_only=True)
class Holidays:
    """The years whose notices are known."""

    years: Mapping[int, YearOfHolidays]

    def is_working(self, day: date) -> bool:
        """Whether offices work that day; `Invalid` in a year whose notice is not known."""
        year = self.years.get(day.year)
        if year is None:
            raise Invalid("law.no_holidays", year=day.year, known=", ".join(map(str, sorted(self.years))))
        return day in year.made_up or (day.weekday() < _SATURDAY and day not in year.off)


def hours_after(at: datetime, hours: int) -> datetime:
    """So many hours from the very instant, as a stop is counted (银发〔2016〕86号: 48 h from stopping)."""
    return utc(at) + timedelta(hours=hours)


def days_after(at: datetime, days: int, holidays: Holidays | None = None) -> datetime:
    """The end of the last of so many days after the day of `at`.

    With `holidays` a last day off moves to the next working day: only for terms within which we must act towards
    nobody's property.
    """
    return _end_of(_settled(_day_of(at) + days * _DAY, holidays))


def months_after(at: datetime, months: int, holidays: Holidays | None = None) -> datetime:
    """The end of the day of the same number so many months on, or of the month's last day where there is none."""
    return _end_of(_settled(months_on(_day_of(at), months), holidays))


def working_days_after(at: datetime, days: int, holidays: Holidays) -> datetime:
    """The end of the last of so many working days after the day of `at`; none at all is the day itself."""
    day = _day_of(at)
    for _ in range(days):
        day = _settled(day + _DAY, holidays)
    return _end_of(day)


def last_day(end: datetime) -> date:
    """The last day, in Shanghai, on which a term that ends at `end` still runs."""
    return _day_of(utc(end) - timedelta(microseconds=1))


def months_on(day: date, months: int) -> date:
    """The same day so many months later, or that month's last day where it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def _settled(day: date, holidays: Holidays | None) -> date:
    while holidays is not None and not holidays.is_working(day):
        day += _DAY
    return day


def _day_of(at: datetime) -> date:
    return utc(at).astimezone(SHANGHAI).date()


def _end_of(day: date) -> datetime:
    return utc(datetime.combine(day + _DAY, time(), SHANGHAI))
