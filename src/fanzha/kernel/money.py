"""Money is integer fen (house law 3)."""

from __future__ import annotations

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


def yuan_text(amount: int) -> str:
    """Fen as yuan with thousands separators and two decimals: 175000000 → `1,750,000.00`."""
    sign = "-" if amount < 0 else ""
    whole, cents = divmod(abs(amount), FEN_PER_YUAN)
    return f"{sign}{whole:,}.{cents:02d}"


def yuan_plain(amount: int) -> str:
    """Fen as yuan for files, without separators: 175000000 → `1750000.00`."""
    return yuan_text(amount).replace(",", "")
