"""A spreadsheet's cells, as calamine gives them, become the text that a statement would show."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta
from typing import cast

Cell = str | int | float | bool | datetime | date | time | timedelta
_EXACT_BELOW = 1e15
"""A spreadsheet keeps 15 significant digits; larger numbers have lost their last ones."""

_SURELY_EXACT_CHARS = 16
"""Fifteen digits and a point: no shorter text of a number can hold more."""


def cell_texts(column: Sequence[Cell]) -> Sequence[str]:
    """A column's cells as text; most columns are text already."""
    kinds = set(map(type, column))
    if kinds == {str}:
        return cast(Sequence[str], column)
    return [cell if type(cell) is str else _WRITERS[type(cell)](cell) for cell in column]


def cell_text(cell: Cell) -> str:
    """A cell as the text a statement would show.

    Whole numbers exactly, others as the shortest decimal of 15 digits (what is beyond them is binary noise);
    from 1e15 on scientific with 15 digits, because the last ones were never in the file.
    """
    return _WRITERS[type(cell)](cell)


def _number(value: float) -> str:
    shortest = repr(value)
    if len(shortest) <= _SURELY_EXACT_CHARS and "e" not in shortest:
        return shortest.removesuffix(".0")
    if not abs(value) < _EXACT_BELOW:
        return f"{value:.14E}"
    shown = f"{value:.15g}"
    return shown if "e" not in shown else f"{value:.20f}".rstrip("0").rstrip(".")


def _whole(value: int) -> str:
    return str(value) if abs(value) < _EXACT_BELOW else f"{value:.14E}"


def _moment(value: datetime) -> str:
    """Date and time to the millisecond; a spreadsheet's day fractions are a microsecond off."""
    if not value.microsecond:
        return str(value)
    value = value.replace(microsecond=0) + timedelta(milliseconds=round(value.microsecond / 1000))
    return value.isoformat(" ", "milliseconds" if value.microsecond else "seconds")


def _time_of_day(value: time) -> str:
    return _moment(datetime.combine(date.min, value))[11:]


def _duration(value: timedelta) -> str:
    seconds = round(value.total_seconds())
    sign, seconds = "-" if seconds < 0 else "", abs(seconds)
    return f"{sign}{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"


_WRITERS: dict[type, Callable[..., str]] = {
    str: str,
    float: _number,
    int: _whole,
    bool: lambda value: "TRUE" if value else "FALSE",
    datetime: _moment,
    date: date.isoformat,
    time: _time_of_day,
    timedelta: _duration,
}
