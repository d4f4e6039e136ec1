"""Money is integer fen (house law 3)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NewType

from fanzha.kernel.errors import Invalid

Fen = NewType("Fen", int)

FEN_PER_YUAN = 100
MAX_FEN = 10**13 * FEN_PER_YUAN
"""The largest amount the house believes: ten trillion yuan; beyond it something was misread."""


def fen(amount: int) -> Fen:
    """The amount as `Fen`; `Invalid` beyond ± `MAX_FEN`."""
    if not -MAX_FEN <= amount <= MAX_FEN:
        raise Invalid("money.beyond_limit", limit_yuan=MAX_FEN // FEN_PER_YUAN)
    return Fen(amount)


def shared_out(amount: int, weights: Sequence[int]) -> list[int]:
    """The amount in proportion to weights ≥ 0, to the fen: by the largest remainder, ties to the earliest.

    Without any weight the first has all of it.
    """
    whole = sum(weights)
    if not whole:
        return [amount, *(0 for _ in weights[1:])]
    parts = [amount * each // whole for each in weights]
    by_rest = sorted(range(len(weights)), key=lambda at: -(amount * weights[at] % whole))
    for at in by_rest[: amount - sum(parts)]:
        parts[at] += 1
    return parts


def yuan_text(amount: int) -> str:
    """Fen as yuan with thousands separators and two decimals: 175000000 → `1,750,000.00`."""
    sign = "-" if amount < 0 else ""
    whole, cents = divmod(abs(amount), FEN_PER_YUAN)
    return f"{sign}{whole:,}.{cents:02d}"


def yuan_plain(amount: int) -> str:
    """Fen as yuan for files, without separators: 175000000 → `1750000.00`."""
    return yuan_text(amount).replace(",", "")
