"""Amounts as people and spreadsheets write them, to exact fen."""

from __future__ import annotations

import re
from decimal import Decimal

from fanzha.kernel.identifiers.text import squeeze
from fanzha.kernel.money import MAX_FEN
from fanzha.records.statements.words import IN, NEUTRAL, OUT, Words

NO_AMOUNT, BAD_AMOUNT, AMOUNT_LIMIT = "no_amount", "bad_amount", "amount_limit"

_LONGEST = 64
_NOISY_DIGITS = 15
"""From this many significant digits on a fraction of a fen is a float's noise, not the sender's word."""

_NUMBER = re.compile(r"(?:\d{1,3}(?:[,']\d{3})+|\d{1,4}(?:,\d{4})+|\d+)?(?:\.\d*)?(?:[eE][+-]?\d{1,3})?")
_SIGN_WORDS = re.compile(r"(?P<body>.*\d\.?)(?P<side>cr|dr)", re.IGNORECASE)


def read_sided_fen(text: str, words: Words, fen_per_unit: int = 100) -> int | str:
    """The amount in fen of a cell that may tell its direction by a word (`支出300.00`), as its sign would."""
    read = read_fen(text, words, fen_per_unit)
    if read != BAD_AMOUNT:
        return read
    side, number = _apart(squeeze(text).lower(), words)
    read = read_fen(number, words, fen_per_unit) if side else BAD_AMOUNT
    if not isinstance(read, int):
        return read
    return side * abs(read) if side == OUT or read >= 0 else BAD_AMOUNT


def _apart(text: str, words: Words) -> tuple[int, str]:
    """The side that a word before or behind a number tells, and the number; no side without one such word."""
    told = words.sided_amount.fullmatch(text)
    if told is None or bool(told["before"]) == bool(told["after"]):
        return NEUTRAL, text
    return words.directions[told["before"] or told["after"]], told["number"]


def says_plus(text: str, words: Words) -> bool:
    """Whether an amount says by a sign or a word of its own that it came in."""
    plain = _without_currency(squeeze(text).lower(), words)
    rest, negative = _without_sign(plain)
    return not negative if rest != plain else _apart(plain, words)[0] == IN


def read_fen(text: str, words: Words, fen_per_unit: int = 100) -> int | str:
    """The amount in fen, or why it is none: `no_amount`, `bad_amount`, `amount_limit`.

    `fen_per_unit` is the column's unit; a unit in the cell itself (`1.2万`) means yuan and wins.
    """
    text = squeeze(text).lower()
    if text in words.nothing or not text.strip("*"):
        return NO_AMOUNT
    if len(text) > _LONGEST:
        return BAD_AMOUNT
    text, negative = _without_sign(_without_currency(text, words))
    text, fen_per_unit = _without_unit(text, words, fen_per_unit)
    text, negative_inside = _without_sign(_without_currency(text, words))
    if negative and negative_inside:
        return BAD_AMOUNT  # `-500.00-`, `(-500.00)`: once or twice, nobody knows
    if not _NUMBER.fullmatch(text) or not any(each.isdigit() for each in text.partition("e")[0]):
        return BAD_AMOUNT
    value = _to_fen(text.replace(",", "").replace("'", ""), fen_per_unit)
    return -value if isinstance(value, int) and negative != negative_inside else value


def _without_currency(text: str, words: Words) -> str:
    for mark in words.currency_marks:
        if text.startswith(mark):
            return text[len(mark) :].lstrip(":")
        if text.startswith(("-", "+", "(")) and text[1:].startswith(mark):
            return text[0] + text[1 + len(mark) :]
        if text.endswith(mark):
            return text[: -len(mark)]
    return text


def _without_sign(text: str) -> tuple[str, bool]:
    if len(text) > 2 and text[0] == "(" and text[-1] == ")":
        return text[1:-1], True
    if text[:1] in ("-", "+"):
        return text[1:], text[0] == "-"
    if text[-1:] in ("-", "+"):
        return text[:-1], text[-1] == "-"
    if told := _SIGN_WORDS.fullmatch(text):
        return told["body"], told["side"] == "dr"
    return text, False


def _without_unit(text: str, words: Words, fen_per_unit: int) -> tuple[str, int]:
    for unit, yuan in words.amount_units:
        if text.endswith(unit):
            return text[: -len(unit)], yuan * 100
    return text, fen_per_unit


def _to_fen(text: str, fen_per_unit: int) -> int | str:
    number = Decimal(text)
    if number.is_zero():
        return 0
    if number.adjusted() > 20:
        return AMOUNT_LIMIT
    if number.adjusted() < -20:
        return BAD_AMOUNT
    exact = number * fen_per_unit
    nearest = int(exact.to_integral_value())
    if exact != nearest and (
        len(number.as_tuple().digits) < _NOISY_DIGITS
        or abs(exact - nearest) > abs(exact) * Decimal("1e-14") + Decimal("1e-9")
    ):
        return BAD_AMOUNT
    return nearest if abs(nearest) <= MAX_FEN else AMOUNT_LIMIT
