"""Money in capital characters, as papers of banks and courts carry it."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from fanzha.kernel.errors import invariant
from fanzha.kernel.money import FEN_PER_YUAN, MAX_FEN

_TEN_THOUSAND = 10_000
_HUNDRED_MILLION = _TEN_THOUSAND**2


@dataclass(frozen=True, slots=True, kw_only=True)
class Capitals:
    """The characters: ten digits, the places of a group of four, the groups, and the words of money."""

    currency: str
    digits: str
    places: tuple[str, ...]
    groups: tuple[str, ...]
    yuan: str
    jiao: str
    fen: str
    whole: str


def capital_money(amount: int) -> str:
    """Fen from 0 to the largest believed amount in capitals, the currency first; source: `capitals.toml`."""
    invariant(0 <= amount <= MAX_FEN, "money.not_capital")
    use, (yuan, rest) = capitals(), divmod(amount, FEN_PER_YUAN)
    jiao, fen = divmod(rest, 10)
    told = use.currency + (_whole(yuan) + use.yuan if yuan or not rest else "")
    if not rest:
        return told + use.whole
    if yuan and (not jiao or not yuan % 10):
        told += use.digits[0]
    told += use.digits[jiao] + use.jiao if jiao else ""
    return told + (use.digits[fen] + use.fen if fen else "")


@cache
def capitals() -> Capitals:
    """The characters as they stand in `capitals.toml`."""
    told = tomllib.loads(files(__package__).joinpath("capitals.toml").read_text("utf-8"))
    return Capitals(**{**told, "places": tuple(told["places"]), "groups": tuple(told["groups"])})


def _whole(number: int) -> str:
    """A whole number in groups of four digits; from a hundred million on the groups begin anew."""
    use = capitals()
    for size, name in ((_HUNDRED_MILLION, use.groups[2]), (_TEN_THOUSAND, use.groups[1])):
        if number >= size:
            high, low = divmod(number, size)
            between = use.digits[0] if 0 < low < size // 10 else ""
            return _whole(high) + name + between + (_whole(low) if low else "")
    return _four(number) or use.digits[0]


def _four(number: int) -> str:
    """Up to four digits with their places; zeros inside are one zero, those at the end none."""
    use, told, skipped = capitals(), "", False
    for place in (3, 2, 1, 0):
        digit = number // 10**place % 10
        if digit:
            told += (use.digits[0] if skipped and told else "") + use.digits[digit] + use.places[place]
        skipped = not digit
    return told
