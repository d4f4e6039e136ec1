"""The ways Chinese institutions write a moment."""

from collections.abc import Callable
from datetime import UTC, datetime

from tests.packages.table import Precision

Writer = Callable[[datetime, int], str]
SHANGHAI_S = 8 * 3600
EXCEL_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001  Excel's own wall clock has no zone


def wall(at_s: int) -> datetime:
    """The Shanghai wall-clock moment of a world second (world seconds are UTC epoch seconds)."""
    return datetime.fromtimestamp(at_s + SHANGHAI_S, UTC).replace(tzinfo=None)


def excel_serial(at_s: int) -> float:
    """Excel's day number of a world second."""
    return round((wall(at_s) - EXCEL_EPOCH).total_seconds() / 86_400, 10)


def _micros(at_s: int) -> int:
    """The fraction of the second, the same however many of its digits a format shows."""
    return at_s * 7919 % 1_000_000


def _noon_words(at: datetime, _: int) -> str:
    return f"{at:%Y-%m-%d} {'上午' if at.hour < 12 else '下午'}{(at.hour - 1) % 12 + 1}:{at:%M:%S}"


FORMATS: dict[str, tuple[Writer, Precision]] = {
    "iso": (lambda at, _: f"{at:%Y-%m-%d %H:%M:%S}", "second"),
    "slashes": (lambda at, _: f"{at.year}/{at.month}/{at.day} {at.hour}:{at:%M:%S}", "second"),
    "slashes0": (lambda at, _: f"{at:%Y/%m/%d %H:%M:%S}", "second"),
    "digits": (lambda at, _: f"{at:%Y%m%d%H%M%S}", "second"),
    "digits_space": (lambda at, _: f"{at:%Y%m%d %H:%M:%S}", "second"),
    "millis": (lambda at, s: f"{at:%Y-%m-%d %H:%M:%S}.{_micros(s) // 1000:03d}", "second"),
    "fraction0": (lambda at, _: f"{at:%Y-%m-%d %H:%M:%S}.0", "second"),
    "db2": (lambda at, s: f"{at:%Y-%m-%d-%H.%M.%S}.{_micros(s):06d}", "second"),
    "hanzi": (lambda at, _: f"{at:%Y年%m月%d日 %H时%M分%S秒}", "second"),
    "hanzi_short": (lambda at, _: f"{at.year}年{at.month}月{at.day}日 {at:%H:%M:%S}", "second"),
    "t": (lambda at, _: f"{at:%Y-%m-%dT%H:%M:%S}", "second"),
    "offset": (lambda at, _: f"{at:%Y-%m-%dT%H:%M:%S}+08:00", "second"),
    "dots": (lambda at, _: f"{at:%Y.%m.%d %H:%M:%S}", "second"),
    "noon": (_noon_words, "second"),
    "minute": (lambda at, _: f"{at:%Y-%m-%d %H:%M}", "minute"),
    "minute_slashes": (lambda at, _: f"{at.year}/{at.month}/{at.day} {at.hour}:{at:%M}", "minute"),
    "epoch": (lambda _, s: str(s), "second"),
    "epoch_ms": (lambda _, s: str(s * 1000 + _micros(s) // 1000), "second"),
    "serial": (lambda _, s: str(excel_serial(s)), "second"),
    "day": (lambda at, _: f"{at:%Y-%m-%d}", "day"),
    "day_digits": (lambda at, _: f"{at:%Y%m%d}", "day"),
}

DATES: dict[str, Writer] = {
    "iso": lambda at, _: f"{at:%Y-%m-%d}",
    "digits": lambda at, _: f"{at:%Y%m%d}",
    "slashes": lambda at, _: f"{at.year}/{at.month}/{at.day}",
    "hanzi": lambda at, _: f"{at:%Y年%m月%d日}",
    "iso_midnight": lambda at, _: f"{at:%Y-%m-%d} 00:00:00",
}
CLOCKS: dict[str, Writer] = {
    "colons": lambda at, _: f"{at:%H:%M:%S}",
    "digits": lambda at, _: f"{at:%H%M%S}",
    "digits_bare": lambda at, _: str(int(f"{at:%H%M%S}")),  # the zeros a spreadsheet ate
    "dots": lambda at, _: f"{at:%H.%M.%S}",
    "hanzi": lambda at, _: f"{at:%H时%M分%S秒}",
}


def write(name: str, at_s: int) -> str:
    """A world second in a named format."""
    return FORMATS[name][0](wall(at_s), at_s)


def write_pair(date: str, clock: str, at_s: int) -> tuple[str, str]:
    """A world second as a date and a time of day in two columns."""
    return DATES[date](wall(at_s), at_s), CLOCKS[clock](wall(at_s), at_s)
