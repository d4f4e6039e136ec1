"""Phone numbers of China: mobiles and IoT, fixed lines, service numbers and SMS ports (`domain.md` 3.7)."""

from __future__ import annotations

import re

from fanzha.kernel.identifiers.text import squeeze

_COUNTRY = re.compile(r"(?:\+|00)?86(?=1\d{10}$|0\d{9,11}$)")
_KINDS = {
    "mobile": re.compile(r"1[3-9]\d{9}"),
    "test": re.compile(r"12\d{9}"),
    "internet_of_things": re.compile(r"(?:1064|14[0-46-9])\d{7,10}"),
    "fixed": re.compile(r"0\d{2,3}\d{7,8}"),
    "toll_free": re.compile(r"[48]00\d{7}"),
    "sms_port": re.compile(r"106\d{5,17}"),
    "service": re.compile(r"1[012]\d{1,3}|9[56]\d{3,6}"),
}


def clean(text: str) -> str:
    """Digits without country code and separators; empty when the text is no Chinese number."""
    number = re.sub(r"[()\-. ]", "", squeeze(text).removesuffix(".0"))
    number = _COUNTRY.sub("", number)
    return number if kind(number) else ""


def kind(number: str) -> str:
    """`mobile`, `fixed`, `service` …, or empty."""
    return next((name for name, shape in _KINDS.items() if shape.fullmatch(number)), "")


def check(number: str) -> bool:
    """Whether the digits are a number of a known kind."""
    return bool(kind(number))


def mask(number: str) -> str:
    """`138****5678`; service numbers are nobody's and stay open."""
    if len(number) < 7:
        return number
    return f"{number[:3]}{'*' * (len(number) - 7)}{number[-4:]}"


def show(number: str) -> str:
    """A mobile as `138 1234 5678`, others as they are."""
    return f"{number[:3]} {number[3:7]} {number[7:]}" if len(number) == 11 and number[0] == "1" else number
