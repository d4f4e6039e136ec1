"""Time is a port: business time comes from one clock that a test or an exercise can move (house law 4)."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Protocol

from fanzha.kernel.errors import Invalid

SHANGHAI = timezone(timedelta(hours=8), "Asia/Shanghai")
"""China has kept UTC+8 without daylight saving since 1991-09-15; statements before that are refused by date."""

LAST = datetime(9999, 12, 31, 15, 59, 59, 999_999, tzinfo=UTC)
"""The last instant that has a day in Shanghai; later ones could be kept and never shown."""


class Clock(Protocol):
    """Whoever decides something by time asks a clock."""

    def now(self) -> datetime:
        """The present instant, aware UTC."""
        ...


class WallClock:
    """The wall's time: for leases, sessions, lock-outs and network time-outs, and for live instances."""

    def now(self) -> datetime:
        """The present instant of this machine, aware UTC."""
        return from_micros(time.time_ns() // 1_000)


@dataclass(frozen=True, slots=True, kw_only=True)
class BusinessClock:
    """Business time = `epoch` + (wall − `origin`) × `speed`; only an exercise has another speed than 1."""

    origin: datetime
    epoch: datetime
    speed: float
    wall: Callable[[], datetime] = WallClock().now

    def now(self) -> datetime:
        """The present business instant, aware UTC."""
        return self.epoch + (self.wall() - self.origin) * self.speed


@dataclass(slots=True)
class FollowedClock:
    """The business clock as it was last read, by whoever goes on for long; reading it again follows it (`reading`)."""

    reading: BusinessClock

    def now(self) -> datetime:
        """The present business instant, aware UTC."""
        return self.reading.now()

    @property
    def speed(self) -> float:
        """Business seconds a wall second."""
        return self.reading.speed


@dataclass(slots=True)
class SetClock:
    """A clock that stands until a test moves it."""

    at: datetime

    def now(self) -> datetime:
        """The instant it was set to."""
        return utc(self.at)

    def move(self, by: timedelta) -> None:
        """Move the hands forward."""
        self.at += by


def utc(at: datetime) -> datetime:
    """The same instant in UTC; `Invalid` when naive (nobody knows which one it means) or beyond the calendar."""
    if at.tzinfo is None:
        raise Invalid("time.naive")
    try:
        moment = at.astimezone(UTC)
    except OverflowError:
        raise Invalid("time.beyond_calendar") from None
    if moment > LAST:
        raise Invalid("time.beyond_calendar")
    return moment


def micros(at: datetime) -> int:
    """Microseconds since 1970 of an aware instant, exact."""
    return (utc(at) - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


def from_micros(value: int) -> datetime:
    """The aware UTC instant of microseconds since 1970."""
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=value)


def from_days(number: int) -> date:
    """The day that is so many days after 1970-01-01."""
    return date(1970, 1, 1) + timedelta(days=number)


def from_seconds(value: int) -> datetime:
    """The aware UTC instant of whole seconds since 1970."""
    return from_micros(value * 1_000_000)


def rfc3339(at: datetime) -> str:
    """The instant as JSON carries it: RFC 3339 with Shanghai's offset."""
    return utc(at).astimezone(SHANGHAI).isoformat(timespec="seconds")
