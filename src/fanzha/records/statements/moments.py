"""The time of every row, from one column or from a date and a clock beside it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from functools import partial

import numpy as np
from numpy.typing import NDArray

from fanzha.kernel.identifiers.text import squeeze, tidy
from fanzha.records.statements import columns
from fanzha.records.statements.columns import Column
from fanzha.records.statements.rows import Precision
from fanzha.records.statements.table import Table
from fanzha.records.statements.times import read_time, shanghai_midnight, step_time

_CLOCK_ALONE = re.compile(r"\D{0,4}(?:\d{1,2}\D{1,2}\d{1,2}(?:\D{1,2}\d{1,2}(?:\.\d+)?)?\D{0,4}|\d{1,6}|0?\.\d+)")
_WITH_CLOCK = re.compile(r"(?P<day>.*\d\D?)[ T]+\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?\D?")
_DAY_US = 86_400_000_000


def clock_beside(text: str) -> str | None:
    """The clock of a cell that holds no date (`09:30:05`, `93005`), or None when it holds more than a clock."""
    plain = squeeze(text)
    return plain if _CLOCK_ALONE.fullmatch(plain) else None


def moment_column(table: Table, clock_digits: int) -> tuple[Column, str]:
    """The text that each row tells its time by, and the header it stands under."""
    time, day = table.filled("time"), table.filled("date")
    header = next((found.header for name in ("time", "date") if (found := table.plan.column(name))), "")
    if time is None or day is None:
        return _as_column(time if time is not None else day or ()), header
    return Column.of(_joined(one, other, clock_digits) for one, other in zip(day, time, strict=True)), header


def _as_column(cells: Sequence[str]) -> Column:
    return cells if isinstance(cells, Column) else Column.of(cells)


def _joined(day: str, time: str, clock_digits: int) -> str:
    if not time.strip():
        return day
    clock = clock_beside(time)
    if clock is None:
        return time
    if not day.strip():
        return time
    if clock.isdigit() and len(clock) <= clock_digits:
        clock = clock.zfill(clock_digits)
    return f"{_date_only(day)} {clock}"


def _date_only(day: str) -> str:
    """The date of a cell that shows a clock behind it."""
    day = tidy(day)
    found = _WITH_CLOCK.fullmatch(day)
    return found["day"] if found else day


def read_moments(table: Table) -> tuple[NDArray[np.int64], NDArray[np.int8], dict[int, tuple[str, str]]]:
    """UTC microseconds and precision of every row; rows that tell no time keep (column header, reason), by row."""
    told, plan = table.plan.conventions, table.plan
    column, header = moment_column(table, told.clock_digits)
    if step := plan.format.step:
        day = date.fromisoformat(step.origin)
        origin = shanghai_midnight(day.year, day.month, day.day)
        at_us, precision, reasons = _steps(column, origin, step.seconds)
    else:
        careful = partial(read_time, words=plan.words, order=told.date_order, clock_digits=told.clock_digits)
        at_us, precision, reasons = columns.read_times(column, careful)
    if told.midnight_is_day:
        midnight = (at_us + 8 * 3_600_000_000) % _DAY_US == 0
        precision = np.where(midnight, np.int8(Precision.DAY), precision).astype(np.int8)
    return at_us, precision, {row: (header, reason) for row, reason in reasons.items()}


def _steps(column: Column, origin_us: int, seconds: int) -> tuple[NDArray[np.int64], NDArray[np.int8], dict[int, str]]:
    codes, values = column.encoded
    read = [step_time(value, origin_us, seconds) for value in values]
    at_us = np.array([each[0] if isinstance(each, tuple) else 0 for each in read], np.int64)[codes]
    precision = np.array([each[1] if isinstance(each, tuple) else 0 for each in read], np.int8)[codes]
    bad = {code: each for code, each in enumerate(read) if isinstance(each, str)}
    return at_us, precision, {row: bad[code] for row, code in enumerate(codes.tolist()) if code in bad}
