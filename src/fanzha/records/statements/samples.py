"""A few values of a column, masked, so that a person who confirms a mapping sees what it holds."""

from __future__ import annotations

import re
from collections.abc import Sequence

from fanzha.kernel.identifiers import account, citizen_id, name
from fanzha.kernel.identifiers.text import tidy

SAMPLES = 3
LONGEST = 30
_PLAIN = ("time", "date", "amount", "debit", "credit", "balance", "other_balance", "direction", "success", "currency")
_NUMBER = re.compile(r"[0-9A-Za-z@._*-]*\d[0-9A-Za-z@._*-]{5,}")
_WORD = re.compile(r"[^\W\d_]{2,}")


def samples_of(field: str, values: Sequence[str]) -> tuple[str, ...]:
    """The first different values of a column: figures and times as they are, all that may name somebody masked."""
    told = dict.fromkeys(found for value in values if (found := tidy(value)))
    return tuple(_shown(field, value) for value in list(told)[:SAMPLES])


def _shown(field: str, value: str) -> str:
    if field in _PLAIN:
        return value[:LONGEST]
    if field.endswith("_id"):
        return citizen_id.mask(value)
    hidden = _NUMBER.sub(lambda found: account.mask(found[0]), value)
    return _WORD.sub(lambda found: name.mask(found[0]), hidden)[:LONGEST]
