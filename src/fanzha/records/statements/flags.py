"""What else rows say of themselves: cash, reversal, merchant, payment company, crypto, fee, interest, night."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from fanzha.records.statements.rows import ABSENT, Coded, Flag, Precision
from fanzha.records.statements.words import Words, key

_HOUR_US = 3_600_000_000
_BY_SUMMARY = {
    "reversal": Flag.REVERSAL,
    "cash": Flag.CASH,
    "fee": Flag.FEE,
    "interest": Flag.INTEREST,
    "merchant": Flag.MERCHANT,
}


def spread(column: Coded, flags_of: Callable[[str], int]) -> NDArray[np.uint16]:
    """Flags of each distinct value, laid out over the rows."""
    by_value = np.array([*map(flags_of, column.values), 0], np.uint16)
    return by_value[column.codes]


def of_summary(text: str, words: Words) -> int:
    """What the words of a summary, remark or kind of transaction say."""
    plain = key(text)
    found = sum(int(flag) for kind, flag in _BY_SUMMARY.items() if words.summary[kind].search(plain))
    return found | (int(Flag.CRYPTO) if words.speaks_of_crypto(plain) else 0)


def of_name(text: str, words: Words) -> int:
    """Whether a counterparty's name is a payment company's, or one that a trader in virtual currency bears."""
    plain = key(text)
    company = Flag.PAYMENT_COMPANY if words.payment_company.search(plain) else Flag(0)
    return int(company) | of_merchant(text, words)


def of_merchant(text: str, words: Words) -> int:
    """Whether a merchant's name is one that a trader in virtual currency bears."""
    return int(Flag.CRYPTO_TRADER) if words.speaks_of_crypto(key(text)) else 0


def of_cash_mark(text: str, words: Words) -> int:
    """Whether a cash column says cash."""
    return int(Flag.CASH) if key(text) in words.cash_marks else 0


def of_presence(column: Coded, flag: Flag) -> NDArray[np.uint16]:
    """The flag wherever the column says anything."""
    return np.where(column.codes != ABSENT, np.uint16(flag), np.uint16(0)).astype(np.uint16)


def of_night(at_us: NDArray[np.int64], precision: NDArray[np.int8]) -> NDArray[np.uint16]:
    """Between 23:00 and 06:00 in Shanghai, for rows that tell their time of day."""
    hour = (at_us // _HOUR_US + 8) % 24
    night = ((hour >= 23) | (hour < 6)) & (precision != Precision.DAY)
    return np.where(night, np.uint16(Flag.NIGHT), np.uint16(0)).astype(np.uint16)
