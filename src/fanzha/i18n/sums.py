"""Money as a person reads it."""

from __future__ import annotations

from fanzha.i18n import Language, text
from fanzha.kernel.money import FEN_PER_YUAN, yuan_text

_WAN_FEN = 10_000 * FEN_PER_YUAN


def whole_money(amount: int) -> str:
    """Fen as records show them: `¥1,750,000.00`."""
    return f"-¥{yuan_text(-amount)}" if amount < 0 else f"¥{yuan_text(amount)}"


def short_money(language: Language, amount: int) -> str:
    """Fen as boards and pictures show them: Chinese by ten thousands, English by thousands; less than that in full."""
    if abs(amount) < _WAN_FEN:
        return whole_money(amount)
    wan, thousand = _short(amount, _WAN_FEN), _short(amount, _WAN_FEN // 10)
    return text(language, "words.money.short", wan=wan, thousand=thousand)


def _short(amount: int, unit: int) -> str:
    whole, tenth = divmod((amount * 10 + unit // 2) // unit, 10)
    return f"{whole:,}.{tenth}" if tenth else f"{whole:,}"
