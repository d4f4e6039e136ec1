"""Account, card and wallet numbers of statements: complete, or incomplete with one `*` for what is hidden."""

from __future__ import annotations

import re

from fanzha.kernel.identifiers.text import squeeze

SHORTEST = 5
LONGEST = 64
HIDDEN = "*"
_SAFE_DIGITS = 15
"""Digits of a number that a spreadsheet keeps; what follows them was never stored."""
_FEWEST_KNOWN = 3
"""An incomplete number of fewer known digits names nobody."""

_SCIENTIFIC = re.compile(r"(\d)(?:\.(\d+))?[eE]\+?(\d{1,2})")
_DECIMAL_TAIL = re.compile(r"(\d+)\.0+")
_SUB_ACCOUNT = re.compile(r"(\d{10,32})[_-](?:\d{1,3}|[A-Za-z]{3})(?:[_-]\w{1,6})*|(\d{12,32})[_-]\d{1,6}")
_MASK = re.compile(r"[*\u00d7\u25cf\u2022\u2588#?]+|[xX]{2,}|\.{2,}|_{2,}|-{2,}")
_WORDS_FOR_NOTHING = frozenset({"null", "none", "nan", "n/a", "na", "nil", "undefined", "unknown", "empty"})
_OPAQUE = re.compile(r"[A-Za-z0-9][A-Za-z0-9@._:+/-]{2,}")


def clean(text: str) -> str:
    """The number without dirt; incomplete ones as `6222*1234`; empty when the text names no account.

    A number that a spreadsheet rounded (`6.22202E+18`) keeps the digits truly known: its last shown digit may
    itself be rounded, so it goes too. Suffixes of sub-accounts and currencies (`_1`, `-156`) are dropped.
    """
    if text.isascii() and text.isdigit():
        return _digits(text)
    text = squeeze(text)
    if not text.isascii() and not _MASK.search(text):
        return ""
    if text.isdigit():
        return _digits(text)
    if rounded := _SCIENTIFIC.fullmatch(text):
        return _known_digits(rounded[1] + (rounded[2] or ""), length=int(rounded[3]) + 1)
    return _number_like(text) or _masked(text) or _named(text)


def _digits(text: str) -> str:
    return text if SHORTEST <= len(text) <= LONGEST and text.strip("0") else ""


def _number_like(text: str) -> str:
    if whole := _DECIMAL_TAIL.fullmatch(text):
        return _digits(whole[1])
    if part := _SUB_ACCOUNT.fullmatch(text):
        return part[1] or part[2]
    joined = text.replace("-", "")
    return _digits(joined) if joined.isdigit() else ""


def _known_digits(shown: str, length: int) -> str:
    if len(shown) >= length <= _SAFE_DIGITS and not shown[length:].strip("0"):
        return _digits(shown[:length])
    return _incomplete(shown.rstrip("0")[:-1][:_SAFE_DIGITS], "")


def _masked(text: str) -> str:
    text = text.replace("-", "") if HIDDEN in text else text
    pieces = _MASK.split(text)
    if len(pieces) < 2 or not all(piece == "" or piece.isdigit() for piece in (pieces[0], pieces[-1])):
        return ""
    return _incomplete(pieces[0], pieces[-1])


def _incomplete(head: str, tail: str) -> str:
    return f"{head}{HIDDEN}{tail}" if len(head) + len(tail) >= _FEWEST_KNOWN else ""


def _named(text: str) -> str:
    if text.lower() in _WORDS_FOR_NOTHING or not _OPAQUE.fullmatch(text) or len(text) > LONGEST:
        return ""
    return text if any(each.isalnum() and each != "0" for each in text) else ""


def unround(number: str) -> str:
    """A number of a column that a spreadsheet rounded: beyond 15 digits its zeros are not known to be zeros."""
    return number[:_SAFE_DIGITS] + HIDDEN if looks_rounded(number) else number


def looks_rounded(number: str) -> bool:
    """Whether a complete number could be one that a spreadsheet cut at 15 digits and filled with zeros."""
    return len(number) > _SAFE_DIGITS and number.isdigit() and not number[_SAFE_DIGITS:].strip("0")


def is_complete(number: str) -> bool:
    """Whether nothing of the number is hidden."""
    return bool(number) and HIDDEN not in number


def check(number: str) -> bool:
    """Whether the text is what `clean` gives for something that names an account."""
    return bool(number) and (clean(number) == number or ":" in number)


def mask(number: str) -> str:
    """First and last four: `6222 **** **** 1234`; short ones keep their last two; incomplete ones stay as they are."""
    prefix, _, rest = number.rpartition(":")
    if HIDDEN in rest:
        return number
    hidden = f"{rest[:4]} **** **** {rest[-4:]}" if len(rest) >= 12 else f"{'*' * max(len(rest) - 2, 1)}{rest[-2:]}"
    return f"{prefix}:{hidden}" if prefix else hidden


def show(number: str) -> str:
    """Grouped by four for the eye when it is all digits, else as it is."""
    if not number.isdigit():
        return number
    return " ".join(number[at : at + 4] for at in range(0, len(number), 4))
