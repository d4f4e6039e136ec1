"""Bank cards: ISO/IEC 7812, 12–19 digits with a Luhn check that some old cards fail, so it warns and never refuses."""

from __future__ import annotations

from fanzha.kernel.identifiers import account


def clean(text: str) -> str:
    """The card number in digits; empty when the text is no complete card number."""
    number = account.clean(text)
    return number if number.isdigit() and 12 <= len(number) <= 19 else ""


def check(number: str) -> bool:
    """Whether the Luhn digit is right."""
    return number.isdigit() and 12 <= len(number) <= 19 and luhn(number)


def luhn(digits: str) -> bool:
    """Whether a string of digits passes Luhn's check (ISO/IEC 7812-1, annex B)."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def mask(number: str) -> str:
    """`6222 **** **** 1234`."""
    return account.mask(number)


def show(number: str) -> str:
    """Grouped by four."""
    return account.show(number)
