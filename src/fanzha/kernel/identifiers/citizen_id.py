"""Citizen identity numbers: GB 11643-1999, 18 characters with an ISO 7064 MOD 11-2 check; the old 15 digits too."""

from __future__ import annotations

import re
from datetime import date

from fanzha.kernel.identifiers.text import squeeze

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"
_SHAPE = re.compile(r"\d{17}[\dX]|\d{15}")


def clean(text: str) -> str:
    """Upper-case number; empty when the text has another shape (a wrong check digit is kept: see `check`)."""
    number = squeeze(text).upper().removesuffix(".0")
    return number if _SHAPE.fullmatch(number) else ""


def check(number: str) -> bool:
    """Whether an 18-character number has a real birth date and the right check character."""
    if not re.fullmatch(r"\d{17}[\dX]", number) or birth(number) is None:
        return False
    return (
        _CHECKS[sum(int(digit) * weight for digit, weight in zip(number[:17], _WEIGHTS, strict=True)) % 11]
        == number[17]
    )


def birth(number: str) -> date | None:
    """The birth date that an 18-character number tells, if it is one."""
    try:
        return date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return None


def mask(number: str) -> str:
    """Area and last two characters stay: `990000**********1X`."""
    return f"{number[:6]}{'*' * max(len(number) - 8, 1)}{number[-2:]}" if len(number) > 8 else "*" * len(number)


def show(number: str) -> str:
    """Area, birth date and the rest apart: `990000 19900101 0017`."""
    return f"{number[:6]} {number[6:14]} {number[14:]}" if len(number) == 18 else number
