"""Money as a person reads it."""

from __future__ import annotations

from collections.abc import Mapping

from fanzha.i18n import Language, text
from fanzha.kernel.money import FEN_PER_YUAN, yuan_text

_WAN_FEN = 10_000 * FEN_PER_YUAN
_YI_FEN = 10_000 * _WAN_FEN
_MILLION_FEN = 100 * _WAN_FEN
_LONG_FROM_FEN: Mapping[Language, int] = {"zh": _YI_FEN, "en": 10 * _MILLION_FEN}
"""Below that a sum by ten thousands or thousands is short enough, and tells more."""


def whole_money(amount: int) -> str:
    """Fen as records show them: `¥1,750,000.00`."""
    return f"-¥{yuan_text(-amount)}" if amount < 0 else f"¥{yuan_text(amount)}"


def short_money(language: Language, amount: int) -> str:
    """Fen as boards and pictures show them: Chinese by ten thousands, then by hundred millions, English by thousands,
    then by millions; less than ten thousand in full."""
    if abs(amount) < _WAN_FEN:
        return whole_money(amount)
    if amount < 0:
        return f"-{short_money(language, -amount)}"
    if amount < _LONG_FROM_FEN[language]:
        wan, thousand = _short(amount, _WAN_FEN, 1), _short(amount, _WAN_FEN // 10, 1)
        return text(language, "words.money.short", wan=wan, thousand=thousand)
    return text(language, "words.money.long", yi=_short(amount, _YI_FEN, 2), million=_short(amount, _MILLION_FEN, 2))


def _short(amount: int, unit: int, places: int) -> str:
    """So many of a unit, rounded to so many decimal places, none of them a closing nought."""
    scale = 10**places
    whole, part = divmod((amount * scale + unit // 2) // unit, scale)
    return f"{whole:,}.{part:0{places}}".rstrip("0").rstrip(".") if part else f"{whole:,}"
